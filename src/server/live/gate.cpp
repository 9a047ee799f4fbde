#include "server/live/gate.h"

#include <limits>
#include <optional>
#include <utility>

namespace conveyor::live {

/// A connection that belongs to another protocol. Used on the loop; the io thread has only the
/// stream.
struct Duplex {
  std::shared_ptr<http::Stream> stream;
  std::shared_ptr<socketio::PipeReader> reader;  // empty once nothing more is told
};

class Gate::Pipe final : public socketio::Pipe {
 public:
  Pipe(std::shared_ptr<State> state, std::shared_ptr<Duplex> duplex)
      : state_(std::move(state)), duplex_(std::move(duplex)) {
    state_->open.insert(duplex_.get());
  }
  ~Pipe() override { end(); }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  void write(std::string_view bytes) override { duplex_->stream->write(bytes); }
  std::size_t pending() const override { return duplex_->stream->pending(); }
  void end() override {
    let_go();
    duplex_->stream->end();
  }
  void abort() override {
    let_go();
    duplex_->stream->cut();
  }

 private:
  void let_go() {
    state_->open.erase(duplex_.get());
    duplex_->reader.reset();
  }

  const std::shared_ptr<State> state_;
  const std::shared_ptr<Duplex> duplex_;
};

class Gate::Exchange final : public socketio::Exchange {
 public:
  Exchange(std::shared_ptr<State> state, http::Respond respond)
      : state_(std::move(state)), respond_(std::move(respond)) {}

  http::Respond& respond() { return *respond_; }

  void answer(socketio::HttpResponse response) override {
    take()({.status = response.status,
            .headers = std::move(response.headers),
            .body = std::move(response.body)});
  }

  std::shared_ptr<socketio::Pipe> upgrade(std::vector<http::Header> headers,
                                          std::shared_ptr<socketio::PipeReader> reader) override {
    auto duplex = std::make_shared<Duplex>();
    duplex->reader = std::move(reader);
    // What waits is bounded by whoever writes.
    duplex->stream =
        std::make_shared<http::Stream>(std::numeric_limits<std::size_t>::max(),
                                       [&loop = state_->loop, weak = std::weak_ptr{duplex}] {
                                         loop.post([weak] { progress(weak); });
                                       });
    http::Response response{.status = 101, .headers = std::move(headers)};
    response.stream = http::Stream::body_of(duplex->stream);
    response.on_bytes = [&loop = state_->loop, duplex](std::string bytes) {
      loop.post([duplex, bytes = std::move(bytes)] {
        if (const auto held = duplex->reader) held->on_bytes(bytes);
        duplex->stream->read_on();
      });
    };
    auto pipe = std::make_shared<Pipe>(state_, duplex);
    take()(std::move(response));
    return pipe;
  }

 private:
  static void progress(const std::weak_ptr<Duplex>& weak) {
    const auto duplex = weak.lock();
    if (!duplex) return;
    const auto held = duplex->reader;
    if (!held) return;
    if (duplex->stream->is_over()) {
      held->on_gone();
    } else {
      held->on_drained();
    }
  }

  http::Respond take() {
    auto respond = *std::move(respond_);
    respond_.reset();
    return respond;
  }

  const std::shared_ptr<State> state_;
  std::optional<http::Respond> respond_;
};

Gate::Gate(Loop& loop, Entrance entrance)
    : state_(std::make_shared<State>(loop, std::move(entrance))) {}

void Gate::serve(http::Request request, http::Respond respond) {
  auto exchange = std::make_shared<Exchange>(state_, std::move(respond));
  if (state_->entrance.gone) {
    exchange->respond().when_gone([state = state_, weak = std::weak_ptr{exchange}] {
      state->loop.post([state, weak] {
        if (const auto waiting = weak.lock()) state->entrance.gone(waiting.get());
      });
    });
  }
  state_->loop.post([state = state_, exchange = std::move(exchange),
                     request = socketio::HttpRequest{
                         .method = std::move(request.method),
                         .query = std::move(request.query),
                         .headers = std::move(request.headers),
                         .body = std::move(request.body),
                         .remote_address = std::move(request.remote_address)}]() mutable {
    state->entrance.handle(std::move(request), std::move(exchange));
  });
}

void Gate::close() {
  for (Duplex* duplex : std::unordered_set(state_->open)) {
    if (const auto held = duplex->reader) held->on_gone();
  }
}

}  // namespace conveyor::live
