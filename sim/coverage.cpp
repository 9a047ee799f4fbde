#include "sim/coverage.h"

namespace conveyor::sim {

void Coverage::add(const Coverage& other) {
  for (std::size_t i = 0; i < kFaultCount; ++i) faults_.at(i) += other.faults_.at(i);
  for (std::size_t i = 0; i < kClientActCount; ++i) acts_.at(i) += other.acts_.at(i);
  for (std::size_t i = 0; i < breakers_.size(); ++i) breakers_.at(i) += other.breakers_.at(i);
  for (std::size_t i = 0; i < other.taken_.size(); ++i) at(taken_, i) += other.taken_[i];
  for (std::size_t i = 0; i < other.tried_.size(); ++i) at(tried_, i) += other.tried_[i];
}

}  // namespace conveyor::sim
