#include "adapters/sqlite/key_filter.h"

namespace conveyor::sqlite {
namespace {

constexpr std::size_t kBitsPerKey = 20;
constexpr std::size_t kBitsPerBlock = 256;
/// One odd number for each word of a block, as the Parquet format has them.
constexpr std::array<std::uint32_t, 8> kSalts{0x47b6137bU, 0x44974d91U, 0x8824ad5bU, 0xa2b7289dU,
                                              0x705495c7U, 0x2df1424bU, 0x9efc4947U, 0x5c6bfb31U};

/// The upper half of the hash chooses the block, the lower half the bit in each word.
std::size_t block_of(std::uint64_t hash, std::size_t blocks) {
  return static_cast<std::size_t>(((hash >> 32) * blocks) >> 32);
}

std::uint32_t bit_of(std::uint64_t hash, std::size_t word) {
  return 1U << ((static_cast<std::uint32_t>(hash) * kSalts.at(word)) >> 27);
}

}  // namespace

void KeyFilter::add(std::uint64_t hash) {
  if (blocks_.empty()) blocks_.resize(kRoom * kBitsPerKey / kBitsPerBlock);
  auto& block = blocks_[block_of(hash, blocks_.size())];
  for (std::size_t word = 0; word < block.size(); ++word) block.at(word) |= bit_of(hash, word);
}

bool KeyFilter::may_have(std::uint64_t hash) const {
  if (blocks_.empty()) return false;
  const auto& block = blocks_[block_of(hash, blocks_.size())];
  for (std::size_t word = 0; word < block.size(); ++word) {
    if ((block.at(word) & bit_of(hash, word)) == 0) return false;
  }
  return true;
}

}  // namespace conveyor::sqlite
