// Respond: the right and the duty to answer one request.
//
// Move-only; callable once, from any thread, also after the server has stopped (the answer is then
// dropped). Destroyed without a call, the client is sent a 500. It does not keep the connection
// open and it never blocks on the network.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "base/assert.h"
#include "server/http/message.h"

namespace conveyor::http {

class Respond {
 public:
  /// What becomes of the answer: no response means that nobody gave one. `route` is the label set
  /// below, empty if none was.
  using Sink = std::move_only_function<void(std::optional<Response>, std::string route)>;

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

  void operator()(Response response) {
    CONVEYOR_ASSERT(sink_ != nullptr, "a request is answered once");
    std::exchange(sink_, nullptr)(std::move(response), std::move(route_));
  }

 private:
  void abandon() {
    if (sink_ != nullptr) std::exchange(sink_, nullptr)(std::nullopt, std::move(route_));
  }

  Sink sink_;
  std::string route_;
};

}  // namespace conveyor::http
