// Method: tables of accepted and refused texts with code and pointer, each limit at its edge, the
// samples of RFC 8785, and properties over random documents, whose expected form is made here by a
// second writer that sorts by real UTF-16.
#include "base/json.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <limits>

#include "base/json_writer.h"
#include "base/utf8_generator.h"

namespace conveyor {
namespace {

namespace json = boost::json;

constexpr JsonLimits kLimits{.max_bytes = 1 << 20, .max_depth = 16};

struct Refused {
  std::string_view text;
  std::string_view code;
  std::string_view pointer;
};

void expect_refused(const std::vector<Refused>& table) {
  for (const auto& [text, code, pointer] : table) {
    const auto parsed = parse_json(text, kLimits);
    ASSERT_FALSE(parsed) << text << " gave " << json::serialize(*parsed);
    EXPECT_EQ(parsed.error().code, code) << text << ": " << parsed.error().detail;
    EXPECT_EQ(parsed.error().pointer, pointer) << text;
    EXPECT_LE(parsed.error().offset, text.size()) << text;
    EXPECT_FALSE(parsed.error().detail.empty()) << text;
  }
}

json::value parsed(std::string_view text) {
  auto value = parse_json(text, kLimits);
  EXPECT_TRUE(value) << text << ": " << (value ? "" : value.error().detail);
  return value.value_or(nullptr);
}

std::string canonical(std::string_view text) {
  const auto form = canonical_json(parsed(text));
  EXPECT_TRUE(form) << text << ": " << (form ? "" : form.error().detail);
  return form.value_or("");
}

TEST(ParseJson, ReadsEveryKindOfValue) {
  EXPECT_EQ(parsed("null"), nullptr);
  EXPECT_EQ(parsed("true"), true);
  EXPECT_EQ(parsed("false"), false);
  EXPECT_EQ(parsed(R"("")"), "");
  EXPECT_EQ(parsed(" \t\r\n[ ] \n"), json::array{});
  EXPECT_EQ(parsed("{}"), json::object{});
  EXPECT_EQ(parsed(R"({"a":[1,{"b":[]},"c"],"":null})"),
            (json::object{{"a", {1, json::object{{"b", json::array{}}}, "c"}}, {"", nullptr}}));
  EXPECT_EQ(parsed("[[],[[]],{}]"), (json::array{json::array{}, {json::array{}}, json::object{}}));
}

TEST(ParseJson, KeepsIntegersExactAndTellsThemFromDoubles) {
  const std::vector<std::pair<std::string_view, std::int64_t>> integers = {
      {"0", 0},
      {"-0", 0},
      {"9007199254740993", 9007199254740993},
      {"9223372036854775807", std::numeric_limits<std::int64_t>::max()},
      {"-9223372036854775808", std::numeric_limits<std::int64_t>::min()},
  };
  for (const auto& [text, number] : integers) {
    const json::value value = parsed(text);
    ASSERT_TRUE(value.is_int64()) << text;
    EXPECT_EQ(value.get_int64(), number);
  }
  const std::vector<std::pair<std::string_view, double>> doubles = {
      {"0.0", 0.0},
      {"1e0", 1.0},
      {"1E+2", 100.0},
      {"-1.5", -1.5},
      {"0.1", 0.1},
      {"2.2250738585072011e-308", 2.2250738585072011e-308},
      {"1.7976931348623157e308", std::numeric_limits<double>::max()},
      {"5e-324", std::numeric_limits<double>::denorm_min()},
      {"9007199254740993.0", 9007199254740992.0},
      {"7.2057594037927933e16", 7.2057594037927933e16},
      {"123456789012345678901234567890e-10", 1.2345678901234567e19},
  };
  for (const auto& [text, number] : doubles) {
    const json::value value = parsed(text);
    ASSERT_TRUE(value.is_double()) << text;
    EXPECT_EQ(value.get_double(), number) << text;
  }
}

TEST(ParseJson, RefusesNumbersOutOfRange) {
  expect_refused({
      {"1e400", "number_out_of_range", ""},
      {"[0,-1e400]", "number_out_of_range", "/1"},
      {R"({"a":{"b":[1,1e309]}})", "number_out_of_range", "/a/b/1"},
      {"1e-400", "number_out_of_range", ""},
      {"1e99999999999999", "number_out_of_range", ""},
      {R"({"a":1e99999999999999})", "number_out_of_range", "/a"},
      {"9223372036854775808", "number_out_of_range", ""},
      {"-9223372036854775809", "number_out_of_range", ""},
      {"18446744073709551615", "number_out_of_range", ""},
      {"18446744073709551616", "number_out_of_range", ""},
      {R"({"n":-100000000000000000000})", "number_out_of_range", "/n"},
  });
}

TEST(ParseJson, RefusesMembersThatComeTwice) {
  expect_refused({
      {R"({"a":1,"a":1})", "duplicate_member", "/a"},
      {R"({"a":1,"b":2,"\u0061":3})", "duplicate_member", "/a"},
      {R"({"":1,"":1})", "duplicate_member", "/"},
      {R"([{"x":{"a/b~c":1,"a/b~c":2}}])", "duplicate_member", "/0/x/a~1b~0c"},
      {R"({"é":1,"\u00e9":2})", "duplicate_member", "/é"},
      {R"({"😀":1,"\ud83d\ude00":2})", "duplicate_member", "/😀"},
      {R"([0,{"a":[{}],"b":{},"a":0}])", "duplicate_member", "/1/a"},
  });
  EXPECT_TRUE(parse_json(R"({"a":{"a":{"a":1}},"A":[{"a":1},{"a":1}]})", kLimits));
  EXPECT_TRUE(parse_json("{\"é\":1,\"e\u0301\":2}", kLimits)) << "names are not normalised";
}

TEST(ParseJson, FindsATwiceNamedMemberInLargeObjects) {
  std::string text = "{";
  for (int i = 0; i < 500; ++i) text += fmt::format("\"key{}\":{},", i, i);
  EXPECT_TRUE(parse_json(text + "\"last\":0}", kLimits));
  const auto twice = parse_json(text + "\"key7\":0}", kLimits);
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().pointer, "/key7");
}

TEST(ParseJson, RefusesHalfSurrogatePairs) {
  expect_refused({
      {R"("\ud800")", "lone_surrogate", ""},
      {R"("\udc00")", "lone_surrogate", ""},
      {R"("\ud800 and a long enough rest")", "lone_surrogate", ""},
      {R"("\udc00 and a long enough rest")", "lone_surrogate", ""},
      {R"("\ud800\n")", "lone_surrogate", ""},
      {R"("\ud800\u0041")", "lone_surrogate", ""},
      {R"("\ud800\u0041 and a long enough rest")", "lone_surrogate", ""},
      {R"("\ud800\ud800")", "lone_surrogate", ""},
      {R"("\ud83d\ude00\ude00")", "lone_surrogate", ""},
      {R"({"a":"\uDFFF"})", "lone_surrogate", "/a"},
      {R"({"\uDBFF":1})", "lone_surrogate", ""},
      {R"({"\uDBFF\u0061":1, "long": "enough rest"})", "lone_surrogate", ""},
      {R"("\ud800)", "lone_surrogate", ""},
  });
  EXPECT_EQ(parsed(R"("\ud83d\ude00")"), "😀");
  EXPECT_EQ(parsed(R"("\uD800\uDC00\uDBFF\uDFFF")"), "\U00010000\U0010FFFF");
  EXPECT_EQ(parsed(R"("\\ud800")"), "\\ud800");
  expect_refused({{R"("\\ud800\x")", "syntax", ""}});
}

TEST(ParseJson, RefusesWhatIsNotUtf8) {
  expect_refused({
      {"\"\xFF\"", "invalid_utf8", ""},
      {"[\"ok\",\"\xC3\"]", "invalid_utf8", ""},
      {"{\"a\":\"\xED\xA0\x80\"}", "invalid_utf8", "/a"},
      {"{\"\xC0\x80\":1}", "invalid_utf8", ""},
      {"{\"a\":\"\\n\xF4\x90\x80\x80\"}", "invalid_utf8", "/a"},
      {"{\"a\":\"\\n\xE2\x82\"}", "invalid_utf8", "/a"},
      {"\"\xE2\x82", "invalid_utf8", ""},
      {"\xFF", "invalid_utf8", ""},
      {"\xFF\xFE[\0]\0", "invalid_utf8", ""},
      {"[1]\xFF", "trailing_bytes", ""},
      {"[1,,\"\xFF\"]", "syntax", ""},
  });
}

TEST(ParseJson, RefusesWhatIsNotJson) {
  expect_refused({
      {"", "empty", ""},
      {" \n\t\r", "empty", ""},
      {"\xEF\xBB\xBF[]", "byte_order_mark", ""},
      {"\xEF\xBB\xBF", "byte_order_mark", ""},
      {"[]\n[]", "trailing_bytes", ""},
      {"1 2", "trailing_bytes", ""},
      {"{}}", "trailing_bytes", ""},
      {"01", "trailing_bytes", ""},
      {std::string_view{"1\0", 2}, "trailing_bytes", ""},
      {"[", "incomplete", ""},
      {"{\"a\":", "incomplete", "/a"},
      {"\"abc", "incomplete", ""},
      {"[1,{\"a\":[", "incomplete", "/1/a"},
      {"tru", "incomplete", ""},
      {"-", "incomplete", ""},
      {"1.", "syntax", ""},
      {"1.", "syntax", ""},
      {"[1,]", "syntax", ""},
      {"{\"a\":1,}", "syntax", ""},
      {"{\"a\" 1}", "syntax", "/a"},
      {"{a:1}", "syntax", ""},
      {"{'a':1}", "syntax", ""},
      {"{1:1}", "syntax", ""},
      {"[1 2]", "syntax", ""},
      {"[1}", "syntax", ""},
      {"]", "syntax", ""},
      {"// x\n1", "syntax", ""},
      {"[1]/**/", "trailing_bytes", ""},
      {"True", "syntax", ""},
      {"nul0", "syntax", ""},
      {"NaN", "syntax", ""},
      {"Infinity", "syntax", ""},
      {"-Infinity", "syntax", ""},
      {"+1", "syntax", ""},
      {".5", "syntax", ""},
      {"[-01]", "syntax", ""},
      {"[1.]", "syntax", ""},
      {"[1e+]", "syntax", ""},
      {"[0x10]", "syntax", ""},
      {"\"\\x\"", "syntax", ""},
      {"\"\\u12G4 and a long enough rest\"", "syntax", ""},
      {"\"\\u12\"", "syntax", ""},
      {"\"a\nb\"", "syntax", ""},
      {"\"\\n\x01\"", "syntax", ""},
      {"{\"a\tb\":1}", "syntax", ""},
      {std::string_view{"\"\0\"", 3}, "syntax", ""},
      {"[\u00A0]", "syntax", ""},
      {"\u2028", "syntax", ""},
  });
}

TEST(ParseJson, PointsAtTheByteWhereReadingStopped) {
  EXPECT_EQ(parse_json("[1, 2, x]", kLimits).error().offset, 7);
  EXPECT_EQ(parse_json("[1] x", kLimits).error().offset, 4);
}

TEST(ParseJson, LimitsTheSize) {
  const std::string text = "[1,2,3]";
  JsonLimits limits{.max_bytes = text.size(), .max_depth = 1};
  EXPECT_TRUE(parse_json(text, limits));
  --limits.max_bytes;
  const auto parsed = parse_json(text, limits);
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().code, "too_large");
}

