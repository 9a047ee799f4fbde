#include "adapters/sqlite/packed.h"

#include <fmt/format.h>

namespace conveyor::sqlite {

void Unpacker::damaged() const {
  throw StoreError(StoreError::Kind::damaged,
                   fmt::format("the file holds {} in an unknown form", what_));
}

}  // namespace conveyor::sqlite
