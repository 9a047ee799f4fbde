#include "server/http/server.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <charconv>
#include <ctime>
#include <exception>
#include <utility>

#include "base/assert.h"
#include "base/thread_name.h"
#include "runtime/thread_priority.h"
#include "server/http/connection.h"

namespace conveyor::http {
namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

using Acceptor = asio::basic_socket_acceptor<tcp, Executor>;
using Timer = asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor>;
using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

/// After an accept failed, which is for want of descriptors or memory: time for some to come back.
constexpr std::chrono::milliseconds kAcceptRetry{50};

/// By so much the nice value of the thread that all clients wait for is lower, if that is allowed.
constexpr int kNicer = 5;

constexpr asio::use_awaitable_t<Executor> kAwait{};

std::expected<tcp::endpoint, std::string> parse_listen(std::string_view text) {
  const auto refuse = [&] {
    return std::unexpected(fmt::format("cannot listen on '{}': not ADDRESS:PORT", text));
  };
  const std::size_t colon = text.rfind(':');
  if (colon == text.npos) return refuse();
  std::string_view host = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  if (bracketed) host = host.substr(1, host.size() - 2);
  std::uint16_t port = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  boost::system::error_code error;
  const asio::ip::address address = asio::ip::make_address(std::string(host), error);
  if (error || address.is_v6() != bracketed || parsed.ec != std::errc{} ||
      parsed.ptr != digits.data() + digits.size()) {
    return refuse();
  }
  return tcp::endpoint(address, port);
}

std::string http_date() {
  const std::time_t now = std::time(nullptr);
  return fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", fmt::gmtime(now));
}

/// Admission, for all io threads together.
struct Counts {
  std::atomic<std::size_t> connections = 0;
  std::atomic<std::size_t> refusals = 0;
  std::atomic<std::size_t> streams = 0;
};

/// An event loop with its thread, its listening socket and its connections.
class IoThread {
 public:
  IoThread(const ServerOptions& options, const Handler& handler, Counts& counts)
      : options_(options), counts_(counts) {
    loop_.options = &options;
    loop_.handler = &handler;
    loop_.streams = &counts.streams;
    loop_.mailbox = std::make_shared<Mailbox>(context_);
    loop_.connection_closed = [this] { finish_if_drained(); };
  }

  std::expected<tcp::endpoint, std::string> listen(const tcp::endpoint& endpoint) {
    boost::system::error_code error;
    const auto failed = [&](std::string_view what) {
      return std::unexpected(
          fmt::format("cannot {} {}: {}", what, options_.listen, error.message()));
    };
    acceptor_.open(endpoint.protocol(), error);
    if (error) return failed("open a socket for");
    acceptor_.set_option(asio::socket_base::reuse_address(true), error);
    if (!error && options_.io_threads > 1) acceptor_.set_option(ReusePort(true), error);
    if (!error && endpoint.address().is_v6()) {
      acceptor_.set_option(asio::ip::v6_only(true), error);
    }
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(options_.listen_backlog, error);
    if (error) return failed("listen on");
    tcp::endpoint bound = acceptor_.local_endpoint(error);
    if (error) return failed("listen on");
    return bound;
  }

  void start() {
    if (options_.send_date) loop_.date = http_date();
    spawn_loop(accept_loop(*this));
    spawn_loop(tick_loop(*this));
    thread_ = std::thread([this] {
      name_this_thread("http");
      let_this_thread_go_first(kNicer);
      loop_.mailbox->set_thread(std::this_thread::get_id());
      context_.run();
    });
  }

  void stop_accepting() {
    asio::post(context_, [this] { drain(); });
  }

  void set_drain_deadline(Clock::time_point deadline) {
    asio::post(context_, [this, deadline] { drain_deadline_ = deadline; });
  }

  void join() {
    if (thread_.joinable()) thread_.join();
    loop_.mailbox->close();
  }

 private:
  /// The io_context owns the coroutines and join() waits for their end. What may escape from one
  /// is want of memory. That ends a connection alone, but a server that no longer accepts or keeps
  /// no time must not live on: out of run() it ends the process.
  void spawn_connection(Task<> task) {
    asio::co_spawn(context_.get_executor(), std::move(task), [](const std::exception_ptr&) {});
  }
  void spawn_loop(Task<> task) {
    asio::co_spawn(context_.get_executor(), std::move(task),
                   [](const std::exception_ptr& exception) {
                     if (exception) std::rethrow_exception(exception);
                   });
  }

  static Task<> accept_loop(IoThread& io) {
    while (!io.loop_.draining) {
      boost::system::error_code error;
      auto token = asio::redirect_error(kAwait, error);
      Socket socket = co_await io.acceptor_.async_accept(token);
      if (!error) {
        io.admit(std::move(socket));
      } else if (!io.loop_.draining) {
        io.accept_retry_.expires_after(kAcceptRetry);
        co_await io.accept_retry_.async_wait(token);
      }
    }
  }

