// The opening handshake of WebSocket (RFC 6455 section 4.2), the server's side. Pure functions.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "socketio/transport.h"

namespace conveyor::socketio {

/// Whether the request asks for WebSocket at all.
bool is_websocket_request(const HttpRequest& request);

/// The headers to answer 101 with; or the refusal, 400 or, for another version than 13, 426.
std::expected<std::vector<Header>, HttpResponse> accept_websocket(const HttpRequest& request);

/// Section 4.2.2: base64 of the SHA-1 of the key and a fixed text.
std::string websocket_accept(std::string_view key);

}  // namespace conveyor::socketio
