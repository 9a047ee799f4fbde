// ScriptedServer: a peer on a free port of loopback for tests of the client. It reads requests and
// sends exact bytes, by a script per connection. No receive takes longer than 20 s.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/http_header.h"

namespace conveyor::http {

inline int listen_on_loopback(int backlog, std::uint16_t& port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  // The socket API takes every address as a sockaddr.
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  EXPECT_EQ(::bind(fd, generic, size), 0);
  EXPECT_EQ(::listen(fd, backlog), 0);
  EXPECT_EQ(::getsockname(fd, generic, &size), 0);
  port = ntohs(address.sin_port);
  return fd;
}

/// The other end of one connection.
class Peer {
 public:
  explicit Peer(int fd) : fd_(fd) {
    const timeval patience{.tv_sec = 20, .tv_usec = 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    const int on = 1;  // pieces leave as they are sent
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  }
  ~Peer() { close(); }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  /// The next request with its body, by Content-Length; what there is of it if the client closes.
  std::string read_request() {
    std::size_t end = 0;
    while ((end = received_.find("\r\n\r\n")) == received_.npos) {
      if (!receive()) return std::exchange(received_, {});
    }
    std::size_t size = end + 4;
    const std::size_t at = received_.find("Content-Length: ");
    if (at < end) {
      std::size_t length = 0;
      std::from_chars(received_.data() + at + 16, received_.data() + end, length);
      size += length;
    }
    while (received_.size() < size && receive()) {
    }
    std::string request = received_.substr(0, size);
    received_.erase(0, size);
    return request;
  }

  void read_to_end() {
    while (receive()) {
    }
  }

  /// Nothing comes for a moment.
  bool is_silent() const {
    pollfd readable{.fd = fd_, .events = POLLIN, .revents = 0};
    return ::poll(&readable, 1, 3) == 0;
  }

  bool send(std::string_view bytes) {
    return ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(bytes.size());
  }

  void answer(std::string_view body) {
    send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         std::string(body));
  }

  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }

  void reset() {
    const linger now{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    close();
  }

 private:
  bool receive() {
    char bytes[16 * 1024];
    const auto count = ::recv(fd_, bytes, sizeof bytes, 0);
    if (count > 0) received_.append(bytes, static_cast<std::size_t>(count));
    return count > 0;
  }

  int fd_;
  std::string received_;
};

using Script = std::function<void(Peer&)>;

/// Plays one script per connection, in order, then closes its listening socket.
class ScriptedServer {
 public:
  explicit ScriptedServer(std::vector<Script> scripts)
      : listener_(listen_on_loopback(16, port_)), thread_([this, scripts = std::move(scripts)] {
          for (const Script& script : scripts) {
            const int fd = ::accept(listener_, nullptr, nullptr);
            if (fd < 0) return;
            ++connections_;
            Peer peer(fd);
            script(peer);
          }
        }) {}
  ~ScriptedServer() { finish(); }

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

  /// Ends the scripts that no connection came for; the number of connections there were.
  int finish() {
    if (thread_.joinable()) {
      ::shutdown(listener_, SHUT_RDWR);
      thread_.join();
      ::close(listener_);
    }
    return connections_;
  }

 private:
  std::uint16_t port_ = 0;
  int listener_;
  int connections_ = 0;
  std::thread thread_;
};

inline const std::vector<Header> kNoHeaders;

}  // namespace conveyor::http
