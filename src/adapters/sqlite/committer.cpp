#include "adapters/sqlite/committer.h"

#include "base/thread_name.h"

namespace conveyor::sqlite {

Committer::Committer(Work make_durable, Work tidy)
    : make_durable_(std::move(make_durable)), tidy_(std::move(tidy)) {
  thread_ = std::thread([this] {
    name_this_thread("committer");
    loop();
  });
}

Committer::~Committer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Committer::rethrow() const {
  if (error_) std::rethrow_exception(error_);
}

void Committer::start() {
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return state_ == State::idle; });
    rethrow();
    state_ = State::committing;
  }
  changed_.notify_all();
}

std::chrono::nanoseconds Committer::wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return state_ != State::committing; });
  rethrow();
  return took_;
}

void Committer::wait_idle() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return state_ == State::idle; });
  rethrow();
}

void Committer::forget_error() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return state_ == State::idle; });
  error_ = nullptr;
}

void Committer::perform(std::unique_lock<std::mutex>& lock, const Work& work) {
  lock.unlock();
  std::exception_ptr error;
  try {
    work();
  } catch (...) {  // whatever it is, the store's thread has to know
    error = std::current_exception();
  }
  lock.lock();
  error_ = std::move(error);
}

void Committer::loop() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return stopping_ || state_ == State::committing; });
    if (state_ != State::committing) return;
    const auto begun = std::chrono::steady_clock::now();
    perform(lock, make_durable_);
    took_ = std::chrono::steady_clock::now() - begun;
    if (!error_) {
      state_ = State::tidying;
      changed_.notify_all();
      perform(lock, tidy_);
    }
    state_ = State::idle;
    changed_.notify_all();
  }
}

}  // namespace conveyor::sqlite
