#include "app/load/connection.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <utility>

#include "domain/decide.h"

namespace conveyor::load {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

constexpr RetryPolicy kBackoff{.base_delay = Duration{50}, .cap = Duration{1'000}};

std::int64_t wall_ms() {
  return to_unix_ms(std::chrono::floor<Duration>(std::chrono::system_clock::now()));
}

// The same request later; 409 comes with Retry-After while the key's first use is in flight.
bool may_pass(const Answer& answer) {
  return answer.status == 429 || answer.status == 503 ||
         (answer.status == 409 && answer.retry_after_s);
}

}  // namespace

Connection::Connection(Owner& owner) : owner_(owner), socket_(owner.context) {}

void Connection::begin(Flight flight) {
  flight_ = std::move(flight);
  attempt();
}

void Connection::attempt() {
  ++flight_.entry.tries;
  if (flight_.entry.tries == 2) ++owner_.tally.repeated;
  if (flight_.entry.tries > 1) ++owner_.tally.repeats;
  was_sent_ = false;
  deadline_ = Clock::now() + kAnswerWithin;
  if (socket_.is_open()) return send();
  state_ = State::connecting;
  socket_.async_connect(owner_.endpoint, [this, epoch = epoch_](error_code error) {
    if (epoch != epoch_) return;
    if (error) {
      ++owner_.tally.no_connect;
      close();
      return pause(Duration{0});
    }
    error_code ignored;
    socket_.set_option(tcp::no_delay(true), ignored);
    read();
    send();
  });
}

void Connection::send() {
  state_ = State::waiting;
  if (flight_.entry.sent_at == 0) {
    flight_.entry.sent_at = wall_ms();
    ++owner_.tally.sent;
  }
  was_sent_ = true;
  sent_ = Clock::now();
  boost::asio::async_write(socket_, boost::asio::buffer(flight_.request),
                           [this, epoch = epoch_](error_code error, std::size_t) {
                             if (epoch == epoch_ && error) on_lost();
                           });
}

// A read is outstanding as long as the connection is open: so an idle one that the server closes is
// known to be closed before an order is trusted to it.
void Connection::read() {
  socket_.async_read_some(boost::asio::buffer(buffer_),
                          [this, epoch = epoch_](error_code error, std::size_t size) {
                            if (epoch != epoch_) return;
                            if (error) return on_lost();
                            on_read(size);
                          });
}

void Connection::on_read(std::size_t size) {
  if (state_ != State::waiting) return on_lost();  // it says something unasked
  received_.append(buffer_.data(), size);
  const auto answer = parse_answer(received_);
  if (!answer) return on_lost();
  read();
  if (*answer) on_answer(**answer);
}

void Connection::on_answer(const Answer& answer) {
  auto& tally = owner_.tally;
  auto& entry = flight_.entry;
  if (answer.status >= 400) {
    const auto code = find_member(answer.body, "code");
    auto& counts = answer.status >= 500 ? tally.server_errors : tally.refusals;
    ++counts[fmt::format("{} {}", answer.status, code)];
  }
  if (answer.status == 429 || answer.status == 503) {
    tally.refusal_latency.add(
        std::chrono::ceil<LatencyHistogram::Microseconds>(Clock::now() - sent_));
  }
  const bool again = owner_.repeat_refused && may_pass(answer);
  if (!again) {
    entry.status = answer.status;
    entry.answered_at = wall_ms();
    if (answer.status == 201) {
      entry.order_id = find_member(answer.body, "id");
      tally.latency.add(
          std::chrono::ceil<LatencyHistogram::Microseconds>(Clock::now() - flight_.scheduled));
      if (answer.is_replayed) ++tally.replayed;
    }
  }
  const auto retry_after = std::chrono::seconds{answer.retry_after_s.value_or(0)};
  const bool closes = answer.closes;
  received_.clear();
  if (closes) close();
  if (again) return pause(std::min<std::chrono::seconds>(retry_after, kMaxRetryAfter));
  settle();
}

void Connection::on_lost() {
  const bool carried = state_ == State::waiting;
  close();
  if (!carried) return;
  if (was_sent_) {
    ++owner_.tally.lost;
    auto& noted = flight_.entry.unanswered_at;
    if (noted.size() < kMaxNotedLosses) noted.push_back(wall_ms());
  }
  pause(Duration{0});
}

void Connection::pause(Duration least) {
  state_ = State::pausing;
  const auto pause = backoff(kBackoff, flight_.entry.tries, owner_.random.fraction());
  deadline_ = Clock::now() + std::max(pause, least);
}

void Connection::on_tick(Clock::time_point now) {
  if (state_ == State::idle || now < deadline_) return;
  if (state_ == State::pausing) return attempt();
  if (state_ == State::waiting) return on_lost();
  ++owner_.tally.no_connect;
  close();
  pause(Duration{0});
}

void Connection::give_up() {
  if (state_ == State::idle) return;
  if (state_ == State::waiting) on_lost();
  close();
  settle();
}

void Connection::close() {
  ++epoch_;
  error_code ignored;
  socket_.close(ignored);
  received_.clear();
}

void Connection::settle() {
  state_ = State::idle;
  owner_.settled(*this, flight_);
}

}  // namespace conveyor::load
