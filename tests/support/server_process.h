// ServerProcess: the real binary as a child process on a free port, with its data in a folder of
// the test. It can be killed as by the power switch and started again on the same data. Where
// exchanges are recorded it is the same program with a recorder in it (recorded_program.cpp).
//
// Nothing here sleeps: readiness is a line that arrives on a FIFO, and the end of a child is waited
// for.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "support/sanitized.h"

namespace conveyor::test {

/// A folder below the system's for temporary files; removed with everything in it.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::filesystem::path path(std::string_view name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

/// What a command takes at most.
inline constexpr std::chrono::seconds kCommandWithin{60 * kPatience};

struct CommandResult {
  int exit_code = -1;  ///< 128 + signal if one ended it
  std::string out;
  std::string err;
};

/// Runs the conveyor binary to its end; fails the test and kills it after `deadline`.
CommandResult run_conveyor(const std::vector<std::string>& arguments, const std::string& input = {},
                           std::chrono::seconds deadline = kCommandWithin);

/// A conveyor command that runs beside the test. Killed if it still runs at the end.
class BackgroundCommand {
 public:
  /// Standard output goes to `out`, a descriptor that is copied; without it the result has it.
  explicit BackgroundCommand(const std::vector<std::string>& arguments, int out = -1);
  ~BackgroundCommand();
  BackgroundCommand(const BackgroundCommand&) = delete;
  BackgroundCommand& operator=(const BackgroundCommand&) = delete;

  /// Waits at most so long for its end; false if it still runs then.
  bool ends_within(std::chrono::milliseconds time) const;
  /// Waits for its end and gives the result; fails the test and kills it after `deadline`. Once.
  CommandResult wait(std::chrono::seconds deadline = kCommandWithin);
  /// SIGINT, as Ctrl-C, and wait().
  CommandResult interrupt();
  /// SIGKILL, and wait().
  CommandResult kill();

 private:
  TemporaryFolder folder_;
  pid_t pid_;
};

class ServerProcess {
 public:
  /// Starts `conveyor serve` on `data` (a path) with further flags and waits until it is ready.
  explicit ServerProcess(std::filesystem::path data, std::vector<std::string> flags = {},
                         std::string listen = "127.0.0.1:0");
  ~ServerProcess();  ///< kill()
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  const std::string& url() const { return url_; }
  pid_t pid() const { return pid_; }
  bool running() const { return pid_ > 0; }

  /// SIGKILL and wait.
  void kill();
  /// SIGTERM and wait; the exit code.
  int terminate();
  /// Starts again on the same data and the same port; waits until it is ready.
  void start();

  /// What it has written to standard error, over all its lives.
  std::string log() const;

 private:
  std::filesystem::path data_;
  std::vector<std::string> flags_;
  TemporaryFolder folder_;
  std::string listen_;
  std::string url_;
  pid_t pid_ = -1;
};

}  // namespace conveyor::test
