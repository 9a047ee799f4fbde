// CONVEYOR_ASSERT: an invariant that holds in release builds too. A broken one stops the process
// before it can write anything wrong; the store recovers what was committed at the next start.
#pragma once

#include <string_view>

namespace conveyor {

/// Writes the failed expression with its place to standard error and aborts. Never returns.
[[noreturn]] void assertion_failed(std::string_view expression, std::string_view file, int line,
                                   std::string_view message);

}  // namespace conveyor

#define CONVEYOR_ASSERT(expression, message)                                  \
  do {                                                                        \
    if (!(expression)) [[unlikely]]                                           \
      ::conveyor::assertion_failed(#expression, __FILE__, __LINE__, message); \
  } while (false)
