// The bodies that the API takes, read strictly: unknown members are refused, and all that is wrong
// is reported at once. Limits: server/api/limits.h; without any they are the widest. Pure
// functions.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/sha256.h"
#include "domain/event.h"
#include "ports/participant.h"
#include "server/api/limits.h"
#include "server/api/problem.h"

namespace conveyor::api {

/// Why a body is refused: the problem's row, a sentence, the places.
struct BodyRefusal {
  const ProblemSpec* problem;
  std::string detail;
  std::vector<FieldError> errors;
};

template <class T>
using Body = std::expected<T, BodyRefusal>;

struct OrderBody {
  OrderCreated order;
  ShipTo ship_to;
  std::vector<std::pair<std::string, std::string>> metadata;
  Digest request_hash{};  ///< SHA-256 over the body's RFC 8785 form
};
Body<OrderBody> parse_order_body(std::string_view body, const RequestLimits& limits = {});

/// What an action on an order takes; an empty body is an empty object.
struct ActionBody {
  std::string reason;
  Changes changes;                 ///< retry, restart: lines and payment method
  std::optional<ShipTo> ship_to;   ///< retry, restart: a changed address
  std::string external_reference;  ///< resolve

  bool has_changes() const { return !changes.empty() || ship_to.has_value(); }
};
Body<ActionBody> parse_action_body(CommandKind kind, std::string_view body,
                                   const RequestLimits& limits = {});

struct StockBody {
  std::int64_t on_hand = 0;
  std::optional<std::string> title;
};
Body<StockBody> parse_stock_body(std::string_view body, const RequestLimits& limits = {});

struct AdjustBody {
  std::int64_t delta = 0;
  std::string reason;
  std::string canonical;  ///< RFC 8785 form
};
Body<AdjustBody> parse_adjust_body(std::string_view body, const RequestLimits& limits = {});

}  // namespace conveyor::api
