#include "app/config.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <toml++/toml.h>
#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <fstream>
#include <sstream>

#include "base/http_header.h"
#include "base/loopback.h"

namespace conveyor {
namespace {

constexpr std::array<std::string_view, 3> kLogFormats{"auto", "json", "text"};
constexpr std::array<std::string_view, 5> kLogLevels{"debug", "info", "warning", "error", "off"};

constexpr std::array<std::string_view, 2> kOnViolation{"report", "not_ready"};

constexpr std::int64_t kDayMs = 86'400'000;
constexpr std::int64_t kMaxTimeoutMs = 3'600'000;
constexpr std::int64_t kMaxHeartbeatMs = 30'000;  // half of what our own clients wait for one
constexpr std::int64_t kMaxWaitMs = 3'650 * kDayMs;
constexpr std::int64_t kMebibyte = 1'048'576;

/// A limit of a request: at most its default.
constexpr Setting limit_row(std::string_view name, std::string_view unit, std::string_view help,
                            std::int64_t api::RequestLimits::* field, std::int64_t min = 1) {
  return {name, unit, help, field, min, api::RequestLimits{}.*field};
}

const std::array kSettings{
    Setting{"listen", "", "IP address and port of the HTTP API; port 0 picks a free one",
            &Config::listen},
    Setting{"data", "", "the store's file; made if it is not there", &Config::data},
    Setting{"ready_file", "", "written with the base URL once the server is ready",
            &Config::ready_file},
    Setting{"log_format", "", "format of the log; auto: text on a terminal, else json",
            &Config::log_format, 0, 0, kLogFormats},
    Setting{"log_level", "", "least severe level that is logged", &Config::log_level, 0, 0,
            kLogLevels},
    Setting{"shutdown_timeout_ms", "ms", "time to finish what is in flight after SIGTERM",
            &Config::shutdown_timeout_ms, 0, kMaxTimeoutMs},
    Setting{"io_threads", "", "threads that read and write connections", &Config::io_threads, 1,
            64},
    Setting{"reader_threads", "", "threads, each with its connection, that read the store",
            &Config::reader_threads, 1, 64},
    Setting{"max_connections", "", "connections at a time; further ones are told 503",
            &Config::max_connections, 1, 100'000},
    Setting{"max_streams", "", "streams of events at a time; further ones are told 503",
            &Config::max_streams, 1, 100'000},
    Setting{"max_refusals", "", "connections at a time that are told so; further ones are closed",
            &Config::max_refusals, 1, 100'000},
    Setting{"max_header_bytes", "bytes", "request line and headers", &Config::max_header_bytes,
            1'024, kMebibyte},
    Setting{"max_header_count", "", "headers of a request", &Config::max_header_count, 10, 1'000},
    limit_row("max_body_bytes", "bytes", "body of a request", &Config::max_body_bytes, 1'024),
    Setting{"header_timeout_ms", "ms", "until the whole head of a request is there",
            &Config::header_timeout_ms, 1, kMaxTimeoutMs},
    Setting{"body_timeout_ms", "ms", "until the whole body of a request is there",
            &Config::body_timeout_ms, 1, kMaxTimeoutMs},
    Setting{"idle_timeout_ms", "ms", "between the requests of a connection",
            &Config::idle_timeout_ms, 1, kMaxTimeoutMs},
    Setting{"write_timeout_ms", "ms",
            "until the whole answer is sent, or what a stream has waiting",
            &Config::write_timeout_ms, 1, kMaxTimeoutMs},
    Setting{"linger_timeout_ms", "ms",
            "that is read on after an answer with which the connection ends",
            &Config::linger_timeout_ms, 1, kMaxTimeoutMs},
    Setting{"max_linger_bytes", "bytes", "that are read on then", &Config::max_linger_bytes, 0,
            1'024 * kMebibyte},
    Setting{"in_flight_wait_ms", "ms",
            "that a repeated request waits for the first with its key; then 409",
            &Config::in_flight_wait_ms, 1, kMaxTimeoutMs},
    Setting{"answer_deadline_ms", "ms", "that the store has for an answer; then 503",
            &Config::answer_deadline_ms, 1, kMaxTimeoutMs},
    limit_row("max_json_depth", "", "arrays and objects within one another",
              &Config::max_json_depth, 4),
    limit_row("max_json_members", "", "members of one object", &Config::max_json_members, 16),
    limit_row("max_lines", "", "lines of an order", &Config::max_lines),
    limit_row("max_quantity", "", "of a line", &Config::max_quantity),
    limit_row("max_adjustments", "", "adjustments of an order", &Config::max_adjustments, 0),
    limit_row("max_title", "characters", "title of a line or stock item", &Config::max_title),
    limit_row("max_label", "characters", "label of an adjustment", &Config::max_label),
    limit_row("max_name_bytes", "bytes",
              "sku, customer_id, reference, payment_method, reason and actor",
              &Config::max_name_bytes),
    limit_row("max_metadata_members", "", "members of metadata", &Config::max_metadata_members, 0),
    limit_row("max_metadata_name_bytes", "bytes", "name of one", &Config::max_metadata_name_bytes),
    limit_row("max_metadata_value_bytes", "bytes", "value of one",
              &Config::max_metadata_value_bytes),
    limit_row("max_ship_to_line", "characters", "name, line1, line2 of an address",
              &Config::max_ship_to_line),
    limit_row("max_ship_to_city", "characters", "city and region", &Config::max_ship_to_city),
    limit_row("max_postal_code", "characters", "postal_code", &Config::max_postal_code),
    limit_row("max_email", "characters", "email", &Config::max_email, 3),
    limit_row("max_phone", "characters", "phone", &Config::max_phone),
    limit_row("max_idempotency_key_bytes", "bytes", "an Idempotency-Key",
              &Config::max_idempotency_key_bytes),
    limit_row("max_correlation_id_bytes", "bytes", "an X-Correlation-Id",
              &Config::max_correlation_id_bytes),
    limit_row("max_tracestate_bytes", "bytes", "a tracestate; a longer one is dropped",
              &Config::max_tracestate_bytes, 0),
    limit_row("max_page", "", "items of a page", &Config::max_page),
    Setting{"stream_heartbeat_ms", "ms", "between the comments that keep a stream of events alive",
            &Config::stream_heartbeat_ms, 1, kMaxHeartbeatMs},
    Setting{"realtime_max_clients", "", "Socket.IO clients at a time; further ones are told 503",
            &Config::realtime_max_clients, 1, 100'000},
    Setting{"realtime_max_clients_per_address", "",
            "of them from one IP address, as of a proxy; further ones are told 429",
            &Config::realtime_max_clients_per_address, 1, 100'000},
    Setting{"realtime_ping_interval_ms", "ms", "between the heartbeats of a Socket.IO client",
            &Config::realtime_ping_interval_ms, 1, kMaxTimeoutMs},
    Setting{"realtime_ping_timeout_ms", "ms", "that it has to answer one; then it is cut",
            &Config::realtime_ping_timeout_ms, 1, kMaxTimeoutMs},
    Setting{"open_orders_max", "",
            "orders in memory: in work, or due within a minute; with so many, new ones are refused",
            &Config::open_orders_max, 1, 10'000'000},
    Setting{"call_deadline_ms", "ms", "of a call to a participant", &Config::call_deadline_ms, 1,
            kMaxTimeoutMs},
    Setting{"in_progress_poll_ms", "ms", "before a participant that is still at it is asked again",
            &Config::in_progress_poll_ms, 1, kMaxTimeoutMs},
    Setting{"retry_base_delay_ms", "ms", "ceiling of the first retry's delay",
            &Config::retry_base_delay_ms, 1, kMaxTimeoutMs},
    Setting{"retry_factor", "", "by which the ceiling grows with each retry", &Config::retry_factor,
            1, 10},
    Setting{"retry_cap_ms", "ms", "the highest ceiling", &Config::retry_cap_ms, 1, kDayMs},
    Setting{"retry_max_attempts", "", "attempts of a step before it is a dead letter",
            &Config::retry_max_attempts, 1, 100},
    Setting{"undo_after_ms", "ms", "before a dead letter is undone by itself, or never",
            &Config::undo_after_ms, 0, kMaxWaitMs},
    Setting{"patience_ms", "ms", "before an order that has not shipped is undone",
            &Config::patience_ms, 1, kMaxWaitMs},
    Setting{"undo_patience_ms", "ms", "before an unanswered undo needs attention",
            &Config::undo_patience_ms, 1, kMaxWaitMs},
    Setting{"breaker_window_ms", "ms", "over which a participant's errors are counted",
            &Config::breaker_window_ms, 100, kMaxTimeoutMs},
    Setting{"breaker_min_calls", "", "calls in the window before a participant's breaker may open",
            &Config::breaker_min_calls, 1, 1'000'000},
    Setting{"breaker_error_percent", "", "share of failed calls in the window at which it opens",
            &Config::breaker_error_percent, 1, 100},
    Setting{"breaker_open_ms", "ms", "that it stays open before the participant is probed",
            &Config::breaker_open_ms, 1, kMaxTimeoutMs},
    Setting{"breaker_probes", "", "calls that must all work before it closes",
            &Config::breaker_probes, 1, 1'000},
    Setting{"retry_budget_percent", "", "retries to a participant, of its first attempts",
            &Config::retry_budget_percent, 0, 100},
    Setting{"retry_budget_per_second", "", "retries to a participant on top of that",
            &Config::retry_budget_per_second, 1, 100'000},
    Setting{"participant_max_in_flight", "", "calls to a participant that await their answer",
            &Config::participant_max_in_flight, 1, 1'000'000},
    Setting{"self_check_percent", "%",
            "of a core, at most, to check the invariants of the data meanwhile; 0: no check",
            &Config::self_check_percent, 0, 100},
    Setting{"on_violation", "", "what a broken invariant does to readiness, besides being reported",
            &Config::on_violation, 0, 0, kOnViolation},
};

using Result = std::expected<void, std::string>;

std::string allowed(const Setting& setting) {
  if (!setting.choices.empty()) return fmt::format("one of {}", fmt::join(setting.choices, ", "));
  const bool never = std::holds_alternative<std::optional<std::int64_t> Config::*>(setting.field);
  return fmt::format("an integer from {} to {}{}", setting.min, setting.max,
                     never ? " or \"never\"" : "");
}

// Sentences without their subject: the caller knows under which name the value was given.
Result refuse(const Setting& setting, std::string_view value) {
  return std::unexpected(fmt::format("is \"{}\"; it must be {}", value, allowed(setting)));
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// ADDRESS:PORT; whether the address can be listened on is seen when it is tried.
bool is_listen_address(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  const auto digits = text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  return error == std::errc{} && end == digits.data() + digits.size();
}

// Off loopback nobody may listen without sign-in. A name is refused, even `localhost`: what it
// means is the resolver's to say, and may be several addresses.
Result check_listen(std::string_view listen) {
  if (!is_listen_address(listen)) {
    return std::unexpected(fmt::format(
        "is \"{}\"; it must be ADDRESS:PORT, such as 127.0.0.1:8080 or [::1]:0", listen));
  }
  const auto colon = listen.rfind(':');
  const auto address = listen.substr(0, colon);
  if (http::equal_ignoring_case(address, "localhost")) {
    const auto port = listen.substr(colon);
    return std::unexpected(
        fmt::format("is \"{}\"; it must be an address and not a name: 127.0.0.1{} or [::1]{}",
                    listen, port, port));
  }
  if (!is_loopback_address(address)) {
    return std::unexpected(
        fmt::format("is \"{}\"; it must be a loopback address (127.x.y.z or [::1]), because there "
                    "is no sign-in",
                    listen));
  }
  return {};
}

Result assign_text(Config& config, const Setting& setting, std::string_view value) {
  if (!setting.choices.empty() &&
      std::ranges::find(setting.choices, value) == setting.choices.end()) {
    return refuse(setting, value);
  }
  if (setting.name == "listen") {
    if (auto checked = check_listen(value); !checked) return checked;
  }
  if (setting.name == "data" && value.empty()) return std::unexpected("must name a file");
  config.*std::get<std::string Config::*>(setting.field) = value;
  return {};
}

Result assign_integer(Config& config, const Setting& setting, std::int64_t value) {
  if (value < setting.min || value > setting.max) return refuse(setting, std::to_string(value));
  if (const auto* field = std::get_if<std::int64_t Config::*>(&setting.field)) {
    config.*(*field) = value;
  } else {
    config.*std::get<std::optional<std::int64_t> Config::*>(setting.field) = value;
  }
  return {};
}

bool is_text(const Setting& setting) {
  return std::holds_alternative<std::string Config::*>(setting.field);
}

// Of a flag or the environment.
Result assign(Config& config, const Setting& setting, std::string_view value) {
  if (is_text(setting)) return assign_text(config, setting, value);
  const auto* may_be_never = std::get_if<std::optional<std::int64_t> Config::*>(&setting.field);
  if (may_be_never != nullptr && value == "never") {
    config.*(*may_be_never) = std::nullopt;
    return {};
  }
  const auto number = parse_integer(value);
  if (!number) return refuse(setting, value);
  return assign_integer(config, setting, *number);
}

Result assign(Config& config, const Setting& setting, const toml::node& node) {
  if (const auto* text = node.as_string()) {
    const bool never = std::holds_alternative<std::optional<std::int64_t> Config::*>(setting.field);
    if (is_text(setting) || (never && text->get() == "never")) {
      return assign(config, setting, text->get());
    }
    return refuse(setting, text->get());
  }
  if (const auto* number = node.as_integer(); number != nullptr && !is_text(setting)) {
    return assign_integer(config, setting, number->get());
  }
  std::ostringstream kind;
  kind << node.type();
  return std::unexpected(
      fmt::format("is of type {}; it must be {}", kind.str(),
                  is_text(setting) && setting.choices.empty() ? "a string" : allowed(setting)));
}

const Setting* find_setting(std::string_view name) {
  const auto* const found = std::ranges::find(kSettings, name, &Setting::name);
  return found == kSettings.end() ? nullptr : found;
}

class Loader {
 public:
  Loader() { loaded_.origins.assign(kSettings.size(), "default"); }

  void read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::string text(kMaxConfigFileBytes + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (file.gcount() == 0 && !file.eof()) {
      return fail(fmt::format("{}: cannot be read", path));
    }
    text.resize(static_cast<std::size_t>(file.gcount()));
    if (text.size() > kMaxConfigFileBytes) {
      return fail(fmt::format("{}: larger than {} bytes", path, kMaxConfigFileBytes));
    }
    try {
      read_table(toml::parse(text), path);
    } catch (const toml::parse_error& error) {
      fail(fmt::format("{}:{}: {}", path, place(error.source()), error.description()));
    }
  }

  void read_environment(const std::vector<NamedText>& environment) {
    for (const auto& [name, value] : environment) {
      if (!name.starts_with("CONVEYOR_") || name == kServerVariable || name == kConfigVariable ||
          name == kProgramVariable) {
        continue;
      }
      const auto setting = std::ranges::find(kSettings, name, environment_name_of);
      if (setting == kSettings.end()) {
        fail(fmt::format("{} is no setting; `conveyor config show` lists them", name));
        continue;
      }
      take(*setting, assign(loaded_.config, *setting, std::string_view{value}),
           fmt::format("environment {}", name), name);
    }
  }

  void read_flags(const std::vector<NamedText>& flags) {
    for (const auto& [name, value] : flags) {
      const Setting* setting = find_setting(name);
      if (setting == nullptr) {
        fail(fmt::format("{} is no setting", name));
        continue;
      }
      take(*setting, assign(loaded_.config, *setting, std::string_view{value}),
           fmt::format("flag {}", flag_of(*setting)), flag_of(*setting));
    }
  }

  std::expected<LoadedConfig, std::vector<std::string>> finish() {
    const Config& config = loaded_.config;
    if (errors_.empty() && config.retry_cap_ms < config.retry_base_delay_ms) {
      fail(fmt::format("retry_cap_ms ({}, {}) is less than retry_base_delay_ms ({}, {})",
                       config.retry_cap_ms, origin("retry_cap_ms"), config.retry_base_delay_ms,
                       origin("retry_base_delay_ms")));
    }
    if (!errors_.empty()) return std::unexpected(std::move(errors_));
    return std::move(loaded_);
  }

 private:
  static std::string place(const toml::source_region& region) {
    return fmt::format("{}:{}", region.begin.line, region.begin.column);
  }

  void read_table(const toml::table& table, const std::string& path) {
    for (const auto& [key, node] : table) {
      const Setting* setting = find_setting(key.str());
      if (setting == nullptr) {
        fail(fmt::format("{}:{}: {} is no setting; `conveyor config show` lists them", path,
                         place(key.source()), key.str()));
        continue;
      }
      take(*setting, assign(loaded_.config, *setting, node),
           fmt::format("{}:{}", path, key.source().begin.line),
           fmt::format("{}:{}: {}", path, place(node.source()), setting->name));
    }
  }

  void take(const Setting& setting, const Result& result, std::string origin,
            std::string_view subject) {
    if (!result) return fail(fmt::format("{} {}", subject, result.error()));
    loaded_.origins.at(index_of(setting)) = std::move(origin);
  }

  void fail(std::string sentence) { errors_.push_back(std::move(sentence)); }

  static std::size_t index_of(const Setting& setting) {
    return static_cast<std::size_t>(&setting - kSettings.data());
  }
  const std::string& origin(std::string_view name) const {
    return loaded_.origins.at(index_of(*find_setting(name)));
  }

  LoadedConfig loaded_;
  std::vector<std::string> errors_;
};

}  // namespace

RetryPolicy retry_policy_of(const Config& config) {
  RetryPolicy policy;
  policy.base_delay = Duration{config.retry_base_delay_ms};
  policy.factor = config.retry_factor;
  policy.cap = Duration{config.retry_cap_ms};
  policy.max_attempts = static_cast<std::uint32_t>(config.retry_max_attempts);
  policy.undo_after = std::nullopt;
  if (config.undo_after_ms) policy.undo_after = Duration{*config.undo_after_ms};
  policy.patience = Duration{config.patience_ms};
  policy.undo_patience = Duration{config.undo_patience_ms};
  return policy;
}

GateOptions gate_options_of(const Config& config) {
  GateOptions options;
  options.breaker.window = Duration{config.breaker_window_ms};
  options.breaker.min_calls = static_cast<std::uint32_t>(config.breaker_min_calls);
  options.breaker.error_percent = static_cast<std::uint32_t>(config.breaker_error_percent);
  options.breaker.open_for = Duration{config.breaker_open_ms};
  options.breaker.probes = static_cast<std::uint32_t>(config.breaker_probes);
  options.retry_budget.percent = static_cast<std::uint32_t>(config.retry_budget_percent);
  options.retry_budget.per_second = static_cast<std::uint32_t>(config.retry_budget_per_second);
  options.max_in_flight = static_cast<std::size_t>(config.participant_max_in_flight);
  return options;
}

std::span<const Setting> settings() {
  return kSettings;
}

std::string flag_of(const Setting& setting) {
  std::string flag = fmt::format("--{}", setting.name);
  std::ranges::replace(flag, '_', '-');
  return flag;
}

std::string environment_name_of(const Setting& setting) {
  std::string name{"CONVEYOR_"};
  for (const char c : setting.name) {
    name += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return name;
}

std::string value_text(const Setting& setting, const Config& config) {
  if (const auto* text = std::get_if<std::string Config::*>(&setting.field)) {
    return config.*(*text);
  }
  if (const auto* number = std::get_if<std::int64_t Config::*>(&setting.field)) {
    return std::to_string(config.*(*number));
  }
  const auto& number = config.*std::get<std::optional<std::int64_t> Config::*>(setting.field);
  return number ? std::to_string(*number) : "never";
}

std::expected<LoadedConfig, std::vector<std::string>> load_config(const ConfigSources& sources) {
  Loader loader;
  auto path = sources.toml_path;
  if (!path) {
    const auto variable =
        std::ranges::find(sources.environment, kConfigVariable, &NamedText::first);
    if (variable != sources.environment.end() && !variable->second.empty()) {
      path = variable->second;
    }
  }
  if (path) loader.read_file(*path);
  loader.read_environment(sources.environment);
  loader.read_flags(sources.flags);
  return loader.finish();
}

}  // namespace conveyor