TEST(ParseJson, LimitsTheDepth) {
  const auto nested = [](int depth) {
    return std::string(static_cast<std::size_t>(depth), '[') +
           std::string(static_cast<std::size_t>(depth), ']');
  };
  EXPECT_TRUE(parse_json(nested(16), kLimits));
  const auto deeper = parse_json(nested(17), kLimits);
  ASSERT_FALSE(deeper);
  EXPECT_EQ(deeper.error().code, "too_deep");
  EXPECT_TRUE(parse_json(R"({"a":[{}]})", {.max_bytes = 100, .max_depth = 3}));
  EXPECT_EQ(parse_json(R"({"a":[{}]})", {.max_bytes = 100, .max_depth = 2}).error().code,
            "too_deep");
  EXPECT_TRUE(parse_json("7", {.max_bytes = 100, .max_depth = 0}));
  EXPECT_EQ(parse_json("[]", {.max_bytes = 100, .max_depth = 0}).error().code, "too_deep");
  EXPECT_EQ(parse_json(std::string(100'000, '['), kLimits).error().code, "too_deep");
}

TEST(ParseJson, LimitsTheMembersOfAnObject) {
  const JsonLimits limits{.max_bytes = 100, .max_depth = 2, .max_members = 2};
  EXPECT_TRUE(parse_json(R"({"a":{"x":1,"y":2},"b":2})", limits));
  const auto parsed = parse_json(R"([{"a":1,"b":2,"c":3}])", limits);
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().code, "too_many_members");
  EXPECT_EQ(parsed.error().pointer, "/0");
}

TEST(ParseJson, ReadsLongStringsWithEscapesInThem) {
  // Longer than the parser's buffer, so that it hands the string over in parts.
  std::string text;
  std::string expected;
  for (int i = 0; i < 3000; ++i) {
    text += R"(ab\n\u00e9\ud83d\ude00ü)";
    expected += "ab\né😀ü";
  }
  EXPECT_EQ(parsed('"' + text + '"'), json::string_view{expected});
  const json::value object = parsed("{\"" + text + "\":[\"" + text + "\",\"x\"]}");
  EXPECT_EQ(object.at(expected).at(0), json::string_view{expected});
  EXPECT_EQ(object.at(expected).at(1), "x");
}

// RFC 8785 section 3.2.2, its sample without the numbers.
TEST(CanonicalJson, GivesTheSampleOfRfc8785) {
  EXPECT_EQ(canonical(R"({
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
      "literals": [null, true, false]
    })"),
            R"({"literals":[null,true,false],"string":"€$\u000f\nA'B\"\\\\\"/"})");
}

// RFC 8785 section 3.2.3.
TEST(CanonicalJson, SortsAsTheSampleOfRfc8785) {
  EXPECT_EQ(canonical(R"({
      "\u20ac": "Euro Sign",
      "\r": "Carriage Return",
      "\ufb33": "Hebrew Letter Dalet With Dagesh",
      "1": "One",
      "\ud83d\ude00": "Emoji: Grinning Face",
      "\u0080": "Control",
      "\u00f6": "Latin Small Letter O With Diaeresis"
    })"),
            "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u0080\":\"Control\","
            "\"ö\":\"Latin Small Letter O With Diaeresis\",\"€\":\"Euro Sign\","
            "\"😀\":\"Emoji: Grinning Face\",\"\uFB33\":\"Hebrew Letter Dalet With Dagesh\"}");
}

TEST(CanonicalJson, TakesIntegersOnly) {
  EXPECT_EQ(canonical("[0,-0,-9007199254740991,9007199254740991]"),
            "[0,0,-9007199254740991,9007199254740991]");
  const std::vector<Refused> table = {
      {"1.0", "not_an_integer", ""},
      {R"({"b":1,"a":[0,{"x/y":1e2}]})", "not_an_integer", "/a/1/x~1y"},
      {"[9007199254740992]", "number_out_of_range", "/0"},
      {"[[],-9007199254740992]", "number_out_of_range", "/1"},
  };
  for (const auto& [text, code, pointer] : table) {
    const auto form = canonical_json(parsed(text));
    ASSERT_FALSE(form) << text;
    EXPECT_EQ(form.error().code, code) << text;
    EXPECT_EQ(form.error().pointer, pointer) << text;
  }
}

TEST(CanonicalJson, RefusesValuesThatNoParserMade) {
  EXPECT_EQ(canonical_json(json::value(std::uint64_t{7})), "7");
  EXPECT_EQ(canonical_json(json::value(~std::uint64_t{0})).error().code, "number_out_of_range");
  json::value nested = json::array{};
  for (int i = 1; i < kMaxJsonWriterDepth; ++i) nested = json::array{nested};
  EXPECT_TRUE(canonical_json(nested));
  EXPECT_EQ(canonical_json(json::array{nested}).error().code, "too_deep");
  EXPECT_EQ(canonical_json(json::object{{"a", nested}}).error().code, "too_deep");
}

TEST(CanonicalJsonDeathTest, StopsAtTextThatIsNotUtf8) {
  EXPECT_DEATH(static_cast<void>(canonical_json(json::object{{"a", "\xFF"}})), "UTF-8");
  EXPECT_DEATH(static_cast<void>(canonical_json(json::object{{"\xFF", 1}})), "UTF-8");
}

// A random document with integers that RFC 8785 carries.
json::value random_document(int depth) {
  switch (*rc::gen::inRange(0, depth > 0 ? 6 : 4)) {
    case 0:
      return nullptr;
    case 1:
      return *rc::gen::arbitrary<bool>();
    case 2:
      return *rc::gen::inRange<std::int64_t>(-kMaxJsonInteger, kMaxJsonInteger + 1);
    case 3:
      return json::value(*utf8_text());
    case 4: {
      json::array array;
      for (int i = *rc::gen::inRange(0, 4); i > 0; --i) array.push_back(random_document(depth - 1));
      return array;
    }
    default: {
      json::object object;
      for (int i = *rc::gen::inRange(0, 5); i > 0; --i) {
        object.insert_or_assign(*utf8_text(), random_document(depth - 1));
      }
      return object;
    }
  }
}

std::u16string utf16_of(json::string_view utf8) {
  std::u16string units;
  for (std::size_t at = 0; at < utf8.size();) {
    const auto lead = static_cast<unsigned char>(utf8[at]);
    const std::size_t size = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    char32_t point = size == 1 ? lead : lead & (0x7FU >> size);
    for (std::size_t i = 1; i < size; ++i) {
      point = point << 6 | (static_cast<unsigned char>(utf8[at + i]) & 0x3F);
    }
    if (point >= 0x10000) {
      units += static_cast<char16_t>(0xD7C0 + (point >> 10));
      point = 0xDC00 + (point & 0x3FF);
    }
    units += static_cast<char16_t>(point);
    at += size;
  }
  return units;
}

void write(JsonWriter& writer, const json::value& value) {
  if (value.is_object()) {
    std::map<std::u16string, const json::key_value_pair*> members;
    for (const auto& member : value.get_object()) members[utf16_of(member.key())] = &member;
    writer.begin_object();
    for (const auto& [name, member] : members) {
      writer.key(std::string_view{member->key()});
      write(writer, member->value());
    }
    writer.end_object();
  } else if (value.is_array()) {
    writer.begin_array();
    for (const auto& element : value.get_array()) write(writer, element);
    writer.end_array();
  } else if (value.is_string()) {
    writer.value(std::string_view{value.get_string()});
  } else if (value.is_int64()) {
    writer.value(value.get_int64());
  } else if (value.is_bool()) {
    writer.value(value.get_bool());
  } else {
    writer.null();
  }
}

RC_GTEST_PROP(CanonicalJson, IsWhatTheWriterWritesAndStable, ()) {
  const json::value document = random_document(4);
  std::string written;
  JsonWriter writer(written);
  write(writer, document);

  const auto form = canonical_json(document);
  RC_ASSERT(form.has_value());
  RC_ASSERT(*form == written);
  const auto again = parse_json(written, kLimits);
  RC_ASSERT(again.has_value());
  RC_ASSERT(*again == document);
  RC_ASSERT(canonical_json(*again).value() == written);
}

RC_GTEST_PROP(ParseJson, ReadsWhatBoostWrites, ()) {
  const json::value document = random_document(4);
  const auto again = parse_json(json::serialize(document), kLimits);
  RC_ASSERT(again.has_value());
  RC_ASSERT(*again == document);
}

// One random byte changed: whatever this reader accepts, Boost.JSON accepts with the same value.
RC_GTEST_PROP(ParseJson, AcceptsNoMoreThanBoost, ()) {
  std::string text = json::serialize(random_document(3));
  const auto at = *rc::gen::inRange<std::size_t>(0, text.size());
  text[at] = *rc::gen::oneOf(rc::gen::arbitrary<char>(),
                             rc::gen::elementOf(std::string{"{}[]\",:\\0eE.-u \n"}));
  const auto ours = parse_json(text, kLimits);
  json::error_code error;
  const json::value theirs = json::parse(text, error);
  if (ours) {
    RC_ASSERT(!error);
    RC_ASSERT(*ours == theirs);
  } else if (!error) {
    RC_ASSERT(ours.error().code == "duplicate_member" ||
              ours.error().code == "number_out_of_range");
  }
}

RC_GTEST_PROP(ParseJson, RefusesEveryPrefixOfAnObject, ()) {
  const std::string text = json::serialize(json::object{{"a", random_document(2)}, {"b", 1}});
  const auto size = *rc::gen::inRange<std::size_t>(0, text.size());
  RC_ASSERT(!parse_json(text.substr(0, size), kLimits).has_value());
}

TEST(JsonPointer, EscapesTildeAndSlash) {
  EXPECT_EQ(escape_json_pointer(""), "");
  EXPECT_EQ(escape_json_pointer("a/b~c~1"), "a~1b~0c~01");
}

}  // namespace
}  // namespace conveyor
