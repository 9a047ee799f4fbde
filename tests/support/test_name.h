// The name of the test that runs, for what it leaves outside of the process.
#pragma once

#include <gtest/gtest.h>

#include <string>

namespace conveyor::test {

inline std::string test_name() {
  const auto* test = testing::UnitTest::GetInstance()->current_test_info();
  if (test == nullptr) return "none";
  return std::string{test->test_suite_name()} + "." + test->name();
}

}  // namespace conveyor::test
