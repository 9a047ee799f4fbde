// TestSocket: a plain blocking socket for tests that need to send exact bytes. No receive takes
// longer than kPatience, so a server that does not answer fails the test instead of hanging it.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/http_header.h"

namespace conveyor::http {

/// An answer as it stood on the wire.
struct TestAnswer {
  int status = 0;
  std::string head;
  std::string body;

  std::string header(std::string_view name) const {
    std::string_view rest = head;
    while (!rest.empty()) {
      const std::string_view line = rest.substr(0, rest.find("\r\n"));
      rest.remove_prefix(std::min(rest.size(), line.size() + 2));
      const std::size_t colon = line.find(": ");
      if (colon != line.npos && equal_ignoring_case(line.substr(0, colon), name)) {
        return std::string(line.substr(colon + 2));
      }
    }
    return {};
  }
};

class TestSocket {
 public:
  explicit TestSocket(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    const timeval patience{.tv_sec = 20, .tv_usec = 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    const int on = 1;  // pieces leave as they are sent
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-reinterpret-cast): connect(2) takes a sockaddr
    connected_ = ::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  TestSocket(TestSocket&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)),
        connected_(other.connected_),
        reset_allowed_(other.reset_allowed_),
        received_(std::move(other.received_)) {}
  TestSocket& operator=(TestSocket&&) = delete;
  ~TestSocket() { close(); }

  bool connected() const { return connected_; }
  int fd() const { return fd_; }
  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }
  void shutdown_send() { ::shutdown(fd_, SHUT_WR); }
  /// For where the server may close over what the client is sending.
  void allow_reset() { reset_allowed_ = true; }

  /// False if the server has gone.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  /// Everything until the server stops sending; a reset or running out of patience is a failure.
  std::string read_to_end() {
    while (receive()) {
    }
    return std::exchange(received_, {});
  }

  /// Everything up to and with the first `mark`; what there is if the server stops before it.
  std::string read_until(std::string_view mark) {
    std::size_t end = 0;
    while ((end = received_.find(mark)) == received_.npos) {
      if (!receive()) return std::exchange(received_, {});
    }
    std::string text = received_.substr(0, end + mark.size());
    received_.erase(0, text.size());
    return text;
  }

  /// What has come, or comes next; empty if the server stops.
  std::string read_some() {
    if (received_.empty()) receive();
    return std::exchange(received_, {});
  }

  /// The next answer by its Content-Length; nothing if the server closed before its end.
  std::optional<TestAnswer> read_answer(bool without_body = false) {
    std::size_t head_end = 0;
    while ((head_end = received_.find("\r\n\r\n")) == received_.npos) {
      if (!receive()) return std::nullopt;
    }
    TestAnswer answer;
    answer.head = received_.substr(0, head_end + 2);
    received_.erase(0, head_end + 4);
    const std::string digits = answer.head.substr(9, 3);
    std::from_chars(digits.data(), digits.data() + 3, answer.status);
    const std::string length_text = answer.header("Content-Length");
    std::size_t length = 0;
    std::from_chars(length_text.data(), length_text.data() + length_text.size(), length);
    if (without_body) length = 0;
    while (received_.size() < length) {
      if (!receive()) return std::nullopt;
    }
    answer.body = received_.substr(0, length);
    received_.erase(0, length);
    return answer;
  }

  /// One request without a body and its answer.
  std::optional<TestAnswer> get(std::string_view path) {
    send("GET " + std::string(path) + " HTTP/1.1\r\nHost: test\r\n\r\n");
    return read_answer();
  }

 private:
  bool receive() {
    char bytes[64 * 1024];
    const auto count = ::recv(fd_, bytes, sizeof bytes, 0);
    EXPECT_TRUE(count >= 0 || (reset_allowed_ && errno == ECONNRESET))
        << "nothing came, or the connection was reset: errno " << errno;
    if (count > 0) received_.append(bytes, static_cast<std::size_t>(count));
    return count > 0;
  }

  int fd_;
  bool connected_ = false;
  bool reset_allowed_ = false;
  std::string received_;
};

}  // namespace conveyor::http
