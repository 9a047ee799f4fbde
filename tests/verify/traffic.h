// Traffic: orders of every row of the sandbox with commands in between, drawn from a seed, for
// tests that look at what the pipeline leaves behind.
#pragma once

#include <array>
#include <vector>

#include "support/pipeline.h"

namespace conveyor::test {

inline constexpr std::array<std::string_view, 17> kPaymentMethods{"pm_ok",
                                                                  "pm_ok",
                                                                  "pm_ok",
                                                                  "pm_ok",
                                                                  "pm_ok",
                                                                  "pm_async",
                                                                  "pm_slow",
                                                                  "pm_declined",
                                                                  "pm_declined_funds",
                                                                  "pm_capture_declined",
                                                                  "pm_flaky_3",
                                                                  "pm_flaky_9",
                                                                  "pm_outage_5",
                                                                  "pm_lost_reply",
                                                                  "pm_garbage",
                                                                  "pm_undo_fails",
                                                                  "pm_ok"};
inline constexpr std::array<std::string_view, 12> kPostalCodes{"10115",
                                                               "10115",
                                                               "10115",
                                                               "10115",
                                                               "10115",
                                                               "SBX-ASYNC",
                                                               "SBX-SLOW",
                                                               "SBX-REJECTED",
                                                               "SBX-FLAKY-2",
                                                               "SBX-LOST-REPLY",
                                                               "SBX-DISPATCH-REJECTED",
                                                               "SBX-NO-CANCEL"};
inline constexpr std::array<std::string_view, 6> kSkus{
    "sku-1", "sku-2", "scarce", "SBX-RESERVE-FLAKY-3", "SBX-COMMIT-FLAKY-9", "no-such-sku"};

template <class Store>
class Traffic {
 public:
  explicit Traffic(PipelineOver<Store>& pipeline, std::uint64_t seed) : p_(pipeline), dice_(seed) {
    for (const auto sku : kSkus) {
      if (sku != "no-such-sku") p_.set_stock(std::string{sku}, sku == "scarce" ? 5 : 1'000);
    }
  }

  /// Orders, commands, time and restarts, `steps` of them.
  void run(int steps) {
    for (int i = 0; i < steps; ++i) step();
  }

  /// One order of every combination that is worth having, alone.
  void place_each_row() {
    for (const auto method : kPaymentMethods) place(method, "10115", "sku-1");
    for (const auto code : kPostalCodes) place("pm_ok", code, "sku-1");
    for (const auto sku : kSkus) place("pm_ok", "10115", sku);
    place("pm_undo_fails", "SBX-REJECTED", "sku-1");
    place("pm_capture_declined", "SBX-NO-CANCEL", "sku-1");
    place("pm_lost_reply", "SBX-LOST-REPLY", "sku-2");
    place("pm_slow", "SBX-SLOW", "sku-2");
  }

  OrderId place(std::string_view method, std::string_view postal_code, std::string_view sku) {
    OrderSpec spec;
    spec.payment_method = method;
    spec.postal_code = postal_code;
    spec.lines = {{1, std::string{sku}, std::nullopt, 2, draw(8) == 0 ? 0 : 500},
                  {2, "sku-2", std::nullopt, 1, 0},
                  {3, std::string{sku}, std::nullopt, 1, 0}};
    orders.push_back(p_.place(spec));
    return orders.back();
  }

  std::vector<OrderId> orders;

 private:
  std::size_t draw(std::size_t choices) { return dice_.next() % choices; }
  template <class Choices>
  auto any_of(const Choices& choices) {
    return choices[draw(choices.size())];
  }

  /// Refused commands are part of the traffic.
  void command(const OrderId& id) {
    Command command{any_of(kAllCommands), {}, {}, "ticket-1"};
    const bool takes_changes =
        command.kind == CommandKind::retry || command.kind == CommandKind::restart;
    if (takes_changes && draw(2) == 0) command.changes.payment_method = "pm_ok";
    p_.run(OrderCommand{
        id,
        std::move(command),
        std::nullopt,
        {"req_2", "corr-2", std::nullopt, {ActorKind::operator_, "ops"}},
        [this](OrderCommand::Answer answer) { commands_taken += answer.has_value() ? 1 : 0; }});
  }

  void step() {
    const auto choice = draw(20);
    if (choice < 9 || orders.empty()) {
      place(any_of(kPaymentMethods), any_of(kPostalCodes), any_of(kSkus));
    } else if (choice < 14) {
      command(orders[orders.size() - 1 - draw(std::min<std::size_t>(orders.size(), 8))]);
    } else if (choice < 19) {
      static constexpr std::array<std::int64_t, 5> kSpans{50, 900, 4'000, 60'000, 7'200'000};
      p_.pass(Duration{any_of(kSpans)});
    } else {
      p_.restart();
      ++restarts;
    }
  }

  PipelineOver<Store>& p_;
  SeededRandom dice_;

 public:
  int commands_taken = 0;
  int restarts = 0;
};

}  // namespace conveyor::test
