// The simulator's own end of CONVEYOR_ASSERT (base/assert.cpp has the product's): the history ends,
// the program goes on with the next seed.
#include <fmt/format.h>

#include "base/assert.h"
#include "sim/violation.h"

namespace conveyor {

void assertion_failed(std::string_view expression, std::string_view file, int line,
                      std::string_view message) {
  throw sim::AssertionFailed(
      fmt::format("{} ({}) at {}:{}", message, expression, file.substr(file.rfind('/') + 1), line));
}

}  // namespace conveyor
