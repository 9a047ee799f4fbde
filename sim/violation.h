// What ends a history before its time.
#pragma once

#include <stdexcept>
#include <string>

#include "sim/faults.h"

namespace conveyor::sim {

/// A rule is broken: one of domain's invariants by its name, or one of the simulator's own.
class RuleBroken : public std::runtime_error {
 public:
  RuleBroken(std::string rule, const std::string& detail)
      : std::runtime_error(detail), rule_(std::move(rule)) {}
  const std::string& rule() const { return rule_; }

 private:
  std::string rule_;
};

/// The orders do not settle within the step bound, although nothing stands in their way.
inline constexpr const char* kRuleSettles = "settles";
/// The process stops at an assertion, and again whenever it is started.
inline constexpr const char* kRuleAsserts = "asserts";
/// No fault struck, or no order was acknowledged: the history proves nothing.
inline constexpr const char* kRuleProves = "proves_something";

/// The process is gone at this point; what it has not committed never was. Not for production code
/// to catch.
struct Crash {
  Fault where;
};

/// CONVEYOR_ASSERT has failed; in the simulator it is thrown instead of stopping the program.
class AssertionFailed : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

}  // namespace conveyor::sim
