#include "app/cli/export_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <utility>

namespace conveyor::cli {
namespace {

namespace fs = std::filesystem;
using Done = std::expected<void, std::string>;

class ConsoleSink : public ExportSink {
 public:
  explicit ConsoleSink(Console& console) : console_(console) {}

  Done write(std::string_view text) override {
    errno = 0;
    console_.out << text;
    return check();
  }
  Done finish() override {
    errno = 0;
    console_.out.flush();
    return check();
  }

 private:
  Done check() {
    if (console_.out) return {};
    const int error = errno;
    console_.reader_is_gone = true;  // either way it is said here, if at all
    if (error == EPIPE) return std::unexpected("");
    return std::unexpected(fmt::format("cannot write to standard output: {}",
                                       error == 0 ? "it is closed" : std::strerror(error)));
  }

  Console& console_;
};

class FileSink : public ExportSink {
 public:
  FileSink(fs::path path, std::string temporary, int file)
      : path_(std::move(path)), temporary_(std::move(temporary)), file_(file) {}
  FileSink(const FileSink&) = delete;
  FileSink& operator=(const FileSink&) = delete;
  ~FileSink() override {
    ::close(file_);
    if (!is_finished_) ::unlink(temporary_.c_str());
  }

  Done write(std::string_view text) override {
    while (!text.empty()) {
      const auto written = ::write(file_, text.data(), text.size());
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return failed();
      text.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
  }

  Done finish() override {
    if (::fsync(file_) != 0) return failed();
    if (::rename(temporary_.c_str(), path_.c_str()) != 0) return failed();
    is_finished_ = true;
    auto folder = path_.parent_path();
    if (folder.empty()) folder = ".";
    const int directory = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0) return {};
    ::fsync(directory);
    ::close(directory);
    return {};
  }

 private:
  std::unexpected<std::string> failed() const {
    return std::unexpected(
        fmt::format("{} cannot be written: {}", printable(path_.string()), std::strerror(errno)));
  }

  const fs::path path_;
  const std::string temporary_;
  const int file_;
  bool is_finished_ = false;
};

}  // namespace

std::unique_ptr<ExportSink> export_to_console(Console& console) {
  return std::make_unique<ConsoleSink>(console);
}

std::expected<std::unique_ptr<ExportSink>, std::string> export_to_file(const std::string& path) {
  std::error_code error;
  const auto target = fs::weakly_canonical(path, error);  // a link stays one
  if (error) {
    return std::unexpected(
        fmt::format("{} cannot be written: {}", printable(path), error.message()));
  }
  if (fs::exists(target, error) && !fs::is_regular_file(target, error)) {
    return std::unexpected(
        fmt::format("{} is no regular file; write to standard output instead", printable(path)));
  }
  auto temporary = target.string() + ".XXXXXX";
  const int file = ::mkostemp(temporary.data(), O_CLOEXEC);
  if (file < 0) {
    return std::unexpected(
        fmt::format("{} cannot be written: {}", printable(path), std::strerror(errno)));
  }
  return std::make_unique<FileSink>(target, std::move(temporary), file);
}

}  // namespace conveyor::cli
