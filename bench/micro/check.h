// What the micro benchmarks have in common: one order of `load run`, with its whole history.
#pragma once

#include <fmt/format.h>

#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "domain/order.h"
#include "ports/participant.h"

namespace conveyor::micro {

/// A benchmark whose result is not what it should be measures nothing: ends the program.
inline void check(bool is_so, std::string_view what) {
  if (is_so) return;
  fmt::print(stderr, "micro: not so: {}\n", what);
  std::exit(1);
}

inline constexpr Timestamp kNow = from_unix_ms(1'767'225'600'000);

struct Story {
  std::string body;           ///< of the POST
  OrderCreated data;          ///< what it asks for
  std::vector<Event> events;  ///< from created to completed
};

/// The order with this number, two lines, completed step by step by the engine.
Story make_story(std::uint64_t number = 1);

}  // namespace conveyor::micro
