// The program itself as a child process.
#pragma once

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace conveyor::test {

// A child whose standard output can be read while it runs. Waits end with the child: a child that
// hangs is ended by ctest's time limit and by its own alarm.
class Child {
 public:
  static constexpr unsigned kAlarmSeconds = 60;

  Child(const std::vector<std::string>& arguments, const std::string& server) {
    std::array<int, 2> pipe_ends{};
    EXPECT_EQ(pipe(pipe_ends.data()), 0);
    pid_ = fork();
    if (pid_ == 0) {
      dup2(pipe_ends[1], STDOUT_FILENO);
      close(pipe_ends[0]);
      close(pipe_ends[1]);
      alarm(kAlarmSeconds);
      setenv("CONVEYOR_SERVER", server.c_str(), 1);
      std::vector<char*> argv{const_cast<char*>(CONVEYOR_PROGRAM)};
      for (const auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
      argv.push_back(nullptr);
      execv(CONVEYOR_PROGRAM, argv.data());
      _exit(127);
    }
    close(pipe_ends[1]);
    out_ = pipe_ends[0];
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    close(out_);
    if (pid_ > 0) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
    }
  }

  // Everything up to and including a text, or up to the end.
  std::string read_until(std::string_view text) {
    std::string all;
    char byte = 0;
    while (!all.ends_with(text) && read(out_, &byte, 1) == 1) all += byte;
    return all;
  }
  std::string read_all() {
    std::string all;
    char byte = 0;
    while (read(out_, &byte, 1) == 1) all += byte;
    return all;
  }
  void send_signal(int signal) const { kill(pid_, signal); }

  // The exit status; -1: a signal ended it.
  int wait() {
    int status = 0;
    waitpid(pid_, &status, 0);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

 private:
  pid_t pid_ = -1;
  int out_ = -1;
};

}  // namespace conveyor::test
