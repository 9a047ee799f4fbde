#include "app/cli/import_rejects.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "app/cli/console.h"
#include "base/csv_writer.h"

namespace conveyor::cli {
namespace {

std::string rows_of(std::string_view reference, const std::vector<LineProblem>& problems) {
  std::string rows;
  for (const auto& problem : problems) {
    append_csv_row(
        rows, std::array{std::to_string(problem.line), std::string{reference}, problem.reason});
  }
  return rows;
}

bool is_same_file(const std::string& left, const std::string& right) {
  struct stat l{};
  struct stat r{};
  return ::stat(left.c_str(), &l) == 0 && ::stat(right.c_str(), &r) == 0 && S_ISREG(l.st_mode) &&
         l.st_dev == r.st_dev && l.st_ino == r.st_ino;
}

}  // namespace

std::expected<std::unique_ptr<RejectsFile>, std::string> RejectsFile::create(
    const std::string& path, const std::string& input, const ImportPlan& plan) {
  if (is_same_file(path, input)) {
    return std::unexpected(
        fmt::format("--rejects {}: this is the file that is imported", printable(path)));
  }
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor < 0) {
    return std::unexpected(fmt::format("--rejects {}: cannot be opened: {}; nothing was sent",
                                       printable(path), std::strerror(errno)));
  }
  std::unique_ptr<RejectsFile> file{new RejectsFile{path, descriptor}};
  std::string text{"line,reference,reason\n"};
  for (const auto& order : plan.refused) text += rows_of(order.reference, order.problems);
  text += rows_of("", plan.loose);
  auto done = file->write(text);
  if (done) done = file->flush();
  if (!done) return std::unexpected(done.error() + "; nothing was sent");
  return file;
}

RejectsFile::~RejectsFile() {
  ::close(file_);
}

void RejectsFile::append(std::string_view reference, const std::vector<LineProblem>& problems) {
  const std::scoped_lock lock{mutex_};
  if (failure_) return;
  if (auto written = write(rows_of(reference, problems)); !written) {
    failure_ = std::move(written.error());
  }
}

std::expected<void, std::string> RejectsFile::finish() {
  const std::scoped_lock lock{mutex_};
  if (failure_) return std::unexpected(*failure_);
  return flush();
}

std::expected<void, std::string> RejectsFile::write(std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(file_, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return failed("written");
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

std::expected<void, std::string> RejectsFile::flush() {
  // Pipes and devices have nothing to flush and say EINVAL (fsync(2)).
  if (::fsync(file_) == 0 || errno == EINVAL || errno == EROFS) return {};
  return failed("flushed to the disk");
}

std::unexpected<std::string> RejectsFile::failed(std::string_view doing) const {
  return std::unexpected(
      fmt::format("--rejects {}: cannot be {}: {}", printable(path_), doing, std::strerror(errno)));
}

}  // namespace conveyor::cli
