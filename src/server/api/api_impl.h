// What the files of the API share: the call, its ways to an answer, and the table of routes.
// Internal to server/api.
#pragma once

#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/api/api.h"
#include "server/api/frame.h"
#include "server/api/order_request.h"
#include "server/api/pending_answers.h"
#include "server/api/query.h"
#include "server/feed/cursor.h"
#include "server/http/router.h"

namespace conveyor::api {

/// One request on its way.
struct Call {
  http::Request request;
  http::PathParameters path;
  Frame frame;
  http::Respond respond;

  void answer(http::Response response) { respond(std::move(response)); }
  void refuse(const ProblemSpec& spec, std::string_view detail,
              const std::vector<FieldError>& errors = {}) {
    respond(frame.problem(spec, detail, errors));
  }
  void refuse(const BodyRefusal& refusal) {
    refuse(*refusal.problem, refusal.detail, refusal.errors);
  }
};

/// Idempotency keys whose first request has no answer yet.
class KeysInFlight {
 public:
  /// True: another request with it is in work.
  bool enter(const Digest& scope) {
    const std::lock_guard lock(mutex_);
    const bool busy = scopes_.contains(scope);
    scopes_.insert(scope);
    return busy;
  }
  void leave(const Digest& scope) {
    const std::lock_guard lock(mutex_);
    const auto found = scopes_.find(scope);
    if (found != scopes_.end()) scopes_.erase(found);
  }

 private:
  std::mutex mutex_;
  std::multiset<Digest> scopes_;
};

/// 200 with a JSON text and a line feed behind it.
http::Response json_response(int status, std::string json);

/// A call that the core will answer. Shared, so that the core copies a pointer only.
class Waiting {
 public:
  Waiting(std::shared_ptr<Api::Impl> api, Frame frame, std::optional<Digest> scope,
          PendingAnswers::Ticket ticket)
      : frame(std::move(frame)), api_(std::move(api)), scope_(scope), ticket_(ticket) {}

  /// Once, from any thread; `make` runs on the connection's. Dropped if it comes too late.
  void answer(http::MakeResponse make) const;

  const Frame frame;

 private:
  std::shared_ptr<Api::Impl> api_;
  std::optional<Digest> scope_;
  PendingAnswers::Ticket ticket_;
};

class Api::Impl : public std::enable_shared_from_this<Api::Impl> {
 public:
  Impl(ApiParts parts, ApiOptions options);

  void handle(http::Request request, http::Respond respond);
  http::Response protocol_error(int status, std::string_view code, std::string_view detail);
  void completed(const http::RequestInfo& info);
  const RequestLimits& limits() const { return options_.limits; }
  std::vector<std::pair<std::string, std::string>> routes() const { return router_.routes(); }

 private:
  friend class Waiting;
  using Route = void (Impl::*)(Call);
  using ReadJob = std::move_only_function<http::Response(Readers&, const Frame&)>;

  void add(std::string_view method, std::string_view pattern, Route route);
  void add_routes();

  // Ways to an answer.
  /// Runs on the reader pool; the answer carries the feed position that it reflects.
  void read(Call call, ReadJob job);
  using InspectJob = std::function<http::Response(Readers&, const Frame&, const OrderInspection&)>;
  /// Asks the engine about the order and then runs on the reader pool.
  void inspect(Call call, const OrderId& id, InspectJob job);
  /// Lets the call wait for the core; `scope` is the idempotency key's, if there is one.
  std::shared_ptr<const Waiting> wait_for_core(Call call, std::optional<Digest> scope);

  // What routes have in common; each answers the call and returns nothing if it cannot be used.
  std::optional<Digest> idempotency_scope(Call& call, std::string_view route);
  std::optional<OrderId> order_id(Call& call);
  std::optional<Actor> actor(Call& call, ActorKind kind);
  bool refuse_queries(Call& call);
  RequestContext context_of(const Call& call, Actor actor) const;

  // Routes, by file.
  void place_order(Call call);  // api_orders.cpp
  void take_order(Call call, const Digest& scope);
  void take_known_order(Call call, const Digest& scope);
  void list_orders(Call call);
  /// A page of what `filter` finds, as limit and cursor of the query say, or what is wrong with it.
  void list_orders_of(Call call, QueryReader& query, OrderFilter filter);
  void get_order(Call call);
  void get_order_events(Call call);
  template <CommandKind kKind>  // api_actions.cpp
  void act(Call call) {
    act(std::move(call), kKind);
  }
  void act(Call call, CommandKind kind);
  void get_order_contact(Call call);  // api_contact.cpp
  void erase_contacts(Call call);
  void get_order_attempts(Call call);  // api_diagnosis.cpp
  void get_order_diagnosis(Call call);
  void list_dead_letters(Call call);  // api_dead_letters.cpp
  void group_dead_letters(Call call);
  void list_stock(Call call);  // api_inventory.cpp
  void list_reservations(Call call);
  void get_stock(Call call);
  void put_stock(Call call);
  void adjust_stock(Call call);
  void list_events(Call call);  // api_events.cpp
  void stream_events(Call call);
  void get_live(Call call);  // api_system.cpp
  void get_ready(Call call);
  void get_health(Call call);
  void get_metrics(Call call);
  void get_version(Call call);
  void get_openapi(Call call);
  void get_pipeline(Call call);
  void get_services(Call call);

  ApiParts parts_;
  ApiOptions options_;
  Timestamp started_at_;
  FrameMaker frames_;
  http::Router router_;
  PendingAnswers pending_;
  KeysInFlight keys_;
};

/// The answer to what could not be done now.
http::Response unavailable_response(const Frame& frame, Unavailable why);

/// Runs a read on its thread and answers also when it fails; with the feed position it reflects.
template <class Job>
http::Response run_read(Readers& readers, const Frame& frame, Job&& job) {
  try {
    // Before the read: whoever goes on from there misses nothing.
    const auto position = readers.orders().feed_position();
    auto made = job(readers, frame);
    made.set_header("Conveyor-Cursor", feed::encode_cursor({position, 0}));
    return made;
  } catch (const StoreError&) {
    return unavailable_response(frame, Unavailable::store_unavailable);
  } catch (const std::exception&) {
    return frame.problem(problem_spec("internal"), "the read failed");
  }
}

/// The ETag of an order: its version in quotes.
std::string etag_of(std::uint64_t version);
http::Response not_found(const Frame& frame);  ///< the order
/// One page of a list of orders, newest first.
http::Response orders_page_response(OrderReader& reader, const OrderFilter& filter,
                                    std::size_t limit);

/// An order with its ETag.
http::Response order_response(int status, const Order& order, Timestamp now,
                              const RetryPolicy& policy);

}  // namespace conveyor::api
