// Method: text by example, with bytes that would drive a terminal.
#include "app/cli/console.h"

#include <gtest/gtest.h>

#include <sstream>

namespace conveyor::cli {
namespace {

TEST(Console, NoTextDrivesTheTerminal) {
  EXPECT_EQ(printable("caf\xC3\xA9 \xE2\x82\xAC"), "caf\xC3\xA9 \xE2\x82\xAC");
  EXPECT_EQ(printable("a\x1B[2Jb\nc\x7F"), "a?[2Jb?c?");
  EXPECT_EQ(printable("a\xC2\x9B"
                      "2Jb\xC2\xA0"),
            "a?2Jb\xC2\xA0")
      << "C1 control characters are two bytes";
  EXPECT_EQ(printable("\xC2"), "\xC2");
}

TEST(Console, TablesAlignByCharacters) {
  Table table({{"NAME"}, {"N", Table::Align::right}, {"LAST"}});
  table.add({"caf\xC3\xA9", "1", "x"});
  table.add({"a", "1000", ""});
  table.add({"a\tb", "", "y"});
  std::ostringstream out;
  table.print(out);
  EXPECT_EQ(out.str(),
            "NAME     N  LAST\n"
            "caf\xC3\xA9     1  x\n"
            "a     1000\n"
            "a?b         y\n");
}

TEST(Console, OnlyYAndYesAgree) {
  const auto answer = [](const std::string& text, bool is_terminal = true) {
    std::istringstream in{text};
    std::ostringstream out;
    std::ostringstream err;
    Console console{in, out, err, is_terminal};
    return ask(console, "Go?");
  };
  for (const auto* text : {"y\n", "Y\n", "yes\n", "y"}) {
    EXPECT_EQ(answer(text), Consent::given) << text;
  }
  for (const auto* text : {"", "\n", "n\n", "yep\n", " y\n"}) {
    EXPECT_EQ(answer(text), Consent::refused) << text;
  }
  EXPECT_EQ(answer("y\n", false), Consent::nobody_to_ask);
}

}  // namespace
}  // namespace conveyor::cli
