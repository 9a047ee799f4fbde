// SimStore: the memory store with a disk that can fail. What was committed is kept apart from what
// was only written: a transaction that does not reach its commit leaves nothing, whether it was
// refused, lost with the process, or its fsync failed.
//
// Without `fates` it never fails, and behaves as every other store (tests/contract).
#pragma once

#include <optional>

#include "adapters/memory/memory_store.h"

namespace conveyor::sim {

class SimStore final : public MemoryStore {
 public:
  /// What becomes of a commit.
  enum class Commit : std::uint8_t {
    durable,
    refused,            ///< StoreError unavailable, nothing is durable
    full,               ///< StoreError full, nothing is durable
    fatal_not_durable,  ///< StoreError fatal: the fsync failed
    fatal_durable,      ///< the same, but the bytes had reached the disk
    crash_before,       ///< the process stops, nothing is durable
    crash_after,        ///< the process stops, everything is durable
  };

  /// Decides for each occasion; drawn from the seed.
  class Fates {
   public:
    virtual ~Fates() = default;
    virtual Commit of_commit() = 0;
    virtual bool write_works() = 0;
    virtual bool probe_works() = 0;
    /// Whether what was on its way to the disk when the process ended is there.
    virtual bool reached_disk() = 0;
  };
  /// Null: nothing fails. Must outlive the store or be taken away.
  void set_fates(Fates* fates) { fates_ = fates; }

  /// The process is gone: what it had only written is, too. What was on its way to the disk may
  /// have reached it.
  void crash();

  void hand_over() override;
  std::chrono::nanoseconds wait() override;
  void rollback() override;
  bool probe() override { return fates_ == nullptr || fates_->probe_works(); }

  AcceptResult accept(const IdempotencyKey& key, std::uint32_t answer_version,
                      const Contact& contact, const Order& order, std::span<const Event> events,
                      std::optional<Timestamp> wake_at) override;
  bool append(const Order& order, std::uint64_t expected_version, std::span<const Event> events,
              std::optional<Timestamp> wake_at) override;
  std::vector<Shortage> reserve(const Reservation& reservation) override;
  void put_payment(const Payment& payment) override;
  void put_shipment(const Shipment& shipment) override;

 private:
  /// Throws StoreError if this write is to fail.
  void write();

  Fates* fates_ = nullptr;
  std::optional<Commit> on_its_way_;  ///< what becomes of what was handed over
};

}  // namespace conveyor::sim