  void admit(Socket socket) {
    boost::system::error_code error;
    const tcp::endpoint peer = socket.remote_endpoint(error);
    if (!error) socket.set_option(tcp::no_delay(true), error);
    if (!error) socket.non_blocking(true, error);
    if (error) return;  // gone again
    const bool served = take_place(counts_.connections, options_.max_connections);
    if (!served && !take_place(counts_.refusals, options_.max_refusals)) return;
    auto& count = served ? counts_.connections : counts_.refusals;
    auto connection =
        std::make_shared<Connection>(loop_, std::move(socket), peer.address().to_string(), count);
    spawn_connection(served ? Connection::serve(std::move(connection))
                            : Connection::refuse(std::move(connection)));
  }

  static Task<> tick_loop(IoThread& io) {
    while (!io.finished_) {
      io.tick_.expires_after(io.options_.tick);
      boost::system::error_code cancelled;
      auto token = asio::redirect_error(kAwait, cancelled);
      co_await io.tick_.async_wait(token);
      if (!io.finished_) io.tick(Clock::now());
    }
  }

  void tick(Clock::time_point now) {
    if (options_.send_date) loop_.date = http_date();
    for (Connection* connection : loop_.connections) connection->check_deadline(now);
    if (now >= drain_deadline_) abort_all();
  }

  void drain() {
    if (loop_.draining) return;
    loop_.draining = true;
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    accept_retry_.cancel();
    for (const auto& connection : held_connections()) connection->drain();
    finish_if_drained();
  }

  void abort_all() {
    for (const auto& connection : held_connections()) connection->abort();
  }

  /// Held, because a connection may end at once and change the list.
  std::vector<std::shared_ptr<Connection>> held_connections() const {
    std::vector<std::shared_ptr<Connection>> connections;
    connections.reserve(loop_.connections.size());
    for (Connection* connection : loop_.connections) {
      connections.push_back(connection->shared_from_this());
    }
    return connections;
  }

  void finish_if_drained() {
    if (!loop_.draining || !loop_.connections.empty()) return;
    finished_ = true;
    tick_.cancel();
  }

  const ServerOptions& options_;
  Counts& counts_;
  asio::io_context context_{1};
  Loop loop_;
  Acceptor acceptor_{context_.get_executor()};
  Timer tick_{context_.get_executor()};
  Timer accept_retry_{context_.get_executor()};
  Clock::time_point drain_deadline_ = Clock::time_point::max();
  bool finished_ = false;
  std::thread thread_;
};

}  // namespace

Response plain_text_error(int status, std::string_view code, std::string_view detail) {
  return text_response(status, fmt::format("{}: {}", code, detail));
}

struct Server::Impl {
  ServerOptions options;
  Handler handler;
  Counts counts;
  std::vector<std::unique_ptr<IoThread>> threads;
  tcp::endpoint endpoint;
};

Server::Server(ServerOptions options, Handler handler) : impl_(std::make_unique<Impl>()) {
  CONVEYOR_ASSERT(options.io_threads > 0, "a server has at least one io thread");
  CONVEYOR_ASSERT(options.on_protocol_error != nullptr, "a server can answer errors");
  impl_->options = std::move(options);
  impl_->handler = std::move(handler);
}

Server::~Server() {
  stop();
}

std::expected<void, std::string> Server::start() {
  CONVEYOR_ASSERT(impl_->threads.empty(), "a server is started once");
  auto endpoint = parse_listen(impl_->options.listen);
  if (!endpoint) return std::unexpected(endpoint.error());
  std::vector<std::unique_ptr<IoThread>> threads;
  for (std::size_t i = 0; i < impl_->options.io_threads; ++i) {
    threads.push_back(std::make_unique<IoThread>(impl_->options, impl_->handler, impl_->counts));
    endpoint = threads.back()->listen(*endpoint);  // the first finds the port for all
    if (!endpoint) return std::unexpected(endpoint.error());
  }
  impl_->endpoint = *endpoint;
  impl_->threads = std::move(threads);
  for (const auto& thread : impl_->threads) thread->start();
  return {};
}

std::string Server::host() const {
  return impl_->endpoint.address().to_string();
}

std::uint16_t Server::port() const {
  return impl_->endpoint.port();
}

std::size_t Server::open_connections() const {
  return impl_->counts.connections.load();
}

void Server::stop_accepting() {
  for (const auto& thread : impl_->threads) thread->stop_accepting();
}

void Server::stop() {
  stop_accepting();
  const auto deadline = Clock::now() + impl_->options.drain_timeout;
  for (const auto& thread : impl_->threads) thread->set_drain_deadline(deadline);
  for (const auto& thread : impl_->threads) thread->join();
  impl_->threads.clear();
}

}  // namespace conveyor::http
