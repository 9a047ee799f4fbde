// Method: every status × every action. The sandbox brings an order into each situation, on a clock
// that stands still, so that a wait goes on waiting and a slow call stays slow. For each action the
// order's allowed_actions are read first, then the action is performed; compared are the status
// code, the problem's code, the order's new status, and that allowed_actions had said so.
#include <fmt/format.h>

#include <map>
#include <ranges>
#include <set>

#include "api/api_server.h"
#include "server/api/order_json.h"

namespace conveyor::test {
namespace {

using Cells = std::map<std::string, std::string, std::less<>>;

/// `202 STATUS`, `200 STATUS`, or `409`: refused as action_not_allowed, and nothing changes.
/// A `+` names the field that a retry or restart changes.
constexpr std::string_view kTable = R"(
situation                  | cancel           | hold        | release        | retry-now
pending, waiting           | 202 cancelled    | 202 on_hold | 409            | 202 pending
processing, waiting        | 202 cancelled    | 202 on_hold | 409            | 202 processing
processing, in a call      | 202 cancelling   | 202 on_hold | 409            | 409
on_hold, from pending      | 202 cancelled    | 409         | 202 pending    | 409
on_hold, from processing   | 202 cancelled    | 409         | 202 processing | 409
on_hold, in a call         | 202 cancelling   | 409         | 202 processing | 409
dead_lettered at reserve   | 202 cancelled    | 409         | 409            | 409
dead_lettered at authorize | 202 cancelled    | 409         | 409            | 409
dead_lettered by poison    | 202 cancelled    | 409         | 409            | 409
dead_lettered at booking   | 202 cancelled    | 409         | 409            | 409
shipped, waiting           | 409              | 409         | 409            | 202 shipped
completed                  | 409              | 409         | 409            | 409
cancelling, waiting        | 202 cancelling   | 409         | 409            | 202 cancelling
cancelling, in a call      | 202 cancelling   | 409         | 409            | 409
compensating, waiting      | 202 compensating | 409         | 409            | 202 compensating
compensating, in a call    | 202 compensating | 409         | 409            | 409
needs_attention, refused   | 409              | 409         | 409            | 409
needs_attention, exhausted | 409              | 409         | 409            | 409
needs_attention, cancelled | 409              | 409         | 409            | 409
cancelled                  | 200 cancelled    | 409         | 409            | 409
failed                     | 200 failed       | 409         | 409            | 409

situation                  | retry               | compensate | resolve       | restart
pending, waiting           | 409                 | 409        | 409           | 409
processing, waiting        | 409                 | 409        | 409           | 409
processing, in a call      | 409                 | 409        | 409           | 409
on_hold, from pending      | 409                 | 409        | 409           | 409
on_hold, from processing   | 409                 | 409        | 409           | 409
on_hold, in a call         | 409                 | 409        | 409           | 409
dead_lettered at reserve   | 202 pending         | 202 failed | 409           | 409
dead_lettered at authorize | 202 processing      | 202 failed | 409           | 409
dead_lettered by poison    | 202 dead_lettered   | 202 failed | 409           | 409
dead_lettered at booking   | 202 processing      | 202 failed | 409           | 409
shipped, waiting           | 409                 | 409        | 409           | 409
completed                  | 409                 | 409        | 409           | 409
cancelling, waiting        | 409                 | 409        | 409           | 409
cancelling, in a call      | 409                 | 409        | 409           | 409
compensating, waiting      | 409                 | 409        | 409           | 409
compensating, in a call    | 409                 | 409        | 409           | 409
needs_attention, refused   | 202 needs_attention | 409        | 202 failed    | 409
needs_attention, exhausted | 202 compensating    | 409        | 202 failed    | 409
needs_attention, cancelled | 202 cancelling      | 409        | 202 cancelled | 409
cancelled                  | 409                 | 409        | 409           | 202 processing
failed                     | 409                 | 409        | 409           | 202 failed

situation                  | retry+lines   | retry+payment_method | retry+ship_to
pending, waiting           | 409           | 409                  | 409
processing, waiting        | 409           | 409                  | 409
processing, in a call      | 409           | 409                  | 409
on_hold, from pending      | 409           | 409                  | 409
on_hold, from processing   | 409           | 409                  | 409
on_hold, in a call         | 409           | 409                  | 409
dead_lettered at reserve   | 202 completed | 202 pending          | 202 pending
dead_lettered at authorize | 409           | 202 completed        | 202 processing
dead_lettered by poison    | 409           | 202 completed        | 202 dead_lettered
dead_lettered at booking   | 409           | 409                  | 202 completed
shipped, waiting           | 409           | 409                  | 409
completed                  | 409           | 409                  | 409
cancelling, waiting        | 409           | 409                  | 409
cancelling, in a call      | 409           | 409                  | 409
compensating, waiting      | 409           | 409                  | 409
compensating, in a call    | 409           | 409                  | 409
needs_attention, refused   | 409           | 409                  | 409
needs_attention, exhausted | 409           | 409                  | 409
needs_attention, cancelled | 409           | 409                  | 409
cancelled                  | 409           | 409                  | 409
failed                     | 409           | 409                  | 409

situation                  | restart+lines  | restart+payment_method | restart+ship_to
pending, waiting           | 409            | 409                    | 409
processing, waiting        | 409            | 409                    | 409
processing, in a call      | 409            | 409                    | 409
on_hold, from pending      | 409            | 409                    | 409
on_hold, from processing   | 409            | 409                    | 409
on_hold, in a call         | 409            | 409                    | 409
dead_lettered at reserve   | 409            | 409                    | 409
dead_lettered at authorize | 409            | 409                    | 409
dead_lettered by poison    | 409            | 409                    | 409
dead_lettered at booking   | 409            | 409                    | 409
shipped, waiting           | 409            | 409                    | 409
completed                  | 409            | 409                    | 409
cancelling, waiting        | 409            | 409                    | 409
cancelling, in a call      | 409            | 409                    | 409
compensating, waiting      | 409            | 409                    | 409
compensating, in a call    | 409            | 409                    | 409
needs_attention, refused   | 409            | 409                    | 409
needs_attention, exhausted | 409            | 409                    | 409
needs_attention, cancelled | 409            | 409                    | 409
cancelled                  | 202 processing | 202 completed          | 202 processing
failed                     | 202 failed     | 202 completed          | 202 failed
)";

/// How the sandbox brings an order into a situation. `path` is what is done to it on the way:
/// actions, `exhaust` (skip waits until there are none), `3 s` (let that much time pass).
struct Situation {
  std::string name;
  Status status;
  OrderText order;
  std::vector<std::string> path;
};

OrderText of(std::string payment_method, std::string postal_code = "10115") {
  return {.payment_method = std::move(payment_method), .postal_code = std::move(postal_code)};
}
OrderText of_sku(std::string sku) {
  return {.sku = std::move(sku)};
}

std::vector<Situation> situations() {
  return {
      {"pending, waiting", Status::pending, of_sku("SBX-RESERVE-FLAKY-15"), {}},
      {"processing, waiting", Status::processing, of("pm_flaky_15"), {}},
      {"processing, in a call", Status::processing, of("pm_slow"), {}},
      {"on_hold, from pending", Status::on_hold, of_sku("SBX-RESERVE-FLAKY-15"), {"hold"}},
      {"on_hold, from processing", Status::on_hold, of("pm_flaky_15"), {"hold"}},
      {"on_hold, in a call", Status::on_hold, of("pm_slow"), {"hold"}},
      {"dead_lettered at reserve",
       Status::dead_lettered,
       of_sku("SBX-RESERVE-FLAKY-15"),
       {"exhaust"}},
      {"dead_lettered at authorize", Status::dead_lettered, of("pm_flaky_15"), {"exhaust"}},
      {"dead_lettered by poison", Status::dead_lettered, of("pm_garbage"), {}},
      {"dead_lettered at booking", Status::dead_lettered, of("pm_ok", "SBX-FLAKY-15"), {"exhaust"}},
      {"shipped, waiting", Status::shipped, of_sku("SBX-COMMIT-FLAKY-15"), {}},
      {"completed", Status::completed, of("pm_ok"), {}},
      {"cancelling, waiting", Status::cancelling, of("pm_undo_fails", "SBX-FLAKY-15"), {"cancel"}},
      {"cancelling, in a call", Status::cancelling, of("pm_slow"), {"cancel"}},
      {"compensating, waiting", Status::compensating, of("pm_undo_fails", "SBX-REJECTED"), {}},
      {"compensating, in a call", Status::compensating, of("pm_slow", "SBX-REJECTED"), {"3 s"}},
      {"needs_attention, refused",
       Status::needs_attention,
       of("pm_capture_declined", "SBX-NO-CANCEL"),
       {}},
      {"needs_attention, exhausted",
       Status::needs_attention,
       of("pm_undo_fails", "SBX-REJECTED"),
       {"exhaust"}},
      {"needs_attention, cancelled",
       Status::needs_attention,
       of("pm_undo_fails", "SBX-FLAKY-15"),
       {"cancel", "exhaust"}},
      {"cancelled", Status::cancelled, of("pm_flaky_15"), {"cancel"}},
      {"failed", Status::failed, of("pm_declined"), {}},
  };
}

std::string trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(' ');
  if (begin == text.npos) return "";
  return std::string{text.substr(begin, text.find_last_not_of(' ') + 1 - begin)};
}

