// How the trace says things.
#pragma once

#include <string>

#include "domain/decide.h"
#include "sim/network.h"

namespace conveyor::sim {

/// The part of an order's id that tells it from the others of its history.
std::string words(const OrderId& id);
/// `…8xk2 capture_payment 1:1`
std::string words(const OperationKey& key);
std::string words(const Outcome& outcome);
std::string words(const Request& request);
std::string words(const Event& event);

}  // namespace conveyor::sim
