// Method: lines are written directly, as before start_log, and standard error is read back.
#include "runtime/log.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <numeric>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace conveyor {
namespace {

/// The `n` of each line that `write` logs; every line must be JSON of its own.
template <class Write>
std::vector<std::int64_t> numbers(const Write& write) {
  testing::internal::CaptureStderr();
  write();
  std::istringstream written(testing::internal::GetCapturedStderr());
  std::vector<std::int64_t> found;
  for (std::string line; std::getline(written, line);) {
    found.push_back(boost::json::parse(line).at("n").as_int64());
  }
  return found;
}

void log_number(std::int64_t n) {
  log_info("numbered", {{"n", n}});
}

TEST(LogTogether, LinesComeInOnePieceAtTheEnd) {
  const auto found = numbers([] {
    log_number(1);
    {
      const LogTogether together;
      log_number(3);
      log_number(4);
      std::thread([] { log_number(2); }).join();  // is not gathered
    }
    log_number(5);
  });
  EXPECT_EQ(found, (std::vector<std::int64_t>{1, 2, 3, 4, 5}));
}

TEST(LogTogether, MoreThanAPieceHoldsIsHandedOverBefore) {
  constexpr std::int64_t kLines = kMaxTogetherBytes / 10;  // of more than ten bytes each
  auto found = numbers([] {
    const LogTogether together;
    for (std::int64_t n = 0; n < kLines; ++n) log_number(n);
    std::thread([] { log_number(kLines); }).join();
  });
  ASSERT_EQ(found.size(), kLines + 1);
  EXPECT_LT(std::ranges::find(found, kLines), found.end() - 1) << "the rest came at the end";
  std::erase(found, kLines);
  std::vector<std::int64_t> expected(kLines);
  std::iota(expected.begin(), expected.end(), 0);
  EXPECT_EQ(found, expected);
}

TEST(LogTogether, NothingLoggedWritesNothing) {
  EXPECT_TRUE(numbers([] { const LogTogether together; }).empty());
}

}  // namespace
}  // namespace conveyor
