// Events as JSON. The text is RFC 8785 (JCS) by construction: members sorted, integers only, so
// that anyone can recompute a stream's hashes from what `GET /v1/orders/{id}/events` returns.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "domain/event.h"

namespace conveyor {

/// The `data` member alone, as stores keep it.
std::string event_data_json(const EventDraft& event);

/// Reads `data` back. `schema_version` selects the upcaster; the error says what does not fit.
std::expected<EventData, std::string> parse_event_data(EventType type, std::uint32_t schema_version,
                                                       std::string_view json);

/// The whole event. `data_json` is `event_data_json` of it or the text from the store, so that what
/// was written is returned as it was written. Without `hash` it is what the hash covers.
std::string event_json(const Event& event, std::string_view data_json, bool with_hash = true);

/// SHA-256 over the 32 bytes of the previous event's hash and `event_json(event, data, false)`.
Digest event_hash(const Digest& previous, const Event& event, std::string_view data_json);

}  // namespace conveyor
