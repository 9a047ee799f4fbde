// Values that take a column of their own form: lists as JSON, the feed's entries as packed bytes.
// Formats: docs/formats.md.
//
// Reading throws StoreError (damaged) for what was never written.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/sqlite/connection.h"
#include "ports/order_store.h"
#include "ports/service_stores.h"

namespace conveyor::sqlite {

/// `[["name","value"]]`. NULL when there is none.
using Metadata = std::vector<std::pair<std::string, std::string>>;
std::optional<std::string> encode_metadata(const Metadata& metadata);
Metadata decode_metadata(std::string_view json);

/// `kind:id`. NULL for the system itself.
std::optional<std::string> encode_actor(const Actor& actor);
Actor decode_actor(std::string_view text);

/// Runs of consecutive versions of one order, each: id (16 bytes), first version and number of
/// events (both unsigned LEB128), one byte per event's type.
std::vector<std::uint8_t> encode_feed(const std::vector<FeedEntry>& entries);
std::vector<FeedEntry> decode_feed(Bytes bytes);

// --- of files up to version 5 -------------------------------------------------------------------

/// `[["A",2],["B",1]]`
std::vector<StockLine> decode_stock_lines(std::string_view json);

/// `[["A",2,0]]`: SKU, wanted, available.
std::vector<Shortage> decode_shortages(std::string_view json);

/// `run:step:generation` of a key of the same order, else the whole key in its usual text.
OperationKey decode_named_key(const OrderId& order, std::string_view text);

}  // namespace conveyor::sqlite
