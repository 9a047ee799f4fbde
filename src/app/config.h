// Configuration of a server: one struct, one table that names every setting, and where each value
// came from.
//
// A setting has one name everywhere: `log_format` would be the flag --log-format, the
// environment variable CONVEYOR_LOG_FORMAT and the key `log_format` of the TOML file. Flags
// win over the environment, that over the file, that over the defaults. Unknown names and values
// out of range are errors, all of them reported at once, in a file with line and column.
//
// Plain values, no threads; only load_config reads the file, nothing here reads the environment.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "domain/decide.h"
#include "engine/participant_gate.h"
#include "server/api/limits.h"

namespace conveyor {

struct Config : api::RequestLimits {
  std::string listen = "127.0.0.1:8080";
  std::string data = "conveyor.db";
  std::string ready_file;  // empty: none
  std::string log_format = "auto";
  std::string log_level = "info";
  std::int64_t shutdown_timeout_ms = 10'000;

  std::int64_t io_threads = 1;
  std::int64_t reader_threads = 2;
  std::int64_t max_connections = 4'096;
  std::int64_t max_streams = 1'024;
  std::int64_t max_refusals = 64;
  std::int64_t max_header_bytes = 16'384;
  std::int64_t max_header_count = 100;
  std::int64_t header_timeout_ms = 10'000;
  std::int64_t body_timeout_ms = 30'000;
  std::int64_t idle_timeout_ms = 60'000;
  std::int64_t write_timeout_ms = 30'000;
  std::int64_t linger_timeout_ms = 2'000;
  std::int64_t max_linger_bytes = 1'048'576;
  std::int64_t in_flight_wait_ms = 5'000;
  std::int64_t answer_deadline_ms = 30'000;
  std::int64_t stream_heartbeat_ms = 15'000;

  std::int64_t realtime_max_clients = 4'096;
  std::int64_t realtime_max_clients_per_address = 1'024;
  std::int64_t realtime_ping_interval_ms = 25'000;
  std::int64_t realtime_ping_timeout_ms = 20'000;

  std::int64_t open_orders_max = 100'000;
  std::int64_t call_deadline_ms = 10'000;
  std::int64_t in_progress_poll_ms = 500;
  std::int64_t retry_base_delay_ms = 1'000;
  std::int64_t retry_factor = 2;
  std::int64_t retry_cap_ms = 60'000;
  std::int64_t retry_max_attempts = 8;
  std::optional<std::int64_t> undo_after_ms = 86'400'000;  // nullopt: never
  std::int64_t patience_ms = 604'800'000;
  std::int64_t undo_patience_ms = 86'400'000;

  std::int64_t breaker_window_ms = 10'000;
  std::int64_t breaker_min_calls = 20;
  std::int64_t breaker_error_percent = 50;
  std::int64_t breaker_open_ms = 5'000;
  std::int64_t breaker_probes = 3;
  std::int64_t retry_budget_percent = 20;
  std::int64_t retry_budget_per_second = 10;
  std::int64_t participant_max_in_flight = 1'024;

  std::int64_t self_check_percent = 1;  // of a core; 0: no self-check
  std::string on_violation = "report";

  bool operator==(const Config&) const = default;
};

// What the engine takes of it.
RetryPolicy retry_policy_of(const Config& config);
GateOptions gate_options_of(const Config& config);

// One row of the table. Text with `choices` takes only these; integers lie in [min, max]; an
// optional integer is also `never`.
struct Setting {
  std::string_view name;
  std::string_view unit;  // of a number: "ms", "bytes"; empty for text and counts
  std::string_view help;  // one sentence part, without a full stop
  std::variant<std::string Config::*, std::int64_t Config::*, std::optional<std::int64_t> Config::*>
      field;
  std::int64_t min = 0;
  std::int64_t max = 0;
  std::span<const std::string_view> choices = {};
};

// Every setting, in the order in which they are shown.
std::span<const Setting> settings();

// `--log-format` and `CONVEYOR_LOG_FORMAT` for `log_format`.
std::string flag_of(const Setting& setting);
std::string environment_name_of(const Setting& setting);

// The value as it would be written behind a flag.
std::string value_text(const Setting& setting, const Config& config);

// Variables of the environment with the prefix CONVEYOR_ that are no settings.
inline constexpr std::string_view kServerVariable = "CONVEYOR_SERVER";
inline constexpr std::string_view kConfigVariable = "CONVEYOR_CONFIG";
inline constexpr std::string_view kProgramVariable = "CONVEYOR_PROGRAM";  // how it was called

using NamedText = std::pair<std::string, std::string>;

struct ConfigSources {
  std::vector<NamedText> flags = {};          // setting's name and value
  std::vector<NamedText> environment = {};    // all of it, also what is not ours
  std::optional<std::string> toml_path = {};  // --config; otherwise CONVEYOR_CONFIG
};

struct LoadedConfig {
  Config config;
  std::vector<std::string> origins;  // one per setting: "default", "flag --listen",
                                     // "environment CONVEYOR_LISTEN", "conveyor.toml:3"
};

// A configuration file beyond this is refused unread.
inline constexpr std::size_t kMaxConfigFileBytes = std::size_t{1} << 20;

// Or every mistake, one sentence each that begins with its place.
std::expected<LoadedConfig, std::vector<std::string>> load_config(const ConfigSources& sources);

}  // namespace conveyor
