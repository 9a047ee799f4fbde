// Api: the HTTP API, from a request to its answer. Reads run on the reader pool, changes go to the
// core thread and are answered after the commit; JSON is made on neither the core thread nor while
// it waits.
//
// Threads: the handler is called on io threads and does not block. Lifetime: stop the server first,
// then the publisher, the core thread and the reader pool; answers that come later are dropped, so
// an Api may go before or after those two.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "domain/decide.h"
#include "ports/clock.h"
#include "runtime/core_thread.h"
#include "runtime/metrics.h"
#include "runtime/reader_pool.h"
#include "server/api/limits.h"
#include "server/api/system_json.h"
#include "server/feed/publisher.h"
#include "server/http/server.h"

namespace conveyor::api {

struct BuildInfo {
  std::string version;
  std::string commit;  ///< empty: not known
};

struct ApiParts {
  CoreThread& core;
  ReaderPool& readers;
  Metrics& metrics;
  feed::Publisher& live;
  Clock& clock;  ///< called from several threads
  BuildInfo build;
  /// What the server still lacks, in words; empty: ready. Called on io threads.
  std::function<std::vector<std::string>()> missing;
  std::vector<SettingValue> settings = {};  ///< as the server runs
  /// Takes requests for live::kPath; empty: there are no live updates over Socket.IO.
  std::function<void(http::Request, http::Respond)> live_updates = {};
  /// The dashboard's answer to a request, or nothing; called on io threads. Empty: there is none.
  std::function<std::optional<http::Response>(const http::Request&)> dashboard = {};
};

struct ApiOptions {
  RetryPolicy retry;       ///< for `allowed_actions`: as the engine has it
  std::uint64_t seed = 0;  ///< of request and trace ids: random, other at every start
  RequestLimits limits = {};
  std::chrono::milliseconds in_flight_wait = kInFlightWait;
  std::chrono::milliseconds answer_deadline = kAnswerDeadline;
};

class Api {
 public:
  Api(ApiParts parts, ApiOptions options);
  ~Api();

  /// Sets what the server asks the API for: the wording of protocol errors, the limit of bodies,
  /// metrics and the access log.
  void configure(http::ServerOptions& server) const;

  http::Handler handler() const;

  /// Method and pattern of each route.
  std::vector<std::pair<std::string, std::string>> routes() const;

  class Impl;

 private:
  std::shared_ptr<Impl> impl_;
};

}  // namespace conveyor::api
