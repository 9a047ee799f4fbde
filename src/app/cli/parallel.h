// Many requests in flight: workers with a client each take the next item until none is left.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "app/cli/api_client.h"

namespace conveyor::cli {

// Requests of one command that are in flight at the same time.
inline constexpr std::size_t kMaxInFlight = 16;

// Calls `work` for each index below `count`, from up to kMaxInFlight threads, and returns when all
// are done. `work` returns false to stop: no further item is begun. Also stops on Ctrl-C. An item
// is begun at most once; items begin in sequence. `server_was_seen`: see ApiClient.
void for_each_in_flight(const std::string& server, bool server_was_seen, std::size_t count,
                        const std::function<bool(std::size_t index, ApiClient& client)>& work);

}  // namespace conveyor::cli
