// Every limit of the API in one place; server/api/order_request_test.cpp and tests/api/ stand on
// both sides of each. Sizes of text are in characters (Unicode code points) unless they say bytes.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "base/time.h"

namespace conveyor::api {

// --- request bodies
inline constexpr std::size_t kMaxBodyBytes = 256 * 1'024;
inline constexpr int kMaxJsonDepth = 16;
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

}  // namespace conveyor::api
