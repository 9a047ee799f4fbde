// FUZZ_TARGET(name) { … input … }: one target. Each is a function of its own that takes any bytes
// as `input` and stops the process (`must`) if a promise is broken; all are in one program.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

namespace conveyor::fuzz {

struct Target {
  std::string_view name;
  void (*run)(std::string_view input);
};

/// Every target of the program, in no particular sequence.
inline std::vector<Target>& targets() {
  static std::vector<Target> all;
  return all;
}

struct Registration {
  Registration(std::string_view name, void (*run)(std::string_view)) {
    targets().push_back({name, run});
  }
};

inline void must(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();
}

}  // namespace conveyor::fuzz

// NOLINTNEXTLINE(cppcoreguidelines-macro-usage): it declares, names and registers a function
#define FUZZ_TARGET(name)                                                               \
  static void fuzz_##name(std::string_view input);                                      \
  static const ::conveyor::fuzz::Registration kRegistration_##name{#name, fuzz_##name}; \
  static void fuzz_##name(std::string_view input)
