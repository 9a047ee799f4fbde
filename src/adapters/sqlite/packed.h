// Packer and Unpacker: values one behind the other in bytes. Numbers without sign are unsigned
// LEB128, those with one the same after zigzag (as in Protocol Buffers), texts and lists begin with
// their length, what has a fixed size comes as it is.
//
// The Unpacker throws StoreError (damaged) for what no Packer writes: bytes that end early, a
// number beyond its type, a length beyond the bytes.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/sqlite/codes.h"
#include "adapters/sqlite/connection.h"
#include "base/time.h"
#include "base/uuid.h"

namespace conveyor::sqlite {

class Packer {
 public:
  Packer() = default;
  /// Appends to these.
  explicit Packer(std::vector<std::uint8_t> bytes) : out_(std::move(bytes)) {}

  void byte(std::uint8_t value) { out_.push_back(value); }
  void bytes(std::span<const std::uint8_t> value) {
    out_.insert(out_.end(), value.begin(), value.end());
  }
  void number(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) byte(static_cast<std::uint8_t>(value | 0x80));
    byte(static_cast<std::uint8_t>(value));
  }
  void integer(std::int64_t value) {
    const auto bits = static_cast<std::uint64_t>(value);
    number((bits << 1) ^ (value < 0 ? std::numeric_limits<std::uint64_t>::max() : 0));
  }
  void text(std::string_view value) {
    number(value.size());
    out_.insert(out_.end(), value.begin(), value.end());
  }
  void time(Timestamp value) { integer(to_unix_ms(value)); }
  /// The number that stands for the word (codes.h).
  template <class Enum>
  void code(Enum word) {
    number(static_cast<std::uint64_t>(code_of(word)));
  }

  std::vector<std::uint8_t> take() { return std::move(out_); }

 private:
  std::vector<std::uint8_t> out_;
};

class Unpacker {
 public:
  /// `what` the bytes are, for the error; both outlive it.
  Unpacker(Bytes bytes, std::string_view what) : left_(bytes), what_(what) {}

  [[noreturn]] void damaged() const;
  bool empty() const { return left_.empty(); }
  std::size_t left() const { return left_.size(); }
  /// Nothing may be left.
  void end() const {
    if (!left_.empty()) damaged();
  }

  std::uint8_t byte() { return take(1).front(); }
  template <class Array>
  Array array() {
    Array out;
    const auto bytes = take(out.size());
    std::copy(bytes.begin(), bytes.end(), out.begin());
    return out;
  }
  Uuid uuid() { return Uuid{array<decltype(Uuid::bytes)>()}; }
  template <class Id>
  Id id() {
    return Id{uuid()};
  }
  template <class Number = std::uint64_t>
  Number number() {
    const auto value = leb128();
    if (value > std::numeric_limits<Number>::max()) damaged();
    return static_cast<Number>(value);
  }
  std::int64_t integer() {
    const auto bits = leb128();
    return static_cast<std::int64_t>((bits >> 1) ^ (~(bits & 1) + 1));
  }
  /// The length of a list, each of whose parts takes a byte at least.
  std::size_t count() {
    const auto value = leb128();
    if (value > left_.size()) damaged();
    return static_cast<std::size_t>(value);
  }
  std::string text() { return std::string{view()}; }
  /// Of the bytes themselves.
  std::string_view view() {
    const auto bytes = take(count());
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  Timestamp time() { return stored_time(integer()); }
  template <class Enum>
  Enum code() {
    return word_of<Enum>(number<std::uint8_t>());
  }

 private:
  Bytes take(std::size_t size) {
    if (size > left_.size()) damaged();
    const auto bytes = left_.first(size);
    left_ = left_.subspan(size);
    return bytes;
  }
  std::uint64_t leb128() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const auto part = byte();
      if (shift == 63 && part > 1) damaged();
      value |= std::uint64_t{part & 0x7fU} << shift;
      if ((part & 0x80) == 0) return value;
    }
    damaged();
  }

  Bytes left_;
  std::string_view what_;
};

}  // namespace conveyor::sqlite
