// Flags of an order as CLI11 declares them. For command_line.cpp alone: CLI11 is compiled there and
// nowhere else.
#pragma once

#include <CLI/CLI.hpp>

#include "app/cli/order_actions.h"
#include "app/cli/order_flags.h"

namespace conveyor::cli {

inline void add_line_flag(CLI::App* flags, std::vector<std::string>& lines,
                          const std::string& about) {
  flags->add_option("--line", lines, about)
      ->type_name("SKU:QTY:PRICE[:TITLE]")
      ->expected(1)
      ->take_all();
}

inline void add_ship_to_flags(CLI::App* flags, ShipToFlags& ship_to) {
  for (auto& [member, value] : ship_to) {
    flags
        ->add_option(ship_to_flag(member), value,
                     member == "country" ? "Where to: ISO 3166 code of two letters" : "Where to")
        ->type_name("TEXT");
  }
}

inline void add_action_flags(CLI::App* command, const OrderAction& action, ActionOptions& options) {
  command->add_option("ID", options.id, "The order's id")->type_name("")->required();
  command->add_option("--reason", options.reason, "A code that the event keeps")->type_name("CODE");
  command->add_option("--if-match", options.if_match, "Only if the order has this version")
      ->type_name("VERSION");
  if (action.takes_external_reference) {
    command
        ->add_option("--external-reference", options.external_reference,
                     "A code that says where the undo by hand is written down")
        ->type_name("CODE")
        ->required();
  }
  if (action.takes_changes) {
    command->add_option("--payment-method", options.payment_method, "Another provider's token")
        ->type_name("TOKEN");
    add_line_flag(command, options.lines, "The articles instead of the order's; repeatable");
    add_ship_to_flags(command, options.ship_to);
  }
  if (action.takes_changes || !action.consequence.empty()) {
    command->add_flag("-y,--yes", options.yes, "Do not ask");
  }
}

}  // namespace conveyor::cli
