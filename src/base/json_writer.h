// Writes JSON in the canonical form of RFC 8785 (JCS) straight into a string: no white space,
// minimal escapes, and, by default, members in the order of RFC 8785 section 3.2.3.
//
// The caller owns the string; the writer appends to it and must not outlive it. One writer, one
// thread. Wrong use (members out of order, a value without its key, text that is not UTF-8, an
// integer that I-JSON cannot carry) is a defect of the caller and stops the process, since what is
// written here is hashed and stored. There are no floating point numbers.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "base/assert.h"

namespace conveyor {

// Objects and arrays within one another that JsonWriter and canonical_json() carry.
inline constexpr int kMaxJsonWriterDepth = 64;

// The largest integer that every JSON reader keeps exactly (RFC 7493 section 2.2), 2^53 - 1.
inline constexpr std::int64_t kMaxJsonInteger = 9'007'199'254'740'991;

// `utf8` as a JSON string with its quotes, escaped as RFC 8785 section 3.2.2.2 says: \b \t \n \f \r
// \" \\ and \u00xx in lower case for the other control characters, everything else as it is.
void append_json_string(std::string& out, std::string_view utf8);

// The order of RFC 8785 section 3.2.3: by UTF-16 code units. For ASCII the order of bytes.
bool json_key_less(std::string_view left, std::string_view right);

class JsonWriter {
 public:
  enum class Order : std::uint8_t {
    canonical,  // members must arrive in the order of RFC 8785, integers within +-kMaxJsonInteger
    any,        // members as they come, any 64-bit integer: for API answers
  };

  explicit JsonWriter(std::string& out, Order order = Order::canonical)
      : out_(out), order_(order) {}
  JsonWriter(const JsonWriter&) = delete;
  JsonWriter& operator=(const JsonWriter&) = delete;

  void begin_object();
  void end_object();
  void begin_array();
  void end_array();

  // `name` stays readable until the object's next key or its end.
  void key(std::string_view name);

  void value(std::string_view utf8);
  void value(const char* utf8) { value(std::string_view{utf8}); }
  void value(std::int64_t number);
  template <std::integral T>
    requires(!std::same_as<T, bool> && !std::same_as<T, char> && !std::same_as<T, std::int64_t>)
  void value(T number) {
    CONVEYOR_ASSERT(std::in_range<std::int64_t>(number), "integer fits 64 bits with sign");
    value(static_cast<std::int64_t>(number));
  }
  void value(std::same_as<bool> auto flag) { raw(flag ? "true" : "false"); }
  void null() { raw("null"); }

  // One complete value that is already in canonical form; it is not looked at.
  void raw(std::string_view canonical_json);

  template <typename T>
  void member(std::string_view name, const T& content) {
    key(name);
    value(content);
  }

 private:
  struct Level {
    bool is_object;
    bool is_empty;
    const char* last_key;  // of an object that is not empty
    std::size_t last_key_size;
  };

  void before_value();
  void append_key(std::string_view name, bool is_first);
  void begin(bool is_object, char bracket);
  void end(bool is_object, char bracket);

  std::string& out_;
  std::array<Level, kMaxJsonWriterDepth> levels_;
  int depth_ = 0;
  Order order_;
  bool has_key_ = false;  // a key waits for its value
};

}  // namespace conveyor
