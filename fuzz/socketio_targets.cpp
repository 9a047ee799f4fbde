// What must hold of Engine.IO, Socket.IO and WebSocket, whatever a client sends.
#include <string>
#include <vector>

#include "socketio/engine_packet.h"
#include "socketio/server.h"
#include "socketio/websocket_frame.h"
#include "target.h"

namespace conveyor::fuzz {
namespace {

using namespace conveyor::socketio;

constexpr std::size_t kMaxMessage = 300;

/// What a FrameReader says, with its promises checked.
class Said final : public FrameSink {
 public:
  void on_frame(std::size_t) override {
    must(!over, "nothing comes behind the end");
    ++frames;
  }
  void on_message(bool is_text, std::string message) override {
    must(!over && message.size() <= kMaxMessage, "a message is within its limit");
    must(!is_text || is_valid_utf8(message), "text is UTF-8");
    all.append(is_text ? "t" : "b").append(message);
  }
  void on_ping(std::string_view payload) override {
    must(!over && payload.size() <= kMaxControlBytes, "a control frame is short");
    all.append("p").append(payload);
  }
  void on_pong(std::string_view payload) override {
    must(!over && payload.size() <= kMaxControlBytes, "a control frame is short");
    all.append("q").append(payload);
  }
  void on_close(std::optional<std::uint16_t> code, std::string_view reason) override {
    must(!over && (!code || is_close_code(*code)), "a close code is one that may be sent");
    must(is_valid_utf8(reason), "a reason is UTF-8");
    over = true;
    all.append("c").append(reason);
  }
  void on_violation(CloseCode code, std::string_view) override {
    must(!over, "a connection ends once");
    over = true;
    all.append("v").append(std::to_string(static_cast<int>(code)));
  }

  std::string all;
  std::size_t frames = 0;
  bool over = false;
};

std::string said(std::string_view bytes, std::size_t piece) {
  Said sink;
  FrameReader reader(sink, kMaxMessage);
  for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) {
    reader.feed(bytes.substr(0, piece));
  }
  must(sink.over == reader.is_stopped(), "a reader stops with its end");
  return sink.all;
}

/// Answers, and upgrades to a pipe that is always ready.
class Wire final : public Exchange, public Pipe {
 public:
  void answer(HttpResponse) override { must(!answered++, "a request is answered once"); }
  std::shared_ptr<Pipe> upgrade(std::vector<Header>, std::shared_ptr<PipeReader> given) override {
    must(!answered++, "a request is answered once");
    reader = std::move(given);
    // The wire outlives what is on it.
    return {std::shared_ptr<Pipe>{}, this};
  }
  void write(std::string_view) override { must(!over, "nothing is written behind the end"); }
  std::size_t pending() const override { return 0; }
  void end() override { over = true; }
  void abort() override { over = true; }

  int answered = 0;
  bool over = false;
  std::shared_ptr<PipeReader> reader;
};

}  // namespace

FUZZ_TARGET(engine_payload) {
  constexpr std::size_t kMaxPackets = 16;
  const auto packets = decode_payload(input, kMaxPackets);
  if (!packets) return;
  must(!packets->empty() && packets->size() <= kMaxPackets, "a body has packets, not too many");
  std::string again;
  for (const auto& packet : *packets) append_to_payload(again, packet);
  must(again == input, "a body has one encoding");
}

FUZZ_TARGET(socket_packet) {
  const PacketLimits limits{.max_text_bytes = 4'096, .max_json_depth = 8, .max_attachments = 4};
  auto decoded = decode_socket_packet(input, limits);
  if (!decoded) return;
  must(decoded->attachments <= limits.max_attachments, "attachments have a limit");
  must(decoded->packet.nsp.starts_with('/'), "a namespace begins with a slash");
  decoded->packet.attachments.resize(decoded->attachments);
  const auto text = encode_socket_packet(decoded->packet);
  const auto again = decode_socket_packet(text, {.max_text_bytes = 65'536});
  must(again.has_value() && again->attachments == decoded->attachments, "what is read is written");
  must(again->packet.data == decoded->packet.data && again->packet.id == decoded->packet.id,
       "what is read is written");
}

FUZZ_TARGET(websocket_frames) {
  const auto whole = said(input, input.size());
  must(said(input, 1) == whole, "byte by byte it says the same");
  must(said(input, 7) == whole, "in pieces it says the same");
}

/// A client that may send anything, first over HTTP, then, behind the first line feed, as frames.
FUZZ_TARGET(socketio_session) {
  Timers timers{Time{}};
  Server server(timers, {}, {});
  server.of("/").on_event = [](Socket& socket, Event event, Ack ack) {
    socket.join(event.name);
    socket.emit("back", event.message);
    if (ack) ack(std::move(event.message));
  };
  auto wire = std::make_shared<Wire>();
  const HttpRequest request{.method = "GET",
                            .query = "EIO=4&transport=websocket",
                            .headers = {{"Upgrade", "websocket"},
                                        {"Connection", "Upgrade"},
                                        {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="},
                                        {"Sec-WebSocket-Version", "13"}}};
  const auto end = input.find('\n');
  const auto posted = std::make_shared<Wire>();
  server.engine().handle(
      {.method = "POST", .query = std::string{input.substr(0, end)}, .body = std::string{input}},
      posted);
  server.engine().handle(request, wire);
  server.flush();
  if (end != input.npos) {
    const auto reader = wire->reader;
    reader->on_bytes(input.substr(end + 1));
  }
  server.flush();
  for (auto next = timers.next(); next; next = timers.next()) {
    timers.advance(*next);
    server.flush();
  }
  must(server.engine().sessions() == 0, "nothing is left of a client that is silent");
}

}  // namespace conveyor::fuzz
