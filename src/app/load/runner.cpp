#include "app/load/runner.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cmath>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "app/load/connection.h"
#include "app/load/order_writer.h"
#include "ports/seeded_random.h"

namespace conveyor::load {
namespace {

std::chrono::microseconds cpu_of_process() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto micros = [](const timeval& t) {
    return std::chrono::seconds{t.tv_sec} + std::chrono::microseconds{t.tv_usec};
  };
  return micros(usage.ru_utime) + micros(usage.ru_stime);
}

class Runner {
 public:
  Runner(const RunSettings& settings, const OrderMaker& maker, LedgerWriter* ledger,
         const Interrupted& interrupted)
      : settings_(settings),
        maker_(maker),
        ledger_(ledger),
        interrupted_(interrupted),
        timer_(context_),
        owner_{context_,
               settings.endpoint,
               tally_,
               jitter_,
               settings.repeat_refused,
               [this](Connection& connection, const Flight& flight) {
                 on_settled(connection, flight);
               }} {
    for (std::size_t i = 0; i < settings.connections; ++i) {
      connections_.push_back(std::make_unique<Connection>(owner_));
      idle_.push_back(connections_.back().get());
    }
  }

  Tally run() {
    start_ = last_answer_ = Clock::now();
    wall_start_ = std::chrono::system_clock::now();
    end_ = start_ + settings_.duration;
    give_up_at_ = end_ + settings_.patience;
    wake();
    context_.run();
    tally_.offered = due_by(std::min(end_, Clock::now()));
    tally_.elapsed = std::chrono::ceil<std::chrono::microseconds>(
        std::max(std::min(end_, Clock::now()), last_answer_) - start_);
    tally_.cpu = cpu_of_process();
    return std::move(tally_);
  }

 private:
  Clock::time_point due_at(std::uint64_t number) const {
    const std::chrono::duration<double> offset{static_cast<double>(number - 1) / *settings_.rate};
    return start_ + std::chrono::duration_cast<Clock::duration>(offset);
  }

  /// Orders that are due before then, as the schedule has it.
  std::uint64_t due_by(Clock::time_point now) const {
    if (!settings_.rate) return begun_;
    const std::chrono::duration<double> past = now - start_;
    const auto due = static_cast<std::uint64_t>(std::ceil(past.count() * *settings_.rate));
    return std::min(due, settings_.orders.value_or(due));
  }

  /// No further order will be begun.
  bool is_over(Clock::time_point now) const {
    return now >= end_ || (settings_.orders && begun_ >= *settings_.orders);
  }

  void dispatch(Clock::time_point now) {
    while (!idle_.empty() && !is_over(now)) {
      if (settings_.rate && due_at(begun_ + 1) > now) return;
      auto& connection = *idle_.front();
      idle_.pop_front();
      ++begun_;
      connection.begin(make_flight(now));
    }
  }

  Flight make_flight(Clock::time_point now) {
    auto made = maker_.make(begun_);
    Flight flight;
    flight.scheduled = settings_.rate ? due_at(begun_) : now;
    auto& entry = flight.entry;
    entry.number = begun_;
    entry.reference = made.order.reference.value_or("");
    entry.key = fmt::format("load:{}", entry.reference);
    entry.customer_id = made.order.customer_id;
    entry.currency = made.order.currency.code();
    entry.total_minor = made.order.total_minor;
    entry.scheduled_at = to_unix_ms(std::chrono::floor<Duration>(
        wall_start_ + std::chrono::duration_cast<std::chrono::system_clock::duration>(
                          flight.scheduled - start_)));
    body_.clear();
    append_request_json(body_, made);
    flight.request = fmt::format(
        "POST /v1/orders HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n"
        "Idempotency-Key: \"{}\"\r\nContent-Length: {}\r\n\r\n{}",
        settings_.authority, entry.key, body_.size(), body_);
    return flight;
  }

  void on_settled(Connection& connection, const Flight& flight) {
    const auto& entry = flight.entry;
    const auto now = Clock::now();
    if (entry.status == 0) {
      ++tally_.unanswered;
    } else {
      last_answer_ = now;
      ++(entry.status == 201 ? tally_.acknowledged : tally_.refused);
    }
    if (ledger_ != nullptr) ledger_->add(entry);
    idle_.push_back(&connection);
    dispatch(now);
  }

  bool is_done(Clock::time_point now) const {
    return is_over(now) && idle_.size() == connections_.size();
  }

  void wake() {
    const auto now = Clock::now();
    if (now >= end_ && !is_ended_) {
      is_ended_ = true;
      dispatch(end_ - Clock::duration{1});  // what was due and only this wake came too late for
    }
    if (now >= next_tick_) {
      next_tick_ = now + kTick;
      tick(now);
      if (is_ended_ && is_done(now)) return close();
    }
    dispatch(now);
    auto next = next_tick_;
    if (settings_.rate && !idle_.empty() && !is_over(now)) {
      next = std::min(next, std::max(due_at(begun_ + 1), now + kScheduleGrain));
    }
    timer_.expires_at(next);
    timer_.async_wait([this](boost::system::error_code) { wake(); });
  }

  void tick(Clock::time_point now) {
    if (!is_interrupted_ && interrupted_()) {
      is_interrupted_ = true;
      end_ = std::min(end_, now);
      give_up_at_ = std::min(give_up_at_, now + kInterruptPatience);
    } else if (is_over(now) && now < end_) {
      end_ = now;
      give_up_at_ = now + settings_.patience;
    }
    const bool gives_up = is_ended_ && now >= give_up_at_;
    for (const auto& connection : connections_) {
      if (gives_up) connection->give_up();
      connection->on_tick(now);
    }
  }

  /// So that the context runs out of work.
  void close() {
    for (const auto& connection : connections_) connection->close();
  }

  const RunSettings& settings_;
  const OrderMaker& maker_;
  LedgerWriter* ledger_;
  const Interrupted& interrupted_;
  boost::asio::io_context context_{1};
  boost::asio::steady_timer timer_;
  SeededRandom jitter_{1};
  Tally tally_;
  Connection::Owner owner_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::deque<Connection*> idle_;  ///< the one that has waited longest first
  Clock::time_point start_;
  std::chrono::system_clock::time_point wall_start_;
  Clock::time_point end_;
  Clock::time_point give_up_at_;
  Clock::time_point next_tick_;
  Clock::time_point last_answer_;
  std::uint64_t begun_ = 0;
  bool is_interrupted_ = false;
  bool is_ended_ = false;  ///< the last order has been begun
  std::string body_;
};

}  // namespace

Tally run_load(const RunSettings& settings, const OrderMaker& maker, LedgerWriter* ledger,
               const Interrupted& interrupted) {
  return Runner(settings, maker, ledger, interrupted).run();
}

}  // namespace conveyor::load
