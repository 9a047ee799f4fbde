#include "socketio/websocket_frame.h"

#include <algorithm>
#include <utility>

namespace conveyor::socketio {
namespace {

constexpr std::uint8_t kFinal = 0x80;
constexpr std::uint8_t kReserved = 0x70;
constexpr std::uint8_t kOpcode = 0x0f;
constexpr std::uint8_t kControl = 0x08;
constexpr std::uint8_t kMasked = 0x80;
constexpr std::uint8_t kLength = 0x7f;
constexpr std::uint8_t kLength16 = 126;
constexpr std::uint8_t kLength64 = 127;
constexpr std::size_t kMaskBytes = 4;

bool is_opcode(std::uint8_t value) {
  return value <= 0x2 || (value >= 0x8 && value <= 0xa);
}

std::uint64_t big_endian(const std::uint8_t* bytes, std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < count; ++i) value = value << 8 | bytes[i];
  return value;
}

void append_big_endian(std::string& out, std::uint64_t value, int count) {
  for (int shift = (count - 1) * 8; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(value >> shift & 0xff));
  }
}

}  // namespace

bool is_close_code(std::uint16_t code) {
  constexpr std::uint16_t kNoStatus = 1005;
  constexpr std::uint16_t kAbnormal = 1006;
  constexpr std::uint16_t kLastRegistered = 1014;
  if (code >= 1000 && code <= kLastRegistered) {
    return code != 1004 && code != kNoStatus && code != kAbnormal;
  }
  return code >= 3000 && code <= 4999;
}

void append_frame(std::string& out, Opcode opcode, std::string_view payload) {
  out.push_back(static_cast<char>(kFinal | std::to_underlying(opcode)));
  if (payload.size() < kLength16) {
    out.push_back(static_cast<char>(payload.size()));
  } else if (payload.size() <= 0xffff) {
    out.push_back(static_cast<char>(kLength16));
    append_big_endian(out, payload.size(), 2);
  } else {
    out.push_back(static_cast<char>(kLength64));
    append_big_endian(out, payload.size(), 8);
  }
  out.append(payload);
}

void append_close(std::string& out, CloseCode code, std::string_view reason) {
  std::string payload;
  append_big_endian(payload, std::to_underlying(code), 2);
  append_frame(out, Opcode::close, payload.append(reason.substr(0, kMaxControlBytes - 2)));
}

void FrameReader::feed(std::string_view bytes) {
  while (!stopped_) {
    if (!in_payload_ && !read_head(bytes)) return;
    if (stopped_) return;
    read_payload(bytes);
    if (stopped_ || missing_ > 0) return;
    in_payload_ = false;
    head_size_ = 0;
    end_frame();
  }
}

/// Whether the whole head is there, or enough to see that it is wrong.
bool FrameReader::read_head(std::string_view& bytes) {
  const auto fill = [&](std::size_t size) {
    while (head_size_ < size && !bytes.empty()) {
      head_[head_size_++] = static_cast<std::uint8_t>(bytes.front());
      bytes.remove_prefix(1);
    }
    return head_size_ == size;
  };
  if (head_size_ < 2) {
    if (!fill(2)) return false;
    // Checked before more is awaited, so that what is wrong is answered at once.
    if (!check_first_bytes()) return true;
  }
  if (!fill(2 + extended_length_bytes() + kMaskBytes)) return false;
  begin_frame();
  return true;
}

std::size_t FrameReader::extended_length_bytes() const {
  const auto length = head_[1] & kLength;
  return length == kLength16 ? 2 : length == kLength64 ? 8 : 0;
}

bool FrameReader::check_first_bytes() {
  const auto fail = [this](std::string_view why) {
    violate(CloseCode::protocol_error, why);
    return false;
  };
  const std::uint8_t opcode = head_[0] & kOpcode;
  const auto length = head_[1] & kLength;
  if ((head_[0] & kReserved) != 0) return fail("a reserved bit is set");  // section 5.2
  if (!is_opcode(opcode)) return fail("unknown opcode");
  if ((head_[1] & kMasked) == 0) return fail("a client's frame is not masked");  // 5.1
  is_final_ = (head_[0] & kFinal) != 0;
  opcode_ = static_cast<Opcode>(opcode);
  if ((opcode & kControl) != 0) {  // section 5.5
    if (!is_final_) return fail("a control frame is fragmented");
    if (length > static_cast<int>(kMaxControlBytes)) return fail("a control frame is too long");
  } else if (in_message_ && opcode_ != Opcode::continuation) {  // section 5.4
    return fail("a message begins within another");
  } else if (!in_message_ && opcode_ == Opcode::continuation) {
    return fail("a continuation of nothing");
  }
  return true;
}

