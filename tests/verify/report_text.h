// A report's violations as lines, for messages of failed tests.
#pragma once

#include <string>

#include "runtime/verify.h"

namespace conveyor::test {

inline std::string text_of(const VerifyReport& report) {
  std::string out;
  for (const auto& v : report.violations) {
    out.append(to_string(v.rule)).append(" ").append(v.subject).append(": ");
    out.append(v.detail).append("\n");
  }
  return out;
}

}  // namespace conveyor::test
