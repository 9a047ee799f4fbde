#include "base/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "base/json_writer.h"
#include "base/utf8.h"

namespace conveyor {
namespace {

namespace json = boost::json;

// Room that an object has from its first member on; growing from one costs more than the reading.
constexpr std::size_t kFirstMembers = 4;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kWhiteSpace = " \t\n\r";

std::string_view view(json::string_view text) {
  return {text.data(), text.size()};
}

void append_pointer(std::string& pointer, std::string_view token) {
  pointer += '/';
  pointer += escape_json_pointer(token);
}

// What json::basic_parser calls as it reads. Containers are built in place: a child is inserted
// into its parent when it begins, and no parent changes while a child is open, so the pointers to
// the open containers stay good.
class TreeBuilder {
 public:
  // The parser's own limits; ours on the whole text are tighter.
  static constexpr std::size_t max_array_size = json::array::max_size();
  static constexpr std::size_t max_object_size = json::object::max_size();
  static constexpr std::size_t max_string_size = json::string::max_size();
  static constexpr std::size_t max_key_size = json::string::max_size();

  explicit TreeBuilder(std::size_t max_members) : max_members_(max_members) {}

  json::value take_root() { return std::move(root_); }
  // What this class refused, as opposed to the parser.
  std::optional<JsonError> take_refusal() { return std::exchange(refusal_, std::nullopt); }

  // To the value that is being read, or to the innermost container if none is.
  std::string pointer() const {
    std::string pointer;
    for (std::size_t level = 0; level < open_.size(); ++level) {
      const bool is_innermost = level + 1 == open_.size();
      if (open_[level]->is_array()) {
        const std::size_t size = open_[level]->get_array().size();
        if (!is_innermost) {
          append_pointer(pointer, std::to_string(size - 1));
        } else if (is_in_value_) {
          append_pointer(pointer, std::to_string(size));
        }
      } else if (!is_innermost || slot_ != nullptr) {
        append_pointer(pointer, view((open_[level]->get_object().end() - 1)->key()));
      }
    }
    return pointer;
  }

  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }
  bool on_object_begin(json::error_code&) {
    open_.push_back(&insert(json::object{}));
    return true;
  }
  bool on_array_begin(json::error_code&) {
    open_.push_back(&insert(json::array{}));
    return true;
  }
  bool on_object_end(std::size_t, json::error_code&) {
    open_.pop_back();
    return true;
  }
  bool on_array_end(std::size_t, json::error_code&) {
    open_.pop_back();
    return true;
  }

  bool on_key_part(json::string_view part, std::size_t, json::error_code&) {
    parts_ += view(part);
    return true;
  }
  bool on_key(json::string_view last, std::size_t total, json::error_code& error) {
    const bool inserted = insert_key(whole(last, total), error);
    parts_.clear();
    return inserted;
  }
  bool on_string_part(json::string_view part, std::size_t, json::error_code&) {
    parts_ += view(part);
    return true;
  }
  bool on_string(json::string_view last, std::size_t total, json::error_code&) {
    insert(whole(last, total));
    parts_.clear();
    return true;
  }

  bool on_number_part(json::string_view, json::error_code&) { return true; }
  bool on_int64(std::int64_t number, json::string_view, json::error_code&) {
    insert(number);
    return true;
  }
  bool on_uint64(std::uint64_t, json::string_view, json::error_code& error) {
    return refuse_number("the integer does not fit 64 bits", error);
  }
  // The parser's own number is not the nearest double for every text; std::from_chars is exact.
  bool on_double(double, json::string_view text, json::error_code& error) {
    if (text.find_first_of(".eE") == json::string_view::npos) {
      return refuse_number("the integer does not fit 64 bits", error);
    }
    double number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    if (read.ec != std::errc{}) return refuse_number("the number does not fit a double", error);
    insert(number);
    return true;
  }
  bool on_bool(bool flag, json::error_code&) {
    insert(flag);
    return true;
  }
  bool on_null(json::error_code&) {
    insert(nullptr);
    return true;
  }
  bool on_comment_part(json::string_view, json::error_code&) { return true; }
  bool on_comment(json::string_view, json::error_code&) { return true; }

 private:
  // The whole string, whose earlier parts, if any, are in parts_.
  json::string_view whole(json::string_view last, std::size_t total) {
    if (last.size() == total) return last;
    parts_ += view(last);
    return parts_;
  }

