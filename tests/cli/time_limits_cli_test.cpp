// Method: two servers whose store the test holds still, of which one has a time limit by its
// setting and the other of an hour. The first says in time that there is no answer yet; after that
// has been seen, the store of the other goes on, and the same request is answered there.
#include <array>
#include <atomic>
#include <future>
#include <latch>

#include "api/api_server.h"
#include "app/config.h"
#include "app/node.h"

namespace conveyor::test {
namespace {

constexpr std::string_view kHour = "3600000";

/// A server as these flags make it, an hour for what they do not name; its store is held.
class HeldServer {
 public:
  explicit HeldServer(std::string_view setting = {}, std::string_view value = {})
      : server_(options(setting, value)) {
    server_.unit.set_open(false);
  }
  ~HeldServer() { go_on(); }

  void go_on() { server_.unit.set_open(true); }
  /// An order under a key, from a client of its own.
  Reply place(const std::string& key) const {
    return ApiClient(server_).place(OrderText{}.str(), key);
  }

 private:
  static ApiServerOptions options(std::string_view setting, std::string_view value) {
    ConfigSources sources;
    for (const std::string name : {"in_flight_wait_ms", "answer_deadline_ms"}) {
      sources.flags.emplace_back(name, name == setting ? value : kHour);
    }
    const auto loaded = load_config(sources);
    EXPECT_TRUE(loaded.has_value());
    return {.api = api_options_of(loaded.value().config), .core = quick_core()};
  }

  ApiServer server_;
};

TEST(TimeLimits, OfAnAnswerFromTheStore) {
  HeldServer patient;
  HeldServer brief("answer_deadline_ms", "200");
  auto waiting = std::async(std::launch::async, [&] { return patient.place("key"); });
  EXPECT_EQ(brief.place("key").code(), "answer_timeout");
  patient.go_on();
  EXPECT_EQ(waiting.get().status, 201);
}

/// Two clients with one key; whichever comes second waits for the first.
class TwoWithOneKey {
 public:
  explicit TwoWithOneKey(const HeldServer& server) {
    for (auto& reply : replies_) {
      reply = std::async(std::launch::async, [this, &server] {
        auto got = server.place("key");
        if (++answered_ == 1) one_is_answered_.count_down();
        return got;
      });
    }
  }

  void wait_for_one() const { one_is_answered_.wait(); }
  std::array<Reply, 2> get() { return {replies_[0].get(), replies_[1].get()}; }

 private:
  std::atomic<int> answered_{0};
  std::latch one_is_answered_{1};
  std::array<std::future<Reply>, 2> replies_;
};

TEST(TimeLimits, OfARequestThatWaitsForTheFirstWithItsKey) {
  HeldServer patient;
  HeldServer brief("in_flight_wait_ms", "200");
  TwoWithOneKey waiting(patient);
  TwoWithOneKey told(brief);
  told.wait_for_one();
  brief.go_on();
  auto [one, other] = told.get();
  if (one.status == 201) std::swap(one, other);
  EXPECT_EQ(one.code(), "idempotency_key_in_flight");
  EXPECT_EQ(other.status, 201);

  patient.go_on();
  const auto [first, second] = waiting.get();
  EXPECT_EQ(first.status, 201) << first.body;
  EXPECT_EQ(second.status, 201) << second.body;
  EXPECT_EQ(first.body, second.body);
  EXPECT_NE(first.header("Idempotent-Replayed"), second.header("Idempotent-Replayed"));
}

}  // namespace
}  // namespace conveyor::test
