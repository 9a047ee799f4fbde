#include "app/version.h"

namespace conveyor {

std::string_view program_version() {
  return CONVEYOR_VERSION;
}

}  // namespace conveyor
