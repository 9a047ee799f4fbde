// The memory of a process as the kernel counts it (proc(5), /proc/PID/status).
#pragma once

#include <fmt/format.h>
#include <sys/types.h>

#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>

namespace conveyor::test {

/// `VmRSS`: what is resident; `VmHWM`: the most that was. In KiB; 0: there is no such process.
inline std::int64_t memory_kb(pid_t pid, std::string_view name) {
  std::ifstream status(fmt::format("/proc/{}/status", pid));
  const auto label = fmt::format("{}:", name);
  std::string word;
  while (status >> word && word != label) {
  }
  std::int64_t kb = 0;
  status >> kb;
  return kb;
}

}  // namespace conveyor::test
