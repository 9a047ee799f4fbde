#include "app/doctor.h"

#include <fmt/format.h>
#include <fmt/ostream.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/timex.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <chrono>
#include <filesystem>
#include <string_view>
#include <vector>

#include "adapters/sqlite/data_file.h"
#include "adapters/sqlite/file_lock.h"
#include "adapters/sqlite/sqlite_reader.h"
#include "app/cli/api_client.h"
#include "app/cli/json_text.h"
#include "app/version.h"

namespace conveyor::cli {
namespace {

constexpr std::int64_t kMebibyte = 1'048'576;
// Free space below which a server may have to refuse orders soon, and below which it will.
constexpr std::int64_t kLittleSpace = 1'024 * kMebibyte;
constexpr std::int64_t kNoSpace = 64 * kMebibyte;
// The server cuts its WAL at this size, unless a reader keeps it from doing so.
constexpr std::int64_t kLongWal = 2 * std::int64_t{kTruncatePages} * 4'096;
// Descriptors beside those of connections: the file's, the log's, the threads'.
constexpr std::int64_t kOtherDescriptors = 64;
// No clock that is right shows a time before this program was written.
constexpr Timestamp kEarliest = from_unix_ms(1'764'547'200'000);  // 2025-12-01
// A server's time never goes back: after its clock was set, it may be this much ahead.
constexpr Duration kClockTolerance{60'000};

struct Finding {
  enum class State : std::uint8_t { ok, warn, fail };
  State state = State::ok;
  std::string check;
  std::string what;
  std::string advice = {};  // empty with ok
};

using State = Finding::State;

std::string_view to_string(State state) {
  switch (state) {
    case State::ok:
      return "ok";
    case State::warn:
      return "warn";
    case State::fail:
      return "fail";
  }
  return {};
}

class Doctor {
 public:
  explicit Doctor(const DoctorOptions& options) : options_(options) {}

  std::vector<Finding> examine(const ConfigSources& sources) {
    const auto loaded = load_config(sources);
    if (loaded) {
      ok("configuration", "valid");
    } else {
      for (const auto& error : loaded.error()) {
        fail("configuration", error, "correct it; conveyor config schema says what is valid");
      }
    }
    const Config config = loaded ? loaded->config : Config{};
    if (loaded) look_at_file(config.data);
    look_at_server(config);
    look_at_clock(loaded ? config.data : std::string{});
    look_at_descriptors(config);
    return std::move(findings_);
  }

 private:
  void ok(std::string check, std::string what) { add(State::ok, std::move(check), what, {}); }
  void warn(std::string check, std::string what, std::string advice) {
    add(State::warn, std::move(check), std::move(what), std::move(advice));
  }
  void fail(std::string check, std::string what, std::string advice) {
    add(State::fail, std::move(check), std::move(what), std::move(advice));
  }
  void add(State state, std::string check, std::string what, std::string advice) {
    findings_.push_back({state, std::move(check), std::move(what), std::move(advice)});
  }

  void look_at_file(const std::string& data) {
    const auto folder = std::filesystem::absolute(data).parent_path().string();
    look_at_folder(folder);
    std::error_code error;
    if (!std::filesystem::exists(data, error)) {
      warn("data file", fmt::format("there is no {}", data),
           "conveyor serve makes it; if there should be one, look at --data");
      return;
    }
    look_at_version(data);
    look_at_lock(data);
    look_at_permissions(data);
    look_at_wal(data);
  }

  void look_at_folder(const std::string& folder) {
    if (::access(folder.c_str(), R_OK | W_OK | X_OK) != 0) {
      fail("folder", fmt::format("{} cannot be written by this user", folder),
           "the file's folder must be writable, for FILE-wal and FILE.lock: chown it, or run as "
           "its owner");
      return;
    }
    std::error_code error;
    const auto space = std::filesystem::space(folder, error);
    const auto free = static_cast<std::int64_t>(space.available);
    const auto what = fmt::format("{} MiB free in {}", free / kMebibyte, folder);
    if (error) {
      fail("free space", fmt::format("{}: {}", folder, error.message()), "look at the folder");
    } else if (free < kNoSpace) {
      fail("free space", what, "make space: without it the server answers 503 out_of_space");
    } else if (free < kLittleSpace) {
      warn("free space", what, "make space; an order takes about 4 KiB");
    } else {
      ok("free space", what);
    }
  }

  void look_at_version(const std::string& data) {
    const auto version = data_version_of(data);
    if (!version) {
      fail("data file", version.error().message, "restore a backup, or choose another file");
      return;
    }
    const auto what = fmt::format("{} has version {}", data, *version);
    if (*version > newest_data_version()) {
      fail("data file", what,
           fmt::format("this program reads up to {}: use a newer one", newest_data_version()));
      return;
    }
    if (*version < newest_data_version()) {
      warn("data file", what,
           "take a backup; conveyor migrate or the next conveyor serve brings it forward");
    } else {
      ok("data file", what);
    }
    const auto damage = find_damage(data, true);
    if (!damage) {
      fail("integrity", damage.error().message, "look at the file's owner and permissions");
    } else if (*damage) {
      fail("integrity", **damage,
           "stop the server, keep the file as it is, and restore the last backup");
    } else {
      ok("integrity", "no damage; conveyor verify checks what it means");
    }
  }

  void look_at_lock(const std::string& data) {
    owner_ = sqlite::FileLock::owner(data);
    ok("lock", owner_ ? fmt::format("used by process {}", *owner_) : "used by nobody");
  }

  void look_at_permissions(const std::string& data) {
    struct stat status{};
    if (::stat(data.c_str(), &status) != 0 || ::access(data.c_str(), R_OK | W_OK) != 0) {
      fail("permissions", fmt::format("{} cannot be read and written by this user", data),
           "chown it, or run as its owner");
    } else if ((status.st_mode & S_IROTH) != 0) {
      warn("permissions",
           fmt::format("everybody on this machine can read {}, which holds personal data", data),
           fmt::format("chmod o-r {}*", data));
    } else {
      ok("permissions", fmt::format("{:o}", status.st_mode & 0777U));
    }
  }

  void look_at_wal(const std::string& data) {
    std::error_code error;
    const auto size = std::filesystem::file_size(data + "-wal", error);
    const auto bytes = error ? 0 : static_cast<std::int64_t>(size);
    const auto what = fmt::format("{} MiB", bytes / kMebibyte);
    if (bytes > kLongWal) {
      warn("write-ahead log", what,
           "something has been reading for long (verify, backup, sqlite3): let it end, and the "
           "server cuts the log by itself");
    } else {
      ok("write-ahead log", what);
    }
  }

  void look_at_server(const Config& config) {
    const bool picks_port = config.listen.ends_with(":0");
    if (!options_.server && picks_port) {
      return ok("server", "not asked: it listens on a port that it picks (--server says where)");
    }
    const auto url = options_.server.value_or("http://" + config.listen);
    ApiClient client{url};
    const auto version = client.get("/version");
    if (!version) {
      if (options_.server)
        return fail("server", version.error().text, "start it, or correct the address");
      if (owner_) {
        return warn("server", fmt::format("none answers at {}", url),
                    fmt::format("process {} uses the file: say --server URL", *owner_));
      }
      return ok("server", fmt::format("none runs at {}", url));
    }
    const auto running = text_member(version->json, "version");
    const auto what = fmt::format("{} is conveyor {}", url, running);
    if (running == program_version()) {
      ok("server", what);
    } else {
      warn("server", what, fmt::format("this program is {}: use the same one", program_version()));
    }
    if (const auto ready = client.get("/health/ready"); ready) {
      ok("readiness", "ready");
    } else {
      fail("readiness", ready.error().text, "its log says more");
    }
  }

  void look_at_clock(const std::string& data) {
    const auto now =
        std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    const auto what = format_rfc3339(now);
    if (now < kEarliest) {
      return fail("clock", what, "set the clock: orders get their ids and times from it");
    }
    if (const auto newest = newest_order(data); newest && *newest > now + kClockTolerance) {
      return fail("clock",
                  fmt::format("{}, but the newest order is of {}", what, format_rfc3339(*newest)),
                  "set the clock: back-off, time-outs and the sequence of orders depend on it");
    }
    timex state{};
    if (::adjtimex(&state) == TIME_ERROR) {
      return warn("clock", fmt::format("{}, not synchronised", what), "run an NTP client");
    }
    ok("clock", what);
  }

  static std::optional<Timestamp> newest_order(const std::string& data) {
    if (data.empty()) return std::nullopt;
    const auto reader = SqliteReader::open(data);
    if (!reader) return std::nullopt;
    try {
      const auto page = (*reader)->orders({}, 1);
      if (page.rows.empty()) return std::nullopt;
      return timestamp_of(page.rows.front().id.uuid());
    } catch (const StoreError&) {
      return std::nullopt;  // "integrity" says so
    }
  }

  void look_at_descriptors(const Config& config) {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    const auto needed = config.max_connections + kOtherDescriptors;
    const auto what = fmt::format("{} may be open", limit.rlim_cur);
    if (static_cast<std::int64_t>(limit.rlim_cur) >= needed) return ok("descriptors", what);
    warn("descriptors", what,
         fmt::format("max_connections = {} needs {}: ulimit -n {}, or fewer connections",
                     config.max_connections, needed, needed));
  }

  const DoctorOptions& options_;
  std::vector<Finding> findings_;
  std::optional<std::string> owner_;  // the process that uses the file
};

boost::json::object json_of(const Finding& finding) {
  boost::json::object object{
      {"check", finding.check}, {"state", to_string(finding.state)}, {"what", finding.what}};
  if (!finding.advice.empty()) object["advice"] = finding.advice;
  return object;
}

void print_text(Console& console, const std::vector<Finding>& findings) {
  for (const auto& finding : findings) {
    fmt::print(console.out, "{:<4}  {:<15}  {}\n", to_string(finding.state), finding.check,
               printable(finding.what));
    if (!finding.advice.empty()) {
      fmt::print(console.out, "{:<4}  {:<15}  {}\n", "", "", printable("→ " + finding.advice));
    }
  }
}

}  // namespace

ExitCode run_doctor(Console& console, const ConfigSources& sources, const DoctorOptions& options) {
  const auto findings = Doctor{options}.examine(sources);
  boost::json::array all;
  bool is_well = true;
  for (const auto& finding : findings) {
    is_well = is_well && finding.state != State::fail;
    if (options.output == Output::jsonl) print_json(console.out, json_of(finding), options.output);
    all.push_back(json_of(finding));
  }
  if (options.output == Output::text) print_text(console, findings);
  if (options.output == Output::json) print_indented(console.out, all);
  return is_well ? ExitCode::ok : ExitCode::error;
}

}  // namespace conveyor::cli
