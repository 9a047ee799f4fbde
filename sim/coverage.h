// Coverage: how often each kind of fault struck, each thing that clients do was done, and each line
// of the transition table was met; over one history or, added up, over a run.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/inspection.h"
#include "sim/client_acts.h"
#include "sim/faults.h"

namespace conveyor::sim {

class Coverage {
 public:
  void count(Fault fault) { ++faults_.at(static_cast<std::size_t>(fault)); }
  void count(ClientAct act) { ++acts_.at(static_cast<std::size_t>(act)); }
  /// A breaker has moved there.
  void count(BreakerState state) { ++breakers_.at(static_cast<std::size_t>(state)); }
  /// A line of the transition table (sim/transition_page.h) was met by the running process, or its
  /// input was tried on an order as it was at that moment.
  void taken(std::size_t line) { ++at(taken_, line); }
  void tried(std::size_t line) { ++at(tried_, line); }

  std::uint64_t faults(Fault fault) const { return faults_.at(static_cast<std::size_t>(fault)); }
  std::uint64_t acts(ClientAct act) const { return acts_.at(static_cast<std::size_t>(act)); }
  std::uint64_t breakers(BreakerState state) const {
    return breakers_.at(static_cast<std::size_t>(state));
  }
  std::uint64_t times_taken(std::size_t line) const { return of(taken_, line); }
  std::uint64_t times_tried(std::size_t line) const { return of(tried_, line); }

  void add(const Coverage& other);

 private:
  static std::uint64_t& at(std::vector<std::uint64_t>& counts, std::size_t line) {
    if (counts.size() <= line) counts.resize(line + 1);
    return counts[line];
  }
  static std::uint64_t of(const std::vector<std::uint64_t>& counts, std::size_t line) {
    return line < counts.size() ? counts[line] : 0;
  }

  std::array<std::uint64_t, kFaultCount> faults_{};
  std::array<std::uint64_t, kClientActCount> acts_{};
  std::array<std::uint64_t, 3> breakers_{};  ///< by BreakerState
  std::vector<std::uint64_t> taken_;
  std::vector<std::uint64_t> tried_;
};

}  // namespace conveyor::sim
