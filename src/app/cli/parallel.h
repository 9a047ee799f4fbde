// Many requests in flight: workers with a client each take the next item until none is left.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "app/cli/api_client.h"

namespace conveyor::cli {

// Requests of one command that are in flight at the same time, unless it is told otherwise.
inline constexpr std::size_t kDefaultInFlight = 64;
inline constexpr std::size_t kMaxInFlight = 256;

// Calls `work` for each index below `count`, from up to `in_flight` threads, and returns when all
// are done. `work` returns false to stop: no further item is begun. Also stops on Ctrl-C. An item
// is begun at most once; items begin in sequence.
void for_each_in_flight(const std::string& server, std::size_t in_flight, std::size_t count,
                        const std::function<bool(std::size_t index, ApiClient& client)>& work);

}  // namespace conveyor::cli