  template <typename T>
  json::value& insert(T&& content) {
    if (slot_ != nullptr) {
      json::value& slot = *std::exchange(slot_, nullptr);
      slot = std::forward<T>(content);
      return slot;
    }
    if (open_.empty()) {
      root_ = std::forward<T>(content);
      return root_;
    }
    return open_.back()->get_array().emplace_back(std::forward<T>(content));
  }

  bool insert_key(json::string_view name, json::error_code& error) {
    json::object& object = open_.back()->get_object();
    if (object.empty()) object.reserve(kFirstMembers);
    const auto [member, is_new] = object.emplace(name, nullptr);
    if (!is_new) {
      refuse("duplicate_member", "the object has this member twice", error);
      append_pointer(refusal_->pointer, view(name));
      return false;
    }
    if (object.size() > max_members_) {
      object.erase(member);
      refuse("too_many_members", fmt::format("an object may have {} members", max_members_), error);
      return false;
    }
    slot_ = &member->value();
    return true;
  }

  bool refuse_number(std::string_view detail, json::error_code& error) {
    is_in_value_ = true;
    refuse("number_out_of_range", std::string{detail}, error);
    return false;
  }

  void refuse(std::string_view code, std::string detail, json::error_code& error) {
    refusal_ = JsonError{std::string{code}, pointer(), std::move(detail), 0};
    error = json::error::syntax;  // any error: the parser only needs to stop
  }

  const std::size_t max_members_;
  json::value root_;
  std::vector<json::value*> open_;  // the open containers, outermost first
  json::value* slot_ = nullptr;     // where the value of the last key goes
  std::string parts_;
  std::optional<JsonError> refusal_;
  bool is_in_value_ = false;
};

std::optional<unsigned> escaped_unit(std::string_view text, std::size_t at) {
  if (!text.substr(at).starts_with("\\u") || text.size() < at + 6) return std::nullopt;
  unsigned unit = 0;
  const char* const digits = text.data() + at + 2;
  const auto read = std::from_chars(digits, digits + 4, unit, 16);
  if (read.ec != std::errc{} || read.ptr != digits + 4) return std::nullopt;
  return unit;
}

// Whether the parser, which found nothing wrong before `end`, stopped at a surrogate without its
// other half; it has no error of its own for each case of it.
bool stopped_at_lone_surrogate(std::string_view text, std::size_t end) {
  std::size_t at = 0;
  while ((at = text.find('\\', at)) < end) {
    const unsigned unit = escaped_unit(text, at).value_or(0);
    if (unit >= 0xDC00 && unit <= 0xDFFF) return true;
    if (unit >= 0xD800 && unit <= 0xDBFF) {
      const unsigned next = escaped_unit(text, at + 6).value_or(0);
      if (next < 0xDC00 || next > 0xDFFF) return true;
      at += 6;
    }
    at += 2;
  }
  return false;
}

JsonError parser_error(const json::error_code& error, std::string_view text, bool is_utf8,
                       std::size_t offset, std::string pointer) {
  const auto make = [&](std::string_view code, std::string detail) {
    return JsonError{std::string{code}, std::move(pointer), std::move(detail), offset};
  };
  if (error == json::error::too_deep) return make("too_deep", "too many levels");
  if (error == json::error::exponent_overflow) {
    return make("number_out_of_range", "the number does not fit a double");
  }
  const bool is_at_ascii = offset < text.size() && static_cast<unsigned char>(text[offset]) < 0x80;
  if (!is_utf8 && !is_at_ascii) return make("invalid_utf8", "not UTF-8");
  if (stopped_at_lone_surrogate(text, offset)) {
    return make("lone_surrogate", "a \\u escape is half of a surrogate pair");
  }
  if (error == json::error::incomplete) return make("incomplete", "the text ends too early");
  return make("syntax", fmt::format("not JSON at byte {}", offset));
}

std::optional<JsonError> refuse_text(std::string_view text, const JsonLimits& limits) {
  if (text.size() > limits.max_bytes) {
    return JsonError{"too_large", "", fmt::format("more than {} bytes", limits.max_bytes),
                     limits.max_bytes};
  }
  if (text.starts_with(kByteOrderMark)) {
    return JsonError{"byte_order_mark", "", "the text begins with a byte order mark", 0};
  }
  if (text.find_first_not_of(kWhiteSpace) == std::string_view::npos) {
    return JsonError{"empty", "", "there is no value", text.size()};
  }
  return std::nullopt;
}

// Fills the writer; on an error `pointer` is complete when the recursion has returned, so each
// level puts its own token in front.
class Canonicalizer {
 public:
  explicit Canonicalizer(std::string& out) : writer_(out) {}

