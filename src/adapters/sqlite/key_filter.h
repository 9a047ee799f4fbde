// KeyFilter: says of a hash that it was certainly never added, in a few nanoseconds and about 12
// bits a key. A split block Bloom filter as the Parquet format defines it
// (parquet.apache.org/docs/file-format/bloomfilter, after Putze, Sanders and Singler, "Cache-,
// Hash- and Space-Efficient Bloom Filters", 2007): each key has one bit in each of eight words of
// one block. When it has taken what it has room for, one of twice the room is put beside it; that
// bounds the share of wrong "maybe"s to about a hundredth for each of the few there are.
//
// Threads: one; or many that only ask.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace conveyor::sqlite {

class KeyFilter {
 public:
  /// Keys of the first part; each further one takes twice as many as the one before.
  static constexpr std::size_t kFirstKeys = 65'536;

  /// `hash`: 64 bits that are evenly distributed.
  void add(std::uint64_t hash);
  /// False: it was never added.
  bool may_have(std::uint64_t hash) const;

 private:
  using Block = std::array<std::uint32_t, 8>;
  struct Part {
    std::vector<Block> blocks;
    std::size_t room = 0;  ///< keys that it still takes
  };

  std::vector<Part> parts_;
};

}  // namespace conveyor::sqlite
