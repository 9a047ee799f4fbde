#include "base/assert.h"

#include <fmt/core.h>

#include <cstdio>
#include <cstdlib>

namespace conveyor {

void assertion_failed(std::string_view expression, std::string_view file, int line,
                      std::string_view message) {
  fmt::print(stderr, "conveyor: invariant broken: {} ({}) at {}:{}\n", message, expression, file,
             line);
  std::abort();
}

}  // namespace conveyor
