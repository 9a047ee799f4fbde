#include "sim/sim_store.h"

#include "sim/violation.h"

namespace conveyor::sim {

void SimStore::hand_over() {
  MemoryStore::hand_over();
  on_its_way_ = fates_ == nullptr ? Commit::durable : fates_->of_commit();
}

/// What was handed over is taken back by the rollback that follows an error.
std::chrono::nanoseconds SimStore::wait() {
  using Kind = StoreError::Kind;
  switch (on_its_way_.value_or(Commit::durable)) {
    case Commit::durable:
      break;
    case Commit::refused:
      throw StoreError(Kind::unavailable, "the commit was refused");
    case Commit::full:
      throw StoreError(Kind::full, "no space left");
    case Commit::fatal_not_durable:
    case Commit::fatal_durable:
      throw StoreError(Kind::fatal, "the fsync failed");
    case Commit::crash_before:
      throw Crash{Fault::crash_before_commit};
    case Commit::crash_after:
      throw Crash{Fault::crash_after_commit};
  }
  on_its_way_.reset();
  return MemoryStore::wait();
}

void SimStore::rollback() {
  const auto fate = std::exchange(on_its_way_, std::nullopt);
  if (fate == Commit::crash_after || fate == Commit::fatal_durable) MemoryStore::wait();
  MemoryStore::rollback();
}

void SimStore::crash() {
  if (on_its_way_ == Commit::durable && (fates_ == nullptr || fates_->reached_disk())) {
    MemoryStore::wait();
  }
  rollback();
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
