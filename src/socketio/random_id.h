// Ids that nobody guesses. Any thread.
#pragma once

#include <string>

namespace conveyor::socketio {

/// 128 bits of the system's randomness, as 22 characters of base64url.
std::string random_id();

}  // namespace conveyor::socketio
