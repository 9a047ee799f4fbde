#include "base/json_writer.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/decimal.h"
#include "base/utf8.h"

namespace conveyor {
namespace {

constexpr std::uint64_t repeat(std::uint8_t byte) {
  return byte * 0x0101010101010101ULL;
}

// A high bit in each byte of the result where `word` has a control character, a quote, a backslash
// or a byte above 0x7F; above the first such byte there may be false ones.
std::uint64_t special_bytes(std::uint64_t word) {
  const std::uint64_t quote = word ^ repeat('"');
  const std::uint64_t backslash = word ^ repeat('\\');
  return ((word - repeat(0x20)) | (quote - repeat(1)) | (backslash - repeat(1)) | word) &
         repeat(0x80);
}

// How many bytes from the start of `text` are ASCII and need no escape. Eight bytes at a time: most
// strings that are written are ids without anything special.
std::size_t plain_prefix(std::string_view text) {
  static_assert(std::endian::native == std::endian::little);
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t word;
    std::memcpy(&word, text.data() + at, 8);
    const std::uint64_t special = special_bytes(word);
    if (special != 0) return at + static_cast<std::size_t>(std::countr_zero(special)) / 8;
  }
  for (; at < text.size(); ++at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if (byte < 0x20 || byte > 0x7F || byte == '"' || byte == '\\') break;
  }
  return at;
}

void append_escaped(std::string& out, unsigned char byte) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  switch (byte) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\t':
      out += "\\t";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\r':
      out += "\\r";
      return;
    default:
      out += "\\u00";
      out += kDigits[byte >> 4];
      out += kDigits[byte & 0xF];
  }
}

// Bytes of UTF-8 in the order of the UTF-16 code units that they lead to: four-byte sequences
// (F0..F4) are surrogates D800..DFFF there, below U+E000 (EE, EF).
unsigned utf16_rank(char c) {
  const auto byte = static_cast<unsigned char>(c);
  if (byte >= 0xF0) return byte - 2U;
  if (byte >= 0xEE) return byte + 5U;
  return byte;
}

}  // namespace

void append_json_string(std::string& out, std::string_view utf8) {
  out += '"';
  bool is_checked = false;
  for (;;) {
    const std::size_t plain = plain_prefix(utf8);
    out.append(utf8.substr(0, plain));
    utf8.remove_prefix(plain);
    if (utf8.empty()) break;
    const auto byte = static_cast<unsigned char>(utf8.front());
    if (byte > 0x7F) {
      if (!is_checked) CONVEYOR_ASSERT(is_valid_utf8(utf8), "JSON text is UTF-8");
      is_checked = true;
      out += utf8.front();
    } else {
      append_escaped(out, byte);
    }
    utf8.remove_prefix(1);
  }
  out += '"';
}

bool json_key_less(std::string_view left, std::string_view right) {
  // Most neighbours differ in their first byte.
  if (!left.empty() && !right.empty() && left.front() != right.front()) {
    return utf16_rank(left.front()) < utf16_rank(right.front());
  }
  const auto [l, r] = std::ranges::mismatch(left, right);
  if (r == right.end()) return false;
  if (l == left.end()) return true;
  return utf16_rank(*l) < utf16_rank(*r);
}

void JsonWriter::before_value() {
  if (depth_ == 0) return;
  Level& level = levels_[static_cast<std::size_t>(depth_) - 1];
  if (level.is_object) {
    CONVEYOR_ASSERT(has_key_, "a member has a key");
    has_key_ = false;
    return;
  }
  if (!level.is_empty) out_ += ',';
  level.is_empty = false;
}

void JsonWriter::begin(bool is_object, char bracket) {
  before_value();
  CONVEYOR_ASSERT(depth_ < kMaxJsonWriterDepth, "JSON is not too deep");
  levels_[static_cast<std::size_t>(depth_)] = {is_object, true, nullptr, 0};
  ++depth_;
  out_ += bracket;
}

void JsonWriter::end(bool is_object, char bracket) {
  CONVEYOR_ASSERT(depth_ > 0 && !has_key_, "JSON ends where it may");
  --depth_;
  const Level& level = levels_[static_cast<std::size_t>(depth_)];
  CONVEYOR_ASSERT(level.is_object == is_object, "JSON brackets match");
  out_ += bracket;
}

void JsonWriter::begin_object() {
  begin(true, '{');
}
void JsonWriter::end_object() {
  end(true, '}');
}
void JsonWriter::begin_array() {
  begin(false, '[');
}
void JsonWriter::end_array() {
  end(false, ']');
}

void JsonWriter::key(std::string_view name) {
  CONVEYOR_ASSERT(depth_ > 0 && !has_key_, "a key stands where it may");
  Level& level = levels_[static_cast<std::size_t>(depth_) - 1];
  CONVEYOR_ASSERT(level.is_object, "a key stands in an object");
  if (order_ == Order::canonical) {
    CONVEYOR_ASSERT(level.is_empty || json_key_less({level.last_key, level.last_key_size}, name),
                    "members are in order");
    level.last_key = name.data();
    level.last_key_size = name.size();
  }
  append_key(name, level.is_empty);
  level.is_empty = false;
  has_key_ = true;
}

/// A short key without escapes, as nearly all are, in one piece.
void JsonWriter::append_key(std::string_view name, bool is_first) {
  constexpr std::size_t kShort = 32;
  if (name.size() <= kShort && plain_prefix(name) == name.size()) {
    std::array<char, kShort + 4> text{',', '"'};
    std::memcpy(text.data() + 2, name.data(), name.size());
    std::memcpy(text.data() + 2 + name.size(), "\":", 2);
    out_.append(text.data() + (is_first ? 1 : 0), name.size() + (is_first ? 3 : 4));
    return;
  }
  if (!is_first) out_ += ',';
  append_json_string(out_, name);
  out_ += ':';
}

void JsonWriter::value(std::string_view utf8) {
  before_value();
  append_json_string(out_, utf8);
}

void JsonWriter::value(std::int64_t number) {
  CONVEYOR_ASSERT(order_ == Order::any || (number >= -kMaxJsonInteger && number <= kMaxJsonInteger),
                  "integer is within I-JSON");
  before_value();
  append_decimal(out_, number);
}

void JsonWriter::raw(std::string_view canonical_json) {
  before_value();
  out_.append(canonical_json);
}

}  // namespace conveyor
