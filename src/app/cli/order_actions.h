// `orders cancel | hold | release | retry | retry-now | compensate | resolve | restart`.
#pragma once

#include <array>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "app/cli/api_client.h"
#include "app/cli/console.h"
#include "app/cli/order_flags.h"

namespace conveyor::cli {

// An action as the command line offers it. What cannot be taken back is done to a version of the
// order that somebody has seen: without --if-match the order is shown and the person asked.
struct OrderAction {
  std::string_view name;  // as in the route
  std::string_view about;
  std::string_view example;  // what follows ID
  std::string_view consequence =
      {};  // what a person agrees to; empty: only changes are asked about
  bool takes_changes = false;
  bool takes_external_reference = false;
};

inline constexpr std::array kOrderActions{
    OrderAction{"cancel", "Undo the order, unless it has shipped", "--reason customer_asked"},
    OrderAction{"hold", "Stop before the next call, until `release`", "--reason fraud_check"},
    OrderAction{"release", "Go on with an order that is on hold", "--reason checked"},
    OrderAction{"retry",
                "Try again where automatic tries have ended; with --payment-method, --line or\n"
                "--ship-* the old request is undone first and then made with these",
                "--payment-method pm_ok", "", true},
    OrderAction{"retry-now", "Do not wait for the next automatic try", "--reason provider_is_back"},
    OrderAction{"compensate", "Undo a dead-lettered order now; it ends as failed",
                "--reason sold_out", "undoes all it has done, and ends it as failed"},
    OrderAction{"resolve",
                "Tell that a person has undone by hand what could not be undone; the rest is\n"
                "undone as usual",
                "--external-reference RMA-7",
                "takes your word that the first outstanding undo was done by hand, and goes on "
                "with the rest",
                false, true},
    OrderAction{"restart",
                "Run a cancelled or failed order again from its first step, with the\n"
                "--payment-method, --line and --ship-* that are given in place of its own",
                "--payment-method pm_ok", "runs it again from its first step", true},
};

struct ActionOptions {
  std::string server{kDefaultServer};
  Output output = Output::text;
  std::string id;
  std::string reason;    // a code; empty: none
  std::string if_match;  // a version; empty: any, or the one that is shown
  bool yes = false;      // do not ask
  std::string external_reference;
  std::string payment_method;
  std::vector<std::string> lines;  // SKU:QUANTITY:PRICE[:TITLE]; all lines of the order
  ShipToFlags ship_to = ship_to_flags();

  bool has_changes() const {
    return !payment_method.empty() || !lines.empty() || is_given(ship_to);
  }
};
ExitCode act_on_order(Console& console, const OrderAction& action, const ActionOptions& options);

}  // namespace conveyor::cli
