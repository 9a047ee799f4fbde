// The file of `--rejects`: a CSV with the columns line, reference, reason; a row per problem.
//
// What is known before anything is sent is on the disk before anything is sent; further rows are
// appended one by one, so that they are there whatever ends the import. Threads: append() from any.
#pragma once

#include <cstddef>
#include <expected>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/cli/import_plan.h"

namespace conveyor::cli {

class RejectsFile {
 public:
  // Writes anew, with what the plan refuses. `input`: the file that is imported, which it must not
  // be. Or what is wrong, for people.
  static std::expected<std::unique_ptr<RejectsFile>, std::string> create(const std::string& path,
                                                                         const std::string& input,
                                                                         const ImportPlan& plan);
  ~RejectsFile();
  RejectsFile(const RejectsFile&) = delete;
  RejectsFile& operator=(const RejectsFile&) = delete;

  void append(std::string_view reference, const std::vector<LineProblem>& problems);

  // Makes everything durable; the first thing that went wrong since create().
  std::expected<void, std::string> finish();

 private:
  RejectsFile(std::string path, int descriptor) : path_(std::move(path)), file_(descriptor) {}
  std::expected<void, std::string> write(std::string_view text);
  std::expected<void, std::string> flush();
  std::unexpected<std::string> failed(std::string_view doing) const;

  const std::string path_;
  const int file_;
  std::mutex mutex_;
  std::optional<std::string> failure_;
};

}  // namespace conveyor::cli
