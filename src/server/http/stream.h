// Stream: the body of an answer that is sent as it comes into being, without a known end.
//
// The handler makes one, puts its sending end into the response and keeps the stream to write to,
// from any thread and at any time, also before the answer has been given:
//
//   auto stream = std::make_shared<Stream>(limit, on_progress);
//   Response response{.status = 200, .headers = …, .stream = Stream::body_of(stream)};
//
// Each write is one unit: it is sent whole and in sequence, or the stream is over. What waits is
// bounded: a write that would exceed the limit cuts the connection. So a producer looks at
// pending() first, and goes on at on_progress, which is called when everything has been handed to
// the kernel and once when the stream is over for a reason of the server's: the client went away or
// did not take its bytes within the write timeout, the server stops, or the response was dropped.
// An io thread calls it, or whoever drops the response; it must be quick.
//
// Threads: any. Lifetime: neither end keeps the connection or the server alive.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace conveyor::http {

class Stream {
 public:
  /// `max_pending` bytes wait at most, those included that a slow reader is being sent.
  explicit Stream(std::size_t max_pending, std::function<void()> on_progress = {})
      : max_pending_(max_pending), on_progress_(std::move(on_progress)) {}

  /// Takes all of it, or false: the stream is over, or is now, because it was too much.
  bool write(std::string_view bytes);
  /// What was written is still sent; then the answer has its end.
  void end();
  /// Over at once: what waits is dropped, and the connection reset.
  void cut();
  /// Of a connection that changed its protocol: more of what the client sends is wanted.
  void read_on();

  bool is_over() const;
  /// Bytes written and not yet handed to the kernel.
  std::size_t pending() const;

  /// The server's end, for Response::stream. The stream is over when the last copy is gone.
  class Body;
  static std::shared_ptr<Body> body_of(std::shared_ptr<Stream> stream);

 private:
  void close();

  mutable std::mutex mutex_;
  std::string queued_;         // guarded by mutex_, as all below
  std::size_t in_flight_ = 0;  // taken by the connection, not yet by the kernel
  bool ended_ = false;
  bool exceeded_ = false;
  bool read_on_ = false;
  bool closed_ = false;
  std::function<void()> wake_;  // the connection's; empty: not attached
  const std::size_t max_pending_;
  const std::function<void()> on_progress_;
};

/// What the connection does with it; one thread.
class Stream::Body {
 public:
  explicit Body(std::shared_ptr<Stream> stream) : stream_(std::move(stream)) {}
  ~Body() { stream_->close(); }
  Body(const Body&) = delete;
  Body& operator=(const Body&) = delete;

  struct Next {
    std::string bytes;      // empty: nothing at the moment
    bool is_last = false;   // the producer ended it, and this is the rest
    bool exceeded = false;  // the producer wrote too much, or wants it so: cut
    bool read_on = false;   // see Stream::read_on
  };
  Next take();
  /// What was taken last is with the kernel.
  void sent();
  /// `wake` is called, from any thread, when take() has something new after it had nothing.
  void attach(std::function<void()> wake);

 private:
  std::shared_ptr<Stream> stream_;
};

}  // namespace conveyor::http
