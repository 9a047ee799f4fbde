// Method: none of its own; the files of project_files.h for the tests beside it.
#include "domain/project_files.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace conveyor::test {
namespace {

std::filesystem::path in_project(std::string_view path) {
  auto folder = std::filesystem::current_path();
  while (!std::filesystem::exists(folder / "CMakePresets.json") && folder.has_relative_path()) {
    folder = folder.parent_path();
  }
  return folder / path;
}

}  // namespace

std::string read_project_file(std::string_view path) {
  std::ifstream in{in_project(path), std::ios::binary};
  EXPECT_TRUE(in.good()) << "cannot read " << in_project(path);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

bool project_file_exists(std::string_view path) {
  return std::filesystem::exists(in_project(path));
}

void write_project_file(std::string_view path, std::string_view text) {
  std::filesystem::create_directories(in_project(path).parent_path());
  std::ofstream out{in_project(path), std::ios::binary};
  out << text;
  EXPECT_TRUE(out.good()) << "cannot write " << in_project(path);
}

bool updates_wanted() {
  const char* wanted = std::getenv("CONVEYOR_UPDATE_DOCS");
  return wanted != nullptr && std::string_view{wanted} == "1";
}

}  // namespace conveyor::test
