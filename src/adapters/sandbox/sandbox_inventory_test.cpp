// Method: reserve, undo and commit through the decorator over the real service, and the stock
// afterwards.
#include "adapters/sandbox/sandbox_inventory.h"

#include <gtest/gtest.h>

#include "adapters/memory/memory_store.h"
#include "services/inventory_service.h"
#include "services/service_fixture.h"

namespace conveyor {
namespace {

using test::key_of;
using test::kPlacedAt;
using test::words;

const OperationKey kReserveKey = key_of("reserve_inventory");
const OperationKey kCommitKey = key_of("commit_inventory");

class SandboxInventoryTest : public ::testing::Test {
 public:
  SandboxInventoryTest() {
    store.begin();
    for (const auto sku : {"A", "SBX-RESERVE-FLAKY-2", "SBX-COMMIT-FLAKY-2"}) {
      EXPECT_TRUE(store.set_stock(sku, 10, std::nullopt, kPlacedAt).has_value());
    }
  }
  ~SandboxInventoryTest() override { store.commit(); }

  std::string perform(const OperationKey& key, const std::vector<std::string>& skus) {
    std::vector<Line> lines;
    for (const std::string& sku : skus) {
      lines.emplace_back();
      lines.back().sku = sku;
      lines.back().quantity = 1;
    }
    StepRequest request;
    request.key = key;
    request.lines = lines;
    if (key.step != kReserveKey.step) request.names = kReserveKey;
    return words(inventory.perform(request, kPlacedAt));
  }

  MemoryStore store;
  test::CountingRandom random;
  InventoryService service{store, random};
  SandboxInventory inventory{service, store};
};

TEST_F(SandboxInventoryTest, ReserveFlaky) {
  const std::vector<std::string> skus{"SBX-RESERVE-FLAKY-2", "A"};
  EXPECT_EQ(perform(kReserveKey, skus), "failed failed store_busy");
  EXPECT_EQ(perform(kReserveKey, skus), "failed failed store_busy");
  EXPECT_EQ(store.stock("A")->reserved, 0);
  EXPECT_EQ(perform(kReserveKey, skus), "succeeded");
  EXPECT_EQ(store.stock("A")->reserved, 1);
  EXPECT_EQ(perform(kCommitKey, skus), "succeeded");
}

TEST_F(SandboxInventoryTest, CommitFlaky) {
  const std::vector<std::string> skus{"SBX-COMMIT-FLAKY-2", "A"};
  EXPECT_EQ(perform(kReserveKey, skus), "succeeded");
  EXPECT_EQ(perform(kCommitKey, skus), "failed failed store_busy");
  EXPECT_EQ(perform(kCommitKey, skus), "failed failed store_busy");
  EXPECT_EQ(store.stock("A")->on_hand, 10);
  EXPECT_EQ(perform(kCommitKey, skus), "succeeded");
  EXPECT_EQ(store.stock("A")->on_hand, 9);
}

TEST_F(SandboxInventoryTest, OnlyTheFirstLineChooses) {
  EXPECT_EQ(perform(kReserveKey, {"A", "SBX-RESERVE-FLAKY-2"}), "succeeded");
  EXPECT_EQ(perform(key_of("reserve_inventory", 2), {}), "succeeded");
  EXPECT_FALSE(store.sandbox_record(kReserveKey).has_value());
}

TEST_F(SandboxInventoryTest, UndoAndResumePassThrough) {
  const std::vector<std::string> skus{"SBX-RESERVE-FLAKY-2"};
  perform(kReserveKey, skus);
  EXPECT_EQ(words(inventory.undo(test::undo_of(kReserveKey), kPlacedAt)), "undone none");
  EXPECT_EQ(words(inventory.resume(kReserveKey, Action::perform, kPlacedAt)), "in_progress");
}

}  // namespace
}  // namespace conveyor
