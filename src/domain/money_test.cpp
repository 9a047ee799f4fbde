// Method: tables for ISO 4217 and decimal amounts, checked arithmetic at its edges, and properties
// against 128-bit arithmetic and round trips.
#include "domain/money.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>

namespace conveyor {
namespace {

constexpr std::int64_t kInt64Max = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kInt64Min = std::numeric_limits<std::int64_t>::min();

Currency currency(std::string_view code) {
  return Currency::from_code(code).value();
}

// Amounts near zero, near the limit, and anywhere.
rc::Gen<std::int64_t> amount() {
  return rc::gen::oneOf(rc::gen::inRange<std::int64_t>(-kMaxMinor, kMaxMinor + 1),
                        rc::gen::inRange<std::int64_t>(-1000, 1001),
                        rc::gen::inRange<std::int64_t>(kMaxMinor - 3, kMaxMinor + 4),
                        rc::gen::inRange<std::int64_t>(-kMaxMinor - 3, -kMaxMinor + 4),
                        rc::gen::arbitrary<std::int64_t>(), rc::gen::element(kInt64Min, kInt64Max));
}

std::optional<std::int64_t> within(__int128 exact) {
  if (exact < -kMaxMinor || exact > kMaxMinor) return std::nullopt;
  return static_cast<std::int64_t>(exact);
}

bool is_amount(std::int64_t number) {
  return number >= -kMaxMinor && number <= kMaxMinor;
}

TEST(Currency, KnowsTheExponents) {
  const std::vector<std::pair<std::string_view, int>> table = {
      {"JPY", 0}, {"KRW", 0}, {"VND", 0}, {"ISK", 0}, {"CLP", 0}, {"UYI", 0},
      {"XOF", 0}, {"XAF", 0}, {"XPF", 0}, {"BIF", 0}, {"USD", 2}, {"EUR", 2},
      {"GBP", 2}, {"CHF", 2}, {"AED", 2}, {"ZWG", 2}, {"XCD", 2}, {"XCG", 2},
      {"MRU", 2}, {"USN", 2}, {"KWD", 3}, {"BHD", 3}, {"TND", 3}, {"IQD", 3},
      {"JOD", 3}, {"LYD", 3}, {"OMR", 3}, {"CLF", 4}, {"UYW", 4},
  };
  for (const auto& [code, exponent] : table) {
    const auto found = Currency::from_code(code);
    ASSERT_TRUE(found) << code;
    EXPECT_EQ(found->code(), code);
    EXPECT_EQ(found->exponent(), exponent) << code;
  }
}

TEST(Currency, RefusesOtherCodes) {
  for (const std::string_view code :
       {"XAU", "XAG", "XPT", "XPD",  "XDR", "XTS", "XXX", "XBA", "XBB",
        "XBC", "XBD", "XSU", "XUA",  "DEM", "HRK", "BGN", "ANG", "ZWL",
        "usd", "Usd", "US",  "USDX", "",    "   ", "US ", " US", "D E"}) {
    EXPECT_FALSE(Currency::from_code(code)) << code;
  }
}

TEST(Currency, HasTheWholeListEachOnce) {
  std::map<int, int> count_by_exponent;
  for (char a = 'A'; a <= 'Z'; ++a) {
    for (char b = 'A'; b <= 'Z'; ++b) {
      for (char c = 'A'; c <= 'Z'; ++c) {
        if (const auto found = Currency::from_code(std::string{a, b, c})) {
          ++count_by_exponent[found->exponent()];
        }
      }
    }
  }
  EXPECT_EQ(count_by_exponent, (std::map<int, int>{{0, 17}, {2, 139}, {3, 7}, {4, 2}}));
}

TEST(Money, AddsUpToTheLimit) {
  EXPECT_EQ(checked_add(kMaxMinor, 0), kMaxMinor);
  EXPECT_EQ(checked_add(kMaxMinor - 1, 1), kMaxMinor);
  EXPECT_EQ(checked_add(kMaxMinor, 1), std::nullopt);
  EXPECT_EQ(checked_add(-kMaxMinor, -1), std::nullopt);
  EXPECT_EQ(checked_add(kMaxMinor, -kMaxMinor), 0);
  EXPECT_EQ(checked_add(kMaxMinor + 1, -1), std::nullopt) << "an operand beyond the limit";
  EXPECT_EQ(checked_add(kInt64Max, kInt64Max), std::nullopt);
}

TEST(Money, MultipliesUpToTheLimit) {
  EXPECT_EQ(checked_multiply(kMaxMinor, 1), kMaxMinor);
  EXPECT_EQ(checked_multiply(kMaxMinor, -1), -kMaxMinor);
  EXPECT_EQ(checked_multiply(kMaxMinor / 2, 2), kMaxMinor - 1);
  EXPECT_EQ(checked_multiply(kMaxMinor / 2 + 1, 2), std::nullopt);
  EXPECT_EQ(checked_multiply(kMaxMinor, 1'000'000), std::nullopt);
  EXPECT_EQ(checked_multiply(kInt64Min, -1), std::nullopt);
  EXPECT_EQ(checked_multiply(kMaxMinor + 1, 0), std::nullopt) << "an operand beyond the limit";
  EXPECT_EQ(checked_multiply(0, kInt64Max), 0);
}

TEST(Money, Negates) {
  EXPECT_EQ(checked_negate(0), 0);
  EXPECT_EQ(checked_negate(kMaxMinor), -kMaxMinor);
  EXPECT_EQ(checked_negate(-kMaxMinor), kMaxMinor);
  EXPECT_EQ(checked_negate(kMaxMinor + 1), std::nullopt);
  EXPECT_EQ(checked_negate(kInt64Min), std::nullopt);
}

RC_GTEST_PROP(Money, ArithmeticIsExactOrNothing, ()) {
  const auto a = *amount();
  const auto b = *amount();
  const bool are_amounts = is_amount(a) && is_amount(b);
  RC_ASSERT(checked_add(a, b) == (are_amounts ? within(__int128{a} + b) : std::nullopt));
  RC_ASSERT(checked_multiply(a, b) == (is_amount(a) ? within(__int128{a} * b) : std::nullopt));
  RC_ASSERT(checked_negate(a) == (is_amount(a) ? within(-__int128{a}) : std::nullopt));
}

TEST(DecimalAmount, ReadsByTheCurrencysExponent) {
  const std::vector<std::tuple<std::string_view, std::string_view, std::int64_t>> table = {
      {"12.3", "USD", 1230},
      {"12.34", "USD", 1234},
      {"12", "USD", 1200},
      {"0", "USD", 0},
      {"-0", "USD", 0},
      {"-0.05", "USD", -5},
      {"+0.05", "USD", 5},
      {"007.50", "USD", 750},
      {"1500", "JPY", 1500},
      {"1.5", "KWD", 1500},
      {"1.234", "KWD", 1234},
      {"0.0001", "CLF", 1},
      {"90071992547409.91", "USD", kMaxMinor},
      {"-90071992547409.91", "USD", -kMaxMinor},
      {"9007199254740991", "JPY", kMaxMinor},
      {"900719925474.0991", "CLF", kMaxMinor},
      {"00000000000000000000000000000001", "JPY", 1},
  };
  for (const auto& [text, code, minor] : table) {
    EXPECT_EQ(parse_decimal_amount(text, currency(code)), minor) << text << ' ' << code;
  }
}

TEST(DecimalAmount, RefusesEverythingElse) {
  for (const std::string_view text : {"",
                                      "-",
                                      "+",
                                      ".",
                                      "-.",
                                      ".5",
                                      "5.",
                                      "1.234",
                                      "1.230",
                                      "1,50",
                                      "1,000.00",
                                      "1 000",
                                      " 1",
                                      "1 ",
                                      "--1",
                                      "+-1",
                                      "1-",
                                      "1.-5",
                                      "1.2.3",
                                      "1e2",
                                      "0x10",
                                      "abc",
                                      "NaN",
                                      "inf",
                                      "$1",
                                      "1.2\n",
                                      "90071992547409.92",
                                      "-90071992547409.92",
                                      "90071992547410",
                                      "99999999999999999999999999",
                                      "18446744073709551616",
                                      "\xD9\xA1"}) {
    EXPECT_EQ(parse_decimal_amount(text, currency("USD")), std::nullopt) << text;
  }
  EXPECT_EQ(parse_decimal_amount(std::string_view{"1\0", 2}, currency("USD")), std::nullopt);
  EXPECT_EQ(parse_decimal_amount("1.0", currency("JPY")), std::nullopt);
  EXPECT_EQ(parse_decimal_amount("1.2345", currency("KWD")), std::nullopt);
  EXPECT_EQ(parse_decimal_amount("9007199254740992", currency("JPY")), std::nullopt);
}

TEST(DecimalAmount, IsWrittenWithAllItsDecimals) {
  EXPECT_EQ(format_decimal_amount(1230, currency("USD")), "12.30");
  EXPECT_EQ(format_decimal_amount(-5, currency("USD")), "-0.05");
  EXPECT_EQ(format_decimal_amount(0, currency("USD")), "0.00");
  EXPECT_EQ(format_decimal_amount(-1500, currency("JPY")), "-1500");
  EXPECT_EQ(format_decimal_amount(7, currency("KWD")), "0.007");
  EXPECT_EQ(format_decimal_amount(12345, currency("CLF")), "1.2345");
  EXPECT_EQ(format_decimal_amount(kInt64Min, currency("USD")), "-92233720368547758.08");
}

RC_GTEST_PROP(DecimalAmount, ComesBack, ()) {
  const auto minor = *rc::gen::suchThat(amount(), is_amount);
  const Currency in = currency(*rc::gen::element<std::string>("JPY", "USD", "KWD", "CLF"));
  RC_ASSERT(parse_decimal_amount(format_decimal_amount(minor, in), in) == minor);
}

}  // namespace
}  // namespace conveyor
