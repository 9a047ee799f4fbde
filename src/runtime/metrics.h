// Metrics: what the program counts, in Prometheus's text format, prefix `conveyor_`, base units. No
// ids in labels. docs/operations.md lists the names.
//
// Threads: any. The core thread pays for atomics only; families are looked up once, at construction
// (but for HTTP requests, whose labels are not known before).
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "engine/engine.h"
#include "ports/order_store.h"
#include "runtime/pipeline_meter.h"
#include "runtime/verify.h"

namespace conveyor {

class Metrics {
 public:
  explicit Metrics(std::string_view version);
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  /// Sets the gauges that count orders from the store, before the first batch.
  void prime(OrderReader& reader);

  /// The last 15 minutes, second by second.
  const PipelineMeter& pipeline() const { return pipeline_; }

  void batch_committed(std::size_t inputs, std::chrono::nanoseconds commit_time);
  void appended(const AppendEffect& append);
  void breaker_moved(const ParticipantState& state);
  void idempotency(std::string_view result);
  void http_request(std::string_view route, std::string_view method, int code,
                    std::chrono::nanoseconds duration);
  void set_reservations_open(std::int64_t count);
  /// Asked for the orders that wait for an attempt when the metrics are read.
  void set_waiting_orders(std::function<std::size_t()> count) {
    waiting_orders_ = std::move(count);
  }
  /// Asked for the violations of each rule that stand when the metrics are read.
  void set_violations(std::function<std::int64_t(Rule)> count) { violations_ = std::move(count); }
  /// From a commit to its events being given to the live listeners that are at the head.
  void live_events_delivered(std::chrono::nanoseconds lag);
  /// Asked for the live listeners when the metrics are read.
  void set_realtime_clients(std::function<std::size_t()> count) {
    realtime_clients_ = std::move(count);
  }
  /// A queue whose depth is asked for when the metrics are read.
  void add_queue(const std::string& name, std::size_t limit, std::function<std::size_t()> depth);

  /// Everything, as `GET /metrics` answers it.
  std::string render(Timestamp now);

 private:
  struct Families;

  void count_event(const Event& event);
  void count_glance(const OrderId& id, const OrderGlance& before, const OrderGlance& after,
                    Timestamp at);

  std::unique_ptr<Families> families_;
  PipelineMeter pipeline_;
  std::mutex mutex_;
  std::map<OrderId, Timestamp> dead_letters_;  ///< since when; guarded by mutex_
  struct Queue {
    std::string name;
    std::function<std::size_t()> depth;
  };
  std::function<std::size_t()> waiting_orders_;
  std::function<std::size_t()> realtime_clients_;
  std::function<std::int64_t(Rule)> violations_;
  std::vector<Queue> queues_;  ///< complete before the first render
};

}  // namespace conveyor
