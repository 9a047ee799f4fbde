// FileLock: one process owns a file. An flock of the sidecar `FILE.lock`, so that SQLite's own
// locks on FILE are not touched (a POSIX lock is lost when any descriptor of its file is closed).
// The kernel lets go of it when the process ends, however it ends. The sidecar is never removed:
// removing it would let two processes lock two different files of one name.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <utility>

namespace conveyor::sqlite {

class FileLock {
 public:
  struct Failure {
    bool in_use = false;  ///< by another process
    std::string message;  ///< a sentence for people
  };
  static std::expected<FileLock, Failure> acquire(const std::string& path);
  /// The process that holds the lock; nullopt: nobody, or it cannot be told. Makes no sidecar.
  static std::optional<std::string> owner(const std::string& path);

  FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  FileLock& operator=(FileLock&&) = delete;
  ~FileLock();

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}

  int descriptor_;
};

}  // namespace conveyor::sqlite
