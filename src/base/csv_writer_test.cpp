// Method: fields with everything that needs care, written out; and a property: what is written is
// read back exactly.
#include "base/csv_writer.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <sstream>
#include <vector>

#include "base/csv.h"

namespace conveyor {
namespace {

std::string row(const std::vector<std::string>& fields) {
  std::string out;
  append_csv_row(out, fields);
  return out;
}

TEST(CsvWriter, QuotesWhatNeedsIt) {
  EXPECT_EQ(row({"a", "", "b c"}), "a,,b c\n");
  EXPECT_EQ(row({"a,b", "a;b", "a\tb"}), "\"a,b\",\"a;b\",\"a\tb\"\n");
  EXPECT_EQ(row({"5\" pipe", "a\nb", "a\r\nb"}), "\"5\"\" pipe\",\"a\nb\",\"a\r\nb\"\n");
  EXPECT_EQ(row({" a", "a "}), "\" a\",\"a \"\n");
  EXPECT_EQ(row({""}), "\"\"\n");
  EXPECT_EQ(row({"=1+1", "-5", "+5", "@x"}), "=1+1,-5,+5,@x\n") << "no field is changed";
}

RC_GTEST_PROP(CsvWriter, WhatIsWrittenIsReadBackExactly, ()) {
  const auto width = *rc::gen::inRange<std::size_t>(1, 5);
  const auto cell = rc::gen::container<std::string>(
      rc::gen::element('a', '"', ',', ';', '\t', '\r', '\n', ' ', '=', 'Z'));
  const auto rows = *rc::gen::container<std::vector<std::vector<std::string>>>(
      rc::gen::container<std::vector<std::string>>(width, cell));
  std::string text = row(std::vector<std::string>(width, "title"));
  for (const auto& fields : rows) text += row(fields);
  std::istringstream input{text};
  CsvReader reader{input, ','};
  RC_ASSERT(reader.next().value().has_value());
  for (const auto& fields : rows) {
    const auto record = reader.next();
    RC_ASSERT(record.has_value());
    RC_ASSERT(record->has_value());
    RC_ASSERT((*record)->fields == fields);
  }
  RC_ASSERT(!reader.next().value().has_value());
}

}  // namespace
}  // namespace conveyor
