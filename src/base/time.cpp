#include "base/time.h"

#include <array>
#include <span>

namespace conveyor {
namespace {

/// Reads exactly `digits` decimal digits at `at` and advances; nullopt if there are fewer.
std::optional<int> read_digits(std::string_view text, std::size_t& at, std::size_t digits) {
  if (text.size() - at < digits) return std::nullopt;
  int value = 0;
  for (std::size_t i = 0; i < digits; ++i, ++at) {
    if (text[at] < '0' || text[at] > '9') return std::nullopt;
    value = value * 10 + (text[at] - '0');
  }
  return value;
}

bool read_char(std::string_view text, std::size_t& at, char expected) {
  if (at >= text.size() || text[at] != expected) return false;
  ++at;
  return true;
}

std::optional<Timestamp> read_date(std::string_view text, std::size_t& at) {
  const auto year = read_digits(text, at, 4);
  if (!year || !read_char(text, at, '-')) return std::nullopt;
  const auto month = read_digits(text, at, 2);
  if (!month || !read_char(text, at, '-')) return std::nullopt;
  const auto day = read_digits(text, at, 2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{*year},
                                         std::chrono::month{static_cast<unsigned>(*month)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok()) return std::nullopt;
  return Timestamp{std::chrono::sys_days{date}};
}

/// `.123` (any number of digits from one to nine) as milliseconds; zero if there is no fraction.
std::optional<Duration> read_fraction(std::string_view text, std::size_t& at) {
  if (!read_char(text, at, '.')) return Duration{0};
  int ms = 0;
  int digits = 0;
  for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, ++digits) {
    if (digits < 3) ms = ms * 10 + (text[at] - '0');
  }
  if (digits == 0 || digits > 9) return std::nullopt;
  for (; digits < 3; ++digits) ms *= 10;
  return Duration{ms};
}

std::optional<Duration> read_offset(std::string_view text, std::size_t& at) {
  if (read_char(text, at, 'Z') || read_char(text, at, 'z')) return Duration{0};
  if (at >= text.size() || (text[at] != '+' && text[at] != '-')) return std::nullopt;
  const int sign = text[at++] == '-' ? -1 : 1;
  const auto hours = read_digits(text, at, 2);
  if (!hours || *hours > 23 || !read_char(text, at, ':')) return std::nullopt;
  const auto minutes = read_digits(text, at, 2);
  if (!minutes || *minutes > 59) return std::nullopt;
  return sign * (std::chrono::hours{*hours} + std::chrono::minutes{*minutes});
}

/// Several times in every event: a formatting library would be slow here.
void write_digits(std::span<char> text, std::size_t at, std::size_t digits, unsigned value) {
  for (auto i = at + digits; i-- > at; value /= 10) text[i] = static_cast<char>('0' + value % 10);
}

}  // namespace

std::string format_rfc3339(Timestamp t) {
  std::string text;
  append_rfc3339(text, t);
  return text;
}

void append_rfc3339(std::string& out, Timestamp t) {
  const auto days = std::chrono::floor<std::chrono::days>(t);
  const std::chrono::year_month_day date{days};
  const std::chrono::hh_mm_ss time{t - days};
  std::array text = std::to_array("0000-00-00T00:00:00.000Z");
  write_digits(text, 0, 4, static_cast<unsigned>(static_cast<int>(date.year())));
  write_digits(text, 5, 2, static_cast<unsigned>(date.month()));
  write_digits(text, 8, 2, static_cast<unsigned>(date.day()));
  write_digits(text, 11, 2, static_cast<unsigned>(time.hours().count()));
  write_digits(text, 14, 2, static_cast<unsigned>(time.minutes().count()));
  write_digits(text, 17, 2, static_cast<unsigned>(time.seconds().count()));
  write_digits(text, 20, 3, static_cast<unsigned>(time.subseconds().count()));
  out.append(text.data(), text.size() - 1);
}

std::optional<Timestamp> parse_rfc3339(std::string_view text) {
  std::size_t at = 0;
  const auto date = read_date(text, at);
  if (!date) return std::nullopt;
  if (at == text.size()) return date;
  if (!read_char(text, at, 'T') && !read_char(text, at, 't')) return std::nullopt;
  const auto hours = read_digits(text, at, 2);
  if (!hours || *hours > 23 || !read_char(text, at, ':')) return std::nullopt;
  const auto minutes = read_digits(text, at, 2);
  if (!minutes || *minutes > 59 || !read_char(text, at, ':')) return std::nullopt;
  const auto seconds = read_digits(text, at, 2);
  if (!seconds || *seconds > 59) return std::nullopt;
  const auto fraction = read_fraction(text, at);
  if (!fraction) return std::nullopt;
  const auto offset = read_offset(text, at);
  if (!offset || at != text.size()) return std::nullopt;
  return *date + std::chrono::hours{*hours} + std::chrono::minutes{*minutes} +
         std::chrono::seconds{*seconds} + *fraction - *offset;
}

}  // namespace conveyor
