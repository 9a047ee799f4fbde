// How Engine.IO refuses a request: HTTP status, and {"code", "message"} as the reference server has
// it; the codes from 6 on are ours.
#pragma once

#include <cstdint>
#include <string_view>

#include "socketio/transport.h"

namespace conveyor::socketio {

enum class EngineError : std::uint8_t {
  unknown_transport = 0,
  unknown_session = 1,
  bad_handshake_method = 2,
  bad_request = 3,
  unsupported_version = 5,
  unavailable = 6,    ///< a limit on sessions, or the server is stopping
  too_large = 7,      ///< a body beyond max_payload
  rate_exceeded = 8,  ///< more packets or bytes than allowed; the session is closed
};

/// `message` needs no escapes in JSON.
HttpResponse engine_error(EngineError error, std::string_view message, int status = 400);

}  // namespace conveyor::socketio
