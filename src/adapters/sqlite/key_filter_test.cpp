#include "adapters/sqlite/key_filter.h"

#include <gtest/gtest.h>

#include <iostream>
#include <random>

namespace conveyor::sqlite {
namespace {

TEST(KeyFilter, KnowsWhatWasAddedAndHardlyEverSaysSoOfOthers) {
  const auto seed = std::random_device{}();
  std::cout << "seed " << seed << "\n";
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  KeyFilter filter;
  EXPECT_FALSE(filter.may_have(random())) << "it is empty";

  std::vector<std::uint64_t> keys;
  for (std::size_t i = 0; i < KeyFilter::kRoom; ++i) keys.push_back(random());
  for (const auto key : keys) filter.add(key);
  for (const auto key : keys) EXPECT_TRUE(filter.may_have(key));

  constexpr int kOthers = 100'000;
  int wrong = 0;
  for (int i = 0; i < kOthers; ++i) wrong += filter.may_have(random()) ? 1 : 0;
  EXPECT_LT(wrong, kOthers / 500) << "one in two thousand, and some";
}

}  // namespace
}  // namespace conveyor::sqlite
