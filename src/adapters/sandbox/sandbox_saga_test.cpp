// Method: RapidCheck plays one order against the real services, the sandbox and the in-memory
// store: performs, undos and resumes in any sequence, answers that come late or are lost,
// transactions that are rolled back, processes that forget what was in flight. After every call the
// sandbox's own books are held against what the services have said. RapidCheck prints its seed.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "adapters/memory/memory_store.h"
#include "adapters/sandbox/sandbox_carrier.h"
#include "adapters/sandbox/sandbox_inventory.h"
#include "adapters/sandbox/sandbox_provider.h"
#include "services/inventory_service.h"
#include "services/payment_service.h"
#include "services/service_fixture.h"
#include "services/shipping_service.h"

namespace conveyor {
namespace {

using test::key_of;

enum class Fate : std::uint8_t { committed, rolled_back };
enum class Deed : std::uint8_t { perform, undo, by_hand, resume, forget, wait };

struct Move {
  Deed deed = Deed::perform;
  StepNumber step = 1;     ///< of perform and undo
  std::size_t choice = 0;  ///< of resume: which of the calls in flight
  Fate fate = Fate::committed;
};

std::ostream& operator<<(std::ostream& out, const Move& move) {
  constexpr std::array kNames{"perform", "undo", "by_hand", "resume", "forget", "wait"};
  out << kNames.at(static_cast<std::size_t>(move.deed)) << " " << spec_of(move.step).name << " "
      << move.choice;
  return out << (move.fate == Fate::committed ? "" : " rolled back");
}

struct Setup {
  std::string payment_method;
  std::string postal_code;
  std::string sku;
  std::int64_t amount_minor = 0;
};

constexpr StepNumber kReserve = 1;
constexpr StepNumber kAuthorize = 2;
constexpr StepNumber kBook = 3;
constexpr StepNumber kCapture = 4;
constexpr StepNumber kDispatch = 5;
constexpr StepNumber kCommit = 6;
/// Enough for the longest outage, the most failures and a lost reply.
constexpr int kMaxUndoCalls = 40;
constexpr Duration kPause{5'000};

class World {
 public:
  explicit World(const Setup& setup) : setup_(setup) {
    store.begin();
    RC_ASSERT(store.set_stock(setup.sku, 10, std::nullopt, now_).has_value());
    store.commit();
    ship_to_.postal_code = setup.postal_code;
    line_.sku = setup.sku;
    line_.quantity = 2;
  }

  void play(const Move& move) {
    store.begin();
    const bool kept = move.fate == Fate::committed;
    switch (move.deed) {
      case Deed::perform:
        if (move.step != kCommit || succeeded_.contains(kDispatch)) perform(move.step, kept);
        break;
      case Deed::undo:
        if (spec_of(move.step).undone) undo(move.step, std::nullopt, kept);
        break;
      case Deed::by_hand:
        if (spec_of(move.step).undone) undo(move.step, "ticket-7", kept);
        break;
      case Deed::resume:
        if (!waiting_.empty()) resume(move.choice % waiting_.size(), kept);
        break;
      case Deed::forget:
        forget();
        break;
      case Deed::wait:
        now_ += kPause;
        break;
    }
    if (kept) {
      store.commit();
    } else {
      store.rollback();
      forget();
    }
    check();
  }

  /// As the saga undoes: the booking first, then newest first. False: dispatched, goes forward.
  bool undo_everything() {
    for (const StepNumber step : {kBook, kCapture, kAuthorize, kReserve}) {
      if (!undo_until_answered(step)) return false;
    }
    return true;
  }

  std::vector<SandboxRecord> books() { return store.sandbox_records(test::kOrder); }
  bool dispatched() const { return succeeded_.contains(kDispatch); }

  MemoryStore store;

 private:
  struct Waiting {
    StepNumber step = 1;
    Action action = Action::perform;
  };

  static OperationKey key(StepNumber step) { return key_of(spec_of(step).name); }

  ParticipantPort& participant(StepNumber step) {
    switch (spec_of(step).participant) {
      case Participant::inventory:
        return inventory_;
      case Participant::payment:
        return payment_;
      case Participant::shipping:
        break;
    }
    return shipping_;
  }

  void perform(StepNumber step, bool kept) {
    StepRequest request;
    request.key = key(step);
    if (spec_of(step).names) request.names = key(*spec_of(step).names);
    request.lines = std::span{&line_, 1};
    request.currency = Currency::from_code("EUR").value();
    request.amount_minor = setup_.amount_minor;
    request.payment_method = setup_.payment_method;
    request.ship_to = &ship_to_;
    take(step, Action::perform, participant(step).perform(request, now_), kept);
  }

  CallResult undo(StepNumber step, std::optional<std::string> by_hand, bool kept) {
    if (by_hand && kept) touched_by_hand_ = true;
    const auto result = participant(step).undo({key(step), std::move(by_hand), {}}, now_);
    take(step, Action::undo, result, kept);
    return result;
  }

  void resume(std::size_t index, bool kept) {
    const Waiting call = waiting_[index];
    if (kept) waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(index));
    take(call.step, call.action, participant(call.step).resume(key(call.step), call.action, now_),
         kept);
  }

  void take(StepNumber step, Action action, const CallResult& result, bool kept) {
    if (!kept) return;
    if (std::holds_alternative<Deferred>(result)) {
      waiting_.push_back({step, action});
      return;
    }
    const auto& outcome = std::get<Outcome>(result);
    if (outcome.kind == Outcome::Kind::succeeded) {
      RC_ASSERT(!undone_.contains(step));
      RC_ASSERT(!rejected_.contains(step));
      succeeded_.emplace(step, outcome.evidence);
      RC_ASSERT(succeeded_.at(step) == outcome.evidence);
    }
    if (outcome.kind == Outcome::Kind::rejected) {
      RC_ASSERT(!undone_.contains(step));
      RC_ASSERT(!succeeded_.contains(step));
      rejected_.emplace(step, outcome.code);
      RC_ASSERT(rejected_.at(step) == outcome.code);
    }
    if (outcome.kind == Outcome::Kind::undone) undone_.emplace(step, outcome.effect);
    if (outcome.kind == Outcome::Kind::refused && outcome.code == "already_dispatched") {
      RC_ASSERT(effect_exists(kDispatch));
      RC_ASSERT(outcome.evidence.tracking == store.sandbox_record(key(kDispatch))->reference);
    }
  }

  void forget() {
    inventory_.forget_in_flight();
    payment_.forget_in_flight();
    shipping_.forget_in_flight();
  }

  bool effect_exists(StepNumber step) {
    const auto record = store.sandbox_record(key(step));
    return record && record->effect_exists;
  }

  void check() {
    for (const SandboxRecord& record : books()) RC_ASSERT(record.effects <= 1U);
    const auto captured = store.sandbox_record(key(kCapture));
    if (captured && captured->effects > 0) {
      RC_ASSERT(store.sandbox_record(key(kAuthorize)).value().effects == 1U);
    }
    RC_ASSERT(!(effect_exists(kDispatch) && store.sandbox_record(key(kBook)).value().undone));
    for (const auto& [step, effect] : undone_) {
      if (!touched_by_hand_) RC_ASSERT(!effect_exists(step));
    }
    if (setup_.amount_minor != 0) check_success(kAuthorize);
    if (setup_.amount_minor != 0) check_success(kCapture);
    check_success(kBook);
    check_success(kDispatch);
    const auto stock = store.stock(setup_.sku).value();
    RC_ASSERT(stock.reserved == (is_held() ? line_.quantity : 0));
    RC_ASSERT(stock.on_hand == (succeeded_.contains(kCommit) ? 10 - line_.quantity : 10));
  }

  void check_success(StepNumber step) {
    if (!succeeded_.contains(step)) return;
    RC_ASSERT(store.sandbox_record(key(step)).value().effects == 1U);
  }

  bool is_held() {
    const auto reservation = store.reservation(key(kReserve));
    return reservation && reservation->state == ReservationState::held;
  }

  bool undo_until_answered(StepNumber step) {
    for (int call = 0; call < kMaxUndoCalls; ++call) {
      store.begin();
      const auto result = undo(step, std::nullopt, true);
      store.commit();
      check();
      if (const auto* outcome = std::get_if<Outcome>(&result)) {
        if (outcome->kind == Outcome::Kind::undone) return true;
        if (outcome->kind == Outcome::Kind::refused) {
          RC_ASSERT(outcome->code == "already_dispatched");
          return false;
        }
      }
      while (!waiting_.empty()) play({Deed::resume, step, 0, Fate::committed});
      now_ += kPause;
    }
    RC_FAIL("an undo has no end");
    return false;
  }

  Setup setup_;
  Timestamp now_ = test::kPlacedAt;
  test::CountingRandom random_;
  InventoryService stock_{store, random_};
  SandboxInventory inventory_{stock_, store};
  SandboxProvider provider_{store, random_};
  SandboxCarrier carrier_{store, random_};
  PaymentService payment_{store, provider_, random_};
  ShippingService shipping_{store, carrier_, random_};
  ShipTo ship_to_;
  Line line_;

  std::vector<Waiting> waiting_;
  std::map<StepNumber, Evidence> succeeded_;
  std::map<StepNumber, std::string> rejected_;
  std::map<StepNumber, Effect> undone_;
  bool touched_by_hand_ = false;
};

rc::Gen<std::string> one_of(std::vector<std::string> names) {
  return rc::gen::elementOf(std::move(names));
}

/// Without what makes an undo fail for ever.
Setup any_setup() {
  Setup setup;
  setup.payment_method =
      *one_of({"pm_ok", "pm_ok", "pm_async", "pm_slow", "pm_lost_reply", "pm_flaky_1",
               "pm_outage_20", "pm_declined", "pm_capture_declined", "pm_garbage"})
           .as("payment method");
  setup.postal_code = *one_of({"10115", "10115", "SBX-ASYNC", "SBX-SLOW", "SBX-LOST-REPLY",
                               "SBX-FLAKY-1", "SBX-REJECTED", "SBX-DISPATCH-REJECTED"})
                           .as("postal code");
  setup.sku = *one_of({"A", "SBX-RESERVE-FLAKY-1", "SBX-COMMIT-FLAKY-1"}).as("sku");
  setup.amount_minor = *rc::gen::element<std::int64_t>(1'000, 1'000, 1'000, 0).as("amount");
  return setup;
}

/// Mostly performs in saga order with everything else in between, so that every state is met.
rc::Gen<Move> any_move(bool with_by_hand) {
  const std::vector<Deed> deeds =
      with_by_hand
          ? std::vector{Deed::perform, Deed::perform, Deed::undo, Deed::by_hand, Deed::resume}
          : std::vector{Deed::perform, Deed::perform, Deed::perform, Deed::resume,
                        Deed::resume,  Deed::undo,    Deed::forget,  Deed::wait};
  return rc::gen::build<Move>(
      rc::gen::set(&Move::deed, rc::gen::elementOf(deeds)),
      rc::gen::set(&Move::step, rc::gen::inRange<StepNumber>(1, kStepCount + 1)),
      rc::gen::set(&Move::choice, rc::gen::inRange<std::size_t>(0, 4)),
      rc::gen::set(&Move::fate,
                   rc::gen::weightedElement<Fate>({{9, Fate::committed}, {1, Fate::rolled_back}})));
}

RC_GTEST_PROP(SandboxSaga, OneEffectPerKeyAndNothingLivesAfterTheUndo, ()) {
  World world{any_setup()};
  for (const Move& move : *rc::gen::container<std::vector<Move>>(any_move(false))) {
    world.play(move);
  }
  const bool dispatched_before = world.dispatched();
  const bool undone = world.undo_everything();
  RC_ASSERT(!(undone && dispatched_before));
  RC_TAG(undone ? "undone" : "dispatched");
  if (!undone) return;
  for (const SandboxRecord& record : world.books()) RC_ASSERT(!record.effect_exists);
  RC_ASSERT(world.store.held_reservations() == 0);
}

RC_GTEST_PROP(SandboxSaga, OneEffectPerKeyWithUndosByHand, ()) {
  World world{any_setup()};
  for (const Move& move : *rc::gen::container<std::vector<Move>>(any_move(true))) {
    world.play(move);
  }
}

/// The way of most orders: each step until it is answered, then perhaps the undo of everything.
RC_GTEST_PROP(SandboxSaga, StepByStep, ()) {
  World world{any_setup()};
  const auto last = *rc::gen::inRange<StepNumber>(1, kStepCount + 1).as("last step");
  for (StepNumber step = 1; step <= last; ++step) {
    for (int call = 0; call < 8; ++call) {
      world.play({Deed::perform, step, 0, Fate::committed});
      world.play({Deed::resume, step, 0, Fate::committed});
      world.play({Deed::wait, step, 0, Fate::committed});
    }
  }
  const bool undone = world.undo_everything();
  RC_TAG(undone ? "undone" : "dispatched");
  RC_ASSERT(undone != world.dispatched());
  if (!undone) return;
  for (const SandboxRecord& record : world.books()) RC_ASSERT(!record.effect_exists);
}

}  // namespace
}  // namespace conveyor