void FrameReader::begin_frame() {
  const std::size_t extended = extended_length_bytes();
  missing_ = extended == 0 ? static_cast<std::uint64_t>(head_[1] & kLength)
                           : big_endian(head_.data() + 2, extended);
  // Section 5.2: the most significant bit is 0, and the length takes the fewest bytes.
  if ((missing_ >> 63) != 0 || (extended == 2 && missing_ < kLength16) ||
      (extended == 8 && missing_ <= 0xffff)) {
    return violate(CloseCode::protocol_error, "a frame's length is not as it must be");
  }
  std::copy_n(head_.data() + 2 + extended, kMaskBytes, mask_.begin());
  mask_at_ = 0;
  in_payload_ = true;
  control_.clear();
  if (opcode_ == Opcode::text || opcode_ == Opcode::binary) {
    in_message_ = true;
    is_text_ = opcode_ == Opcode::text;
    utf8_ = {};
  }
  const bool is_control = (std::to_underlying(opcode_) & kControl) != 0;
  if (!is_control && missing_ > max_message_bytes_ - message_.size()) {
    return violate(CloseCode::too_big, "a message is too long");
  }
  sink_.on_frame(static_cast<std::size_t>(missing_));
}

void FrameReader::read_payload(std::string_view& bytes) {
  const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(missing_, bytes.size()));
  const bool is_control = (std::to_underlying(opcode_) & kControl) != 0;
  std::string& into = is_control ? control_ : message_;
  const std::size_t begin = into.size();
  into.append(bytes.substr(0, count));
  for (std::size_t i = begin; i < into.size(); ++i) {  // section 5.3
    into[i] = static_cast<char>(static_cast<std::uint8_t>(into[i]) ^ mask_[mask_at_]);
    mask_at_ = (mask_at_ + 1) % kMaskBytes;
  }
  missing_ -= count;
  bytes.remove_prefix(count);
  if (!is_control && is_text_ && !utf8_.feed(std::string_view{into}.substr(begin))) {
    violate(CloseCode::invalid_payload, "text is not UTF-8");  // section 8.1
  }
}

void FrameReader::end_frame() {
  if ((std::to_underlying(opcode_) & kControl) != 0) return end_control();
  if (!is_final_) return;
  if (is_text_ && !utf8_.is_complete()) {
    return violate(CloseCode::invalid_payload, "text is not UTF-8");
  }
  in_message_ = false;
  sink_.on_message(is_text_, std::exchange(message_, {}));
}

void FrameReader::end_control() {
  if (opcode_ == Opcode::ping) return sink_.on_ping(control_);
  if (opcode_ == Opcode::pong) return sink_.on_pong(control_);
  // Section 7.1.5: of two bytes at least, the code, and then text.
  if (control_.empty()) {
    stopped_ = true;
    return sink_.on_close(std::nullopt, {});
  }
  if (control_.size() == 1) {
    return violate(CloseCode::protocol_error, "a close code has two bytes");
  }
  const auto code = static_cast<std::uint16_t>(static_cast<std::uint8_t>(control_[0]) << 8 |
                                               static_cast<std::uint8_t>(control_[1]));
  if (!is_close_code(code)) {
    return violate(CloseCode::protocol_error, "this close code may not be sent");
  }
  const auto reason = std::string_view{control_}.substr(2);
  if (!is_valid_utf8(reason)) return violate(CloseCode::invalid_payload, "text is not UTF-8");
  stopped_ = true;
  sink_.on_close(code, reason);
}

void FrameReader::violate(CloseCode code, std::string_view why) {
  if (stopped_) return;
  stopped_ = true;
  sink_.on_violation(code, why);
}

}  // namespace conveyor::socketio
