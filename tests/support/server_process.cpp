#include "support/server_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "support/exchange_recorder.h"
#include "support/test_name.h"

extern char** environ;

namespace conveyor::test {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kReadyWithin{30 * kPatience};
constexpr std::chrono::seconds kEndWithin{30};

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

struct Files {
  std::filesystem::path in;
  std::filesystem::path out;
  std::filesystem::path err;
  int out_descriptor = -1;  ///< instead of `out`
};

/// The environment, with the test's name for what a server records.
std::vector<std::string> environment() {
  std::vector<std::string> all{"RECORD_EXCHANGES_AS=" + test_name()};
  for (char** entry = environ; *entry != nullptr; ++entry) all.emplace_back(*entry);
  return all;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (auto& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

/// A binary with files as its standard streams; output is appended.
pid_t spawn(const char* program, const std::vector<std::string>& arguments, const Files& files) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, files.in.c_str(), O_RDONLY, 0);
  const int append = O_WRONLY | O_CREAT | O_APPEND;
  if (files.out_descriptor < 0) {
    posix_spawn_file_actions_addopen(&actions, 1, files.out.c_str(), append, 0600);
  } else {
    posix_spawn_file_actions_adddup2(&actions, files.out_descriptor, 1);
  }
  posix_spawn_file_actions_addopen(&actions, 2, files.err.c_str(), append, 0600);

  std::vector<std::string> all{program};
  all.insert(all.end(), arguments.begin(), arguments.end());
  auto variables = environment();
  pid_t pid = -1;
  const int error = posix_spawn(&pid, program, &actions, nullptr, pointers_to(all).data(),
                                pointers_to(variables).data());
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw std::runtime_error(fmt::format("cannot start {}", program));
  return pid;
}

/// A descriptor that becomes readable when the process ends (pidfd_open(2)).
class EndOf {
 public:
  explicit EndOf(pid_t pid) : fd_(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))) {}
  ~EndOf() { ::close(fd_); }
  EndOf(const EndOf&) = delete;
  EndOf& operator=(const EndOf&) = delete;
  int fd() const { return fd_; }

 private:
  int fd_;
};

int poll_ms(Clock::time_point deadline) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
  return static_cast<int>(std::max<std::int64_t>(0, left.count()));
}

/// Waits for the end of the process; kills it at the deadline and says so.
int wait_for(pid_t pid, std::chrono::seconds within) {
  const EndOf end(pid);
  pollfd ready{end.fd(), POLLIN, 0};
  if (::poll(&ready, 1, poll_ms(Clock::now() + within)) == 0) {
    ADD_FAILURE() << "process " << pid << " did not end within " << within.count() << " s";
    ::kill(pid, SIGKILL);
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/// The line that the server writes to `fifo` once it is ready; nullopt if it ended before.
std::optional<std::string> read_ready_line(int fifo, pid_t pid) {
  const EndOf end(pid);
  const auto deadline = Clock::now() + kReadyWithin;
  std::string line;
  while (Clock::now() < deadline) {
    std::array<pollfd, 2> waiting{pollfd{fifo, POLLIN, 0}, pollfd{end.fd(), POLLIN, 0}};
    ::poll(waiting.data(), waiting.size(), poll_ms(deadline));
    std::array<char, 256> buffer{};
    const auto size = ::read(fifo, buffer.data(), buffer.size());
    if (size > 0) line.append(buffer.data(), static_cast<std::size_t>(size));
    if (const auto newline = line.find('\n'); newline != std::string::npos) {
      return line.substr(0, newline);
    }
    if (waiting[1].revents != 0) return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

TemporaryFolder::TemporaryFolder() {
  auto pattern = (std::filesystem::temp_directory_path() / "conveyor-test-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
  path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

CommandResult run_conveyor(const std::vector<std::string>& arguments, const std::string& input,
                           std::chrono::seconds deadline) {
  const TemporaryFolder folder;
  const Files files{folder.path("in"), folder.path("out"), folder.path("err")};
  std::ofstream(files.in, std::ios::binary) << input;
  const auto pid = spawn(CONVEYOR_BINARY, arguments, files);
  CommandResult result;
  result.exit_code = wait_for(pid, deadline);
  result.out = read_file(files.out);
  result.err = read_file(files.err);
  return result;
}

BackgroundCommand::BackgroundCommand(const std::vector<std::string>& arguments, int out)
    : pid_(spawn(CONVEYOR_BINARY, arguments,
                 {"/dev/null", folder_.path("out"), folder_.path("err"), out})) {}

BackgroundCommand::~BackgroundCommand() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  wait_for(pid_, kEndWithin);
}

bool BackgroundCommand::ends_within(std::chrono::milliseconds time) const {
  const EndOf end(pid_);
  pollfd ready{end.fd(), POLLIN, 0};
  return ::poll(&ready, 1, static_cast<int>(time.count())) > 0;
}

CommandResult BackgroundCommand::interrupt() {
  ::kill(pid_, SIGINT);
  return wait();
}

CommandResult BackgroundCommand::kill() {
  ::kill(pid_, SIGKILL);
  return wait(kEndWithin);
}

CommandResult BackgroundCommand::wait(std::chrono::seconds deadline) {
  CommandResult result;
  result.exit_code = wait_for(pid_, deadline);
  pid_ = -1;
  result.out = read_file(folder_.path("out"));
  result.err = read_file(folder_.path("err"));
  return result;
}

ServerProcess::ServerProcess(std::filesystem::path data, std::vector<std::string> flags,
                             std::string listen)
    : data_(std::move(data)), flags_(std::move(flags)), listen_(std::move(listen)) {
  start();
}

ServerProcess::~ServerProcess() {
  kill();
}

void ServerProcess::start() {
  const auto fifo_path = folder_.path("ready");
  ::mkfifo(fifo_path.c_str(), 0600);
  // Opened for reading and writing, so that it never reports a hang-up before the server opens it.
  const int fifo = ::open(fifo_path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
  std::vector<std::string> arguments{"serve",        "--listen",     listen_,           "--data",
                                     data_.string(), "--ready-file", fifo_path.string()};
  arguments.insert(arguments.end(), flags_.begin(), flags_.end());
  const char* program = records_exchanges() ? CONVEYOR_RECORDED_BINARY : CONVEYOR_BINARY;
  pid_ = spawn(program, arguments, {"/dev/null", folder_.path("out"), folder_.path("err")});
  const auto line = read_ready_line(fifo, pid_);
  ::close(fifo);
  if (!line) {
    kill();
    throw std::runtime_error("the server did not become ready: " + log());
  }
  url_ = *line;
  listen_ = url_.substr(url_.find("//") + 2);  // the next life listens where clients know it
}

void ServerProcess::kill() {
  if (!running()) return;
  ::kill(pid_, SIGKILL);
  wait_for(pid_, kEndWithin);
  pid_ = -1;
}

int ServerProcess::terminate() {
  ::kill(pid_, SIGTERM);
  const int code = wait_for(pid_, kEndWithin);
  pid_ = -1;
  return code;
}

std::string ServerProcess::log() const {
  return read_file(folder_.path("err"));
}

}  // namespace conveyor::test
