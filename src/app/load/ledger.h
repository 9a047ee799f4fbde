// The ledger of a load run: what became of every order that was begun, a line of JSON each, in the
// sequence in which that was settled. `load check` holds it against the server.
//
// Times are wall clock, milliseconds since 1970; 0 is never. One writer or reader, one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace conveyor::load {

/// Of one order: what load run notes of tries that got no answer; further ones are only counted.
inline constexpr std::size_t kMaxNotedLosses = 32;
inline constexpr std::size_t kMaxLedgerLineBytes = 4'096;

struct LedgerEntry {
  std::uint64_t number = 0;  ///< of the order in its run
  std::string key;           ///< Idempotency-Key
  std::string reference;
  std::string customer_id;
  std::string currency;
  std::int64_t total_minor = 0;
  std::int64_t scheduled_at = 0;
  std::int64_t sent_at = 0;      ///< the first time that bytes of it left
  std::int64_t answered_at = 0;  ///< the answer that settled it
  int status = 0;                ///< of that answer; 0: never answered
  std::string order_id;          ///< if it was acknowledged (201)
  std::uint32_t tries = 0;
  /// When it was noticed that a try would not be answered though the server may have got it. The
  /// order was repeated after each.
  std::vector<std::int64_t> unanswered_at;

  bool operator==(const LedgerEntry&) const = default;
};

void append_ledger_line(std::string& out, const LedgerEntry& entry);

/// A line without its end, or what is wrong with it.
std::expected<LedgerEntry, std::string> parse_ledger_line(std::string_view line);

class LedgerWriter {
 public:
  /// The file is made anew.
  explicit LedgerWriter(const std::string& path);

  bool is_open() const { return file_.is_open(); }
  void add(const LedgerEntry& entry);
  /// False if anything could not be written.
  bool close();

 private:
  void flush();

  std::ofstream file_;
  std::string buffer_;
};

class LedgerReader {
 public:
  explicit LedgerReader(const std::string& path);

  bool is_open() const { return file_.is_open(); }
  /// The next entry; nullopt at the end. A line that is not one, also one without its end, is an
  /// error that names it.
  std::expected<std::optional<LedgerEntry>, std::string> next();

 private:
  std::ifstream file_;
  std::size_t line_ = 0;
};

}  // namespace conveyor::load