/// By situation and action. Each part of the table begins with its own heading.
std::map<std::string, Cells, std::less<>> read_table() {
  std::map<std::string, Cells, std::less<>> table;
  std::vector<std::string> heading;
  for (const auto line : kTable | std::views::split('\n')) {
    std::vector<std::string> row;
    for (const auto cell : line | std::views::split('|')) {
      row.push_back(trimmed(std::string_view{cell}));
    }
    if (row.size() <= 1) continue;  // between the parts
    if (row.front() == "situation") {
      heading = row;
      continue;
    }
    EXPECT_EQ(row.size(), heading.size()) << "cells are missing: " << row.front();
    for (std::size_t i = 1; i < std::min(row.size(), heading.size()); ++i) {
      const bool is_new = table[row.front()].emplace(heading[i], row[i]).second;
      EXPECT_TRUE(is_new) << row.front() << " × " << heading[i] << " stands twice";
    }
  }
  return table;
}

/// Every command, and those that take changes with a change of each field.
std::vector<std::string> all_actions() {
  std::vector<std::string> actions;
  for (const auto kind : kAllCommands) {
    actions.emplace_back(to_string(kind));
    if (kind != CommandKind::retry && kind != CommandKind::restart) continue;
    for (const auto* field : {"lines", "payment_method", "ship_to"}) {
      actions.push_back(fmt::format("{}+{}", to_string(kind), field));
    }
  }
  return actions;
}

