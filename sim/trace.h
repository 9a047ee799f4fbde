// Trace: what happened in a history, line by line for people, and always as one hash: two runs of a
// seed are the same run if their hashes are equal.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>

#include "base/time.h"

namespace conveyor::sim {

class Trace {
 public:
  /// Lines go to `out`; null: only the hash is kept.
  explicit Trace(std::FILE* out = nullptr) : out_(out) {}

  /// FNV-1a over 64-bit words.
  void mix(std::uint64_t word) { hash_ = (hash_ ^ word) * 0x100000001b3U; }

  /// `text` is called only if somebody reads it.
  template <class Text>
  void line(Duration at, Text&& text) {
    if (out_ != nullptr) write(at, text());
  }

  std::uint64_t hash() const { return hash_; }

 private:
  void write(Duration at, const std::string& text);

  std::FILE* out_;
  std::uint64_t hash_ = 0xcbf29ce484222325U;
};

}  // namespace conveyor::sim
