#include "ports/store_audit.h"

#include <algorithm>

namespace conveyor {

ScopePrefix scope_prefix(const Digest& scope_hash) {
  ScopePrefix out;
  std::ranges::copy_n(scope_hash.begin(), out.size(), out.begin());
  return out;
}

}  // namespace conveyor
