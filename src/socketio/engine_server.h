// EngineServer: Engine.IO 4 (github.com/socketio/engine.io-protocol, revision 4) on the transports
// polling and websocket. It takes requests for its path and tells an application of sessions and
// messages.
//
//   timers.advance(now);  engine.handle(request, exchange);  engine.flush();
//
// Time moves before each input and what was sent leaves with flush(), so that a burst of packets is
// one write.
//
// Threads: one. Lifetime: timers and application outlive it; stop() before it goes, for the
// application to be told of the end of each session.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "socketio/engine_limits.h"
#include "socketio/session.h"
#include "socketio/timers.h"
#include "socketio/transport.h"

namespace conveyor::socketio {

/// What a session's messages are for. May call the session that it is told of, and others.
class EngineApplication {
 public:
  virtual ~EngineApplication() = default;
  virtual void on_open(Session& session) = 0;
  virtual void on_message(Session& session, bool is_binary, std::string message) = 0;
  /// Once for each that was opened. The session can still be named, not used.
  virtual void on_end(Session& session, EndReason reason) = 0;
  /// The client has taken all that was sent.
  virtual void on_drained(Session&) {}
};

class EngineServer {
 public:
  EngineServer(Timers& timers, const EngineLimits& limits, EngineApplication& application);
  ~EngineServer();
  EngineServer(const EngineServer&) = delete;
  EngineServer& operator=(const EngineServer&) = delete;

  /// One request, whatever it asks for. Answered now, or, a poll, when there is something.
  void handle(HttpRequest request, std::shared_ptr<Exchange> exchange);
  /// The client of a request that is not answered yet has gone. Nothing if it is not a poll.
  void gone(const Exchange* exchange);
  /// Hands over what was sent, and forgets sessions that are over.
  void flush();
  /// Ends every session; whatever comes later is refused (503).
  void stop();

  std::size_t sessions() const { return sessions_.size(); }

 private:
  friend class Session;
  void open(HttpRequest request, const std::shared_ptr<Exchange>& exchange, bool websocket);
  Session* find(std::string_view id);
  void forget(Session& session);
  void needs_flush(Session& session);
  WebSocketLimits websocket_limits() const;

  Timers& timers_;
  const EngineLimits limits_;
  EngineApplication& application_;
  bool stopped_ = false;
  std::unordered_map<std::string, std::unique_ptr<Session>> sessions_;
  std::map<std::string, std::size_t> per_address_;
  std::unordered_map<const Exchange*, Session*> polls_;
  std::vector<Session*> dirty_;
  std::vector<std::unique_ptr<Session>> over_;
};

}  // namespace conveyor::socketio
