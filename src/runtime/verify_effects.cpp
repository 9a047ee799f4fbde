#include <fmt/format.h>

#include <algorithm>

#include "runtime/verify_parts.h"

namespace conveyor::verifying {
namespace {

constexpr StepNumber kReserve = *parse_step("reserve_inventory");
constexpr StepNumber kAuthorize = *parse_step("authorize_payment");
constexpr StepNumber kCapture = *parse_step("capture_payment");
constexpr StepNumber kCommit = *parse_step("commit_inventory");

/// What a participant remembers of a key, whichever it is.
struct Memory {
  OperationState state = OperationState::bound;
  bool in_sandbox = false;  ///< it names the sandbox's provider or carrier as its provider
  bool has_work = true;     ///< a payment of nothing never reaches the provider
  bool undo_uncertain = false;
  std::string reference;
  bool by_hand = false;  ///< undone by a person's word
};

std::string_view to_string(StepState::Kind kind) {
  switch (kind) {
    case StepState::Kind::open:
      return "has no answer";
    case StepState::Kind::succeeded:
      return "succeeded";
    case StepState::Kind::rejected:
      return "was rejected";
    case StepState::Kind::undone:
      return "is undone";
  }
  return "unknown";
}

OperationState state_of(ReservationState state) {
  switch (state) {
    case ReservationState::held:
    case ReservationState::committed:
      return OperationState::succeeded;
    case ReservationState::rejected:
      return OperationState::rejected;
    case ReservationState::undone:
      return OperationState::undone;
  }
  return OperationState::uncertain;
}

/// Answers and events agree, except where an undo or an edit has come between a call and its
/// answer; and an answer that is a message may be on its way: of a call, or of an undo that was
/// asked for.
bool agree(const KeyFact& fact, StepNumber step, Answers answers,
           std::optional<OperationState> state) {
  const bool by_message = answers == Answers::by_message;
  switch (fact.kind) {
    case StepState::Kind::succeeded:
      if (by_message && fact.contested && state == OperationState::undone) return true;
      return state == OperationState::succeeded;
    case StepState::Kind::rejected:
      return state == OperationState::rejected;
    case StepState::Kind::undone:
      return fact.hearsay ? state != OperationState::succeeded : state == OperationState::undone;
    case StepState::Kind::open:
      // A step without an undo of its own is undone with the one that it names.
      if (by_message) return true;
      if (state == OperationState::undone) return fact.contested && !spec_of(step).undone;
      return state != OperationState::succeeded || fact.contested;
  }
  return false;
}

class EffectCheck {
 public:
  EffectCheck(const OrderFacts& facts, const OrderRecords& records, Answers answers,
              Findings& findings)
      : facts_(facts), records_(records), answers_(answers), findings_(findings) {
    for (const auto& r : records.reservations) add(r);
    for (const auto& p : records.payments) add(p);
    for (const auto& s : records.shipments) add(s);
  }

  void run() {
    for (const auto& [key, memory] : memories_) {
      if (!facts_.keys.contains(key)) report(key, "a participant knows it, no event does");
    }
    for (const auto& [key, fact] : facts_.keys) check_fact(key, fact);
    for (const auto& record : records_.sandbox) check_sandbox(record);
    for (const auto& [key, memory] : memories_) check_provider_knows(key, memory);
  }

 private:
  void report(const OperationKey& key, std::string_view what) {
    findings_.add(Rule::one_effect, facts_.order.id, fmt::format("{}: {}", key_text(key), what));
  }

  void add(const Reservation& r) { memories_[r.key].state = state_of(r.state); }
  void add(const Payment& p) {
    memories_[p.key] = {p.state,
                        p.provider_reference.starts_with("sbx_"),
                        p.amount_minor != 0,
                        p.undo_uncertain,
                        p.provider_reference,
                        p.effect == Effect::by_hand};
  }
  void add(const Shipment& s) {
    memories_[s.key] = {s.state,          s.carrier == "sandbox", true,
                        s.undo_uncertain, s.provider_reference,   s.effect == Effect::by_hand};
  }

