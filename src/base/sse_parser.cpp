#include "base/sse_parser.h"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "base/utf8.h"

namespace conveyor {
namespace {

constexpr std::string_view kByteOrderMark{"\xEF\xBB\xBF"};

}  // namespace

std::expected<void, SseParser::Error> SseParser::feed(std::string_view bytes,
                                                      const OnEvent& on_event) {
  if (failed_) return std::unexpected(*failed_);
  while (!bytes.empty()) {
    if (after_cr_ && bytes.front() == '\n') bytes.remove_prefix(1);
    after_cr_ = false;
    const auto end = bytes.find_first_of("\r\n");
    const auto part = bytes.substr(0, end);
    if (part.size() > max_event_bytes_ - line_.size()) return fail(Error::too_large);
    line_.append(part);
    if (end == bytes.npos) return {};
    after_cr_ = bytes[end] == '\r';
    bytes.remove_prefix(end + 1);
    if (auto taken = take_line(on_event); !taken) return taken;
    line_.clear();
  }
  return {};
}

std::expected<void, SseParser::Error> SseParser::take_line(const OnEvent& on_event) {
  std::string_view line = line_;
  if (at_start_ && line.starts_with(kByteOrderMark)) line.remove_prefix(kByteOrderMark.size());
  at_start_ = false;
  if (!is_valid_utf8(line)) return fail(Error::not_utf8);
  if (line.empty()) {
    dispatch(on_event);
    return {};
  }
  const auto colon = line.find(':');
  auto value = colon == line.npos ? std::string_view{} : line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  const auto name = line.substr(0, colon);
  if (name == "data" && value.size() + 1 > max_event_bytes_ - data_.size()) {
    return fail(Error::too_large);
  }
  take_field(name, value);  // of a comment the name is empty
  return {};
}

void SseParser::take_field(std::string_view name, std::string_view value) {
  if (name == "event") {
    type_ = value;
  } else if (name == "data") {
    data_.append(value).push_back('\n');
  } else if (name == "id") {
    if (!value.contains('\0')) id_ = value;
  } else if (name == "retry") {
    std::uint32_t number = 0;
    const auto* const end = value.data() + value.size();
    const auto [at, error] = std::from_chars(value.data(), end, number);
    if (error == std::errc{} && at == end) retry_ = std::chrono::milliseconds{number};
  }
}

void SseParser::dispatch(const OnEvent& on_event) {
  last_event_id_ = id_;
  if (!data_.empty()) {
    data_.pop_back();
    on_event({type_.empty() ? "message" : type_, data_, last_event_id_});
  }
  data_.clear();
  type_.clear();
}

std::unexpected<SseParser::Error> SseParser::fail(Error error) {
  failed_ = error;
  return std::unexpected(error);
}

}  // namespace conveyor
