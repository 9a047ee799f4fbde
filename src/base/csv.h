// A strict, streaming reader of CSV: RFC 4180, plus `;` or tab as the separator, LF as well as
// CRLF, a UTF-8 byte order mark, and blank lines, which are skipped.
//
// It pulls bytes as it needs them and holds one record, so memory is bounded whatever the input's
// size. The first record is the header and fixes the number of fields. The stream must outlive the
// reader. One reader, one thread. After an error with `is_recoverable` the next call goes on behind
// the wrong record, or, when the quotes or line ends are wrong, behind the line where that shows;
// an error in the header is not recoverable. After any other error, and after the end, every call
// gives the same again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <istream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace conveyor {

inline constexpr std::size_t kMaxCsvRecordBytes = std::size_t{1} << 20;  // without its line end
inline constexpr std::size_t kMaxCsvFields = 1000;

enum class CsvErrorCode : std::uint8_t {
  utf16_byte_order_mark,  // the file is UTF-16; not recoverable
  read_failed,            // the stream went bad; not recoverable
  unclosed_quote,         // the end of the input inside quotes; not recoverable
  text_after_closing_quote,
  quote_in_unquoted_field,
  bare_carriage_return,  // a CR without LF outside quotes
  nul_byte,
  invalid_utf8,
  record_too_large,   // more than kMaxCsvRecordBytes
  too_many_fields,    // more than kMaxCsvFields
  wrong_field_count,  // not as many as the header
};

// One sentence part for people, such as "text after a closing quote".
std::string_view to_string(CsvErrorCode code);

struct CsvRecord {
  std::vector<std::string> fields;
  std::size_t line;  // its first physical line, from 1
};

struct CsvError {
  CsvErrorCode code;
  std::size_t line;  // the first physical line of the record, from 1
  bool is_recoverable;
  std::string text;  // the bytes that were skipped, line ends within them included; not all of them
                     // if the record is too large
};

class CsvReader {
 public:
  // Fills the buffer and returns how many bytes; 0 is the end, std::nullopt a failure to read.
  using Read = std::function<std::optional<std::size_t>(char* buffer, std::size_t size)>;

  // Without `separator` it is the one of `,` `;` and tab that the header line has most often
  // outside quotes; the first of them if none or several do.
  explicit CsvReader(std::istream& input, std::optional<char> separator = std::nullopt);
  explicit CsvReader(Read read, std::optional<char> separator = std::nullopt);

  // The next record, or std::nullopt at the end.
  std::expected<std::optional<CsvRecord>, CsvError> next();

  // The separator in use; before the first next() the given one or ','.
  char separator() const { return separator_.value_or(','); }

 private:
  bool fill();
  std::optional<CsvErrorCode> open();
  void skip_blank_lines();
  std::string_view take_record(std::optional<CsvErrorCode>& error);
  std::unexpected<CsvError> refuse(CsvErrorCode code, std::size_t line, std::string_view text = {});
  std::string_view rest() const { return std::string_view{buffer_}.substr(at_); }

  Read read_;
  std::optional<char> separator_;
  std::string buffer_;
  std::size_t at_ = 0;           // in buffer_, of the next byte
  std::size_t line_ = 1;         // of the next byte
  std::size_t field_count_ = 0;  // of the header; 0 until it is read
  bool is_open_ = false;
  bool is_exhausted_ = false;
  bool read_failed_ = false;
  std::optional<CsvError> failure_;  // an error that lasts
};

}  // namespace conveyor
