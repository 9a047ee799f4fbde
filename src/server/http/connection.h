// One accepted connection and the io thread's state that it works with. Internal to the server.
//
// Everything here belongs to one io thread, except Mailbox::deliver. A Connection is owned by its
// coroutine; Loop::connections lists those that live.
#pragma once

#include <atomic>
#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "server/http/head_check.h"
#include "server/http/server.h"

namespace conveyor::http {

// The concrete executor, not any_io_executor: measurably cheaper per operation.
using Executor = boost::asio::io_context::executor_type;
using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, Executor>;
using Clock = std::chrono::steady_clock;
template <typename T = void>
using Task = boost::asio::awaitable<T, Executor>;

class Connection;

/// Brings answers from any thread to the io thread; a burst of them costs one wake-up.
class Mailbox : public std::enable_shared_from_this<Mailbox> {
 public:
  struct Item {
    std::weak_ptr<Connection> connection;  // locked on the io thread only
    std::optional<Answer> answer;          // absent: its stream has something new
    std::string route;
  };

  explicit Mailbox(boost::asio::io_context& context) : context_(&context) {}

  /// From any thread, at any time; dropped once closed.
  void deliver(Item item);
  /// Before the io_context goes away.
  void close();
  void set_thread(std::thread::id id) { thread_ = id; }

 private:
  void drain();

  std::mutex mutex_;
  boost::asio::io_context* context_;  // null once closed
  std::vector<Item> items_;
  std::thread::id thread_;
};

/// Takes a place below the limit if there is one.
inline bool take_place(std::atomic<std::size_t>& count, std::size_t limit) {
  if (count.fetch_add(1) < limit) return true;
  count.fetch_sub(1);
  return false;
}

/// While a stream has to end for the server to stop, a write to it may go on for so long.
inline constexpr std::chrono::milliseconds kStreamGrace{250};

/// What the connections of one io thread share.
struct Loop {
  const ServerOptions* options = nullptr;
  const Handler* handler = nullptr;
  std::shared_ptr<Mailbox> mailbox;
  std::vector<Connection*> connections;
  std::atomic<std::size_t>* streams = nullptr;  // of all io threads
  bool draining = false;
  std::string date;                         // the value of Date, renewed each tick
  std::function<void()> connection_closed;  // called when one has left the list
};

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  /// `open` is the count that it is part of; lowered when it ends.
  Connection(Loop& loop, Socket socket, std::string remote_address, std::atomic<std::size_t>& open);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Serves requests until the connection ends; owns it meanwhile.
  static Task<> serve(std::shared_ptr<Connection> self);
  /// Answers 503 without reading a request.
  static Task<> refuse(std::shared_ptr<Connection> self);

  /// Ends a wait that is over its deadline.
  void check_deadline(Clock::time_point now);
  /// Closes if idle and ends a stream; a request that has begun is still answered.
  void drain();
  /// Closes whatever it is doing.
  void abort();
  /// The handler's answer; none if it was abandoned.
  void answered(Answer answer, std::string route);
  /// Its stream has something new.
  void stream_woken();
  /// The handler is being called right now, by this thread.
  bool is_in_handler() const { return in_handler_; }

 private:
  enum class Phase { kIdle, kReading, kHandling, kWriting, kStreaming, kLingering };
  enum class Received { kBytes, kClosed, kTimedOut };
  struct Body;

  Task<bool> serve_one();
  Task<std::expected<std::size_t, ProtocolError>> read_head();
  Task<std::optional<ProtocolError>> read_body(Body& body, HeadFacts facts);
  Task<Received> receive();
  Task<> wait_for_answer();
  Task<> wait();
  Task<> send_continue();
  Task<> send(Response response);
  Task<> send_stream(Response response);
  Task<> pump(Stream::Body& body);
  Task<> write(std::string_view head, std::string_view body);
  Task<> fail(ProtocolError error);
  Task<> linger();

  bool parse_head(Body& body, std::string_view head);
  Request take_request(Body& body) const;
  void report(const Response& response) const;
  void watch_client(std::function<void()> gone);
  void client_is_readable(boost::system::error_code error, std::uint64_t watch);
  void end_watch();
  void tell_gone();
  void watch_peer();
  void take_bytes(std::string bytes);
  void peer_said(boost::system::error_code error, std::size_t bytes);
  void resume();
  void cut();
  void make_room();
  void call_handler(Request request);
  Response take_answer();
  void tell_exception(std::string_view what) const;
  std::string serialise_head(const Response& response) const;
  Response internal_error(std::string_view detail) const;
  void enter(Phase phase, Clock::duration timeout);
  std::string_view buffered() const { return {buffer_.data() + begin_, end_ - begin_}; }
  void consume(std::size_t bytes);

  Loop& loop_;
  Socket socket_;
  const std::string remote_address_;
  std::atomic<std::size_t>& open_;
  std::size_t index_;  // in loop_.connections

  std::vector<char> buffer_;  // received and not yet consumed: [begin_, end_)
  std::size_t begin_ = 0;
  std::size_t end_ = 0;

  Phase phase_ = Phase::kIdle;
  Clock::time_point deadline_ = Clock::time_point::max();
  bool timed_out_ = false;
  bool closed_ = false;  // by the peer, an error or abort(): there is nobody to answer
  bool served_one_ = false;

  // The request in work.
  std::string method_;
  std::string path_;
  std::size_t body_bytes_ = 0;
  std::size_t bytes_sent_ = 0;
  int minor_version_ = 1;
  bool keep_alive_ = false;
  bool in_handler_ = false;
  Clock::time_point started_;

  bool has_answer_ = false;
  Answer answer_;
  std::string route_;
  std::optional<boost::asio::any_completion_handler<void()>> waiter_;

  std::function<void()> when_gone_;  // while a client that waits is watched
  std::uint64_t watch_ = 0;          // tells one wait for the socket from an earlier one

  bool streaming_ = false;
  std::function<void(std::string)> on_bytes_;  // the protocol was changed
  bool has_news_ = false;                      // the stream was woken while nobody waited
  std::size_t unasked_bytes_ = 0;              // that the client sent meanwhile
};

}  // namespace conveyor::http