  std::optional<JsonError> write(const json::value& value, int depth) {
    switch (value.kind()) {
      case json::kind::null:
        writer_.null();
        return std::nullopt;
      case json::kind::bool_:
        writer_.value(value.get_bool());
        return std::nullopt;
      case json::kind::int64:
        return write_integer(value.get_int64());
      case json::kind::uint64:
        if (!std::in_range<std::int64_t>(value.get_uint64())) return out_of_range();
        return write_integer(static_cast<std::int64_t>(value.get_uint64()));
      case json::kind::double_:
        return JsonError{"not_an_integer", "", "only integers are accepted", 0};
      case json::kind::string:
        writer_.value(view(value.get_string()));
        return std::nullopt;
      case json::kind::array:
        return write_array(value.get_array(), depth + 1);
      case json::kind::object:
        return write_object(value.get_object(), depth + 1);
    }
    std::unreachable();
  }

 private:
  static JsonError out_of_range() {
    return {"number_out_of_range", "", fmt::format("beyond {} either way", kMaxJsonInteger), 0};
  }

  std::optional<JsonError> write_integer(std::int64_t number) {
    if (number < -kMaxJsonInteger || number > kMaxJsonInteger) return out_of_range();
    writer_.value(number);
    return std::nullopt;
  }

  std::optional<JsonError> write_array(const json::array& array, int depth) {
    if (depth > kMaxJsonWriterDepth) return JsonError{"too_deep", "", "too many levels", 0};
    writer_.begin_array();
    for (std::size_t i = 0; i < array.size(); ++i) {
      if (auto error = write(array[i], depth)) return inside(std::to_string(i), std::move(*error));
    }
    writer_.end_array();
    return std::nullopt;
  }

  std::optional<JsonError> write_object(const json::object& object, int depth) {
    if (depth > kMaxJsonWriterDepth) return JsonError{"too_deep", "", "too many levels", 0};
    std::vector<const json::key_value_pair*> members;
    members.reserve(object.size());
    for (const json::key_value_pair& member : object) members.push_back(&member);
    std::ranges::sort(members, json_key_less,
                      [](const json::key_value_pair* member) { return view(member->key()); });
    writer_.begin_object();
    for (const json::key_value_pair* member : members) {
      writer_.key(view(member->key()));
      if (auto error = write(member->value(), depth)) {
        return inside(view(member->key()), std::move(*error));
      }
    }
    writer_.end_object();
    return std::nullopt;
  }

  static JsonError inside(std::string_view token, JsonError error) {
    std::string pointer;
    append_pointer(pointer, token);
    error.pointer.insert(0, pointer);
    return error;
  }

  JsonWriter writer_;
};

}  // namespace

std::expected<json::value, JsonError> parse_json(std::string_view text, const JsonLimits& limits) {
  if (auto error = refuse_text(text, limits)) return std::unexpected(std::move(*error));
  const bool is_utf8 = is_valid_utf8(text);

  json::parse_options options;
  options.max_depth = static_cast<std::size_t>(std::max(limits.max_depth, 0));
  options.allow_invalid_utf8 = is_utf8;  // checked above, many bytes at a time
  json::basic_parser<TreeBuilder> parser(options, limits.max_members);
  json::error_code error;
  const std::size_t offset = parser.write_some(false, text.data(), text.size(), error);

  TreeBuilder& builder = parser.handler();
  if (auto refusal = builder.take_refusal()) {
    refusal->offset = offset;
    return std::unexpected(std::move(*refusal));
  }
  if (error) return std::unexpected(parser_error(error, text, is_utf8, offset, builder.pointer()));
  if (offset != text.size()) {
    return std::unexpected(JsonError{"trailing_bytes", "", "more follows the value", offset});
  }
  CONVEYOR_ASSERT(is_utf8, "the parser took what is not UTF-8");
  return builder.take_root();
}

std::expected<std::string, JsonError> canonical_json(const json::value& value) {
  std::string out;
  if (auto error = Canonicalizer{out}.write(value, 0)) return std::unexpected(std::move(*error));
  return out;
}

std::string escape_json_pointer(std::string_view name) {
  std::string token;
  for (const char c : name) {
    if (c == '~') {
      token += "~0";
    } else if (c == '/') {
      token += "~1";
    } else {
      token += c;
    }
  }
  return token;
}

}  // namespace conveyor
