// What must hold of configuration files: they are taken, or every mistake is named with its place.
#include <sys/mman.h>
#include <unistd.h>

#include <string>

#include "app/config.h"
#include "target.h"

namespace conveyor::fuzz {
namespace {

/// A file without a name on disk.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view bytes) : fd_(::memfd_create("configuration", MFD_CLOEXEC)) {
    must(::write(fd_, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()),
         "memory takes the file");
  }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  ~MemoryFile() { ::close(fd_); }
  std::string path() const { return "/proc/self/fd/" + std::to_string(fd_); }

 private:
  int fd_;
};

}  // namespace

FUZZ_TARGET(configuration) {
  const MemoryFile file{input};
  const auto loaded = load_config({.toml_path = file.path()});
  if (!loaded) {
    must(!loaded.error().empty(), "it says what is wrong");
    return;
  }
  must(loaded->origins.size() == settings().size(), "every setting has an origin");
  for (const auto& setting : settings()) value_text(setting, loaded->config);
}

}  // namespace conveyor::fuzz
