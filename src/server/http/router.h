// Router: from method and path to a handler.
//
// Patterns are literal segments and captures: "/v1/orders/{id}/cancel". Segments are compared after
// decoding; a literal wins over a capture at the same place; nothing is normalised, so a trailing
// slash is another path. HEAD is served by GET where it has no handler of its own. Filled before
// the server starts, then only read: calls from several threads are safe.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/http/message.h"
#include "server/http/respond.h"
#include "server/http/server.h"

namespace conveyor::http {

/// The captures of one request, decoded.
class PathParameters {
 public:
  PathParameters(const std::vector<std::string>& names, std::vector<std::string> values)
      : names_(&names), values_(std::move(values)) {}

  /// The value captured under a name that the pattern has; asserts that it has it.
  const std::string& operator[](std::string_view name) const;

 private:
  const std::vector<std::string>* names_;  // the route's
  std::vector<std::string> values_;
};

class Router {
 public:
  using RouteHandler = std::function<void(Request, PathParameters, Respond)>;

  /// `on_error` makes the answers for 400 (bad_target), 404 (not_found) and 405
  /// (method_not_allowed); the router adds Allow to the last.
  explicit Router(ProtocolErrorHandler on_error = plain_text_error);
  ~Router();

  /// Asserts that the pattern is well formed and that the pair is new.
  void add(std::string_view method, std::string_view pattern, RouteHandler handler);

  /// Method and pattern of each route, sorted by pattern and method.
  std::vector<std::pair<std::string, std::string>> routes() const;

  /// Calls the route's handler, or answers with an error. Sets the answer's route to the pattern.
  void dispatch(Request request, Respond respond) const {
    dispatch(std::move(request), std::move(respond), on_error_);
  }
  /// The same with an `on_error` that knows the request.
  void dispatch(Request request, Respond respond, const ProtocolErrorHandler& on_error) const;

 private:
  struct Route;
  struct Node;
  struct Match;

  static void list(const Node& node, std::vector<std::pair<std::string, std::string>>& routes);
  static void find(const Node& node, const std::vector<std::string>& segments, std::size_t depth,
                   std::string_view method, std::vector<std::string>& captured, Match& match);

  ProtocolErrorHandler on_error_;
  std::unique_ptr<Node> root_;
};

}  // namespace conveyor::http
