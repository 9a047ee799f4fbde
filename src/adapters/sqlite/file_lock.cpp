#include "adapters/sqlite/file_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <system_error>

namespace conveyor::sqlite {
namespace {

/// The same sidecar whatever name leads to the file.
std::string sidecar_of(const std::string& path) {
  std::error_code error;
  const auto canonical = std::filesystem::weakly_canonical(path, error);
  return (error ? path : canonical.string()) + ".lock";
}

/// The process that wrote its number into the sidecar; empty if it cannot be read.
std::string owner_of(int descriptor) {
  std::array<char, 32> text{};
  const auto size = ::pread(descriptor, text.data(), text.size(), 0);
  std::string out{text.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
  out.erase(out.find_last_not_of(" \n") + 1);
  return out;
}

}  // namespace

std::expected<FileLock, FileLock::Failure> FileLock::acquire(const std::string& path) {
  const auto sidecar = sidecar_of(path);
  const auto failed = [](bool in_use, std::string message) {
    return std::unexpected{Failure{in_use, std::move(message)}};
  };
  const int descriptor = ::open(sidecar.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (descriptor < 0) {
    return failed(
        false, fmt::format("cannot open {}: {}", sidecar, std::generic_category().message(errno)));
  }
  FileLock lock{descriptor};
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) {
      return failed(false, fmt::format("cannot lock {}: {}", sidecar,
                                       std::generic_category().message(errno)));
    }
    return failed(true, fmt::format("{} is in use by process {}; stop that one or use another file",
                                    path, owner_of(descriptor)));
  }
  // Only to name the owner in the message above; the lock does not depend on it.
  const auto pid = fmt::format("{}\n", ::getpid());
  if (::ftruncate(descriptor, 0) == 0) {
    [[maybe_unused]] const auto written = ::pwrite(descriptor, pid.data(), pid.size(), 0);
  }
  return lock;
}

std::optional<std::string> FileLock::owner(const std::string& path) {
  const int descriptor = ::open(sidecar_of(path).c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return std::nullopt;
  const FileLock closes{descriptor};
  if (::flock(descriptor, LOCK_SH | LOCK_NB) == 0 || errno != EWOULDBLOCK) return std::nullopt;
  return owner_of(descriptor);
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace conveyor::sqlite
