// Cursors: where a list goes on. Opaque outside (base64url), strict inside: what is not exactly a
// cursor of this list is refused. They are no secret and give no right. Those of the feed are in
// server/feed/cursor.h.
//
// Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "domain/ids.h"
#include "ports/order_store.h"

namespace conveyor::api {

/// A list of orders: bound to its filter (all of it but the keyset).
std::string encode_order_cursor(const OrderFilter& filter, const OrderId& before);
std::optional<OrderId> decode_order_cursor(std::string_view text, const OrderFilter& filter);

/// The list of stock: after this SKU.
std::string encode_stock_cursor(std::string_view after);
std::optional<std::string> decode_stock_cursor(std::string_view text);

/// The list of what holds stock: after this key; bound to its SKU, if it has one.
std::string encode_reservation_cursor(const std::optional<std::string>& sku,
                                      const OperationKey& after);
std::optional<OperationKey> decode_reservation_cursor(std::string_view text,
                                                      const std::optional<std::string>& sku);

}  // namespace conveyor::api
