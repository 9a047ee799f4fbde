// Gate: from the HTTP server to the Socket.IO library: requests, and connections that became
// WebSockets, carried over from io threads to the Loop and back.
//
// Threads: serve from any, close on the loop's. Lifetime: the loop outlives the HTTP server, whose
// connections keep what they need of the gate.
#pragma once

#include <functional>
#include <memory>
#include <unordered_set>

#include "server/http/message.h"
#include "server/http/respond.h"
#include "server/live/loop.h"
#include "socketio/transport.h"

namespace conveyor::live {

/// Where requests go, on the loop's thread.
struct Entrance {
  std::function<void(socketio::HttpRequest, std::shared_ptr<socketio::Exchange>)> handle;
  /// A client that waits has gone. May be empty.
  std::function<void(const socketio::Exchange*)> gone;
};

struct Duplex;

class Gate {
 public:
  Gate(Loop& loop, Entrance entrance);

  void serve(http::Request request, http::Respond respond);
  /// Lets go of every upgraded connection; what was written to it is still sent. With the loop's
  /// last task, so that nothing waits for a task that never comes.
  void close();

 private:
  struct State {
    Loop& loop;
    const Entrance entrance;
    std::unordered_set<Duplex*> open{};  // the loop's thread
  };
  class Pipe;
  class Exchange;

  std::shared_ptr<State> state_;
};

}  // namespace conveyor::live
