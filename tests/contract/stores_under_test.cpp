#include "contract/stores_under_test.h"

#include "adapters/memory/memory_store.h"

namespace conveyor::test {
namespace {

class MemoryUnderTest : public StoreUnderTest {
 public:
  MemoryUnderTest() { bind(store_); }

 private:
  MemoryStore store_;
};

}  // namespace

std::unique_ptr<StoreUnderTest> make_store(StoreKind) {
  return std::make_unique<MemoryUnderTest>();
}

}  // namespace conveyor::test
