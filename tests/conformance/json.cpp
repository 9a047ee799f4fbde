// `conformance-json FILE`: exit 0 if the API's reader of request bodies takes it for JSON (whatever
// it says), 1 if not, 2 if it cannot be read.
#include <fmt/format.h>

#include <fstream>
#include <sstream>

#include "base/json.h"
#include "server/api/limits.h"

int main(int count, char** arguments) {
  if (count != 2) {
    fmt::print(stderr, "usage: {} FILE\n", arguments[0]);
    return 2;
  }
  std::ifstream file(arguments[1], std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  if (!file) {
    fmt::print(stderr, "cannot read {}\n", arguments[1]);
    return 2;
  }
  const auto parsed = conveyor::parse_json(
      bytes.str(),
      {.max_bytes = conveyor::api::kMaxBodyBytes, .max_depth = conveyor::api::kMaxJsonDepth});
  if (parsed) return 0;
  fmt::print(stderr, "{} at byte {}: {}\n", parsed.error().code, parsed.error().offset,
             parsed.error().detail);
  return 1;
}
