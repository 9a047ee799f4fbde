// Options: everything that one history is drawn from, itself drawn from its seed; and what a
// reduction takes away from it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "domain/decide.h"
#include "engine/participant_gate.h"
#include "sim/client_acts.h"
#include "sim/faults.h"

namespace conveyor::sim {

/// What stands behind a participant's port.
enum class Site : std::uint8_t {
  local,    ///< the product's service in the core's own transaction
  remote,   ///< the product's service behind the network, over a store of its own
  hostile,  ///< behind the network, and keeps only what the contract promises
};
std::string_view to_string(Site site);

/// Orders that every history has at least; more are placed, as some share a reference.
inline constexpr std::size_t kLeastOrders = 100;

struct Options {
  std::uint64_t seed = 1;
  std::size_t orders = kLeastOrders;
  std::size_t customers = 4;
  std::size_t skus = 3;
  std::int64_t stock = 1'000;  ///< on hand of each SKU at the start
  Duration arrivals{60'000};   ///< orders are placed within this
  Duration faults_last{0};     ///< virtual time until the faults end
  std::array<Site, kAllParticipants.size()> sites{};
  RetryPolicy retry;
  Duration horizon{60'000};
  GateOptions gate;
  std::size_t open_orders_max = 100'000;
  double commands_per_order = 1;
  double reactions = 0.1;   ///< chance that somebody acts upon a change that he sees
  double odd_orders = 0.3;  ///< share of orders that ask the sandbox for trouble
  std::array<double, kFaultCount> rates{};

  double rate(Fault fault) const { return rates.at(static_cast<std::size_t>(fault)); }
};

/// What is left out of a seed's history, to find the smallest that still fails.
struct Reduction {
  std::optional<std::vector<std::size_t>> only_orders;  ///< by number; nullopt: all
  FaultSet no_faults;
  ClientActSet no_acts;

  friend bool operator==(const Reduction&, const Reduction&) = default;
};

/// As options of the command line, empty if nothing is left out: ` --only-orders 3,17 …`.
std::string arguments_of(const Reduction& reduction);

Options draw_options(std::uint64_t seed);

/// Several lines for people.
std::string describe(const Options& options);

}  // namespace conveyor::sim
