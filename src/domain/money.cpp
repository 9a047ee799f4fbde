#include "domain/money.h"

#include <fmt/format.h>

#include <algorithm>

namespace conveyor {
namespace {

// ISO 4217 list one (current currencies and funds), grouped by decimals, each group sorted.
constexpr std::array<std::string_view, 4> kCodesByGroup = {
    // 0
    "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    // 2
    "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD "
    "CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL "
    "GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR "
    "LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD "
    "PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC "
    "SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR "
    "ZMW ZWG",
    // 3
    "BHD IQD JOD KWD LYD OMR TND",
    // 4
    "CLF UYW",
};
constexpr std::array<std::int8_t, 4> kExponents = {0, 2, 3, 4};
constexpr std::size_t kCodeSize = 3;

constexpr bool is_in(std::string_view codes, std::string_view code) {
  std::size_t count = (codes.size() + 1) / (kCodeSize + 1);
  std::size_t first = 0;
  while (count > 0) {
    const std::size_t half = count / 2;
    const std::string_view middle = codes.substr((first + half) * (kCodeSize + 1), kCodeSize);
    if (middle == code) return true;
    if (middle < code) {
      first += half + 1;
      count -= half + 1;
    } else {
      count = half;
    }
  }
  return false;
}

constexpr bool is_within(std::int64_t amount_minor) {
  return amount_minor >= -kMaxMinor && amount_minor <= kMaxMinor;
}

constexpr std::int64_t power_of_ten(int exponent) {
  std::int64_t power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

}  // namespace

std::optional<Currency> Currency::from_code(std::string_view code) {
  if (code.size() != kCodeSize) return std::nullopt;
  for (std::size_t group = 0; group < kCodesByGroup.size(); ++group) {
    if (is_in(kCodesByGroup[group], code)) {
      return Currency({code[0], code[1], code[2]}, kExponents[group]);
    }
  }
  return std::nullopt;
}

std::optional<std::int64_t> checked_add(std::int64_t left_minor, std::int64_t right_minor) {
  if (!is_within(left_minor) || !is_within(right_minor)) return std::nullopt;
  const std::int64_t sum = left_minor + right_minor;
  if (!is_within(sum)) return std::nullopt;
  return sum;
}

std::optional<std::int64_t> checked_multiply(std::int64_t amount_minor, std::int64_t factor) {
  std::int64_t product = 0;
  if (__builtin_mul_overflow(amount_minor, factor, &product)) return std::nullopt;
  if (!is_within(amount_minor) || !is_within(product)) return std::nullopt;
  return product;
}

std::optional<std::int64_t> checked_negate(std::int64_t amount_minor) {
  if (!is_within(amount_minor)) return std::nullopt;
  return -amount_minor;
}

std::optional<std::int64_t> parse_decimal_amount(std::string_view text, Currency currency) {
  const bool is_negative = text.starts_with('-');
  if (is_negative || text.starts_with('+')) text.remove_prefix(1);

  const std::size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  std::string_view fraction;
  if (point != std::string_view::npos) {
    fraction = text.substr(point + 1);
    if (fraction.empty()) return std::nullopt;
  }
  const auto decimals = static_cast<std::size_t>(currency.exponent());
  if (whole.empty() || fraction.size() > decimals) return std::nullopt;

  std::int64_t minor = 0;
  const auto append_digit = [&minor](char c) {
    if (c < '0' || c > '9') return false;
    minor = minor * 10 + (c - '0');
    return minor <= kMaxMinor;
  };
  if (!std::ranges::all_of(whole, append_digit)) return std::nullopt;
  if (!std::ranges::all_of(fraction, append_digit)) return std::nullopt;
  for (std::size_t i = fraction.size(); i < decimals; ++i) {
    if (!append_digit('0')) return std::nullopt;
  }
  return is_negative ? -minor : minor;
}

std::string format_decimal_amount(std::int64_t amount_minor, Currency currency) {
  const bool is_negative = amount_minor < 0;
  // Negated as unsigned, so that the smallest number is none too many.
  const auto bits = static_cast<std::uint64_t>(amount_minor);
  const std::uint64_t magnitude = is_negative ? 0 - bits : bits;
  const std::string_view sign = is_negative ? "-" : "";
  if (currency.exponent() == 0) return fmt::format("{}{}", sign, magnitude);
  const auto unit = static_cast<std::uint64_t>(power_of_ten(currency.exponent()));
  return fmt::format("{}{}.{:0{}}", sign, magnitude / unit, magnitude % unit, currency.exponent());
}

}  // namespace conveyor
