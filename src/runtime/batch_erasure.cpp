// Erasing contacts: a request is made durable as an Erasure, batches walk the customer's orders,
// and once all are walked the store is scrubbed. Only then the Erasure goes, so that a crash at any
// moment repeats what may be left.
#include "runtime/batch_processor.h"

namespace conveyor {

namespace {

std::vector<Status> open_statuses() {
  std::vector<Status> open;
  for (const auto status : kAllStatuses) {
    if (!is_final(status)) open.push_back(status);
  }
  return open;
}

}  // namespace

void BatchProcessor::process(EraseContacts& input, Timestamp now) {
  auto result = accept_erasure(input, now);
  batch_.answers.emplace_back(
      [answer = input.answer, result = std::move(result)] { answer(result); });
}

EraseContacts::Answer BatchProcessor::accept_erasure(EraseContacts& input, Timestamp now) {
  OrderFilter of_customer;
  of_customer.customer_id = input.customer_id;
  if (parts_.orders.orders(of_customer, 1).rows.empty()) {
    return std::unexpected(EraseContacts::NoOrders{});
  }
  if (const auto open = open_order_of(input.customer_id)) {
    return std::unexpected(EraseContacts::OrderOpen{open->id, open->status});
  }
  Erasure erasure;
  erasure.customer_id = input.customer_id;
  erasure.requested_at = now;
  erasure.request_id = input.context.request_id;
  erasure.traceparent = input.context.traceparent;
  erasure.actor = input.context.actor;
  parts_.orders.put_erasure(erasure);
  erasing_ = true;
  return {};
}

/// Looks at every order of the customer if it has to: once per request, and it is only an index and
/// a row each.
std::optional<OrderRow> BatchProcessor::open_order_of(const std::string& customer_id) {
  OrderFilter filter;
  filter.customer_id = customer_id;
  filter.statuses = open_statuses();
  for (;;) {
    auto page = parts_.orders.orders(filter, 1);
    if (!page.rows.empty()) return std::move(page.rows.front());
    if (!page.next_before) return std::nullopt;
    filter.before = page.next_before;
  }
}

/// An order that is final when its erasure is accepted stays final until it is walked.
bool BatchProcessor::is_held_by_erasure(const OrderCommand& input) {
  if (!erasing_ || input.command.kind != CommandKind::restart) return false;
  return parts_.orders.is_being_erased(engine_.find(input.order_id)->customer_id);
}

void BatchProcessor::erase_some(Timestamp now) {
  if (!erasing_) return;
  auto erasure = parts_.orders.next_erasure();
  if (!erasure || erasure->walked) {
    erasing_ = false;
    batch_.walked = erasure.has_value();
    return;
  }
  OrderFilter filter;
  filter.customer_id = erasure->customer_id;
  filter.created_before = erasure->requested_at + Duration{1};
  filter.before = erasure->before;
  const auto page = parts_.orders.orders(filter, kMaxErasedPerBatch);
  for (const auto& row : page.rows) erase_contact_of(row, *erasure, now);
  erasure->before = page.next_before;
  erasure->walked = !page.next_before;
  parts_.orders.put_erasure(*erasure);
}

void BatchProcessor::erase_contact_of(const OrderRow& row, Erasure& erasure, Timestamp now) {
  // Placed in the millisecond of the request, and after it.
  if (!is_final(row.status)) return;
  if (!parts_.orders.erase_contact(row.id)) return;
  erasure.erased += 1;
  if (open(row.id, now) != Opened::yes) return;
  execute_effects(now);
  engine_.contact_erased(row.id, Origin{erasure.actor, erasure.request_id, erasure.traceparent},
                         now, engine_effects_);
  execute_effects(now);
}

void BatchProcessor::scrub(Timestamp now) {
  if (!scrub_at_ || now < *scrub_at_) return;
  settle_commit();
  if (!scrub_at_) return;  // the batch before has seen to it
  batch_.scrubbed = parts_.unit.scrub();
  if (!batch_.scrubbed) scrub_at_ = now + kScrubInterval;
}

void BatchProcessor::end_scrubbed_erasures() {
  if (!batch_.scrubbed) return;
  for (auto& erasure : parts_.orders.take_walked_erasures()) {
    batch_.notes.emplace_back(
        [this, erasure = std::move(erasure)] { parts_.probe.contacts_erased(erasure); });
  }
}

}  // namespace conveyor
