// What people and programs ask of the core, each with the way its answer goes back.
//
// Answers are called on the core thread once the batch is durable (or lost): exactly once, quickly,
// without throwing. Whatever costs time (JSON) is done elsewhere.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "domain/decide.h"
#include "engine/engine.h"
#include "ports/order_store.h"
#include "ports/service_stores.h"

namespace conveyor {

/// Why nothing was done. All but `unreadable` pass, so the caller may try again.
enum class Unavailable : std::uint8_t {
  queue_full,            ///< more inputs wait than the queue holds
  too_many_open_orders,  ///< open_orders_max are in memory
  out_of_space,          ///< the disk is full
  store_unavailable,     ///< the batch could not be made durable
  stopping,
  unreadable,  ///< what the store has of the order makes no sense: `verify` says more
};

/// Who asks, for events and logs.
struct RequestContext {
  std::string request_id;
  std::string correlation_id;
  std::optional<std::string> traceparent;
  Actor actor;
};

struct PlaceOrder {
  struct Placed {
    Event created;  ///< the answer is made from this and `answer_version` alone
    std::uint32_t answer_version = 1;
    bool replayed = false;
  };
  struct KeyReused {};  ///< the key came with another request before
  using Refused = std::variant<Unavailable, KeyReused, ReferenceTaken>;
  using Answer = std::expected<Placed, Refused>;

  IdempotencyKey key;
  OrderCreated order;
  ShipTo ship_to;
  std::vector<std::pair<std::string, std::string>> metadata;
  RequestContext context;
  std::function<void(Answer)> answer;
};

struct OrderCommand {
  struct NotFound {};
  struct Stale {
    std::uint64_t version = 0;  ///< the present one
  };
  struct Done {
    Order order;
    bool changed = true;  ///< false: allowed, and nothing had to change
  };
  using Refused = std::variant<Unavailable, NotFound, Stale, Refusal>;
  using Answer = std::expected<Done, Refused>;

  OrderId order_id;
  Command command;
  std::optional<std::uint64_t> if_match;
  RequestContext context;
  std::function<void(Answer)> answer;
  /// Of a retry or restart: a changed address; the core makes it a new version of the contact and
  /// puts that into the command's changes.
  std::optional<ShipTo> ship_to = {};
};

struct SetStock {
  using Refused = std::variant<Unavailable, StockRefusal>;
  using Answer = std::expected<StockItem, Refused>;

  std::string sku;
  std::int64_t on_hand = 0;
  std::optional<std::string> title;
  std::function<void(Answer)> answer;
};

struct AdjustStock {
  struct Adjusted {
    StockMovement movement;  ///< the answer is made from this alone
    bool replayed = false;
  };
  struct KeyReused {};
  using Refused = std::variant<Unavailable, StockRefusal, KeyReused>;
  using Answer = std::expected<Adjusted, Refused>;

  IdempotencyKey key;
  std::string sku;
  std::int64_t delta = 0;
  std::string reason;
  std::function<void(Answer)> answer;
};

/// Asks what the engine would do next for an order, and why not now; changes nothing and leaves no
/// trace. Compare `version` with that of the order that you have read: it may have moved meanwhile.
struct InspectOrder {
  using Answer = std::expected<OrderInspection, Unavailable>;

  OrderId order_id;
  std::function<void(Answer)> answer;
};

/// Erases the contacts of all orders of a customer, in batches behind this one. Answered as soon as
/// that is sure to happen, restart or not; again for the same customer it does what is left.
struct EraseContacts {
  struct NoOrders {};  ///< the customer has none
  struct OrderOpen {
    OrderId order_id;  ///< one that is not final yet and needs its contact
    Status status = Status::pending;
  };
  using Refused = std::variant<Unavailable, NoOrders, OrderOpen>;
  using Answer = std::expected<void, Refused>;

  std::string customer_id;
  RequestContext context;
  std::function<void(Answer)> answer;
};

using CoreInput =
    std::variant<PlaceOrder, OrderCommand, SetStock, AdjustStock, InspectOrder, EraseContacts>;

/// The version of the 201 body that new orders are answered with.
inline constexpr std::uint32_t kAnswerVersion = 1;

}  // namespace conveyor
