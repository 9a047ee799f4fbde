// A participant as the table "Participant, per key" of docs/transitions.md says, for one order:
// what it remembers per operation key, and what it answers. `Luck` decides whatever is up to the
// world, so that a test can draw it. Values; one thread.
#pragma once

#include <algorithm>
#include <map>

#include "domain/test_orders.h"

namespace conveyor::test {

enum class Memory : std::uint8_t { none, success, rejected, undone };

/// What the world does to a call that could succeed.
enum class Luck : std::uint8_t { good, no, fails, poison, takes_time };

struct ModelCall {
  OperationKey key;
  std::optional<OperationKey> names;
  Action action = Action::perform;
  bool by_hand = false;
  std::int64_t amount_minor = 0;
};

class ParticipantModel {
 public:
  struct Record {
    Memory memory = Memory::none;
    bool is_deciding = false;  ///< asked its provider, which has not answered
    Effect effect = Effect::none;
    std::optional<OperationKey> names;
    std::int64_t amount_minor = 0;
  };

  Outcome answer(const ModelCall& call, Luck luck) {
    return call.action == Action::perform ? perform(call, luck) : undo(call, luck);
  }

  /// The provider behind one undecided key answers.
  void decide_one(const OperationKey& key, bool succeeds) {
    auto& record = records_[key];
    record.is_deciding = false;
    const bool may_refuse = spec_of(key.step).refused.has_value();
    record.memory = succeeds || !may_refuse ? Memory::success : Memory::rejected;
  }

  const std::map<OperationKey, Record>& records() const { return records_; }

  bool is_live(const OperationKey& key) const {
    const auto found = records_.find(key);
    return found != records_.end() && found->second.memory == Memory::success;
  }

 private:
  Outcome perform(const ModelCall& call, Luck luck) {
    auto& record = records_[call.key];
    if (record.is_deciding) return in_progress();
    if (record.memory == Memory::undone) return undone(Effect::none);
    if (record.memory == Memory::rejected) return rejected();
    if (record.memory == Memory::success) return succeeded(record.amount_minor);
    if (call.names && records_[*call.names].memory == Memory::undone) return undone(Effect::none);
    if (luck == Luck::fails) return failed();
    if (luck == Luck::poison) return failed(FailureClass::poison);
    record.names = call.names;
    record.amount_minor = call.amount_minor;
    if (luck == Luck::takes_time) {
      record.is_deciding = true;
      return in_progress();
    }
    const bool may_refuse = spec_of(call.key.step).refused.has_value();
    record.memory = luck == Luck::no && may_refuse ? Memory::rejected : Memory::success;
    return record.memory == Memory::success ? succeeded(record.amount_minor) : rejected();
  }

  Outcome undo(const ModelCall& call, Luck luck) {
    auto& record = records_[call.key];
    if (call.by_hand) return undo_by_hand(call.key, record);
    if (record.is_deciding) return in_progress();
    if (record.memory == Memory::undone) return undone(record.effect);
    if (record.memory != Memory::success) return mark_undone(record, Effect::none);
    for (const auto& [key, later] : records_) {
      if (later.names != call.key) continue;
      if (later.is_deciding) return in_progress();
      if (later.memory != Memory::success) continue;
      // A dispatched booking; an authorization with a live capture.
      if (spec_of(call.key.step).undone_first) return refused("already_dispatched");
      return failed(FailureClass::poison);
    }
    if (luck == Luck::no && spec_of(call.key.step).undone_first) return refused("too_late");
    if (luck == Luck::fails) return failed();
    if (luck == Luck::poison) return failed(FailureClass::poison);
    if (luck == Luck::takes_time) return in_progress();
    return mark_undone(record, was_captured(call.key) ? Effect::none : Effect::reversed);
  }

  Outcome undo_by_hand(const OperationKey& key, Record& record) {
    for (auto& [other, later] : records_) {
      if (later.names != key || !spec_of(other.step).pivot) continue;
      if (later.memory == Memory::success) return refused("already_dispatched");
      if (later.is_deciding) mark_undone(later, Effect::by_hand);
    }
    return mark_undone(record, Effect::by_hand);
  }

  static Outcome mark_undone(Record& record, Effect effect) {
    if (record.memory != Memory::undone) record.effect = effect;
    record.memory = Memory::undone;
    record.is_deciding = false;
    return undone(record.effect);
  }

  /// After a refund there is nothing left to void.
  bool was_captured(const OperationKey& authorization) const {
    return std::ranges::any_of(records_, [&](const auto& entry) {
      return entry.second.names == authorization && entry.second.effect != Effect::none;
    });
  }

  std::map<OperationKey, Record> records_;
};

}  // namespace conveyor::test
