// The program's version, from CMake's project().
#pragma once

#include <string_view>

namespace conveyor {

std::string_view program_version();

}  // namespace conveyor
