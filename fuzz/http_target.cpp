// What must hold of bytes that reach the server's port: a head is judged the same however it
// arrives, and a real server answers every connection with HTTP or not at all, and then the next.
#include <string>

#include "server/http/head_check.h"
#include "server/http/message.h"
#include "server/http/server.h"
#include "server/http/test_socket.h"
#include "target.h"

namespace conveyor::fuzz {
namespace {

constexpr std::size_t kMaxHeaders = 100;

/// A server that lives as long as the program.
class EchoServer {
 public:
  EchoServer() : server_(options(), echo) {
    must(server_.start().has_value(), "a server starts on a free port");
  }
  std::uint16_t port() const { return server_.port(); }

 private:
  static http::ServerOptions options() {
    http::ServerOptions options;
    options.tick = std::chrono::milliseconds{5};
    options.linger_timeout = std::chrono::milliseconds{50};
    options.max_body_bytes = 1'024;
    return options;
  }
  static void echo(const http::Request& request, http::Respond respond) {
    respond({.status = 200, .body = request.method + request.target + request.body});
  }

  http::Server server_;
};

void check_scanner(std::string_view input) {
  http::HeadScanner whole;
  const auto end = whole.scan(input);
  http::HeadScanner stepwise;
  for (std::size_t size = 1; size <= input.size(); ++size) {
    const auto found = stepwise.scan(input.substr(0, size));
    if (!found) {
      must(!end, "byte by byte it is as bad");
      return;
    }
    if (!*found) continue;
    must(end && *end == *found, "byte by byte it ends at the same place");
    return;
  }
  must(end && !*end, "byte by byte it is as unfinished");
}

}  // namespace

FUZZ_TARGET(http_head) {
  check_scanner(input);
  http::HeadScanner scanner;
  const auto end = scanner.scan(input);
  if (!end || !*end) return;
  const auto head = input.substr(0, **end);
  const auto facts = http::check_head(head, kMaxHeaders);
  if (!facts) {
    must(facts.error().status >= 400 && facts.error().status < 600, "it is refused by status");
    return;
  }
  must(!head.contains('\0') && !head.contains("\n "), "no zero byte, no folded line");
  const auto first = head.find(' ');
  const auto target = head.substr(first + 1, head.find(' ', first + 1) - first - 1);
  const auto path = target.substr(0, target.find('?'));
  if (path.starts_with('/')) static_cast<void>(http::decode_path(path));
}

FUZZ_TARGET(http_server) {
  if (input.size() > 16'384) return;
  static EchoServer server;
  http::TestSocket socket{server.port()};
  socket.allow_reset();
  socket.send(input);
  socket.shutdown_send();
  const auto answer = socket.read_to_end();
  must(answer.empty() || answer.starts_with("HTTP/1.1 "), "what is answered is HTTP");
  http::TestSocket next{server.port()};
  const auto after = next.get("/still-there");
  must(after && after->status == 200, "the server answers the next client");
}

}  // namespace conveyor::fuzz
