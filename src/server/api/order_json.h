// Orders, stock and pages as the API shows them. No personal data in any of them.
//
// Pure functions; each appends to nothing and returns one JSON text without a line feed.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "domain/decide.h"
#include "domain/order.h"
#include "ports/order_store.h"
#include "ports/service_stores.h"

namespace conveyor::api {

/// The entry of `allowed_actions` for a retry that changes something; its `fields` name what may be
/// changed. The others are called as their commands are.
inline constexpr std::string_view kRetryWithChanges = "retry-with-changes";

struct ChangeOfField {
  std::string_view field;  ///< of `changes`
  Changes changes;
};
/// A change of each field by itself. Several may be changed together where each of them may.
std::array<ChangeOfField, 3> changes_of_each_field(const Order& order);

/// The order as it is. `now` and `policy` decide which actions are allowed (a dry run of decide, so
/// that it is what the action itself will find).
std::string order_json(const Order& order, Timestamp now, const RetryPolicy& policy);

/// The order as it was after an earlier event, without `allowed_actions`: nobody can act on the
/// past.
std::string past_order_json(const Order& order);

/// The answer to the request that placed an order: a function of the event and the version alone,
/// because a replay must be equal byte for byte. What version 1 has is therefore frozen: new
/// members need a new version.
std::string placed_order_json(const Event& created, std::uint32_t answer_version);

/// One row of a list: the order without what only its events tell.
std::string order_row_json(const OrderRow& row);

std::string stock_item_json(const StockItem& item);

std::string reservation_json(const Reservation& reservation);

/// The answer to an adjustment, also frozen.
std::string movement_json(const StockMovement& movement);

/// `{"data": [...], "next_cursor": ..., "has_more": ...}`; an empty cursor is null.
std::string page_json(const std::vector<std::string>& items, std::string_view next_cursor,
                      bool has_more);

}  // namespace conveyor::api
