// Where live updates over Socket.IO are.
#pragma once

#include <string_view>

namespace conveyor::live {

/// Requests for it carry a handshake in their query, so that no web page of another origin may
/// send any, whatever the method.
inline constexpr std::string_view kPath = "/socket.io/";

}  // namespace conveyor::live
