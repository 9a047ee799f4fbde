// What must hold of JSON from outside, and of the bodies and headers that the API takes.
#include <boost/json/serialize.hpp>
#include <string>

#include "base/idempotency_header.h"
#include "base/json.h"
#include "server/api/cursor.h"
#include "server/api/limits.h"
#include "server/api/order_request.h"
#include "server/api/query.h"
#include "server/feed/cursor.h"
#include "target.h"

namespace conveyor::fuzz {
namespace {

constexpr JsonLimits kLimits{.max_bytes = api::kMaxBodyBytes, .max_depth = api::kMaxJsonDepth};

}  // namespace

// What is accepted means the same when it is written and read again, and has one canonical form.
FUZZ_TARGET(json) {
  const auto value = parse_json(input, kLimits);
  if (!value) {
    must(!value.error().code.empty(), "an error has a code");
    must(value.error().offset <= input.size(), "an error lies in the text");
    return;
  }
  const auto again = parse_json(boost::json::serialize(*value),
                                {.max_bytes = 16 * input.size() + 64, .max_depth = 64});
  must(again && *again == *value, "what is read can be written and read again");
  const auto canonical = canonical_json(*value);
  if (!canonical) return;
  const auto reread = parse_json(*canonical, {.max_bytes = canonical->size(), .max_depth = 64});
  must(reread.has_value(), "the canonical form is JSON");
  const auto twice = canonical_json(*reread);
  must(twice && *twice == *canonical, "the canonical form has itself as canonical form");
}

// A refusal names a problem; an accepted order keeps the domain's bounds.
FUZZ_TARGET(order_request) {
  const auto body = api::parse_order_body(input);
  if (!body) {
    must(body.error().problem != nullptr, "a refusal has a problem");
    must(body.error().problem->status >= 400 && body.error().problem->status < 500,
         "it is the client's");
    must(body.error().errors.size() <= api::kMaxReportedErrors, "not too many errors are listed");
    return;
  }
  const auto& order = body->order;
  must(!order.lines.empty() && order.lines.size() <= api::kMaxLines, "it has 1 to 200 lines");
  must(total_of(order.lines, order.adjustments) == order.total_minor, "its total is its sum");
  must(order.total_minor >= 0 && order.total_minor <= kMaxMinor, "its total is in range");
  const auto again = api::parse_order_body(input);
  must(again && again->request_hash == body->request_hash, "it has one hash");
}

FUZZ_TARGET(action_request) {
  const auto check = [&](bool accepted) {
    must(!accepted || input.size() <= api::kMaxBodyBytes, "what is accepted is within the limit");
  };
  for (const auto kind : kAllCommands) check(api::parse_action_body(kind, input).has_value());
  check(api::parse_adjust_body(input).has_value());
  check(api::parse_stock_body(input).has_value());
}

FUZZ_TARGET(idempotency_header) {
  const auto key = parse_idempotency_key(input);
  if (!key) {
    must(!key.error().empty(), "it says why");
    return;
  }
  must(!key->empty() && key->size() <= kMaxIdempotencyKeyBytes, "a key has 1 to 255 bytes");
  std::string quoted{"\""};
  for (const char c : *key) {
    must(c >= 0x20 && c < 0x7f, "a key is printable ASCII");
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  quoted += '"';
  must(parse_idempotency_key(quoted) == key, "the quoted form is the same key");
}

// A cursor that is accepted is the only one for its place.
FUZZ_TARGET(cursor) {
  const OrderFilter filter;
  if (const auto before = api::decode_order_cursor(input, filter)) {
    must(api::encode_order_cursor(filter, *before) == input, "an order cursor has one form");
  }
  if (const auto after = api::decode_stock_cursor(input)) {
    must(api::encode_stock_cursor(*after) == input, "a stock cursor has one form");
  }
  if (const auto place = feed::decode_cursor(input)) {
    must(place->position >= 0, "a place in the feed is not before its start");
    must(feed::encode_cursor(*place) == input, "a feed cursor has one form");
  }
}

FUZZ_TARGET(query) {
  api::QueryReader query(input, {"status", "limit", "cursor", "created_after"}, {"status"});
  const auto limit = query.limit();
  must(limit >= 1 && limit <= api::kMaxPage, "a page has its bounds");
  query.time("created_after");
  query.list("status");
}

}  // namespace conveyor::fuzz
