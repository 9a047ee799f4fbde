#include "server/api/event_stream.h"

#include <fmt/format.h>

#include "server/api/limits.h"

namespace conveyor::api {

std::shared_ptr<http::Stream::Body> EventStream::open(feed::Publisher& live, feed::Filter filter,
                                                      const feed::Cursor& from) {
  // The stream outlives its listener: what it is called is settled before that is made.
  const auto self = std::make_shared<std::weak_ptr<EventStream>>();
  auto stream = std::make_shared<http::Stream>(kMaxStreamBytes, [&live, self] {
    if (const auto listener = self->lock()) live.progress(listener.get());
  });
  auto body = http::Stream::body_of(stream);
  stream->write(fmt::format(": events of the feed from here\nretry: {}\nid: {}\n\n",
                            kStreamRetry.count(), feed::encode_cursor(from)));
  auto listener = std::make_shared<EventStream>(std::move(stream));
  *self = listener;
  live.subscribe(std::move(listener), std::move(filter), from);
  return body;
}

bool EventStream::has_room() {
  return stream_->pending() < kStreamRoomBytes;
}

void EventStream::take(const feed::LiveEvent& event) {
  stream_->write(fmt::format("id: {}\nevent: {}\ndata: {}\n\n", feed::encode_cursor(event.behind),
                             to_string(event.entry.type), *event.json));
}

void EventStream::heartbeat(const std::optional<feed::Cursor>& at) {
  stream_->write(at ? fmt::format(": heartbeat\nid: {}\n\n", feed::encode_cursor(*at))
                    : std::string{": heartbeat\n\n"});
}

}  // namespace conveyor::api
