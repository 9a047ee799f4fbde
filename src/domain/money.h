// Money: a signed 64-bit count of a currency's minor units (JPY 0 decimals, USD 2, KWD 3), at most
// kMaxMinor either way so that every JSON reader keeps it exactly. Never floating point. Amounts
// carry no currency of their own: an order has one, and all its amounts are in it.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace conveyor {

inline constexpr std::int64_t kMaxMinor = 9'007'199'254'740'991;  // 2^53 - 1

// A currency of ISO 4217's list of current currencies and funds. The codes without a minor unit
// (metals, units of account, testing: XAU, XDR, XTS, XXX ...) are none of ours.
class Currency {
 public:
  // No currency yet (ISO 4217's XXX); only what default-constructs holds it.
  Currency() : code_{'X', 'X', 'X'}, exponent_(0) {}

  // Three capital letters, as in "EUR".
  static std::optional<Currency> from_code(std::string_view code);

  std::string_view code() const { return {code_.data(), code_.size()}; }
  int exponent() const { return exponent_; }  // decimals: 0, 2, 3 or 4

  auto operator<=>(const Currency&) const = default;

 private:
  Currency(std::array<char, 3> code, std::int8_t exponent) : code_(code), exponent_(exponent) {}

  std::array<char, 3> code_;
  std::int8_t exponent_;
};

// Nothing when an operand or the result is beyond kMaxMinor.
std::optional<std::int64_t> checked_add(std::int64_t left_minor, std::int64_t right_minor);
std::optional<std::int64_t> checked_multiply(std::int64_t amount_minor, std::int64_t factor);
std::optional<std::int64_t> checked_negate(std::int64_t amount_minor);

// "12.3" in USD is 1230. A sign, digits, and a point with at most as many digits behind it as the
// currency has decimals; no thousands separators, exponents or spaces. Nothing for anything else
// and for what is beyond kMaxMinor.
std::optional<std::int64_t> parse_decimal_amount(std::string_view text, Currency currency);

// With exactly the currency's decimals: 1230 in USD is "12.30", -5 is "-0.05".
std::string format_decimal_amount(std::int64_t amount_minor, Currency currency);

}  // namespace conveyor
