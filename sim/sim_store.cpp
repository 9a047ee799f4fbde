#include "sim/sim_store.h"

#include "sim/violation.h"

namespace conveyor::sim {

void SimStore::commit() {
  using Kind = StoreError::Kind;
  switch (fates_ == nullptr ? Commit::durable : fates_->of_commit()) {
    case Commit::durable:
      return MemoryStore::commit();
    case Commit::refused:
      rollback();
      throw StoreError(Kind::unavailable, "the commit was refused");
    case Commit::full:
      rollback();
      throw StoreError(Kind::full, "no space left");
    case Commit::fatal_not_durable:
      rollback();
      throw StoreError(Kind::fatal, "the fsync failed");
    case Commit::fatal_durable:
      MemoryStore::commit();
      throw StoreError(Kind::fatal, "the fsync failed");
    case Commit::crash_before:
      rollback();
      throw Crash{Fault::crash_before_commit};
    case Commit::crash_after:
      MemoryStore::commit();
      throw Crash{Fault::crash_after_commit};
  }
}

void SimStore::write() {
  if (fates_ != nullptr && !fates_->write_works()) {
    throw StoreError(StoreError::Kind::unavailable, "a write was refused");
  }
}

AcceptResult SimStore::accept(const IdempotencyKey& key, std::uint32_t answer_version,
                              const Contact& contact, const Order& order,
                              std::span<const Event> events, std::optional<Timestamp> wake_at) {
  write();
  return MemoryStore::accept(key, answer_version, contact, order, events, wake_at);
}

bool SimStore::append(const Order& order, std::uint64_t expected_version,
                      std::span<const Event> events, std::optional<Timestamp> wake_at) {
  write();
  return MemoryStore::append(order, expected_version, events, wake_at);
}

std::vector<Shortage> SimStore::reserve(const Reservation& reservation) {
  write();
  return MemoryStore::reserve(reservation);
}

void SimStore::put_payment(const Payment& payment) {
  write();
  MemoryStore::put_payment(payment);
}

void SimStore::put_shipment(const Shipment& shipment) {
  write();
  MemoryStore::put_shipment(shipment);
}

}  // namespace conveyor::sim
