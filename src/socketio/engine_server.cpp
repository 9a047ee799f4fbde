#include "socketio/engine_server.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "socketio/engine_errors.h"
#include "socketio/random_id.h"
#include "socketio/websocket_handshake.h"

namespace conveyor::socketio {
namespace {

/// The first value of that name, as received; empty if there is none.
std::string_view parameter(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const auto pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=') {
      return pair.substr(name.size() + 1);
    }
  }
  return {};
}

}  // namespace

HttpResponse engine_error(EngineError error, std::string_view message, int status) {
  return {
      .status = status,
      .headers = {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}},
      .body = fmt::format(R"({{"code":{},"message":"{}"}})", std::to_underlying(error), message)};
}

EngineServer::EngineServer(Timers& timers, const EngineLimits& limits,
                           EngineApplication& application)
    : timers_(timers), limits_(limits), application_(application) {}

EngineServer::~EngineServer() = default;

void EngineServer::handle(HttpRequest request, std::shared_ptr<Exchange> exchange) {
  const auto refuse = [&exchange](EngineError error, std::string_view message, int status = 400) {
    exchange->answer(engine_error(error, message, status));
  };
  if (stopped_) return refuse(EngineError::unavailable, "The server is stopping", 503);
  const std::string_view query = request.query;
  const auto transport = parameter(query, "transport");
  const bool websocket = transport == "websocket";
  if (!websocket && transport != "polling") {
    return refuse(EngineError::unknown_transport, "Transport unknown");
  }
  if (parameter(query, "EIO") != "4") {
    return refuse(EngineError::unsupported_version, "Unsupported protocol version");
  }
  if (websocket != is_websocket_request(request)) {
    return refuse(EngineError::bad_request, "Bad request");
  }
  const auto id = parameter(query, "sid");
  if (id.empty()) {
    if (request.method != "GET") {
      return refuse(EngineError::bad_handshake_method, "Bad handshake method");
    }
    return open(std::move(request), exchange, websocket);
  }
  Session* session = find(id);
  if (session == nullptr) return refuse(EngineError::unknown_session, "Session ID unknown");
  if (websocket) {
    auto headers = accept_websocket(request);
    if (!headers) return exchange->answer(std::move(headers.error()));
    return session->upgrade(*exchange, *std::move(headers));
  }
  if (request.method == "GET") return session->poll(std::move(exchange));
  if (request.method == "POST") return session->post(request, *exchange);
  refuse(EngineError::bad_request, "Bad request");
}

void EngineServer::open(HttpRequest request, const std::shared_ptr<Exchange>& exchange,
                        bool websocket) {
  if (sessions_.size() >= limits_.max_sessions) {
    return exchange->answer(engine_error(EngineError::unavailable, "Too many sessions", 503));
  }
  const auto& address = request.remote_address;
  if (const auto count = per_address_.find(address);
      count != per_address_.end() && count->second >= limits_.max_sessions_per_address) {
    return exchange->answer(
        engine_error(EngineError::unavailable, "Too many sessions of this address", 429));
  }
  std::vector<Header> headers;
  if (websocket) {
    auto accepted = accept_websocket(request);
    if (!accepted) return exchange->answer(std::move(accepted.error()));
    headers = *std::move(accepted);
  }
  ++per_address_[address];
  request.body.clear();
  auto id = random_id();
  auto& session = *sessions_.emplace(id, std::make_unique<Session>(*this, id, std::move(request)))
                       .first->second;
  if (websocket) {
    session.open_websocket(*exchange, std::move(headers));
  } else {
    session.open_polling(exchange);
  }
  application_.on_open(session);
}

Session* EngineServer::find(std::string_view id) {
  const auto found = sessions_.find(std::string{id});
  return found == sessions_.end() ? nullptr : found->second.get();
}

void EngineServer::gone(const Exchange* exchange) {
  if (const auto found = polls_.find(exchange); found != polls_.end()) found->second->poll_gone();
}

void EngineServer::flush() {
  while (!dirty_.empty()) {
    for (Session* session : std::exchange(dirty_, {})) session->flush();
  }
  over_.clear();
}

void EngineServer::stop() {
  stopped_ = true;
  while (!sessions_.empty()) {
    Session& session = *sessions_.begin()->second;
    session.close(EndReason::server_stopping);
    if (!sessions_.empty() && sessions_.begin()->second.get() == &session) forget(session);
  }
  flush();
}

void EngineServer::forget(Session& session) {
  const auto found = sessions_.find(session.id());
  if (found == sessions_.end()) return;
  const auto count = per_address_.find(session.handshake().remote_address);
  if (--count->second == 0) per_address_.erase(count);
  over_.push_back(std::move(found->second));
  sessions_.erase(found);
}

void EngineServer::needs_flush(Session& session) {
  if (!std::exchange(session.needs_flush_, true)) dirty_.push_back(&session);
}

WebSocketLimits EngineServer::websocket_limits() const {
  return {.max_message_bytes = limits_.max_payload,
          .frames = limits_.packets,
          .bytes = limits_.bytes,
          .max_outgoing_bytes = limits_.max_outgoing_bytes,
          .close_timeout = limits_.close_timeout};
}

}  // namespace conveyor::socketio
