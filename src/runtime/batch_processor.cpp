#include "runtime/batch_processor.h"

#include <fmt/format.h>

#include "base/assert.h"
#include "base/sabotage.h"
#include "engine/request.h"

namespace conveyor {
namespace {

/// After a lost batch the store is tried again this soon.
constexpr Duration kLostBatchPause{200};

Origin origin_of(const RequestContext& context) {
  return {context.actor, context.request_id, context.traceparent};
}

}  // namespace

void answer_unavailable(CoreInput& input, Unavailable why) {
  std::visit([why](auto& request) { request.answer(std::unexpected(why)); }, input);
}

BatchProcessor::BatchProcessor(CoreParts parts, CoreOptions options)
    : parts_(parts), options_(options), engine_(options.engine, parts.random) {}

void BatchProcessor::recover(Timestamp now) {
  next_read_ = now;
  erasing_ = true;
  if (CONVEYOR_SABOTAGE(timer_lost_on_restart)) next_read_ += std::chrono::years{1};
  do {
    parts_.unit.begin();
    try {
      write_batch(now);
      hand_over();
      settle_commit();
    } catch (const StoreError& error) {
      if (!is_of_one_order(error)) {
        roll_back();
        throw;
      }
      if (lost(error, now)) throw;
    }
  } while (read_position_ || !reload_.empty());
  retry_batch_at_.reset();
}

void BatchProcessor::run(std::vector<CoreInput> inputs, Timestamp now) {
  batch_.inputs = std::move(inputs);
  if (full_until_) {
    // A wait that is longer than any was ever planned comes from a clock that was set back.
    const bool waits = now < *full_until_ && *full_until_ - now <= kProbeInterval;
    if (waits || !parts_.unit.probe()) {
      if (!waits) full_until_ = now + kProbeInterval;
      for (auto& input : batch_.inputs) answer_unavailable(input, Unavailable::out_of_space);
      batch_ = {};
      return;
    }
    full_until_.reset();
  }
  retry_batch_at_.reset();
  try {
    scrub(now);
    parts_.unit.begin();
    write_batch(now);
    if (CONVEYOR_SABOTAGE(commit_acknowledged_early)) {
      for (auto& answer : std::exchange(batch_.answers, {})) answer();
    }
    wait_for_commit();
    hand_over();
    let_out();
  } catch (const StoreError& error) {
    if (lost(error, now)) throw;
  }
}

void BatchProcessor::finish(Timestamp now) {
  try {
    settle_commit();
  } catch (const StoreError& error) {
    if (lost(error, now)) throw;
  }
}

void BatchProcessor::write_batch(Timestamp now) {
  resumed_steps_ = 0;
  for (auto it = reload_.begin(); it != reload_.end(); it = reload_.erase(it)) open(*it, now);
  execute_effects(now);
  for (auto& input : batch_.inputs) {
    std::visit([&](auto& request) { process(request, now); }, input);
  }
  resume_delayed(now);
  run_engine(now);
  if (now >= next_read_) read_due(now);
  end_scrubbed_erasures();
  erase_some(now);
  for (auto& request : std::exchange(batch_.inspections, {})) {
    batch_.answers.emplace_back(
        [answer = std::move(request.answer),
         result = engine_.inspect(request.order_id, now)]() mutable { answer(std::move(result)); });
  }
  // Also what the engine has moved and nothing has been written of yet.
  batch_.touched.insert(engine_.touched().begin(), engine_.touched().end());
  engine_.settle(now);
}

/// The batch goes its way to the disk.
void BatchProcessor::hand_over() {
  parts_.unit.hand_over();
  committing_ = std::exchange(batch_, {});
}

/// Waits for the batch on its way, if there is one.
void BatchProcessor::wait_for_commit() {
  if (!committing_) return;
  const auto took = parts_.unit.wait();
  durable_ = {std::move(*committing_), took};
  committing_.reset();
}

/// Apart from the wait, so that the next batch is on its way before anybody is told of this one.
void BatchProcessor::let_out() {
  if (!durable_) return;
  auto [batch, took] = *std::exchange(durable_, std::nullopt);
  committed(batch, took);
}

void BatchProcessor::settle_commit() {
  wait_for_commit();
  let_out();
}

/// One at a time: the answer to a call decides whether the next one is made.
void BatchProcessor::run_engine(Timestamp now) {
  std::size_t left = kMaxDuePerBatch;
  for (; left > 0 && engine_.tick(now, 1, engine_effects_) > 0; --left) execute_effects(now);
  resumed_steps_ += kMaxDuePerBatch - left;
  left = kMaxDuePerBatch;
  for (; left > 0 && engine_.release(now, engine_effects_); --left) execute_effects(now);
  resumed_steps_ += kMaxDuePerBatch - left;
}

void BatchProcessor::report_breakers() {
  for (const auto& state : engine_.take_breaker_moves()) parts_.probe.breaker_moved(state);
}

void BatchProcessor::committed(Batch& batch, std::chrono::nanoseconds commit_time) {
  parts_.probe.batch_committed(batch.inputs.size() + batch.participant_answers, commit_time);
  parts_.probe.appended(batch.appended);
  for (const auto& note : batch.notes) note();
  report_breakers();
  if (batch.scrubbed) scrub_at_.reset();
  if (batch.walked) scrub_at_ = Timestamp{};
  for (auto& call : batch.delayed) {
    if (!CONVEYOR_SABOTAGE(delayed_call_dropped)) delayed_.push(std::move(call));
  }
  for (auto& answer : batch.answers) answer();
}

/// The open batch is lost. The one before it too, unless it turns out to be durable: then its
/// callers are told so. True: it is fatal.
bool BatchProcessor::lost(const StoreError& error, Timestamp now) {
  bool fatal = error.kind() == StoreError::Kind::fatal;
  try {
    wait_for_commit();
  } catch (const StoreError& before) {
    fatal = fatal || before.kind() == StoreError::Kind::fatal;
  }
  let_out();
  roll_back();
  parts_.probe.batch_lost(error.what());
  if (is_of_one_order(error)) {
    // Every batch that goes on with it would be lost.
    unreadable_.insert(*at_work_);
    parts_.probe.order_unreadable(*at_work_, error.what());
  }
  at_work_.reset();
  report_breakers();
  for (auto* participant : parts_.participants) {
    if (!CONVEYOR_SABOTAGE(calls_of_lost_batch_awaited)) participant->forget_in_flight();
  }
  batch_.touched.insert(engine_.touched().begin(), engine_.touched().end());
  forget(batch_);
  if (committing_) forget(*committing_);
  effects_.clear();
  engine_effects_.clear();
  auto inputs = std::exchange(batch_, {}).inputs;
  if (committing_) std::ranges::move(committing_->inputs, std::back_inserter(inputs));
  committing_.reset();
  // Whether a commit whose fsync failed is durable is known at the next start only: nobody is told
  // that nothing was done.
  if (fatal) return true;
  const bool full = error.kind() == StoreError::Kind::full;
  if (full) full_until_ = now + kProbeInterval;
  retry_batch_at_ = now + (full ? kProbeInterval : kLostBatchPause);
  for (auto& input : inputs) {
    answer_unavailable(input, full ? Unavailable::out_of_space : Unavailable::store_unavailable);
  }
  return false;
}

bool BatchProcessor::is_of_one_order(const StoreError& error) const {
  return error.kind() == StoreError::Kind::damaged && at_work_.has_value();
}

void BatchProcessor::forget(const Batch& batch) {
  for (const auto& id : batch.touched) {
    if (CONVEYOR_SABOTAGE(lost_batch_remembered)) break;
    engine_.forget(id);
    reload_.insert(id);
  }
}

/// An error of the rollback adds nothing to the one that led to it.
void BatchProcessor::roll_back() {
  try {
    parts_.unit.rollback();
  } catch (const StoreError& error) {
    parts_.probe.batch_lost(error.what());
  }
}

std::optional<Unavailable> BatchProcessor::intake_closed() const {
  if (full_until_) return Unavailable::out_of_space;
  if (retry_batch_at_) return Unavailable::store_unavailable;
  if (engine_.open_orders() >= options_.open_orders_max) return Unavailable::too_many_open_orders;
  return std::nullopt;
}

std::optional<Timestamp> BatchProcessor::next_wake() const {
  if (full_until_) return full_until_;
  if (retry_batch_at_) return retry_batch_at_;
  if (erasing_) return Timestamp{};
  auto wake = next_read_;
  if (scrub_at_) wake = std::min(wake, *scrub_at_);
  if (const auto engine = engine_.next_wake()) wake = std::min(wake, *engine);
  if (!delayed_.empty()) wake = std::min(wake, delayed_.top().due);
  return wake;
}

// --- requests
// -------------------------------------------------------------------------------------

void BatchProcessor::process(PlaceOrder& input, Timestamp now) {
  auto result = place(input, now);
  execute_effects(now);
  batch_.answers.emplace_back(
      [answer = input.answer, result = std::move(result)]() mutable { answer(std::move(result)); });
}

PlaceOrder::Answer BatchProcessor::place(PlaceOrder& input, Timestamp now) {
  if (const auto known = parts_.orders.idempotency(input.key.scope_hash)) {
    return replay(input, *known);
  }
  if (engine_.open_orders() >= options_.open_orders_max) {
    return std::unexpected(Unavailable::too_many_open_orders);
  }
  const OrderId id{make_uuid_v7(now, parts_.random.next(), parts_.random.next())};
  auto fresh = engine_.create(id, std::move(input.order), input.context.correlation_id,
                              origin_of(input.context), now);
  const Contact contact{id, 1, std::move(input.ship_to), std::move(input.metadata)};
  const auto wake_at = wake_at_of(fresh.order, options_.engine.retry);
  const auto result = parts_.orders.accept(input.key, kAnswerVersion, contact, fresh.order,
                                           std::span{&fresh.created, 1}, wake_at);
  if (const auto* taken = std::get_if<ReferenceTaken>(&result)) return std::unexpected(*taken);
  if (const auto* exists = std::get_if<KeyExists>(&result)) return replay(input, exists->record);
  batch_.notes.emplace_back([this] { parts_.probe.idempotency("new"); });
  AppendEffect created;
  created.order_id = id;
  created.events.push_back(fresh.created);
  created.after = glance_at(fresh.order);
  created.traceparent = fresh.order.traceparent;
  batch_.appended.push_back(std::move(created));
  batch_.touched.insert(id);
  engine_.adopt(std::move(fresh.order), now, engine_effects_);
  return PlaceOrder::Placed{std::move(fresh.created), kAnswerVersion, false};
}

PlaceOrder::Answer BatchProcessor::replay(const PlaceOrder& input,
                                          const IdempotencyRecord& record) {
  const auto* id = std::get_if<OrderId>(&record.subject);
  const bool is_same =
      record.request_hash.value_or(input.key.request_hash) == input.key.request_hash;
  if (id == nullptr || (!is_same && !CONVEYOR_SABOTAGE(idempotency_hash_not_compared))) {
    batch_.notes.emplace_back([this] { parts_.probe.idempotency("mismatch"); });
    return std::unexpected(PlaceOrder::KeyReused{});
  }
  batch_.notes.emplace_back([this] { parts_.probe.idempotency("replayed"); });
  try {
    auto first = parts_.orders.events(*id, 0, 1);
    CONVEYOR_ASSERT(!first.empty(), "a key's order has its first event");
    return PlaceOrder::Placed{std::move(first.front().event), record.answer_version, true};
  } catch (const StoreError& error) {
    if (error.kind() != StoreError::Kind::damaged) throw;
    parts_.probe.order_unreadable(*id, error.what());
    return std::unexpected(Unavailable::unreadable);
  }
}

void BatchProcessor::process(OrderCommand& input, Timestamp now) {
  auto result = command(input, now);
  execute_effects(now);
  // The answer shows the order as this batch leaves it, not as the command alone did.
  if (result) {
    if (const auto* order = engine_.find(input.order_id)) result->order = *order;
  }
  batch_.answers.emplace_back(
      [answer = input.answer, result = std::move(result)]() mutable { answer(std::move(result)); });
}

OrderCommand::Answer BatchProcessor::command(OrderCommand& input, Timestamp now) {
  const auto opened = open(input.order_id, now);
  if (opened == Opened::unknown) return std::unexpected(OrderCommand::NotFound{});
  if (opened == Opened::unreadable) return std::unexpected(Unavailable::unreadable);
  execute_effects(now);
  const auto version = engine_.find(input.order_id)->version;
  if (input.if_match && *input.if_match != version) {
    return std::unexpected(OrderCommand::Stale{version});
  }
  if (is_held_by_erasure(input)) {
    return std::unexpected(Refusal{Refusal::Code::action_not_allowed,
                                   "restart is not possible: its contact is being erased"});
  }
  const auto contact_version = engine_.find(input.order_id)->contact_version;
  if (input.ship_to) input.command.changes.contact_version = contact_version + 1;
  auto done = engine_.command(input.order_id, input.command, origin_of(input.context), now,
                              engine_effects_);
  if (!done) return std::unexpected(std::move(done.error()));
  if (input.ship_to) {
    put_changed_contact(input.order_id, contact_version, *std::move(input.ship_to));
  }
  const auto& order = *engine_.find(input.order_id);
  const bool changed = order.version != version;
  if (!changed) {
    batch_.notes.emplace_back(
        [this, id = order.id, kind = input.command.kind, actor = input.context.actor.id] {
          parts_.probe.command_without_event(id, kind, actor);
        });
  }
  return OrderCommand::Done{order, changed};
}

void BatchProcessor::process(SetStock& input, Timestamp now) {
  const auto done = parts_.stock.set_stock(input.sku, input.on_hand, input.title, now);
  SetStock::Answer result = std::unexpected(Unavailable::store_unavailable);
  if (done) {
    result = parts_.stock.stock(input.sku).value();
  } else {
    result = std::unexpected(done.error());
  }
  batch_.answers.emplace_back(
      [answer = input.answer, result = std::move(result)] { answer(result); });
}

void BatchProcessor::process(AdjustStock& input, Timestamp now) {
  auto result = adjust(input, now);
  batch_.answers.emplace_back(
      [answer = input.answer, result = std::move(result)] { answer(result); });
}

AdjustStock::Answer BatchProcessor::adjust(const AdjustStock& input, Timestamp now) {
  if (const auto known = parts_.orders.idempotency(input.key.scope_hash)) {
    const auto* id = std::get_if<std::int64_t>(&known->subject);
    if (id == nullptr || known->request_hash != input.key.request_hash) {
      batch_.notes.emplace_back([this] { parts_.probe.idempotency("mismatch"); });
      return std::unexpected(AdjustStock::KeyReused{});
    }
    batch_.notes.emplace_back([this] { parts_.probe.idempotency("replayed"); });
    return AdjustStock::Adjusted{parts_.stock.movement(*id).value(), true};
  }
  const auto done = parts_.stock.adjust_stock(input.sku, input.delta, input.reason, now);
  if (!done) return std::unexpected(done.error());
  const bool stored = parts_.orders.put_idempotency(
      input.key, IdempotencyRecord{input.key.request_hash, done->id, kAnswerVersion});
  CONVEYOR_ASSERT(stored, "a key that was not there can be stored");
  batch_.notes.emplace_back([this] { parts_.probe.idempotency("new"); });
  return AdjustStock::Adjusted{*done, false};
}

void BatchProcessor::process(InspectOrder& input, Timestamp /*now*/) {
  batch_.inspections.push_back(input);
}

// --- effects
// --------------------------------------------------------------------------------------

void BatchProcessor::execute_effects(Timestamp now) {
  for (;;) {
    for (auto& effect : engine_effects_) effects_.push_back(std::move(effect));
    engine_effects_.clear();
    if (effects_.empty()) return;
    auto effect = std::move(effects_.front());
    effects_.pop_front();
    if (auto* append = std::get_if<AppendEffect>(&effect)) {
      at_work_ = append->order_id;
      execute(*append);
    } else {
      at_work_ = std::get<CallEffect>(effect).order_id;
      execute(std::get<CallEffect>(effect), now);
    }
    at_work_.reset();
  }
}

void BatchProcessor::execute(AppendEffect& append) {
  const auto* order = engine_.find(append.order_id);
  CONVEYOR_ASSERT(order != nullptr, "events belong to an order in memory");
  batch_.touched.insert(append.order_id);
  auto wake_at = wake_at_of(*order, options_.engine.retry);
  if (CONVEYOR_SABOTAGE(wake_up_not_stored)) wake_at.reset();
  if (!parts_.orders.append(*order, append.expected_version, append.events, wake_at)) {
    throw StoreError(StoreError::Kind::unavailable,
                     fmt::format("order {} is not at version {} in the store",
                                 append.order_id.to_string(), append.expected_version));
  }
  drop_unused_contacts(append);
  batch_.appended.push_back(std::move(append));
}

void BatchProcessor::put_changed_contact(const OrderId& id, std::uint32_t old_version,
                                         ShipTo ship_to) {
  auto contact = parts_.orders.contact(id, old_version);
  CONVEYOR_ASSERT(contact.has_value(), "an order whose address may be changed has its contact");
  contact->version = old_version + 1;
  contact->ship_to = std::move(ship_to);
  parts_.orders.put_contact(*contact);
}

/// The old address once the new one counts, the new one if its change was dropped: nobody needs
/// them any more, so they go in the same transaction.
void BatchProcessor::drop_unused_contacts(const AppendEffect& append) {
  if (!append.before.exists) return;
  const auto is_used = [&after = append.after](std::uint32_t version) {
    return version == after.contact_version || version == after.waiting_contact_version;
  };
  for (const auto version :
       {std::optional{append.before.contact_version}, append.before.waiting_contact_version}) {
    if (version && !is_used(*version)) parts_.orders.drop_contact(append.order_id, *version);
  }
}

void BatchProcessor::execute(const CallEffect& call, Timestamp now) {
  const auto* order = engine_.find(call.order_id);
  CONVEYOR_ASSERT(order != nullptr, "calls are made for orders in memory");
  batch_.touched.insert(call.order_id);
  const auto& spec = spec_of(call.call.key.step);
  auto& participant = *parts_.participants.at(static_cast<std::size_t>(spec.participant));
  if (call.call.action == Action::undo) {
    const auto request = undo_request_for(*order, call.call.key, call.call.by_hand);
    take_result(call, participant.undo(request, now), now);
    return;
  }
  std::optional<Contact> contact;
  if ((spec.uses & kFieldShipTo) != 0) {
    contact = parts_.orders.contact(order->id, order->contact_version);
    CONVEYOR_ASSERT(contact.has_value(), "an open order has its contact");
  }
  const auto request = request_for(*order, contact ? &contact->ship_to : nullptr);
  take_result(call, participant.perform(request, now), now);
}

void BatchProcessor::take_result(const CallEffect& call, const CallResult& result, Timestamp now) {
  if (const auto* deferred = std::get_if<Deferred>(&result)) {
    batch_.delayed.push_back({now + deferred->delay, call.serial, call.order_id, call.call});
    return;
  }
  batch_.participant_answers += 1;
  const bool ignored = engine_.outcome(call.order_id, call.serial, call.call,
                                       std::get<Outcome>(result), now, engine_effects_);
  if (ignored) batch_.notes.emplace_back([this] { parts_.probe.outcome_ignored(); });
}

void BatchProcessor::resume_delayed(Timestamp now) {
  // If this batch is lost, its orders are read again and make their calls anew.
  std::vector<DelayedCall> due;
  while (!delayed_.empty() && delayed_.top().due <= now && due.size() < kMaxDuePerBatch) {
    due.push_back(delayed_.top());
    delayed_.pop();
  }
  resumed_steps_ += due.size();
  for (const auto& call : due) batch_.touched.insert(call.order_id);
  for (const auto& call : due) {
    // A late answer counts, or is recorded as ignored, also when the order has left memory.
    if (open(call.order_id, now) != Opened::yes) continue;
    execute_effects(now);
    auto& participant =
        *parts_.participants.at(static_cast<std::size_t>(spec_of(call.call.key.step).participant));
    at_work_ = call.order_id;
    const auto result = participant.resume(call.call.key, call.call.action, now);
    at_work_.reset();
    take_result({call.order_id, call.call, call.serial}, result, now);
    execute_effects(now);
  }
}

BatchProcessor::Opened BatchProcessor::open(const OrderId& id, Timestamp now) {
  if (engine_.find(id) != nullptr) return Opened::yes;
  if (unreadable_.contains(id)) return Opened::unreadable;
  std::optional<Order> order;
  try {
    order = load_order(parts_.orders, id);
  } catch (const StoreError& error) {
    // One order that cannot be read must not keep the others from going on.
    if (error.kind() != StoreError::Kind::damaged) throw;
    parts_.probe.order_unreadable(id, error.what());
    return Opened::unreadable;
  }
  if (!order) return Opened::unknown;
  batch_.touched.insert(id);
  engine_.adopt(std::move(*order), now, engine_effects_);
  return Opened::yes;
}

void BatchProcessor::read_due(Timestamp now) {
  const auto due =
      parts_.orders.due_orders(now + options_.engine.horizon, read_position_, kMaxDuePerBatch);
  for (const auto& order : due) {
    open(order.id, now);
    execute_effects(now);
  }
  if (due.size() == kMaxDuePerBatch) {
    read_position_ = due.back();
    next_read_ = now;
  } else {
    read_position_.reset();
    next_read_ = now + options_.engine.horizon / 2;
  }
}

}  // namespace conveyor
