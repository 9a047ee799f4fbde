#include "server/http/stream.h"

#include <utility>

namespace conveyor::http {

bool Stream::write(std::string_view bytes) {
  const std::lock_guard lock(mutex_);
  if (ended_ || exceeded_ || closed_) return false;
  const bool was_idle = queued_.empty();
  if (bytes.size() > max_pending_ - (queued_.size() + in_flight_)) {
    exceeded_ = true;
    queued_ = {};
  } else {
    queued_.append(bytes);
  }
  // The mailbox behind it takes a lock of its own and calls nobody.
  if (wake_ && (was_idle || exceeded_)) wake_();
  return !exceeded_;
}

void Stream::end() {
  const std::lock_guard lock(mutex_);
  if (ended_ || exceeded_ || closed_) return;
  ended_ = true;
  if (wake_) wake_();
}

void Stream::cut() {
  const std::lock_guard lock(mutex_);
  if (exceeded_ || closed_) return;
  exceeded_ = true;
  queued_ = {};
  if (wake_) wake_();
}

void Stream::read_on() {
  const std::lock_guard lock(mutex_);
  if (ended_ || exceeded_ || closed_) return;
  read_on_ = true;
  if (wake_) wake_();
}

bool Stream::is_over() const {
  const std::lock_guard lock(mutex_);
  return ended_ || exceeded_ || closed_;
}

std::size_t Stream::pending() const {
  const std::lock_guard lock(mutex_);
  return queued_.size() + in_flight_;
}

void Stream::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    queued_ = {};
    in_flight_ = 0;
    wake_ = nullptr;
  }
  if (on_progress_) on_progress_();
}

std::shared_ptr<Stream::Body> Stream::body_of(std::shared_ptr<Stream> stream) {
  return std::make_shared<Body>(std::move(stream));
}

Stream::Body::Next Stream::Body::take() {
  const std::lock_guard lock(stream_->mutex_);
  Next next{.bytes = std::exchange(stream_->queued_, {}),
            .is_last = stream_->ended_,
            .exceeded = stream_->exceeded_,
            .read_on = std::exchange(stream_->read_on_, false)};
  stream_->in_flight_ = next.bytes.size();
  return next;
}

void Stream::Body::sent() {
  bool is_idle = false;
  {
    const std::lock_guard lock(stream_->mutex_);
    stream_->in_flight_ = 0;
    is_idle = stream_->queued_.empty();
  }
  if (is_idle && stream_->on_progress_) stream_->on_progress_();
}

void Stream::Body::attach(std::function<void()> wake) {
  const std::lock_guard lock(stream_->mutex_);
  stream_->wake_ = std::move(wake);
}

}  // namespace conveyor::http
