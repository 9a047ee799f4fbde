// DemoTraffic: a shop that orders from a running server, over HTTP like any other client: a small
// catalogue, a steady rate, every outcome of the sandbox in a fixed mix. What a newcomer watches.
//
// Threads: one of its own, joined by stop() or the destructor. It stops by itself with the server.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <thread>

#include "adapters/http/client.h"
#include "ports/random.h"

namespace conveyor {

struct DemoArticle {
  std::string_view sku;
  std::string_view title;
  std::int64_t price_minor;  ///< EUR
  std::int64_t stock;        ///< what it is filled up to
};
std::span<const DemoArticle> demo_catalogue();

struct DemoOutcome {
  std::string_view payment_method;
  std::string_view postal_code;
  std::string_view sku;  ///< of the first line; empty: any article of the catalogue
  int weight;            ///< parts of all weights
};
std::span<const DemoOutcome> demo_mix();

/// The request body of one demo order.
std::string demo_order_json(const DemoOutcome& outcome, Random& random);

class DemoTraffic {
 public:
  /// `say` gets a sentence now and then (a server that does not answer); called on the own thread.
  DemoTraffic(std::string base_url, double orders_per_second, std::uint64_t seed,
              std::function<void(std::string_view)> say);
  ~DemoTraffic();
  DemoTraffic(const DemoTraffic&) = delete;
  DemoTraffic& operator=(const DemoTraffic&) = delete;

  /// Fills the catalogue up; false: the server did not take it.
  bool seed_catalogue();
  void start();
  void stop();

 private:
  void loop();
  void place_one(Random& random, http::Client& client);
  bool wait_for_next();

  std::string base_url_;
  double orders_per_second_;
  std::uint64_t seed_;
  std::function<void(std::string_view)> say_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;  ///< guarded by mutex_
  std::thread thread_;
};

}  // namespace conveyor
