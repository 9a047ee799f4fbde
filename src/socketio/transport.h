// What the library needs of the HTTP server around it: requests with a way to answer them, and
// after an upgrade a pipe of bytes. Whoever embeds the library implements Exchange and Pipe.
//
// Threads: all of it on the one thread that drives the library; an implementation carries what
// happens elsewhere over to it.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/http_header.h"

namespace conveyor::socketio {

using http::Header;

struct HttpRequest {
  std::string method;
  std::string query{};  ///< what follows '?', as received
  std::vector<Header> headers{};
  std::string body{};
  std::string remote_address{};

  const std::string* find_header(std::string_view name) const {
    return http::find_header(headers, name);
  }
};

struct HttpResponse {
  int status = 200;
  std::vector<Header> headers{};
  std::string body{};
};

/// The way back to the client of an upgraded connection.
class Pipe {
 public:
  virtual ~Pipe() = default;
  /// Takes all of it, at any time; whoever writes looks at pending() to bound what waits.
  virtual void write(std::string_view bytes) = 0;
  /// Bytes written that the network has not taken yet.
  virtual std::size_t pending() const = 0;
  /// What was written is still sent, then the connection is closed. Nothing is read any more.
  virtual void end() = 0;
  /// Closed at once.
  virtual void abort() = 0;
};

/// Told what comes of the other side. Whoever calls it holds it meanwhile.
class PipeReader {
 public:
  virtual ~PipeReader() = default;
  virtual void on_bytes(std::string_view bytes) = 0;
  /// All that was written has been taken by the network.
  virtual void on_drained() = 0;
  /// The connection is gone. Last call.
  virtual void on_gone() = 0;
};

/// One request that waits for its answer. Exactly one of the two is called, once.
class Exchange {
 public:
  virtual ~Exchange() = default;
  virtual void answer(HttpResponse response) = 0;
  /// Answers 101 with `headers`; from then on the connection belongs to pipe and reader.
  virtual std::shared_ptr<Pipe> upgrade(std::vector<Header> headers,
                                        std::shared_ptr<PipeReader> reader) = 0;
};

}  // namespace conveyor::socketio
