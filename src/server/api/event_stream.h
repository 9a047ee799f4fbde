// EventStream: a listener of the feed whose events are sent as server-sent events (WHATWG HTML
// standard, section "Server-sent events"):
//
//   : any text                 a comment; at the start and as a heartbeat
//   id: CURSOR                 goes on behind this event, also within one commit; alone, as in the
//                              first block and in heartbeats, it says where the stream is
//   event: OrderCreated        the event's type
//   data: {…}                  the event as `/v1/orders/{id}/events` has it, on one line
//   retry: 1000                milliseconds before a client that lost the connection comes back
//
// Threads: as feed::Listener. Lifetime: it does not keep the connection open; the publisher drops
// it when that ends.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "server/feed/publisher.h"
#include "server/http/stream.h"

namespace conveyor::api {

class EventStream final : public feed::Listener {
 public:
  /// A stream that begins at `from`, subscribed, and the end of it that is to be answered.
  static std::shared_ptr<http::Stream::Body> open(feed::Publisher& live, feed::Filter filter,
                                                  const feed::Cursor& from);

  explicit EventStream(std::shared_ptr<http::Stream> stream) : stream_(std::move(stream)) {}

  bool has_room() override;
  bool is_over() override { return stream_->is_over(); }
  void take(const feed::LiveEvent& event) override;
  void heartbeat(const std::optional<feed::Cursor>& at) override;

 private:
  const std::shared_ptr<http::Stream> stream_;
};

}  // namespace conveyor::api
