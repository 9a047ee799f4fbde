#include "sim/client_acts.h"

#include <array>

#include "domain/spelling.h"

namespace conveyor::sim {
namespace {

constexpr std::array<std::string_view, kClientActCount> kNames{
    "place",
    "place_again",
    "place_other_body",
    "cancel",
    "hold",
    "release",
    "retry",
    "retry_with_changes",
    "retry_now",
    "compensate",
    "resolve",
    "restart",
    "restart_with_changes",
    "command_if_match",
    "command_unknown_order",
    "adjust_stock",
    "adjust_stock_again",
    "adjust_stock_other_body",
    "set_stock",
};

}  // namespace

std::string_view to_string(ClientAct act) {
  return spelled::name_of(kNames, act);
}

std::optional<ClientAct> parse_client_act(std::string_view text) {
  return spelled::find_name<ClientAct>(kNames, text);
}

}  // namespace conveyor::sim
