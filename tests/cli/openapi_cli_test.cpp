// Method: the command against what a server has.
#include "cli/cli_fixture.h"

namespace conveyor::test {
namespace {

using OpenApiCommand = CliTest;

TEST_F(OpenApiCommand, PrintsWhatAServerHas) {
  const auto printed = conveyor({"openapi"});
  EXPECT_EQ(printed.code, 0) << printed.err;
  EXPECT_EQ(printed.err, "");
  auto served = client.get("/openapi.json").json();
  EXPECT_NE(printed.json().at_pointer("/info/version"), "") << "the program's";
  served.at_pointer("/info/version") = printed.json().at_pointer("/info/version");
  EXPECT_EQ(printed.json(), served);
  EXPECT_GT(std::ranges::count(printed.out, '\n'), 1'000) << "in lines, for people";
}

}  // namespace
}  // namespace conveyor::test
