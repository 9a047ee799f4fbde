// Frames and messages of WebSocket (RFC 6455 sections 5 and 7), the server's side. No I/O: bytes in
// pieces of any size go into a FrameReader, which calls its sink.
//
// Threads: one.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/utf8.h"

namespace conveyor::socketio {

enum class Opcode : std::uint8_t {
  continuation = 0x0,
  text = 0x1,
  binary = 0x2,
  close = 0x8,
  ping = 0x9,
  pong = 0xa,
};

/// Section 7.4.1, those that a server sends.
enum class CloseCode : std::uint16_t {
  normal = 1000,
  going_away = 1001,
  protocol_error = 1002,
  invalid_payload = 1007,
  policy_violation = 1008,
  too_big = 1009,
  try_again_later = 1013,  ///< IANA's registry
};

/// Whether a peer may send it: those of section 7.4.1 and of IANA's registry that are not reserved
/// for local use, and 3000 to 4999 (section 7.4.2).
bool is_close_code(std::uint16_t code);

/// Section 5.5: what a control frame carries at most.
inline constexpr std::size_t kMaxControlBytes = 125;

/// One unmasked frame, as a server sends it (section 5.1).
void append_frame(std::string& out, Opcode opcode, std::string_view payload);
void append_close(std::string& out, CloseCode code, std::string_view reason);

/// Told what the bytes come to. May call FrameReader::stop from any of these.
class FrameSink {
 public:
  virtual ~FrameSink() = default;
  /// The head of a frame has been read; before anything else of that frame.
  virtual void on_frame(std::size_t payload_bytes) = 0;
  virtual void on_message(bool is_text, std::string message) = 0;
  virtual void on_ping(std::string_view payload) = 0;
  virtual void on_pong(std::string_view payload) = 0;
  /// `code` is absent if the frame was empty. Nothing follows.
  virtual void on_close(std::optional<std::uint16_t> code, std::string_view reason) = 0;
  /// A rule was broken: the connection is to be failed with this code. Nothing follows.
  virtual void on_violation(CloseCode code, std::string_view why) = 0;
};

class FrameReader {
 public:
  /// Messages longer than that are a violation, known from the head of the frame that exceeds it.
  FrameReader(FrameSink& sink, std::size_t max_message_bytes)
      : sink_(sink), max_message_bytes_(max_message_bytes) {}

  /// Of a client: every frame must be masked (section 5.1).
  void feed(std::string_view bytes);
  /// Ignores what else comes.
  void stop() { stopped_ = true; }
  bool is_stopped() const { return stopped_; }

 private:
  bool read_head(std::string_view& bytes);
  bool check_first_bytes();
  std::size_t extended_length_bytes() const;
  void begin_frame();
  void read_payload(std::string_view& bytes);
  void end_frame();
  void end_control();
  void violate(CloseCode code, std::string_view why);

  FrameSink& sink_;
  const std::size_t max_message_bytes_;
  bool stopped_ = false;

  // The frame that is being read.
  std::array<std::uint8_t, 14> head_{};
  std::size_t head_size_ = 0;
  bool in_payload_ = false;
  Opcode opcode_ = Opcode::continuation;
  bool is_final_ = false;
  std::array<std::uint8_t, 4> mask_{};
  std::size_t mask_at_ = 0;
  std::uint64_t missing_ = 0;  // bytes of its payload
  std::string control_;

  // The message, which control frames may interrupt.
  bool in_message_ = false;
  bool is_text_ = false;
  std::string message_;
  Utf8Checker utf8_;
};

}  // namespace conveyor::socketio
