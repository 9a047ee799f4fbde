// Method: bars as text; what a terminal and what a file gets of a bar.
#include "app/cli/progress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace conveyor::cli {
namespace {

using std::chrono::milliseconds;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Progress, TheBarSaysHowFarHowFastAndHowLong) {
  EXPECT_EQ(progress_line("placing", 0, 10'000, 0),
            "placing  [........................]  0/10000  0%  0 orders/s");
  EXPECT_EQ(progress_line("placing", 5'000, 10'000, 999),
            "placing  [############............]  5000/10000  50%  999 orders/s  0:06 left");
  EXPECT_EQ(progress_line("placing", 9'999, 10'000, 1),
            "placing  [#######################.]  9999/10000  99%  1 orders/s  0:01 left");
  EXPECT_EQ(progress_line("placing", 0, 10'000, 1),
            "placing  [........................]  0/10000  0%  1 orders/s  2:46:40 left");
  EXPECT_LE(progress_line("exporting", 999'999, 1'000'000, 1'000'000).size(), kBarColumns);
}

TEST(Progress, TheRateIsThatOfTheLastSeconds) {
  RateWindow rate;
  const RateWindow::Time start{};
  EXPECT_EQ(rate.per_second(), 0U);
  rate.add(start, 0);
  EXPECT_EQ(rate.per_second(), 0U);
  rate.add(start + milliseconds{500}, 100);
  EXPECT_EQ(rate.per_second(), 200U);
  for (int i = 1; i <= 20; ++i) rate.add(start + milliseconds{500 + i * 500}, 100);
  EXPECT_EQ(rate.per_second(), 0U) << "nothing was done for longer than the window";
}

TEST(Progress, WithoutATerminalOnlyWhatIsSaidIsWritten) {
  std::istringstream in;
  std::ostringstream out;
  std::ostringstream err;
  Console console{in, out, err};
  {
    Progress progress{console};
    progress.begin("placing", 2);
    progress.advance();
    progress.say("waiting for the server");
  }
  EXPECT_EQ(err.str(), "waiting for the server\n");
}

TEST(Progress, ATerminalGetsABarThatLeavesNothingBehind) {
  std::istringstream in;
  std::ostringstream out;
  std::ostringstream err;
  Console console{.in = in, .out = out, .err = err, .err_is_terminal = true};
  {
    Progress progress{console};
    progress.begin("placing", 2);
    progress.say("waiting for the server");
    progress.begin("waiting", 2);
    progress.end();
    progress.say("done");
  }
  EXPECT_THAT(err.str(), AllOf(HasSubstr("waiting for the server\n"), EndsWith("\rdone\n")));
  EXPECT_THAT(err.str(), testing::Not(HasSubstr("\x1B")));
  EXPECT_THAT(out.str(), IsEmpty());
}

}  // namespace
}  // namespace conveyor::cli
