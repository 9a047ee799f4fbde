// Made orders as `orders import` and the API take them. Pure; appends to the caller's string.
#pragma once

#include <string>
#include <string_view>

#include "app/load/order_maker.h"

namespace conveyor::load {

/// The request's body, amounts in minor units; one line without its end.
void append_request_json(std::string& out, const MadeOrder& made);

/// The CSV's header with its line end: the import's paths.
std::string_view csv_header();

/// A row per line item with its line end, amounts decimal.
void append_csv_rows(std::string& out, const MadeOrder& made);

/// `text` as one CSV field (RFC 4180), quoted if it has to be.
void append_csv_field(std::string& out, std::string_view text);

}  // namespace conveyor::load
