// conveyor-bench-read: how long reads take, over HTTP on one kept connection, one at a time.
//
//   conveyor-bench-read pages URL TARGET PAGE SAMPLES
//       Walks the list TARGET to its page PAGE, or to its last full one, then asks for the first
//       page and for that one in turns, SAMPLES times each.
//   conveyor-bench-read orders URL FILE RATE SECONDS
//       GET /v1/orders/{id} of orders drawn from FILE (ids as 32 hexadecimal digits, one on a
//       line). Read n is due at start + n / RATE; its latency counts from then.
//
// Prints one JSON object; percentiles are exact. Any answer but 200, and a page that does not hold
// what it should, ends it with status 1.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <chrono>
#include <cmath>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <thread>

#include "adapters/http/client.h"
#include "domain/ids.h"
#include "ports/seeded_random.h"
#include "runtime/thread_priority.h"

namespace conveyor {
namespace {

using Clock = std::chrono::steady_clock;

/// As the server's thread of HTTP: a read is late because of the server, not because its client,
/// which is elsewhere as a rule, waits for a processor.
constexpr int kNicer = 5;

class Latencies {
 public:
  void add(Clock::duration took) {
    milliseconds_.push_back(std::chrono::duration<double, std::milli>(took).count());
  }

  boost::json::object json() {
    std::ranges::sort(milliseconds_);
    return {{"count", milliseconds_.size()},
            {"p50", percentile(0.5)},
            {"p99", percentile(0.99)},
            {"max", milliseconds_.empty() ? 0.0 : milliseconds_.back()}};
  }

 private:
  /// The smallest value that `share` of all do not exceed.
  double percentile(double share) const {
    if (milliseconds_.empty()) return 0;
    const auto rank = std::ceil(share * static_cast<double>(milliseconds_.size()));
    return milliseconds_[static_cast<std::size_t>(std::max(rank, 1.0)) - 1];
  }

  std::vector<double> milliseconds_;
};

http::ClientResponse get(http::Client& client, const std::string& target) {
  auto answer = client.send("GET", target, {}, {});
  if (!answer) throw std::runtime_error(fmt::format("{}: {}", target, answer.error().detail));
  if (answer->status != 200) {
    throw std::runtime_error(fmt::format("{}: {} {}", target, answer->status, answer->body));
  }
  return *std::move(answer);
}

std::uint64_t number_of(const std::string& text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number == 0) {
    throw std::runtime_error(fmt::format("{}: not a number from 1", text));
  }
  return number;
}

struct Page {
  std::string target;
  std::uint64_t number = 1;
  std::string body;
};

Page walk(http::Client& client, const std::string& list, std::uint64_t wanted) {
  Page page{list, 1, get(client, list).body};
  const auto full = boost::json::parse(page.body).at("data").as_array().size();
  while (page.number < wanted) {
    const auto json = boost::json::parse(page.body);
    const auto* cursor = json.as_object().if_contains("next_cursor");
    if (cursor == nullptr || !cursor->is_string()) break;
    Page next{fmt::format("{}&cursor={}", list, std::string_view{cursor->as_string()}),
              page.number + 1,
              {}};
    next.body = get(client, next.target).body;
    if (boost::json::parse(next.body).at("data").as_array().size() < full) break;
    page = std::move(next);
  }
  return page;
}

boost::json::object measure_pages(const std::vector<std::string>& arguments) {
  http::Client client(arguments[0]);
  const auto& list = arguments[1];
  const auto page = walk(client, list, number_of(arguments[2]));
  const auto samples = number_of(arguments[3]);
  Latencies first;
  Latencies last;
  for (std::uint64_t i = 0; i < samples; ++i) {
    auto start = Clock::now();
    get(client, list);
    first.add(Clock::now() - start);
    start = Clock::now();
    const auto body = get(client, page.target).body;
    last.add(Clock::now() - start);
    // No order of a final status comes behind it, so it has to stay as it is.
    if (page.number > 1 && body != page.body) throw std::runtime_error("the page has changed");
  }
  return {{"page", page.number}, {"first_ms", first.json()}, {"page_ms", last.json()}};
}

OrderId order_id_of(const std::string& hex) {
  Uuid uuid;
  for (std::size_t i = 0; i < uuid.bytes.size(); ++i) {
    const char* digits = hex.data() + 2 * i;
    if (hex.size() != 2 * uuid.bytes.size() ||
        std::from_chars(digits, digits + 2, uuid.bytes.at(i), 16).ptr != digits + 2) {
      throw std::runtime_error(fmt::format("{}: not 32 hexadecimal digits", hex));
    }
  }
  return OrderId{uuid};
}

boost::json::object measure_orders(const std::vector<std::string>& arguments) {
  http::Client client(arguments[0]);
  std::vector<std::string> targets;
  std::ifstream file(arguments[1]);
  for (std::string line; std::getline(file, line);) {
    targets.push_back("/v1/orders/" + order_id_of(line).to_string());
  }
  if (targets.empty()) throw std::runtime_error(arguments[1] + ": no ids");
  const auto rate = number_of(arguments[2]);
  const auto reads = rate * number_of(arguments[3]);
  SeededRandom random(1);
  Latencies latencies;
  get(client, targets.front());  // connects
  let_this_thread_go_first(kNicer);
  const auto start = Clock::now();
  for (std::uint64_t i = 0; i < reads; ++i) {
    const auto due = start + std::chrono::nanoseconds{std::chrono::seconds{1}} *
                                 static_cast<std::int64_t>(i) / static_cast<std::int64_t>(rate);
    std::this_thread::sleep_until(due);
    const auto& target = targets[random.next() % targets.size()];
    const auto body = get(client, target).body;
    latencies.add(Clock::now() - due);
    if (!body.contains(target.substr(target.rfind('/') + 1))) {
      throw std::runtime_error(target + ": another order");
    }
  }
  return {{"orders_ms", latencies.json()}};
}

}  // namespace
}  // namespace conveyor

int main(int argc, char** argv) {
  std::vector<std::string> arguments(argv + 1, argv + argc);
  try {
    if (arguments.size() == 5) {
      const auto mode = arguments.front();
      arguments.erase(arguments.begin());
      if (mode == "pages") {
        std::cout << conveyor::measure_pages(arguments) << '\n';
        return 0;
      }
      if (mode == "orders") {
        std::cout << conveyor::measure_orders(arguments) << '\n';
        return 0;
      }
    }
  } catch (const std::exception& failure) {
    fmt::print(stderr, "read: {}\n", failure.what());
    return 1;
  }
  fmt::print(stderr,
             "usage: conveyor-bench-read pages URL TARGET PAGE SAMPLES\n"
             "       conveyor-bench-read orders URL FILE RATE SECONDS\n");
  return 2;
}
