// Every limit of the API in one place; server/api/order_request_test.cpp and tests/api/ stand on
// both sides of each. Sizes of text are in characters (Unicode code points) unless they say bytes.
//
// The constants are what clients, the store and the API's description may rely on. A server can be
// told to take less: RequestLimits. Amounts and stock end where JSON's integers do
// (domain/money.h), which nobody can configure.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "base/idempotency_header.h"
#include "base/time.h"

namespace conveyor::api {

// --- request bodies
inline constexpr std::size_t kMaxBodyBytes = 256 * 1'024;
inline constexpr int kMaxJsonDepth = 16;
inline constexpr std::size_t kMaxJsonMembers = 1'024;  // of one object
inline constexpr std::size_t kMaxReportedErrors = 50;  // in `errors` of one answer

// --- the order
inline constexpr std::size_t kMaxLines = 200;
inline constexpr std::int64_t kMaxQuantity = 1'000'000;
inline constexpr std::size_t kMaxAdjustments = 16;
inline constexpr std::size_t kMaxTitle = 200;
inline constexpr std::size_t kMaxLabel = 200;
inline constexpr std::size_t kMaxNameBytes = 64;  // sku, customer_id, reference, codes, actor
inline constexpr std::size_t kMaxMetadataMembers = 16;
inline constexpr std::size_t kMaxMetadataNameBytes = 64;
inline constexpr std::size_t kMaxMetadataValueBytes = 500;
inline constexpr std::size_t kMaxShipToLine = 200;  // name, line1, line2
inline constexpr std::size_t kMaxShipToCity = 100;  // city, region
inline constexpr std::size_t kMaxPostalCode = 32;
inline constexpr std::size_t kMaxEmail = 254;  // RFC 5321 section 4.5.3.1.3, less its brackets
inline constexpr std::size_t kMaxPhone = 32;
inline constexpr std::size_t kMinCardDigits = 13;  // ISO/IEC 7812: what a card number has
inline constexpr std::size_t kMaxCardDigits = 19;

// --- headers
inline constexpr std::size_t kMaxCorrelationIdBytes = 128;
inline constexpr std::size_t kMaxTracestateBytes = 512;  // W3C Trace Context, section 3.3.1.5

// --- pages
inline constexpr std::size_t kDefaultPage = 50;
inline constexpr std::size_t kMaxPage = 200;

// --- streams
inline constexpr std::size_t kStreamRoomBytes = 64 * 1'024;      // waiting with which none is added
inline constexpr std::size_t kMaxStreamBytes = 1'024 * 1'024;    // waiting with which it is cut
inline constexpr std::chrono::milliseconds kStreamRetry{1'000};  // before a client comes back

// --- time
inline constexpr std::chrono::milliseconds kInFlightWait{5'000};  // for the first use of a key
inline constexpr std::chrono::milliseconds kAnswerDeadline{30'000};
inline constexpr std::chrono::seconds kRetryAfter{1};

/// What one server takes of a request. Each is a setting of the same name (app/config.h), with the
/// constant above as its default and its highest value; tests/process/limits_process_test.cpp meets
/// both sides of each through its setting.
struct RequestLimits {
  std::int64_t max_body_bytes = kMaxBodyBytes;
  std::int64_t max_json_depth = kMaxJsonDepth;
  std::int64_t max_json_members = kMaxJsonMembers;
  std::int64_t max_lines = kMaxLines;
  std::int64_t max_quantity = kMaxQuantity;
  std::int64_t max_adjustments = kMaxAdjustments;
  std::int64_t max_title = kMaxTitle;
  std::int64_t max_label = kMaxLabel;
  std::int64_t max_name_bytes = kMaxNameBytes;
  std::int64_t max_metadata_members = kMaxMetadataMembers;
  std::int64_t max_metadata_name_bytes = kMaxMetadataNameBytes;
  std::int64_t max_metadata_value_bytes = kMaxMetadataValueBytes;
  std::int64_t max_ship_to_line = kMaxShipToLine;
  std::int64_t max_ship_to_city = kMaxShipToCity;
  std::int64_t max_postal_code = kMaxPostalCode;
  std::int64_t max_email = kMaxEmail;
  std::int64_t max_phone = kMaxPhone;
  std::int64_t max_idempotency_key_bytes = kMaxIdempotencyKeyBytes;
  std::int64_t max_correlation_id_bytes = kMaxCorrelationIdBytes;
  std::int64_t max_tracestate_bytes = kMaxTracestateBytes;
  std::int64_t max_page = kMaxPage;

  bool operator==(const RequestLimits&) const = default;
};

}  // namespace conveyor::api
