// Dead letters by cause, as the API shows them.
//
// Pure functions.
#pragma once

#include <string>

#include "base/json_writer.h"
#include "ports/order_store.h"

namespace conveyor::api {

/// Groups in one answer; the larger ones come first.
inline constexpr std::size_t kMaxGroups = 1'000;

/// `{"data": [...], "is_complete": ...}`: the groups with most orders first. Not complete when
/// there were more dead letters than `dead_letter_groups` looks at, or more groups than one answer
/// has.
std::string groups_json(DeadLetterGroups groups);

/// Where the dead letters of a fingerprint, or all orders that share it, are listed.
std::string dead_letters_href(std::string_view fingerprint);
std::string orders_href(std::string_view fingerprint);

/// `fingerprint`, `participant`, `step`, `class` and `code` as members of an open object.
void write_fingerprint(JsonWriter& w, std::string_view fingerprint);

}  // namespace conveyor::api
