// Machine: the process under test on its machine: the production batch processor with its engine
// and services over the simulated store. It is started, stopped at the worst moments, and started
// again on what was durable.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "runtime/batch_processor.h"
#include "sim/environment.h"
#include "sim/network.h"
#include "sim/service_site.h"
#include "sim/sim_store.h"
#include "sim/violation.h"

namespace conveyor::sim {

class Machine final : private SimStore::Fates, private CoreProbe {
 public:
  /// What others want to know.
  class Watcher {
   public:
    virtual ~Watcher() = default;
    virtual void touched(const OrderId& id) = 0;
    virtual void became(const OrderId& id, Status status) = 0;  ///< durable
  };
  /// By participant; null: the service runs in the process, over its store.
  using Networks = std::array<Network*, kAllParticipants.size()>;

  /// All must outlive it.
  Machine(Environment& environment, SimStore& store, Networks networks, Watcher& watcher);
  ~Machine() override;

  /// Nothing happens if it is up.
  void start();
  bool is_up() const { return process_ != nullptr; }
  /// Dropped while the process is down.
  void submit(CoreInput input);
  /// When it wants to run next, in steady time; nullopt: it is down, or has nothing to do.
  std::optional<Duration> next_wake() const;
  /// A batch, if there is anything for one; or two, of which the second is decided while the first
  /// is on its way to the disk.
  void run_if_due();
  /// Called by whoever was just answered; the process may stop there.
  void answered();
  std::uint64_t batches() const { return batches_; }

 private:
  struct Process;
  class Local;

  // SimStore::Fates
  SimStore::Commit of_commit() override;
  bool write_works() override;
  bool probe_works() override;
  bool reached_disk() override;

  // CoreProbe
  void batch_committed(std::size_t, std::chrono::nanoseconds) override {}
  void batch_lost(std::string_view why) override;
  void appended(std::span<const AppendEffect> batch) override;
  void outcome_ignored() override {}
  void breaker_moved(const ParticipantState& state) override;
  void order_unreadable(const OrderId& order, std::string_view why) override;
  void idempotency(std::string_view) override {}
  void command_without_event(const OrderId&, CommandKind, const std::string&) override {}

  /// Runs what may stop the process; false: it has.
  template <class Work>
  bool survives(Work&& work);
  void stop(std::string_view why);
  void asserted(const AssertionFailed& failure);

  Environment& environment_;
  SimStore& store_;
  Networks networks_;
  Watcher& watcher_;
  std::unique_ptr<Process> process_;
  std::vector<CoreInput> inbox_;
  bool recovering_ = false;
  Duration busy_until_{0};
  Duration disk_full_until_{0};
  std::uint64_t batches_ = 0;
  int assertions_ = 0;
};

}  // namespace conveyor::sim
