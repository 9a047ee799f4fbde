// libFuzzer's entry: runs the target that CONVEYOR_FUZZ_TARGET names.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "target.h"

namespace {

const conveyor::fuzz::Target& chosen() {
  const char* name = std::getenv("CONVEYOR_FUZZ_TARGET");
  for (const auto& target : conveyor::fuzz::targets()) {
    if (name != nullptr && target.name == name) return target;
  }
  std::fputs("CONVEYOR_FUZZ_TARGET must be one of:\n", stderr);
  for (const auto& target : conveyor::fuzz::targets()) {
    std::fprintf(stderr, "%.*s\n", static_cast<int>(target.name.size()), target.name.data());
  }
  std::exit(2);
}

}  // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer calls it so
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto& target = chosen();
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): bytes are given as unsigned
  target.run({reinterpret_cast<const char*>(data), size});
  return 0;
}
