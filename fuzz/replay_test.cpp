// Method: every target takes every input of its corpus, and a few that all of them share. A target
// whose promise is broken stops the process.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "target.h"

namespace conveyor::fuzz {
namespace {

std::vector<std::filesystem::path> corpus_of(std::string_view target) {
  std::vector<std::filesystem::path> files;
  const auto folder = std::filesystem::path{CONVEYOR_CORPUS} / target;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    files.push_back(entry.path());
  }
  std::ranges::sort(files);
  return files;
}

std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

class Replay : public testing::TestWithParam<Target> {};

TEST_P(Replay, TakesItsCorpus) {
  const auto files = corpus_of(GetParam().name);
  ASSERT_GE(files.size(), 3U) << "a target has a corpus to begin from";
  for (const auto& file : files) {
    SCOPED_TRACE(file.string());
    GetParam().run(bytes_of(file));
  }
}

TEST_P(Replay, TakesNothingAndEveryByte) {
  GetParam().run({});
  for (int byte = 0; byte < 256; ++byte) {
    const std::string one(1, static_cast<char>(byte));
    GetParam().run(one);
    GetParam().run(std::string(100, one.front()));
  }
}

std::vector<Target> sorted_targets() {
  auto all = targets();
  std::ranges::sort(all, {}, &Target::name);
  return all;
}

INSTANTIATE_TEST_SUITE_P(Fuzz, Replay, testing::ValuesIn(sorted_targets()),
                         [](const auto& info) { return std::string{info.param.name}; });

}  // namespace
}  // namespace conveyor::fuzz
