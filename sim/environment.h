// Environment: the world around the process in one history: virtual time, what is yet to happen,
// chance, faults, the trace. Everything in the simulator that is not the product goes through it.
//
// Steady time counts from the start of the history and never jumps; the wall clock that the process
// reads is steady time plus an offset that clock faults move.
#pragma once

#include <fmt/format.h>

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "sim/coverage.h"
#include "sim/dice.h"
#include "sim/options.h"
#include "sim/trace.h"

namespace conveyor::sim {

/// Wall clock at the start of every history: 2026-01-01.
inline constexpr Timestamp kStart = from_unix_ms(1'767'225'600'000);

class Environment {
 public:
  /// All but `options` must outlive it.
  Environment(Options options, const Reduction& reduction, Trace& trace, Coverage& coverage);
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

  const Options& options() const { return options_; }
  const Reduction& reduction() const { return reduction_; }

  Duration elapsed() const { return elapsed_; }
  Timestamp now() const { return kStart + elapsed_ + clock_offset_; }
  Duration steady_of(Timestamp wall) const { return wall - kStart - clock_offset_; }

  /// `action` happens after `delay`; of two for the same moment the one asked for first.
  void after(Duration delay, std::function<void()> action);
  std::optional<Duration> next_action() const;
  bool is_quiet() const { return actions_.empty(); }
  /// Moves time to `until` (never back) and does what is due by then.
  void advance_to(Duration until);
  /// Moves the wall clock alone.
  void jump_clock(Duration by) { clock_offset_ += by; }

  /// Does `fault` strike on this occasion? Counts and traces it if so.
  bool strikes(Fault fault);
  /// Counts and traces what nobody rolls for: a good network does it too, so it makes no history
  /// one with faults.
  void note_fault(Fault fault);
  void stop_faults() { faults_on_ = false; }
  bool faults_on() const { return faults_on_; }
  std::uint64_t faults_struck() const { return faults_struck_; }

  void count(ClientAct act) { coverage_.count(act); }
  Coverage& coverage() { return coverage_; }
  /// Of everything that has no stream of its own.
  Dice& dice() { return dice_; }
  /// The process's, which goes on over crashes: an id never comes twice.
  Random& process_random() { return process_.random(); }

  void mix(std::uint64_t word) { trace_.mix(word); }
  template <class Text>
  void line(Text&& text) {
    trace_.line(elapsed_, std::forward<Text>(text));
  }

 private:
  struct Action {
    Duration at;
    std::uint64_t serial;
    std::function<void()> act;
  };
  static bool later(const Action& a, const Action& b) {
    return std::tie(a.at, a.serial) > std::tie(b.at, b.serial);
  }

  Options options_;
  const Reduction& reduction_;
  Trace& trace_;
  Coverage& coverage_;
  Dice dice_;
  Dice process_;
  std::vector<Dice> fault_dice_;  ///< one stream each
  Duration elapsed_{0};
  Duration clock_offset_{0};
  std::vector<Action> actions_;  ///< a heap
  std::uint64_t last_serial_ = 0;
  bool faults_on_ = true;
  std::uint64_t faults_struck_ = 0;
};

}  // namespace conveyor::sim
