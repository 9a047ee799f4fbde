// KeyFilter: says of a hash that it was certainly never added, in a few nanoseconds and about 20
// bits a key. A split block Bloom filter as the Parquet format defines it
// (parquet.apache.org/docs/file-format/bloomfilter, after Putze, Sanders and Singler, "Cache-,
// Hash- and Space-Efficient Bloom Filters", 2007): each key has one bit in each of eight words of
// one block. It has room for a fixed number of keys, with which about one wrong "maybe" in
// two thousand comes; more make it wrong more often, and nothing worse.
//
// Threads: one at a time; or many that only ask.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace conveyor::sqlite {

class KeyFilter {
 public:
  static constexpr std::size_t kRoom = 65'536;

  /// `hash`: 64 bits that are evenly distributed.
  void add(std::uint64_t hash);
  /// False: it was never added.
  bool may_have(std::uint64_t hash) const;

 private:
  using Block = std::array<std::uint32_t, 8>;

  std::vector<Block> blocks_;  ///< none before the first key
};

}  // namespace conveyor::sqlite