std::string body_of(std::string_view action) {
  if (action == "resolve") return R"({"external_reference":"RMA-7"})";
  if (action.ends_with("+lines")) {
    return R"({"changes":{"lines":[{"sku":"sku-1","quantity":2,"unit_price":500}]}})";
  }
  if (action.ends_with("+payment_method")) return R"({"changes":{"payment_method":"pm_ok"}})";
  if (action.ends_with("+ship_to")) {
    return R"({"changes":{"ship_to":{"name":"B. Buyer","line1":"Side Street 2","city":"Potsdam",)"
           R"("postal_code":"14467","country":"DE"}}})";
  }
  return "{}";
}

class ActionCells : public testing::Test {
 protected:
  /// Waits so long that full jitter cannot draw one that is over at once.
  static CoreOptions long_waits() {
    CoreOptions options;
    options.engine.retry.base_delay = std::chrono::hours{24 * 365};
    options.engine.retry.cap = options.engine.retry.base_delay;
    return options;
  }

  ActionCells() {
    for (const auto* sku : {"sku-1", "SBX-RESERVE-FLAKY-15", "SBX-COMMIT-FLAKY-15"}) {
      client.set_stock(sku, 100'000);
    }
  }

  Reply order(const std::string& id) { return client.get("/v1/orders/" + id); }
  Reply act(const std::string& id, std::string_view action, std::string_view body,
            const std::string& if_match) {
    const auto route = action.substr(0, action.find('+'));
    return client.post(fmt::format("/v1/orders/{}/{}", id, route), body, {{"If-Match", if_match}});
  }

  void follow(const std::string& id, const std::string& step) {
    if (step == "3 s") {
      clock.advance(std::chrono::seconds{3});
      client.set_stock("poke", 1);  // a batch, in which the core finds what is due
      return;
    }
    if (step != "exhaust") {
      ASSERT_EQ(act(id, step, "{}", "*").status, 202) << step;
      return;
    }
    while (act(id, "retry-now", "{}", "*").status == 202) {
      // until the attempts are used up
    }
  }

  std::string arrive(const Situation& situation) {
    const auto reply = client.place(situation.order.str(), fmt::format("key-{}", ++keys_));
    EXPECT_EQ(reply.status, 201) << reply.body;
    const auto id = reply.at("/id");
    for (const auto& step : situation.path) follow(id, step);
    return id;
  }

  HeldClock clock;
  ApiServer server{{.api = {}, .core = long_waits(), .clock = &clock}};
  ApiClient client{server};

 private:
  int keys_ = 0;
};

struct Offer {
  bool allowed = false;
  std::string because;  ///< of what is refused; "" if only this field is
};

/// What allowed_actions says of an action.
Offer offer_of(const Reply& order, std::string_view action) {
  const auto plus = action.find('+');
  const bool is_edit = plus != action.npos && action.starts_with("retry");
  const auto name = is_edit ? api::kRetryWithChanges : action.substr(0, plus);
  for (const auto& entry : order.json().at("allowed_actions").as_array()) {
    if (entry.at("action").as_string() != name) continue;
    const bool allowed = entry.at("allowed").as_bool();
    const auto* because = entry.as_object().if_contains("because");
    EXPECT_EQ(because != nullptr, !allowed) << action;
    if (!allowed) return {false, std::string{because->as_string()}};
    if (!is_edit) return {true, ""};
    for (const auto& field : entry.at("fields").as_array()) {
      if (field.as_string() == action.substr(plus + 1)) return {true, ""};
    }
    return {false, ""};
  }
  ADD_FAILURE() << action << " is not in allowed_actions";
  return {};
}

TEST_F(ActionCells, TheTableIsWhole) {
  const auto table = read_table();
  std::set<std::string> named;
  std::set<Status> statuses;
  for (const auto& situation : situations()) {
    named.insert(situation.name);
    statuses.insert(situation.status);
    EXPECT_TRUE(situation.name.starts_with(to_string(situation.status))) << situation.name;
  }
  for (const auto status : kAllStatuses)
    EXPECT_TRUE(statuses.contains(status)) << to_string(status);
  for (const auto& [name, cells] : table) {
    EXPECT_TRUE(named.contains(name)) << "nothing leads to: " << name;
    for (const auto& action : all_actions()) {
      EXPECT_TRUE(cells.contains(action)) << "no cell: " << name << " × " << action;
    }
    EXPECT_EQ(cells.size(), all_actions().size()) << name << " has an action that does not exist";
  }
  for (const auto& name : named) EXPECT_TRUE(table.contains(name)) << "no row: " << name;
}

TEST_F(ActionCells, EachIsAsTheTableSaysAndAsAllowedActionsSaidBefore) {
  const auto table = read_table();
  int walked = 0;
  for (const auto& situation : situations()) {
    for (const auto& action : all_actions()) {
      SCOPED_TRACE(situation.name + " × " + action);
      const auto id = arrive(situation);
      const auto before = order(id);
      ASSERT_EQ(before.at("/status"), to_string(situation.status)) << before.body;
      const auto offer = offer_of(before, action);

      const auto reply = act(id, action, body_of(action), before.header("ETag"));
      const auto cell = table.at(situation.name).at(action);
      const bool refused = reply.status == 409;
      EXPECT_EQ(fmt::format("{}{}", reply.status, refused ? "" : " " + reply.at("/status")), cell)
          << reply.body;
      EXPECT_EQ(offer.allowed, !refused) << "allowed_actions said otherwise";
      const auto after = order(id);
      if (refused) {
        EXPECT_EQ(reply.code(), "action_not_allowed");
        EXPECT_EQ(after.header("ETag"), before.header("ETag")) << "a refusal changes nothing";
        if (!offer.because.empty()) EXPECT_EQ(reply.at("/detail"), offer.because);
      } else {
        EXPECT_EQ(after.at("/status"), reply.at("/status"));
        EXPECT_EQ(after.header("ETag"), reply.header("ETag"));
      }
      ++walked;
    }
  }
  EXPECT_EQ(walked, static_cast<int>(situations().size() * all_actions().size()));
}

}  // namespace
}  // namespace conveyor::test
