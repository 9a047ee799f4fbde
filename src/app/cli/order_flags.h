// Parts of an order as flags give them: articles with decimal prices, and where to ship. Shared by
// `orders create` and the actions that change an order.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json_writer.h"
#include "domain/money.h"

namespace conveyor::cli {

using FlagResult = std::expected<void, std::string>;  // or what is wrong, as a sentence

// SKU:QUANTITY:PRICE[:TITLE], price in decimal with at most the currency's decimals, as the API's
// member `lines`.
FlagResult write_lines(JsonWriter& json, const std::vector<std::string>& lines, Currency currency);

// "12.50" in minor units; `where` begins the message of what is none.
std::expected<std::int64_t, std::string> amount_of(std::string_view text, Currency currency,
                                                   std::string_view where);

// "A:B:C:D E" as at most `parts` parts; the last one takes the rest.
std::vector<std::string_view> split_flag(std::string_view text, std::size_t parts);

// Members of ship_to and their values, in the request's sequence; empty: not given.
using ShipToFlags = std::vector<std::pair<std::string_view, std::string>>;
ShipToFlags ship_to_flags();
// "--ship-postal-code" of "postal_code".
std::string ship_to_flag(std::string_view member);

bool is_given(const ShipToFlags& ship_to);
// The flags that an address needs and has not.
std::vector<std::string> missing_flags(const ShipToFlags& ship_to);
// As the API's member `ship_to`.
void write_ship_to(JsonWriter& json, const ShipToFlags& ship_to);

bool is_valid_text(const ShipToFlags& ship_to);
bool is_valid_text(const std::vector<std::string>& texts);

}  // namespace conveyor::cli
