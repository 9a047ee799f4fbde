#include "server/http/router.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "base/assert.h"

namespace conveyor::http {

struct Router::Route {
  std::string pattern;
  std::vector<std::string> names;
  RouteHandler handler;
};

/// One segment of the known patterns.
struct Router::Node {
  std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
  std::unique_ptr<Node> capture;
  std::map<std::string, Route, std::less<>> routes;  // by method
};

/// The first route of the wanted method, or else the methods that the path does have.
struct Router::Match {
  const Route* route = nullptr;
  std::vector<std::string> captured{};
  std::set<std::string> allowed{};
};

const std::string& PathParameters::operator[](std::string_view name) const {
  const auto found = std::ranges::find(*names_, name);
  CONVEYOR_ASSERT(found != names_->end(), "the pattern has a capture of that name");
  return values_[static_cast<std::size_t>(found - names_->begin())];
}

Router::Router(ProtocolErrorHandler on_error)
    : on_error_(std::move(on_error)), root_(std::make_unique<Node>()) {}

Router::~Router() = default;

void Router::add(std::string_view method, std::string_view pattern, RouteHandler handler) {
  CONVEYOR_ASSERT(pattern.starts_with('/'), "a pattern starts with '/'");
  CONVEYOR_ASSERT(is_token(method), "a method is a token");
  Route route{.pattern = std::string(pattern), .names = {}, .handler = std::move(handler)};
  Node* node = root_.get();
  for (std::string_view rest = pattern; !rest.empty();) {
    rest.remove_prefix(1);
    const std::string_view segment = rest.substr(0, rest.find('/'));
    rest.remove_prefix(segment.size());
    std::unique_ptr<Node>* next = nullptr;
    if (segment.starts_with('{')) {
      CONVEYOR_ASSERT(segment.size() > 2 && segment.ends_with('}'), "a capture is {name}");
      route.names.emplace_back(segment.substr(1, segment.size() - 2));
      next = &node->capture;
    } else {
      next = &node->literals[std::string(segment)];
    }
    if (*next == nullptr) *next = std::make_unique<Node>();
    node = next->get();
  }
  const bool is_new = node->routes.emplace(method, std::move(route)).second;
  CONVEYOR_ASSERT(is_new, "a method and a pattern are added once");
}

void Router::list(const Node& node, std::vector<std::pair<std::string, std::string>>& routes) {
  for (const auto& [method, route] : node.routes) routes.emplace_back(method, route.pattern);
  for (const auto& [segment, child] : node.literals) list(*child, routes);
  if (node.capture != nullptr) list(*node.capture, routes);
}

std::vector<std::pair<std::string, std::string>> Router::routes() const {
  std::vector<std::pair<std::string, std::string>> routes;
  list(*root_, routes);
  std::ranges::sort(routes, [](const auto& a, const auto& b) {
    return std::tie(a.second, a.first) < std::tie(b.second, b.first);
  });
  return routes;
}

void Router::find(const Node& node, const std::vector<std::string>& segments, std::size_t depth,
                  std::string_view method, std::vector<std::string>& captured, Match& match) {
  if (depth == segments.size()) {
    auto found = node.routes.find(method);
    if (found == node.routes.end() && method == "HEAD") found = node.routes.find("GET");
    if (found != node.routes.end()) {
      match.route = &found->second;
      match.captured = captured;
      return;
    }
    for (const auto& [allowed, route] : node.routes) {
      match.allowed.insert(allowed);
      if (allowed == "GET") match.allowed.insert("HEAD");
    }
    return;
  }
  const auto literal = node.literals.find(segments[depth]);
  if (literal != node.literals.end()) {
    find(*literal->second, segments, depth + 1, method, captured, match);
  }
  // An empty segment is never a value: "/v1/orders/" is not the order with no id.
  if (match.route == nullptr && node.capture != nullptr && !segments[depth].empty()) {
    captured.push_back(segments[depth]);
    find(*node.capture, segments, depth + 1, method, captured, match);
    captured.pop_back();
  }
}

void Router::dispatch(Request request, Respond respond,
                      const ProtocolErrorHandler& on_error) const {
  const auto segments = decode_path(request.path);
  if (!segments) {
    respond(on_error(400, "bad_target", "the path must be percent-encoded UTF-8 text"));
    return;
  }
  Match match;
  std::vector<std::string> captured;
  find(*root_, *segments, 0, request.method, captured, match);
  if (match.route != nullptr) {
    respond.set_route(match.route->pattern);
    match.route->handler(std::move(request),
                         PathParameters(match.route->names, std::move(match.captured)),
                         std::move(respond));
    return;
  }
  if (match.allowed.empty()) {
    respond(on_error(404, "not_found", "there is nothing at this path"));
    return;
  }
  Response response =
      on_error(405, "method_not_allowed", "this path does not have that method; see Allow");
  std::string allow;
  for (const std::string& method : match.allowed) allow += (allow.empty() ? "" : ", ") + method;
  response.set_header("Allow", std::move(allow));
  respond(std::move(response));
}

}  // namespace conveyor::http
