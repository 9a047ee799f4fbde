// Respond: the right and the duty to answer one request.
//
// Move-only; callable once, from any thread, also after the server has stopped (the answer is then
// dropped). Destroyed without a call, the client is sent a 500. It does not keep the connection
// open and it never blocks on the network.
//
// Whoever must not spend time on making the answer (the core thread) gives a closure instead: it is
// called once on the connection's io thread, or never if the client went away. What it throws is
// answered 500.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <variant>

#include "base/assert.h"
#include "server/http/message.h"

namespace conveyor::http {

using MakeResponse = std::move_only_function<Response()>;

/// No answer yet: what to call if the client goes away before it comes.
struct Watch {
  std::function<void()> gone;
};

/// Nothing means that nobody gave an answer.
using Answer = std::variant<std::monostate, Response, MakeResponse, Watch>;

class Respond {
 public:
  /// What becomes of the answer. `route` is the label set below, empty if none was.
  using Sink = std::move_only_function<void(Answer, std::string route)>;

  explicit Respond(Sink sink) : sink_(std::move(sink)) {}
  Respond(Respond&& other) noexcept
      : sink_(std::exchange(other.sink_, nullptr)), route_(std::move(other.route_)) {}
  Respond& operator=(Respond&& other) noexcept {
    if (this != &other) {
      abandon();
      sink_ = std::exchange(other.sink_, nullptr);
      route_ = std::move(other.route_);
    }
    return *this;
  }
  ~Respond() { abandon(); }

  /// The pattern that matched, for metrics; never sent.
  void set_route(std::string route) { route_ = std::move(route); }

  /// For an answer that may take long: `gone` is called once, on the connection's io thread, if the
  /// client closes its connection, or just its side of it, before it is answered. It may be called
  /// while the answer is on its way. A client that sends its next request meanwhile is not watched.
  void when_gone(std::function<void()> gone) {
    CONVEYOR_ASSERT(sink_ != nullptr, "a request that was answered has nobody waiting");
    sink_(Watch{std::move(gone)}, {});
  }

  void operator()(Response response) { give(std::move(response)); }
  /// The answer is made on the connection's io thread.
  void later(MakeResponse make) { give(std::move(make)); }

 private:
  void give(Answer answer) {
    CONVEYOR_ASSERT(sink_ != nullptr, "a request is answered once");
    std::exchange(sink_, nullptr)(std::move(answer), std::move(route_));
  }
  void abandon() {
    if (sink_ != nullptr) std::exchange(sink_, nullptr)(std::monostate{}, std::move(route_));
  }

  Sink sink_;
  std::string route_;
};

}  // namespace conveyor::http
