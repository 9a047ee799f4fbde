// Structured logs: one JSON object a line on standard error, or readable text on a terminal. Fields
// are references and codes: never personal data, never secrets.
//
// Lines are formatted by the caller and written by one background thread. If it cannot keep up, the
// oldest waiting lines are dropped, so nobody ever waits for standard error.
//
// Threads: any. Before start_log and after stop_log lines are written directly.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <variant>

namespace conveyor {

enum class LogLevel : std::uint8_t { debug, info, warning, error };

struct LogOptions {
  LogLevel level = LogLevel::info;
  bool json = true;  ///< false: text
};

/// Lines that may wait to be written, about 9 MB at most; lines that were logged together count as
/// one and are dropped as one.
inline constexpr std::size_t kMaxQueuedLogLines = 2'048;
/// Lines that are logged together are handed over once they have so many bytes.
inline constexpr std::size_t kMaxTogetherBytes = 4'096;

void start_log(const LogOptions& options);
/// Writes what waits.
void stop_log();

/// A field whose value is empty text is left out.
using LogValue = std::variant<std::string_view, std::int64_t>;
struct LogField {
  std::string_view name;
  LogValue value;
};
using LogFields = std::initializer_list<LogField>;

bool is_logged(LogLevel level);
void log(LogLevel level, std::string_view message, LogFields fields);

/// While one lives, what its thread logs is gathered; then it is handed to the background thread in
/// one piece. One per thread.
class LogTogether {
 public:
  LogTogether();
  ~LogTogether();
  LogTogether(const LogTogether&) = delete;
  LogTogether& operator=(const LogTogether&) = delete;
};

inline void log_debug(std::string_view message, LogFields fields) {
  log(LogLevel::debug, message, fields);
}
inline void log_info(std::string_view message, LogFields fields) {
  log(LogLevel::info, message, fields);
}
inline void log_warning(std::string_view message, LogFields fields) {
  log(LogLevel::warning, message, fields);
}
inline void log_error(std::string_view message, LogFields fields) {
  log(LogLevel::error, message, fields);
}

}  // namespace conveyor
