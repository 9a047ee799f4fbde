// Files of the project that tests compare with. Paths are written from the project's root, which is
// the first folder with CMakePresets.json at or above the working directory.
#pragma once

#include <string>
#include <string_view>

namespace conveyor::test {

/// Fails the test and returns "" if it cannot be read.
std::string read_project_file(std::string_view path);
bool project_file_exists(std::string_view path);
void write_project_file(std::string_view path, std::string_view text);

/// CONVEYOR_UPDATE_DOCS=1: tests write what they would compare with.
bool updates_wanted();

}  // namespace conveyor::test
