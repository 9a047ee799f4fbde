// SseParser: server-sent events out of the bytes of a stream, however these come in pieces.
//
// Follows the WHATWG HTML standard, section "Server-sent events", "Interpreting an event stream":
// fields id, event, data and retry; comments and other fields are ignored; lines end with CR, LF or
// both; an id alone moves last_event_id() without an event; what stands behind the last blank line
// is no event. Stricter in two ways: text that is not UTF-8 and an event beyond the limit are
// errors, after which nothing more is taken.
//
// Plain value, one thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace conveyor {

struct SseEvent {
  std::string type;  ///< `message` if the stream did not say
  std::string data;
  std::string id;  ///< of this event or the last one before it that had one
};

class SseParser {
 public:
  enum class Error {
    too_large,  ///< a line, or the data of one event
    not_utf8,
  };
  using OnEvent = std::function<void(const SseEvent&)>;

  explicit SseParser(std::size_t max_event_bytes) : max_event_bytes_(max_event_bytes) {}

  /// Calls `on_event` for each event that these bytes complete.
  std::expected<void, Error> feed(std::string_view bytes, const OnEvent& on_event);

  /// Where to go on from after the connection is lost; empty: the stream has not said.
  const std::string& last_event_id() const { return last_event_id_; }
  /// How long the server wants a client to wait before it comes back.
  std::optional<std::chrono::milliseconds> retry() const { return retry_; }

 private:
  std::expected<void, Error> take_line(const OnEvent& on_event);
  void take_field(std::string_view name, std::string_view value);
  void dispatch(const OnEvent& on_event);
  std::unexpected<Error> fail(Error error);

  std::size_t max_event_bytes_;
  std::string line_;  // as far as it has come
  bool after_cr_ = false;
  bool at_start_ = true;  // a byte order mark may come
  std::string id_;        // of the block, then last_event_id_
  std::string type_;
  std::string data_;
  std::string last_event_id_;
  std::optional<std::chrono::milliseconds> retry_;
  std::optional<Error> failed_;
};

}  // namespace conveyor