  const Memory* memory(const OperationKey& key) const {
    const auto at = memories_.find(key);
    return at == memories_.end() ? nullptr : &at->second;
  }
  const KeyFact* fact(const OperationKey& key) const {
    const auto at = facts_.keys.find(key);
    return at == facts_.keys.end() ? nullptr : &at->second;
  }
  const SandboxRecord* sandbox(const OperationKey& key) const {
    const auto at =
        std::ranges::find_if(records_.sandbox, [&](const auto& r) { return r.key == key; });
    return at == records_.sandbox.end() ? nullptr : &*at;
  }

  void check_fact(const OperationKey& key, const KeyFact& fact) {
    if (key.step == kCommit) return check_commit(key, fact);
    const auto* known = memory(key);
    const auto state = known ? std::optional{known->state} : std::nullopt;
    if (agree(fact, key.step, answers_, state)) return;
    report(key, fmt::format("it {} by the events and is {} at the participant",
                            to_string(fact.kind), state ? conveyor::to_string(*state) : "unknown"));
  }

  /// A commit is no record of its own but a state of the reservation.
  void check_commit(const OperationKey& key, const KeyFact& fact) {
    const bool expected = fact.kind == StepState::Kind::succeeded;
    const auto committed = std::ranges::count_if(
        records_.reservations, [&](const Reservation& r) { return r.committed_by == key; });
    const bool on_its_way = answers_ == Answers::by_message && !expected && committed == 1;
    if (committed != (expected ? 1 : 0) && !on_its_way) {
      report(key, fmt::format("it {} by the events and committed {} reservations",
                              to_string(fact.kind), committed));
    }
    for (const auto& r : records_.reservations) {
      const bool is_committed = r.state == ReservationState::committed;
      if (is_committed != r.committed_by.has_value()) {
        report(r.key, "the reservation's state and the key that committed it contradict");
      }
    }
  }

  void check_sandbox(const SandboxRecord& record) {
    const auto& key = record.key;
    if (record.effects > 1)
      report(key, fmt::format("its effect was made {} times", record.effects));
    if (record.effect_exists && (record.effects == 0 || record.undone)) {
      report(key, "the sandbox has an effect that was not made or is undone");
    }
    const auto* fact = this->fact(key);
    if (fact == nullptr) return report(key, "the sandbox knows it, no event does");
    if (key.step == kReserve || key.step == kCommit) return;  // only counts refusals
    const auto* known = memory(key);
    if (known == nullptr) return report(key, "the sandbox knows it, its participant does not");
    const bool no_effect =
        known->state == OperationState::bound || known->state == OperationState::rejected;
    if (no_effect && record.effects > 0) {
      report(key, "the sandbox has made its effect, its participant denies it");
    }
    const bool gone = known->state == OperationState::undone && !is_left_by_hand(key);
    if (gone && record.effect_exists) report(key, "it is undone, its effect is in the sandbox");
  }

  /// A person has undone it, or the capture of an authorization: the provider need not know.
  bool is_left_by_hand(const OperationKey& key) const {
    // The event comes with the answer.
    const auto* known = memory(key);
    if (answers_ == Answers::by_message && known != nullptr && known->by_hand) return true;
    return std::ranges::any_of(facts_.keys, [&](const auto& other) {
      const bool concerns =
          other.first == key ||
          (key.step == kAuthorize && other.first.step == kCapture && other.first.run == key.run);
      return concerns && other.second.by_hand;
    });
  }

  void check_provider_knows(const OperationKey& key, const Memory& known) {
    if (known.state != OperationState::succeeded || !known.in_sandbox || !known.has_work) return;
    const auto* record = sandbox(key);
    if (record == nullptr || record->effects == 0 || record->reference != known.reference) {
      return report(key, "its participant has an effect that the sandbox did not make");
    }
    // A refund takes the authorization with it; the answer to an undo may be missing.
    const bool refunded = std::ranges::any_of(records_.sandbox, [&](const SandboxRecord& other) {
      return other.names == key && other.undone;
    });
    if (!record->effect_exists && !refunded && !known.undo_uncertain) {
      report(key, "its participant has an effect that the sandbox has undone");
    }
  }

  const OrderFacts& facts_;
  const OrderRecords& records_;
  Answers answers_;
  Findings& findings_;
  std::map<OperationKey, Memory> memories_;
};

}  // namespace

void check_effects(const OrderFacts& facts, const OrderRecords& records, Answers answers,
                   Findings& findings) {
  EffectCheck{facts, records, answers, findings}.run();
}

}  // namespace conveyor::verifying
