#include "base/csv.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/utf8.h"

namespace conveyor {
namespace {

constexpr std::size_t kChunkBytes = std::size_t{64} << 10;
constexpr std::string_view kUtf8Mark = "\xEF\xBB\xBF";
constexpr std::string_view kUtf16LittleMark = "\xFF\xFE";
constexpr std::string_view kUtf16BigMark = "\xFE\xFF";
constexpr std::array kSeparators = {',', ';', '\t'};

// The separator that the first line has most often outside quotes.
char most_frequent_separator(std::string_view text) {
  std::array<std::size_t, kSeparators.size()> counts{};
  bool is_quoted = false;
  for (const char c : text) {
    if (c == '"') is_quoted = !is_quoted;
    if (is_quoted) continue;
    if (c == '\n') break;
    const auto found = std::ranges::find(kSeparators, c);
    if (found != kSeparators.end()) ++counts[static_cast<std::size_t>(found - kSeparators.begin())];
  }
  return kSeparators[static_cast<std::size_t>(std::ranges::max_element(counts) - counts.begin())];
}

bool has_whole_line(std::string_view text) {
  bool is_quoted = false;
  return std::ranges::any_of(text, [&is_quoted](char c) {
    if (c == '"') is_quoted = !is_quoted;
    return c == '\n' && !is_quoted;
  });
}

// Where in a record a byte stands. The last three are errors, which last until the line's end.
enum class In : std::uint8_t {
  field_start,
  unquoted,
  quoted,
  after_quote,   // behind a quote in a quoted field: its end or the first half of a quote
  after_return,  // behind a CR outside quotes
  bad_text,
  bad_quote,
  bare_return,
};

// The state behind `c`, which is not the end of the record.
In step(In in, char c, char separator) {
  switch (in) {
    case In::quoted:
      return c == '"' ? In::after_quote : In::quoted;
    case In::after_return:
      return In::bare_return;
    case In::bad_text:
    case In::bad_quote:
    case In::bare_return:
      return in;
    case In::field_start:
    case In::unquoted:
    case In::after_quote:
      break;
  }
  if (c == separator) return In::field_start;
  if (c == '\r') return In::after_return;
  if (c == '"') return in == In::unquoted ? In::bad_quote : In::quoted;
  return in == In::after_quote ? In::bad_text : In::unquoted;
}

// What is wrong with a record that ended in this state.
std::optional<CsvErrorCode> error_of(In in) {
  switch (in) {
    case In::quoted:
      return CsvErrorCode::unclosed_quote;
    case In::bad_text:
      return CsvErrorCode::text_after_closing_quote;
    case In::bad_quote:
      return CsvErrorCode::quote_in_unquoted_field;
    case In::bare_return:
      return CsvErrorCode::bare_carriage_return;
    case In::field_start:
    case In::unquoted:
    case In::after_quote:
    case In::after_return:
      return std::nullopt;
  }
  std::unreachable();
}

// The content of the quoted field that `raw` begins with; `raw` is then what follows it.
std::string take_quoted(std::string_view& raw) {
  std::string field;
  std::size_t begin = 1;
  for (;;) {
    const std::size_t quote = raw.find('"', begin);
    field += raw.substr(begin, quote - begin);
    begin = quote + 2;
    if (begin > raw.size() || raw[quote + 1] != '"') {
      raw.remove_prefix(quote + 1);
      return field;
    }
    field += '"';
  }
}

// The fields of a record without errors; stops when there are more than kMaxCsvFields.
std::vector<std::string> split(std::string_view raw, char separator) {
  std::vector<std::string> fields;
  for (;;) {
    if (raw.starts_with('"')) {
      fields.push_back(take_quoted(raw));
    } else {
      const std::size_t size = std::min(raw.find(separator), raw.size());
      fields.emplace_back(raw.substr(0, size));
      raw.remove_prefix(size);
    }
    if (raw.empty() || fields.size() > kMaxCsvFields) return fields;
    raw.remove_prefix(1);
  }
}

CsvReader::Read read_from(std::istream& input) {
  return [&input](char* buffer, std::size_t size) -> std::optional<std::size_t> {
    input.read(buffer, static_cast<std::streamsize>(size));
    if (input.bad()) return std::nullopt;
    return static_cast<std::size_t>(input.gcount());
  };
}

}  // namespace

std::string_view to_string(CsvErrorCode code) {
  switch (code) {
    case CsvErrorCode::utf16_byte_order_mark:
      return "the file is UTF-16, not UTF-8";
    case CsvErrorCode::read_failed:
      return "the file cannot be read";
    case CsvErrorCode::unclosed_quote:
      return "a quote is not closed";
    case CsvErrorCode::text_after_closing_quote:
      return "text after a closing quote";
    case CsvErrorCode::quote_in_unquoted_field:
      return "a quote in a field that is not quoted";
    case CsvErrorCode::bare_carriage_return:
      return "a carriage return without a line feed";
    case CsvErrorCode::nul_byte:
      return "a NUL byte";
    case CsvErrorCode::invalid_utf8:
      return "not UTF-8";
    case CsvErrorCode::record_too_large:
      return "a record of more than 1 MiB";
    case CsvErrorCode::too_many_fields:
      return "more than 1000 fields";
    case CsvErrorCode::wrong_field_count:
      return "not as many fields as the header";
  }
  std::unreachable();
}

CsvReader::CsvReader(std::istream& input, std::optional<char> separator)
    : CsvReader(read_from(input), separator) {}

CsvReader::CsvReader(Read read, std::optional<char> separator)
    : read_(std::move(read)), separator_(separator) {}

std::expected<std::optional<CsvRecord>, CsvError> CsvReader::next() {
  if (failure_) return std::unexpected(*failure_);
  if (!is_open_) {
    is_open_ = true;
    if (const auto error = open()) return refuse(*error, line_);
  }
  skip_blank_lines();
  const std::size_t line = line_;
  const bool is_at_end = at_ == buffer_.size();
  if (is_at_end && !read_failed_) return std::nullopt;
  std::optional<CsvErrorCode> error;
  const auto raw = take_record(error);
  if (read_failed_) return refuse(CsvErrorCode::read_failed, line);
  if (error) return refuse(*error, line, raw);

  if (raw.contains('\0')) return refuse(CsvErrorCode::nul_byte, line, raw);
  if (!is_valid_utf8(raw)) return refuse(CsvErrorCode::invalid_utf8, line, raw);
  CsvRecord record{split(raw, separator()), line};
  if (record.fields.size() > kMaxCsvFields) return refuse(CsvErrorCode::too_many_fields, line, raw);
  if (field_count_ == 0) field_count_ = record.fields.size();
  if (record.fields.size() != field_count_) {
    return refuse(CsvErrorCode::wrong_field_count, line, raw);
  }
  return record;
}

// Reads more behind what is left in the buffer; false at the end of the input.
bool CsvReader::fill() {
  if (is_exhausted_) return false;
  buffer_.erase(0, at_);
  at_ = 0;
  const std::size_t size = buffer_.size();
  buffer_.resize(size + kChunkBytes);
  const std::optional<std::size_t> got = read_(buffer_.data() + size, kChunkBytes);
  buffer_.resize(size + got.value_or(0));
  read_failed_ = !got;
  is_exhausted_ = !got || *got == 0;
  return !is_exhausted_;
}

std::optional<CsvErrorCode> CsvReader::open() {
  while (buffer_.size() < kUtf8Mark.size() && fill()) {
  }
  const std::string_view text = buffer_;
  if (text.starts_with(kUtf16LittleMark) || text.starts_with(kUtf16BigMark)) {
    return CsvErrorCode::utf16_byte_order_mark;
  }
  if (text.starts_with(kUtf8Mark)) at_ = kUtf8Mark.size();
  if (!separator_) {
    skip_blank_lines();
    while (!has_whole_line(rest()) && rest().size() <= kMaxCsvRecordBytes && fill()) {
    }
    separator_ = most_frequent_separator(rest());
  }
  return std::nullopt;
}

// Also makes sure that the buffer has a byte, unless the input is at its end.
void CsvReader::skip_blank_lines() {
  for (;;) {
    while (rest().size() < 2 && fill()) {
    }
    if (rest().starts_with('\n')) {
      at_ += 1;
    } else if (rest().starts_with("\r\n")) {
      at_ += 2;
    } else {
      return;
    }
    ++line_;
  }
}

// The bytes of the next record without its line end, good until the next fill(). Whatever the
// result, the reader is then behind the record, or behind the line where it went wrong.
std::string_view CsvReader::take_record(std::optional<CsvErrorCode>& error) {
  In in = In::field_start;
  bool is_too_large = false;
  bool has_line_end = false;
  std::size_t size = 0;  // of the record so far, from at_
  for (;; ++size) {
    if (size > kMaxCsvRecordBytes + 1) is_too_large = true;  // 1: perhaps the CR of its end
    if (is_too_large) at_ += std::exchange(size, 0);         // nobody wants these bytes any more
    if (at_ + size == buffer_.size() && !fill()) break;
    const char c = buffer_[at_ + size];
    if (c == '\n') ++line_;
    has_line_end = c == '\n' && in != In::quoted;
    if (has_line_end) break;
    in = step(in, c, separator());
  }
  const auto raw = rest().substr(0, size - (in == In::after_return && size > 0 ? 1 : 0));
  at_ += size + (has_line_end ? 1 : 0);
  if (in == In::after_return && !has_line_end) in = In::bare_return;
  error = error_of(in);
  if (!error && (is_too_large || raw.size() > kMaxCsvRecordBytes)) {
    error = CsvErrorCode::record_too_large;
  }
  return raw;
}

// An error in the header leaves nothing to measure the other records by.
std::unexpected<CsvError> CsvReader::refuse(CsvErrorCode code, std::size_t line,
                                            std::string_view text) {
  const bool is_recoverable = field_count_ != 0 && code != CsvErrorCode::unclosed_quote &&
                              code != CsvErrorCode::read_failed;
  const CsvError error{code, line, is_recoverable, std::string{text}};
  if (!is_recoverable) failure_ = error;
  return std::unexpected(error);
}

}  // namespace conveyor
