// What a connection does whose answer is a stream.
#include <fmt/format.h>

#include <boost/asio/buffer.hpp>
#include <utility>

#include "server/http/connection.h"

namespace conveyor::http {
namespace asio = boost::asio;

/// Sends the head and then what the stream brings, until either side ends it. The connection is not
/// used again; unless the protocol was changed, whatever the client sends meanwhile only tells that
/// it is there.
Task<> Connection::send_stream(Response response) {
  keep_alive_ = false;
  const std::string head = serialise_head(response);
  enter(Phase::kWriting, loop_.options->write_timeout);
  bytes_sent_ = 0;
  co_await write(head, {});
  report(response);
  streaming_ = true;
  on_bytes_ = std::move(response.on_bytes);
  std::string early{buffered()};
  consume(buffered().size());
  if (on_bytes_ && !early.empty()) {
    take_bytes(std::move(early));
  } else {
    watch_peer();
  }
  co_await pump(*response.stream);
  streaming_ = false;
  response.stream.reset();
  if (std::exchange(on_bytes_, nullptr) && !closed_) {
    boost::system::error_code cancelled;
    socket_.cancel(cancelled);  // the watching
    co_await linger();          // the other protocol's last words are to arrive
  }
  boost::system::error_code ignored;
  socket_.close(ignored);  // also ends the watching
}

Task<> Connection::pump(Stream::Body& body) {
  const bool chunked = minor_version_ > 0 && !on_bytes_;
  body.attach([mailbox = loop_.mailbox, connection = weak_from_this()] {
    mailbox->deliver({connection, std::nullopt, {}});
  });
  while (!closed_) {
    has_news_ = false;
    const Stream::Body::Next next = body.take();
    if (next.exceeded) cut();
    if (closed_) break;
    if (next.read_on && on_bytes_) watch_peer();
    if (!next.bytes.empty()) {
      const std::string head = chunked ? fmt::format("{:x}\r\n", next.bytes.size()) : std::string{};
      const std::string text = chunked ? next.bytes + "\r\n" : next.bytes;
      enter(Phase::kWriting, loop_.draining ? kStreamGrace : loop_.options->write_timeout);
      co_await write(head, text);
      if (timed_out_) cut();
      if (closed_) break;
      body.sent();
    }
    if (next.is_last || loop_.draining) {
      if (chunked) co_await write("0\r\n\r\n", {});
      break;
    }
    enter(Phase::kStreaming, Clock::duration::max());
    if (!has_news_) co_await wait();
  }
}

void Connection::stream_woken() {
  has_news_ = true;
  if (phase_ == Phase::kStreaming) resume();
}

/// While a stream is sent, an end or error of the client's side is noticed at once, also when there
/// is nothing to send.
void Connection::watch_peer() {
  if (closed_) return;
  make_room();
  socket_.async_read_some(
      asio::buffer(buffer_.data() + end_, buffer_.size() - end_),
      [self = shared_from_this()](boost::system::error_code error, std::size_t bytes) {
        self->peer_said(error, bytes);
      });
}

void Connection::peer_said(boost::system::error_code error, std::size_t bytes) {
  // The connection is being closed, or reads for itself again.
  if (error == asio::error::operation_aborted || !streaming_) return;
  if (on_bytes_ && !error) return take_bytes({buffer_.data() + end_, bytes});
  unasked_bytes_ += bytes;
  if (!error && unasked_bytes_ <= loop_.options->max_linger_bytes) {
    watch_peer();
    return;
  }
  abort();
}

/// Nothing more is read until its reader says so: what it has not looked at yet is bounded.
void Connection::take_bytes(std::string bytes) {
  on_bytes_(std::move(bytes));
}

/// Closes and lets the kernel drop what the client did not take.
void Connection::cut() {
  boost::system::error_code ignored;
  socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  abort();
}

}  // namespace conveyor::http
