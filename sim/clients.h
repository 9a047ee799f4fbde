// Clients: the shops and people of a history. Each order has a plan of its own, drawn from a stream
// of its own: when it is placed, what it holds, who repeats or changes what. So the orders of a
// history can be taken away one by one and the others stay what they were.
//
// A client that gets no answer asks again with the same key; what it is then told must fit what it
// was told before.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "runtime/inputs.h"
#include "sim/checker.h"
#include "sim/environment.h"

namespace conveyor::sim {

/// Streams of chance from here on belong to the orders.
inline constexpr std::uint64_t kFirstOrderStream = 1'000;

/// What somebody changes about an order.
struct OrderEdit {
  Changes changes = {};
  std::optional<ShipTo> ship_to = {};
};

class Clients {
 public:
  struct Ways {
    std::function<void(CoreInput)> submit;  ///< may be dropped: the process is down
    std::function<void()> answered;         ///< after each answer; the process may stop there
    /// Changes stock at an inventory that is a process of its own; null: through `submit`.
    std::function<void(const std::string& sku, std::int64_t delta)> adjust_elsewhere;
  };
  Clients(Environment& environment, Checker& checker, Ways ways);

  /// Plans everything.
  void start();
  /// Somebody may act upon what an order has become.
  void saw(const OrderId& id, Status status);
  /// No further plans, but what was asked for is asked until it is answered.
  void stop() { stopped_ = true; }

  std::size_t acknowledged() const { return by_id_.size(); }
  /// Every placed order was answered, for good or ill.
  bool all_answered() const { return unanswered_ == 0; }

  /// Does one thing to an order as a person in front of a screen; answered or not.
  void act(const OrderId& id, ClientAct act, const OrderEdit& edit = {});

  std::vector<std::string> skus() const;

 private:
  struct Plan {
    Plan(std::uint64_t seed, std::size_t order_number)
        : number(order_number), dice(seed, kFirstOrderStream + order_number) {}

    std::size_t number;
    Dice dice;
    OrderCreated order;
    OrderCreated other;  ///< another body for the same key
    ShipTo ship_to;
    bool sent_other = false;
    bool answered = false;
    std::optional<Event> created;  ///< as acknowledged
    int sent = 0;
  };

  void plan_order(std::size_t number);
  void draw_order(Plan& plan);
  void plan_acts(Plan& plan, Duration placed_after);
  void plan_stock();
  void place(Plan& plan, ClientAct act);
  void placed(Plan& plan, bool other, const PlaceOrder::Answer& answer);
  void check_placed(const Plan& plan, bool other, const PlaceOrder::Placed& placed) const;
  void act_on(Plan& plan, ClientAct act);
  OrderEdit draw_edit(Plan& plan);
  std::vector<Line> draw_lines(Dice& dice);
  void command(const OrderId& id, Command command, std::optional<std::uint64_t> if_match,
               std::optional<ShipTo> ship_to);
  void adjust(std::size_t number, bool again, bool other);
  ClientAct reaction_to(Status status, Dice& dice) const;
  bool may(ClientAct act) const;
  RequestContext context(ActorKind kind);

  Environment& environment_;
  Checker& checker_;
  Ways ways_;
  bool stopped_ = false;
  std::map<std::size_t, Plan> plans_;
  std::map<OrderId, std::size_t> by_id_;
  std::map<std::size_t, StockMovement> movements_;  ///< answered adjustments, by number
  std::size_t unanswered_ = 0;
  std::uint64_t requests_ = 0;
};

}  // namespace conveyor::sim
