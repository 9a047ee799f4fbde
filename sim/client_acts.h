// What people and shops do to orders and stock in a history, by kind. A big run fails if one of
// them was never done.
#pragma once

#include <bitset>
#include <cstdint>
#include <optional>
#include <string_view>

namespace conveyor::sim {

enum class ClientAct : std::uint8_t {
  place,
  place_again,       ///< the same key and body: the answer did not come
  place_other_body,  ///< the same key, another body
  cancel,
  hold,
  release,
  retry,
  retry_with_changes,
  retry_now,
  compensate,
  resolve,
  restart,
  restart_with_changes,
  command_if_match,  ///< with the version that the client last saw
  command_unknown_order,
  adjust_stock,
  adjust_stock_again,
  adjust_stock_other_body,
  set_stock,
};
inline constexpr std::size_t kClientActCount = 19;

std::string_view to_string(ClientAct act);
std::optional<ClientAct> parse_client_act(std::string_view text);

using ClientActSet = std::bitset<kClientActCount>;

}  // namespace conveyor::sim
