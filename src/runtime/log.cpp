#include "runtime/log.h"

#include <spdlog/async_logger.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <atomic>
#include <utility>

#include "base/assert.h"
#include "base/json_writer.h"
#include "base/time.h"
#include "base/utf8.h"

namespace conveyor {
namespace {

/// The one global of the program: where lines go.
struct Sink {
  std::atomic<LogLevel> level{LogLevel::info};
  std::atomic<bool> json{true};
  std::shared_ptr<spdlog::details::thread_pool> pool;
  std::shared_ptr<spdlog::logger> logger =
      std::make_shared<spdlog::logger>("direct", std::make_shared<spdlog::sinks::stderr_sink_mt>());

  Sink() { prepare(*logger); }

  static void prepare(spdlog::logger& logger) {
    logger.set_pattern("%v");
    logger.set_level(spdlog::level::trace);
  }
};

Sink& sink() {
  static Sink instance;
  return instance;
}

std::string_view name_of(LogLevel level) {
  constexpr std::array<std::string_view, 4> kNames{"debug", "info", "warning", "error"};
  return kNames.at(static_cast<std::size_t>(level));
}

Timestamp wall_clock() {
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

bool is_empty(const LogField& field) {
  const auto* text = std::get_if<std::string_view>(&field.value);
  return text != nullptr && text->empty();
}

/// Text from elsewhere may be cut in the middle of a character; a log line never fails over it.
std::string_view printable(std::string_view text) {
  return is_valid_utf8(text) ? text : "(not UTF-8)";
}

std::string json_line(LogLevel level, std::string_view message, LogFields fields) {
  std::string line;
  JsonWriter w(line, JsonWriter::Order::any);
  w.begin_object();
  w.member("ts", format_rfc3339(wall_clock()));
  w.member("level", name_of(level));
  w.member("service", "conveyor");
  w.member("msg", printable(message));
  for (const auto& field : fields) {
    if (is_empty(field)) continue;
    w.key(field.name);
    if (const auto* text = std::get_if<std::string_view>(&field.value)) {
      w.value(printable(*text));
    } else {
      w.value(std::get<std::int64_t>(field.value));
    }
  }
  w.end_object();
  return line;
}

std::string text_line(LogLevel level, std::string_view message, LogFields fields) {
  auto line = fmt::format("{} {:<7} {}", format_rfc3339(wall_clock()).substr(11, 12),
                          name_of(level), message);
  for (const auto& field : fields) {
    if (is_empty(field)) continue;
    std::visit([&](const auto& value) { line += fmt::format("  {}={}", field.name, value); },
               field.value);
  }
  return line;
}

thread_local bool gathers = false;
thread_local std::string gathered;

void hand_over_gathered() {
  if (gathered.empty()) return;
  sink().logger->info(std::string_view{gathered});
  gathered.clear();
}

}  // namespace

void start_log(const LogOptions& options) {
  auto& s = sink();
  s.level = options.level;
  s.json = options.json;
  s.pool = std::make_shared<spdlog::details::thread_pool>(kMaxQueuedLogLines, 1U);
  s.logger = std::make_shared<spdlog::async_logger>(
      "conveyor", std::make_shared<spdlog::sinks::stderr_sink_mt>(), s.pool,
      spdlog::async_overflow_policy::overrun_oldest);
  Sink::prepare(*s.logger);
}

void stop_log() {
  auto& s = sink();
  const auto asynchronous =
      std::exchange(s.logger, std::make_shared<spdlog::logger>(
                                  "direct", std::make_shared<spdlog::sinks::stderr_sink_mt>()));
  Sink::prepare(*s.logger);
  s.pool.reset();  // joins after the last line; only then the logger goes
}

bool is_logged(LogLevel level) {
  return level >= sink().level.load(std::memory_order_relaxed);
}

void log(LogLevel level, std::string_view message, LogFields fields) {
  if (!is_logged(level)) return;
  auto& s = sink();
  const auto line = s.json ? json_line(level, message, fields) : text_line(level, message, fields);
  if (!gathers) {
    s.logger->info(std::string_view{line});
    return;
  }
  if (!gathered.empty()) gathered += '\n';
  gathered += line;
  if (gathered.size() >= kMaxTogetherBytes) hand_over_gathered();
}

LogTogether::LogTogether() {
  CONVEYOR_ASSERT(!gathers, "one per thread");
  gathers = true;
}

LogTogether::~LogTogether() {
  gathers = false;
  hand_over_gathered();
}

}  // namespace conveyor
