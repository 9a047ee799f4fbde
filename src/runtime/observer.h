// Observer: what the core says, as metrics and log lines.
//
// Threads: core thread. Lifetime: the metrics outlive it.
#pragma once

#include <functional>
#include <utility>

#include "runtime/core_probe.h"
#include "runtime/metrics.h"

namespace conveyor {

class Observer final : public CoreProbe {
 public:
  explicit Observer(Metrics& metrics) : metrics_(metrics) {}

  /// Told that a batch is durable, before its requests are answered. Must be as quick as metrics
  /// are. Set before the core starts.
  void set_on_commit(std::function<void()> on_commit) { on_commit_ = std::move(on_commit); }

  void batch_committed(std::size_t inputs, std::chrono::nanoseconds commit_time) override;
  void batch_lost(std::string_view why) override;
  void appended(std::span<const AppendEffect> batch) override;
  void outcome_ignored() override;
  void breaker_moved(const ParticipantState& state) override;
  void order_unreadable(const OrderId& order, std::string_view why) override;
  void idempotency(std::string_view result) override;
  void command_without_event(const OrderId& order, CommandKind kind,
                             const std::string& actor) override;
  void contacts_erased(const Erasure& erasure) override;

 private:
  Metrics& metrics_;
  std::function<void()> on_commit_;
};

}  // namespace conveyor
