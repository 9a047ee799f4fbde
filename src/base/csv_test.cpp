// Method: tables of texts with their records or errors, each limit at its edge, every text also
// read byte by byte, and properties: what a writer writes comes back whatever the separator, line
// end and quoting; arbitrary bytes always end and never go backwards.
#include "base/csv.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <sstream>

#include "base/utf8_generator.h"

namespace conveyor {
namespace {

using Fields = std::vector<std::string>;
using Rows = std::vector<Fields>;

// The text in reads of at most `step` bytes.
CsvReader::Read reads_of(std::string_view text, std::size_t step) {
  return [text, step](char* buffer, std::size_t size) mutable -> std::optional<std::size_t> {
    const std::size_t count = std::min({text.size(), step, size});
    text.copy(buffer, count);
    text.remove_prefix(count);
    return count;
  };
}

// "line: a|b" for a record, "line! reason" for an error, one per line; a lasting error ends it.
std::string summary(CsvReader reader) {
  std::string out;
  for (;;) {
    const auto next = reader.next();
    if (!next) {
      out += fmt::format("{}! {}\n", next.error().line, to_string(next.error().code));
      if (next.error().is_recoverable) continue;
      EXPECT_EQ(reader.next().error().code, next.error().code) << "a lasting error lasts";
      return out + "stop\n";
    }
    if (!next->has_value()) {
      EXPECT_FALSE(reader.next().value().has_value()) << "the end stays the end";
      return out;
    }
    out += fmt::format("{}: {}\n", (*next)->line, fmt::join((*next)->fields, "|"));
  }
}

void expect_summary(std::string_view text, std::string_view expected,
                    std::optional<char> separator = std::nullopt) {
  std::istringstream input{std::string{text}};
  EXPECT_EQ(summary(CsvReader(input, separator)), expected) << text;
  EXPECT_EQ(summary(CsvReader(reads_of(text, 1), separator)), expected) << "byte by byte: " << text;
}

TEST(Csv, ReadsRecordsWithTheirLines) {
  expect_summary("", "");
  expect_summary("\n\r\n\n", "");
  expect_summary("a", "1: a\n");
  expect_summary("a,b\r\n1,2\r\n3,4", "1: a|b\n2: 1|2\n3: 3|4\n");
  expect_summary("a,b\n1,2\n3,4\n", "1: a|b\n2: 1|2\n3: 3|4\n");
  expect_summary("a,b\n,\n\"\",\n", "1: a|b\n2: |\n3: |\n");
  expect_summary("\n\na,b\n\n1,2\n\r\n", "3: a|b\n5: 1|2\n");
  expect_summary("a\n\"\"\n", "1: a\n2: \n");
  expect_summary(" a , b \n", "1:  a | b \n");
}

TEST(Csv, ReadsQuotedFields) {
  expect_summary("\"a\",\"b\"\n\"1,2\",\"say \"\"hi\"\"\"\n", "1: a|b\n2: 1,2|say \"hi\"\n");
  expect_summary("a,b\r\n\"one\r\ntwo\n\nfour\",x\r\n1,2",
                 "1: a|b\n2: one\r\ntwo\n\nfour|x\n6: 1|2\n");
  expect_summary("a\n\"\"\"\"\n\"\"\"x\"\"\"\n\"\r\"\n", "1: a\n2: \"\n3: \"x\"\n4: \r\n");
  expect_summary("a,b\n\"x\",\"y\"", "1: a|b\n2: x|y\n");
}

TEST(Csv, SkipsTheUtf8Mark) {
  expect_summary("\xEF\xBB\xBF", "");
  expect_summary(
      "\xEF\xBB\xBF"
      "a,b\n",
      "1: a|b\n");
  expect_summary("\xEF\xBB\xBF\"a\",b\n", "1: a|b\n");
  expect_summary("a\n\xEF\xBB\xBF\n", "1: a\n2: \xEF\xBB\xBF\n");
}

TEST(Csv, FindsTheSeparator) {
  expect_summary("a;b\n1,5;2\n", "1: a|b\n2: 1,5|2\n");
  expect_summary("a\tb\n1,5\t2\n", "1: a|b\n2: 1,5|2\n");
  expect_summary("\"a,b,c\";d\n1;2\n", "1: a,b,c|d\n2: 1|2\n");
  expect_summary("\"a\n,,,\";d\n1;2\n", "1: a\n,,,|d\n3: 1|2\n");
  expect_summary("a,b;c,d\n1,2,3\n", "1: a|b;c|d\n2: 1|2|3\n");
  expect_summary("a,b;c\n1,2\n", "1: a|b;c\n2: 1|2\n");
  expect_summary("a\n1;2\n", "1: a\n2: 1;2\n");
  expect_summary("\r\n\r\na;b\n", "3: a|b\n");
  expect_summary("a;b,c,d\n1;2\n", "1: a|b,c,d\n2: 1|2\n", ';');
  expect_summary("a|b\n", "1: a|b\n", '|');

  std::istringstream input{"a\tb\n"};
  CsvReader reader(input);
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(reader.separator(), '\t');
}

TEST(Csv, GoesOnBehindAWrongRecord) {
  expect_summary("a,b\n\"x\"y,1\n1,2\n", "1: a|b\n2! text after a closing quote\n3: 1|2\n");
  expect_summary("a,b\n\"x\" ,1\n1,2\n", "1: a|b\n2! text after a closing quote\n3: 1|2\n");
  expect_summary("a,b\nx\"y\",1\n1,2\n",
                 "1: a|b\n2! a quote in a field that is not quoted\n3: 1|2\n");
  expect_summary("a,b\nx,5\"\r\n1,2\n",
                 "1: a|b\n2! a quote in a field that is not quoted\n3: 1|2\n");
  expect_summary("a,b\n\"x\r\ny\"z,\"\n1,2\n", "1: a|b\n2! text after a closing quote\n4: 1|2\n");
  expect_summary("a,b\nx\ry,1\n1,2\n",
                 "1: a|b\n2! a carriage return without a line feed\n3: 1|2\n");
  expect_summary("a,b\n1,2\r", "1: a|b\n2! a carriage return without a line feed\n");
  expect_summary("a,b\n1,2\r\r\n1,2\n",
                 "1: a|b\n2! a carriage return without a line feed\n3: 1|2\n");
  expect_summary("a,b\n1\n1,2,3\n1,2\n",
                 "1: a|b\n2! not as many fields as the header\n"
                 "3! not as many fields as the header\n4: 1|2\n");
  expect_summary("a,b\n1,\xFF\n1,2\n", "1: a|b\n2! not UTF-8\n3: 1|2\n");
  expect_summary("a,b\n\"\xC3\n\xA9\",\n1,2\n", "1: a|b\n2! not UTF-8\n4: 1|2\n");
  expect_summary(std::string_view{"a,b\n1,\0\n1,2\n", 12}, "1: a|b\n2! a NUL byte\n3: 1|2\n");
}

TEST(Csv, StopsWhereNothingCanFollow) {
  expect_summary("a,b\n1,\"2\n3,4\n", "1: a|b\n2! a quote is not closed\nstop\n");
  expect_summary("a,b\n1,\"2\"\"", "1: a|b\n2! a quote is not closed\nstop\n");
  expect_summary("a,b\n\"", "1: a|b\n2! a quote is not closed\nstop\n");
  expect_summary(std::string_view{"\xFF\xFE"
                                  "a\0",
                                  4},
                 "1! the file is UTF-16, not UTF-8\nstop\n");
  expect_summary(std::string_view{"\xFE\xFF\0a", 4}, "1! the file is UTF-16, not UTF-8\nstop\n");
  expect_summary("\xFF\xFE", "1! the file is UTF-16, not UTF-8\nstop\n");
  expect_summary("a,\xFF\n1,2\n", "1! not UTF-8\nstop\n");
  expect_summary("\na,b\"\n1,2\n", "2! a quote in a field that is not quoted\nstop\n");
}

TEST(Csv, ReportsAFailureToRead) {
  const auto failing_after = [](std::string_view text) {
    return [read = reads_of(text, 2), left = text.size()](
               char* buffer, std::size_t size) mutable -> std::optional<std::size_t> {
      if (left == 0) return std::nullopt;
      const auto count = read(buffer, size);
      left -= *count;
      return count;
    };
  };
  EXPECT_EQ(summary(CsvReader(failing_after(""))), "1! the file cannot be read\nstop\n");
  EXPECT_EQ(summary(CsvReader(failing_after("a,b\n1,2\n1,"), ',')),
            "1: a|b\n2: 1|2\n3! the file cannot be read\nstop\n");
  EXPECT_EQ(summary(CsvReader(failing_after("a,b\n1,2\n"), ',')),
            "1: a|b\n2: 1|2\n3! the file cannot be read\nstop\n");

  std::istringstream input{"a,b\n1,2\n"};
  input.setstate(std::ios::badbit);
  EXPECT_EQ(summary(CsvReader(input)), "1! the file cannot be read\nstop\n");
}

TEST(Csv, LimitsTheBytesOfARecord) {
  const std::string longest(kMaxCsvRecordBytes, 'x');
  for (const std::string_view line_end : {"\n", "\r\n"}) {
    const std::string text = fmt::format("a{0}{1}{0}{1}x{0}z{0}{1}", line_end, longest);
    for (const std::size_t step : {std::size_t{4093}, text.size()}) {
      CsvReader reader(reads_of(text, step));
      ASSERT_TRUE(reader.next());
      EXPECT_EQ(reader.next().value()->fields, Fields{longest});
      const auto error = reader.next();
      ASSERT_FALSE(error);
      EXPECT_EQ(error.error().code, CsvErrorCode::record_too_large);
      EXPECT_EQ(error.error().line, 3);
      EXPECT_TRUE(error.error().is_recoverable);
      EXPECT_EQ(reader.next().value()->fields, Fields{"z"});
      EXPECT_EQ(reader.next().value()->fields, Fields{longest}) << "at the end without a line end";
      EXPECT_FALSE(reader.next().value().has_value());
    }
  }
}

TEST(Csv, SkipsALargeQuotedRecordToItsEnd) {
  std::string text = "a,b\n\"";
  for (std::size_t i = 0; i < kMaxCsvRecordBytes; ++i) text += i % 2 == 0 ? '\n' : ',';
  text += "\"\"\n\",1\nx,y\n";
  const auto lines = kMaxCsvRecordBytes / 2 + 1;
  expect_summary(text, fmt::format("1: a|b\n2! a record of more than 1 MiB\n{}: x|y\n", lines + 3));
}

TEST(Csv, HoldsOneRecordWhateverTheSizeOfTheInput) {
  // 64 MiB of one record that never ends, made as it is read.
  std::size_t left = std::size_t{64} << 20;
  std::size_t largest_read = 0;
  CsvReader reader([&](char* buffer, std::size_t size) -> std::optional<std::size_t> {
    const std::size_t count = std::min(left, size);
    std::fill_n(buffer, count, 'x');
    left -= count;
    largest_read = std::max(largest_read, count);
    return count;
  });
  const auto error = reader.next();
  ASSERT_FALSE(error);
  EXPECT_EQ(error.error().code, CsvErrorCode::record_too_large);
  EXPECT_EQ(left, 0);
  EXPECT_LE(largest_read, kMaxCsvRecordBytes);
}

TEST(Csv, LimitsTheFieldsOfARecord) {
  const std::string most(kMaxCsvFields - 1, ',');
  std::istringstream input{most + '\n' + most + ",\n" + most};
  CsvReader reader(input);
  EXPECT_EQ(reader.next().value()->fields.size(), kMaxCsvFields);
  EXPECT_EQ(reader.next().error().code, CsvErrorCode::too_many_fields);
  EXPECT_EQ(reader.next().value()->fields.size(), kMaxCsvFields);
}

TEST(Csv, NamesItsLimitsInItsReasons) {
  EXPECT_EQ(kMaxCsvRecordBytes, 1024 * 1024);
  EXPECT_TRUE(to_string(CsvErrorCode::too_many_fields).contains(std::to_string(kMaxCsvFields)));
}

std::string csv_of(const Rows& rows, char separator, std::string_view line_end, bool quote_all) {
  std::string text;
  for (const Fields& fields : rows) {
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (i > 0) text += separator;
      const bool is_special = fields[i].find_first_of("\"\r\n,;\t") != std::string::npos;
      // An empty field alone would be a blank line.
      if (quote_all || is_special || (fields.size() == 1 && fields[i].empty())) {
        text += '"';
        for (const char c : fields[i]) text.append(c == '"' ? 2 : 1, c);
        text += '"';
      } else {
        text += fields[i];
      }
    }
    text += line_end;
  }
  return text;
}

RC_GTEST_PROP(Csv, ComesBack, ()) {
  const auto width = *rc::gen::inRange<std::size_t>(1, 6);
  Rows rows = *rc::gen::container<Rows>(rc::gen::container<Fields>(width, utf8_text(1)));
  rows.insert(rows.begin(), Fields(width, "name"));
  const char separator = *rc::gen::element(',', ';', '\t');
  const std::string line_end = *rc::gen::element<std::string>("\n", "\r\n");
  const std::string mark = *rc::gen::element<std::string>("", "\xEF\xBB\xBF");
  const std::string text = mark + csv_of(rows, separator, line_end, *rc::gen::arbitrary<bool>());

  CsvReader reader(reads_of(text, *rc::gen::inRange<std::size_t>(1, 50)));
  for (const Fields& fields : rows) {
    const auto record = reader.next();
    RC_ASSERT(record.has_value());
    RC_ASSERT(record->has_value());
    RC_ASSERT((*record)->fields == fields);
  }
  RC_ASSERT(!reader.next().value().has_value());
}

RC_GTEST_PROP(Csv, EndsOnAnyBytes, ()) {
  const auto any = rc::gen::oneOf(rc::gen::arbitrary<char>(),
                                  rc::gen::elementOf(std::string{"a,;\t\"\"\r\n\n"}));
  const std::string text = "h,h\n" + *rc::gen::container<std::string>(any);
  const auto lines = static_cast<std::size_t>(std::ranges::count(text, '\n')) + 1;
  CsvReader whole(reads_of(text, text.size()));
  CsvReader in_parts(reads_of(text, *rc::gen::inRange<std::size_t>(1, 5)));
  std::size_t last_line = 0;
  for (std::size_t i = 0; i <= lines; ++i) {
    const auto next = whole.next();
    const auto same = in_parts.next();
    RC_ASSERT(next.has_value() == same.has_value());
    const bool is_end = next ? !next->has_value() : !next.error().is_recoverable;
    if (next) {
      RC_ASSERT(next->has_value() == same->has_value());
      if (!is_end) RC_ASSERT((*next)->fields == (*same)->fields);
    } else {
      RC_ASSERT(next.error().code == same.error().code);
    }
    if (is_end) return;
    const std::size_t line = next ? (*next)->line : next.error().line;
    RC_ASSERT(line > last_line);
    RC_ASSERT(line <= lines);
    last_line = line;
  }
  RC_FAIL("more records than lines");
}

TEST(Csv, AnErrorShowsWhatWasSkipped) {
  const auto skipped = [](std::string_view wrong) {
    std::istringstream input{fmt::format("a,b\n{}\n1,2\n", wrong)};
    CsvReader reader(input);
    EXPECT_TRUE(reader.next());
    const auto error = reader.next();
    EXPECT_FALSE(error);
    const auto after = reader.next();
    EXPECT_EQ(after.value().value().fields, (Fields{"1", "2"}));
    return error.error().text;
  };
  EXPECT_EQ(skipped("x,y,z"), "x,y,z");
  EXPECT_EQ(skipped("x,\"y\nz\"w"), "x,\"y\nz\"w");
  EXPECT_EQ(skipped("x,y\"z\r"), "x,y\"z\r");
  EXPECT_EQ(skipped("x,\xFF"), "x,\xFF");
  EXPECT_EQ(skipped(std::string_view{"x\0,y", 4}), (std::string_view{"x\0,y", 4}));
}

}  // namespace
}  // namespace conveyor
