#include "contract/stores_under_test.h"

#include "adapters/memory/memory_store.h"
#include "adapters/sqlite/sqlite_store.h"
#include "contract/temporary_directory.h"
#include "sim/sim_store.h"

namespace conveyor::test {
namespace {

class MemoryUnderTest : public StoreUnderTest {
 public:
  MemoryUnderTest() { bind(store_); }

 private:
  MemoryStore store_;
};

/// Without faults the simulator's store is a store like any other.
class SimulatedUnderTest : public StoreUnderTest {
 public:
  SimulatedUnderTest() { bind(store_); }

 private:
  sim::SimStore store_;
};

class SqliteUnderTest : public StoreUnderTest {
 public:
  SqliteUnderTest() { bind(*store_); }

 private:
  TemporaryDirectory directory_;
  std::unique_ptr<SqliteStore> store_ = SqliteStore::open(directory_.file("store.db")).value();
};

}  // namespace

std::unique_ptr<StoreUnderTest> make_store(StoreKind kind) {
  if (kind == StoreKind::memory) return std::make_unique<MemoryUnderTest>();
  if (kind == StoreKind::simulated) return std::make_unique<SimulatedUnderTest>();
  return std::make_unique<SqliteUnderTest>();
}

}  // namespace conveyor::test
