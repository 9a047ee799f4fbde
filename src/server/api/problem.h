// Every error that the server can send, in one table, and its answer (RFC 9457). docs/problems.md
// is the same table for people; a test compares them.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "server/http/message.h"

namespace conveyor::api {

struct ProblemSpec {
  std::string_view code;  // stable: programs may depend on it
  int status;
  std::string_view title;
  bool retryable;  // the same request may work later
  std::string_view meaning;
};

inline constexpr std::array kProblems{
    // What breaks HTTP; found before a request reaches the API.
    ProblemSpec{"bad_request_line", 400, "Malformed request line", false,
                "The request line is not `METHOD target HTTP/1.1`."},
    ProblemSpec{"bad_target", 400, "Malformed target", false,
                "The path or query is not a percent-encoded UTF-8 text that starts with `/`."},
    ProblemSpec{"bad_header", 400, "Malformed header", false, "A header is not well formed."},
    ProblemSpec{"bad_host", 400, "Missing or repeated Host", false,
                "The request needs exactly one well-formed `Host`."},
    ProblemSpec{"bad_framing", 400, "Ambiguous body length", false,
                "`Content-Length` and `Transfer-Encoding` do not say one length."},
    ProblemSpec{"bad_line_ending", 400, "Malformed line ending", false,
                "Lines of the head must end with carriage return and line feed."},
    ProblemSpec{"bad_chunk", 400, "Malformed chunk", false, "The chunked body is not well formed."},
    ProblemSpec{"request_timeout", 408, "Request took too long", true,
                "The request did not arrive in time."},
    ProblemSpec{"body_too_large", 413, "Body too large", false,
                "The body is larger than `max_body_bytes` (256 KiB)."},
    ProblemSpec{"expectation_failed", 417, "Unknown expectation", false,
                "`Expect` may only be `100-continue`."},
    ProblemSpec{"header_too_large", 431, "Head too large", false,
                "The request line and headers are too many or too large."},
    ProblemSpec{"too_many_connections", 503, "Too many connections", true,
                "The server has no room for another connection."},
    ProblemSpec{"too_many_streams", 503, "Too many streams", true,
                "The server has no room for another stream of events."},
    ProblemSpec{"version_not_supported", 505, "HTTP version not supported", false,
                "The server speaks HTTP/1.0 and HTTP/1.1."},
    ProblemSpec{"internal", 500, "Internal error", true,
                "A defect of the server; its log has the request id."},

    // Where a request goes and where it comes from.
    ProblemSpec{
        "foreign_host", 403, "Foreign Host", false,
        "On loopback `Host` must be `localhost`, an address of `127.0.0.0/8` or `[::1]`, so "
        "that no name that points here can be used to drive the server."},
    ProblemSpec{"foreign_origin", 403, "Foreign Origin", false,
                "A web page of another origin may not change anything here."},
    ProblemSpec{"not_found", 404, "No such resource", false, "There is nothing at this path."},
    ProblemSpec{"method_not_allowed", 405, "Method not allowed", false,
                "The path does not have this method; `Allow` lists those it has."},
    ProblemSpec{"unsupported_media_type", 415, "Not JSON", false,
                "A body must be `application/json` in UTF-8."},

    // What a request says.
    ProblemSpec{"invalid_json", 400, "Malformed JSON", false,
                "The body is not one JSON text without repeated members, at most `max_json_depth` "
                "(16) levels deep."},
    ProblemSpec{"validation_failed", 422, "Request not valid", false,
                "The body does not fit its schema; `errors` lists each place."},
    ProblemSpec{"invalid_parameter", 400, "Query parameter not valid", false,
                "A query parameter is unknown, repeated or has a value that it cannot have."},
    ProblemSpec{"invalid_cursor", 400, "Cursor not valid", false,
                "The cursor is damaged or belongs to another list or filter."},
    ProblemSpec{"cursor_ahead", 410, "Cursor ahead of the store", false,
                "The feed does not reach this cursor: it is of another store, or an older copy of "
                "the data file was put back. Read the orders anew and go on from there."},
    ProblemSpec{"invalid_header", 400, "Header not valid", false,
                "`X-Correlation-Id`, `Conveyor-Actor` or `If-Match` cannot be used, or one of "
                "them, `Origin` or `Content-Type` came more than once."},
    ProblemSpec{"idempotency_key_missing", 400, "Idempotency-Key missing", false,
                "The request needs an `Idempotency-Key`, so that it can be repeated safely."},
    ProblemSpec{"idempotency_key_invalid", 400, "Idempotency-Key not valid", false,
                "The key is not one structured-field string or token of 1 to 255 characters."},
    ProblemSpec{"idempotency_key_reused", 422, "Idempotency-Key used for another request", false,
                "The key came with another request before; a new request needs a new key."},
    ProblemSpec{"idempotency_key_in_flight", 409, "Request with this key in work", true,
                "The first request with this key is not answered yet; repeat this one as it is."},

    // What the order or the stock says.
    ProblemSpec{"order_not_found", 404, "No such order", false, "There is no order with this id."},
    ProblemSpec{"version_not_found", 404, "No such version", false,
                "The order has not come to this version; versions are those of its events."},
    ProblemSpec{"reference_taken", 409, "Reference taken", false,
                "The customer has another order with this reference; `errors` names it."},
    ProblemSpec{"action_not_allowed", 409, "Action not allowed", false,
                "The order is not in a state that allows this; `allowed_actions` of the order says "
                "what is."},
    ProblemSpec{"if_match_required", 428, "If-Match missing", false,
                "The action needs `If-Match` with the version of the order that somebody has seen "
                "and decided on; `*` names none."},
    ProblemSpec{"stale_version", 412, "Order has changed", false,
                "`If-Match` names a version that is not the present one; read the order again."},
    ProblemSpec{"contact_erased", 410, "Contact erased", false,
                "The personal data of the order were erased; nothing brings them back."},
    ProblemSpec{"customer_not_found", 404, "No such customer", false,
                "No order has this customer id."},
    ProblemSpec{"customer_has_open_orders", 409, "Customer has open orders", false,
                "An order that is not final still needs its contact; cancel it or wait, then ask "
                "again."},
    ProblemSpec{"sku_not_found", 404, "No such SKU", false, "There is no stock item of this SKU."},
    ProblemSpec{"stock_below_reserved", 409, "Less than what is reserved", false,
                "Stock on hand may not fall below what orders hold."},
    ProblemSpec{"stock_out_of_range", 409, "Stock out of range", false,
                "Stock on hand would leave the range of 0 to 2^53 - 1."},

    // What passes.
    ProblemSpec{"queue_full", 503, "Server is busy", true,
                "More requests wait than the server holds; nothing was done."},
    ProblemSpec{"too_many_open_orders", 503, "Too many open orders", true,
                "As many orders are in work or due soon as the server may hold in memory; nothing "
                "was done."},
    ProblemSpec{"out_of_space", 503, "Out of disk space", true,
                "The disk is full; nothing was done. The server recovers by itself."},
    ProblemSpec{"store_unavailable", 503, "Store not available", true,
                "The store could not be read or written; nothing was done."},
    ProblemSpec{"stopping", 503, "Server is stopping", true,
                "The server is shutting down; nothing was done."},
    ProblemSpec{"answer_timeout", 503, "No answer in time", true,
                "The request may or may not have been done; repeat it with the same "
                "`Idempotency-Key`, or read what became of it."},
    ProblemSpec{"not_ready", 503, "Not ready", true,
                "The server cannot take requests yet, or any more; `errors` says what is missing."},
};

/// What an entry of `errors` says about one place of the request.
struct FieldProblemSpec {
  std::string_view code;
  std::string_view meaning;
};

inline constexpr std::array kFieldProblems{
    FieldProblemSpec{"required", "The member is missing."},
    FieldProblemSpec{"unknown_member", "There is no such member."},
    FieldProblemSpec{"wrong_type", "The value has another JSON type than it must have."},
    FieldProblemSpec{"not_an_integer", "The number must be an integer."},
    FieldProblemSpec{"out_of_range", "The number is too small or too large."},
    FieldProblemSpec{"too_short", "There are too few characters or elements."},
    FieldProblemSpec{"too_long", "There are too many characters, bytes or elements."},
    FieldProblemSpec{"bad_format", "The text does not have the form that it must have."},
    FieldProblemSpec{"unknown_value", "The text is none of the known words."},
    FieldProblemSpec{"card_number",
                     "The text looks like a card number; give the provider's token."},
    FieldProblemSpec{"total_negative", "The total of the order is below zero."},
    FieldProblemSpec{"total_out_of_range", "The total of the order is beyond 2^53 - 1."},
    FieldProblemSpec{"taken_by", "What is taken belongs to the order that `detail` names."},
    FieldProblemSpec{"missing", "Something that the server needs is missing; `detail` names it."},
    FieldProblemSpec{"syntax", "Reading of the JSON stopped here."},
};

/// The row of a code; a code that is not in the table does not compile.
consteval const ProblemSpec& problem_spec(std::string_view code) {
  for (const auto& spec : kProblems) {
    if (spec.code == code) return spec;
  }
  throw "no such problem";  // reached at compile time only: an error there
}
consteval std::string_view field_problem(std::string_view code) {
  for (const auto& spec : kFieldProblems) {
    if (spec.code == code) return spec.code;
  }
  throw "no such field problem";
}

/// For codes that come from elsewhere (the HTTP core); null: not in the table.
const ProblemSpec* find_problem(std::string_view code);

struct FieldError {
  std::string pointer;  // RFC 6901 into the body; for a query parameter its name
  std::string_view code;
  std::string detail;

  bool operator==(const FieldError&) const = default;
};

/// What identifies the request in an answer.
struct ProblemContext {
  std::string_view request_id;
  std::string_view correlation_id;
  std::string_view instance;  // the request's path; may be empty
};

/// `application/problem+json`; Retry-After with what is retryable and 429 or 503. Without the
/// headers of the request's frame (server/api/frame.h).
http::Response problem_response(const ProblemSpec& spec, std::string_view detail,
                                const ProblemContext& context,
                                const std::vector<FieldError>& errors = {});

/// The table as Markdown, as docs/problems.md has it.
std::string problems_markdown();

}  // namespace conveyor::api
