// How many sockets a process has: whether a server has closed a connection can be seen there before
// its client reads or sends anything.
#pragma once

#include <fmt/format.h>
#include <sys/types.h>

#include <cstddef>
#include <filesystem>

namespace conveyor::test {

inline std::size_t sockets_of(pid_t pid) {
  std::size_t count = 0;
  std::error_code gone;
  for (const auto& entry :
       std::filesystem::directory_iterator(fmt::format("/proc/{}/fd", pid), gone)) {
    if (std::filesystem::read_symlink(entry.path(), gone).string().starts_with("socket:")) ++count;
  }
  return count;
}

}  // namespace conveyor::test
