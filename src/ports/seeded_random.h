// SeededRandom: the generator behind every Random in the program and its tests; the same seed gives
// the same numbers. Not for secrets.
//
// Source: xoshiro256** 1.0, seeded by SplitMix64 (D. Blackman, S. Vigna, "Scrambled Linear
// Pseudorandom Number Generators", ACM TOMS 47(4), 2021).
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "ports/random.h"

namespace conveyor {

class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) {
    for (auto& word : state_) {
      seed += 0x9e3779b97f4a7c15U;
      auto z = seed;
      z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
      z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
      word = z ^ (z >> 31);
    }
  }

  std::uint64_t next() override {
    const auto result = std::rotl(state_[1] * 5, 7) * 9;
    const auto shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }

 private:
  std::array<std::uint64_t, 4> state_{};
};

}  // namespace conveyor
