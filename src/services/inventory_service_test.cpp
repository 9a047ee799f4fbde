// Method: every cell of the participant table (memory none, success, rejected, undone × perform,
// undo, undo by hand) on the in-memory store, then the rules of stock itself.
#include "services/inventory_service.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "adapters/memory/memory_store.h"
#include "services/outcomes.h"
#include "services/service_fixture.h"

namespace conveyor {
namespace {

using test::answered;
using test::by_hand_of;
using test::key_of;
using test::kPlacedAt;
using test::undo_of;
using test::words;

const OperationKey kReserveKey = key_of("reserve_inventory");
const OperationKey kCommitKey = key_of("commit_inventory");

class InventoryServiceTest : public ::testing::Test {
 public:
  InventoryServiceTest() {
    store.begin();
    stock("A", 10);
    stock("B", 5);
  }
  ~InventoryServiceTest() override { store.commit(); }

  void stock(std::string_view sku, std::int64_t on_hand) {
    ASSERT_TRUE(store.set_stock(sku, on_hand, std::nullopt, kPlacedAt).has_value());
  }
  static Line line(std::string sku, std::int64_t quantity) {
    Line line;
    line.sku = std::move(sku);
    line.quantity = quantity;
    return line;
  }
  CallResult reserve(const std::vector<Line>& wanted, const OperationKey& key = kReserveKey) {
    StepRequest request;
    request.key = key;
    request.lines = wanted;
    return service.perform(request, kPlacedAt);
  }
  CallResult commit(const std::vector<Line>& wanted, const OperationKey& key = kCommitKey,
                    std::optional<OperationKey> names = kReserveKey) {
    StepRequest request;
    request.key = key;
    request.names = names;
    request.lines = wanted;
    return service.perform(request, kPlacedAt);
  }
  CallResult undo() { return service.undo(undo_of(kReserveKey), kPlacedAt); }
  CallResult undo_by_hand() { return service.undo(by_hand_of(kReserveKey), kPlacedAt); }
  /// `on_hand/reserved`
  std::string stock_of(std::string_view sku) {
    const auto item = store.stock(sku);
    return item ? fmt::format("{}/{}", item->on_hand, item->reserved) : "none";
  }

  MemoryStore store;
  test::CountingRandom random;
  InventoryService service{store, random};
  const std::vector<Line> lines{line("A", 2), line("B", 1)};
  const std::vector<Line> other_lines{line("A", 3)};
  const std::vector<Line> too_much{line("A", 2), line("B", 6)};
};

TEST_F(InventoryServiceTest, NonePerformHoldsEveryLine) {
  const Outcome outcome = answered(reserve(lines));
  EXPECT_EQ(words(outcome), "succeeded");
  EXPECT_TRUE(outcome.evidence.reservation_id.has_value());
  EXPECT_EQ(stock_of("A"), "10/2");
  EXPECT_EQ(stock_of("B"), "5/1");
}

TEST_F(InventoryServiceTest, NoneUndoLeavesATombstone) {
  EXPECT_EQ(words(undo()), "undone none");
  EXPECT_EQ(words(reserve(lines)), "undone none");
  EXPECT_EQ(stock_of("A"), "10/0");
}

TEST_F(InventoryServiceTest, NoneUndoByHandLeavesATombstone) {
  EXPECT_EQ(words(undo_by_hand()), "undone by_hand");
  EXPECT_EQ(words(reserve(lines)), "undone by_hand");
  EXPECT_EQ(stock_of("A"), "10/0");
}

TEST_F(InventoryServiceTest, SuccessPerformIsRemembered) {
  const Outcome first = answered(reserve(lines));
  const Outcome second = answered(reserve(lines));
  EXPECT_EQ(words(second), "succeeded");
  EXPECT_EQ(second.evidence, first.evidence);
  EXPECT_EQ(stock_of("A"), "10/2");
}

TEST_F(InventoryServiceTest, SuccessUndoGivesEverythingBackOnce) {
  reserve(lines);
  EXPECT_EQ(words(undo()), "undone reversed");
  EXPECT_EQ(words(undo()), "undone reversed");
  EXPECT_EQ(stock_of("A"), "10/0");
  EXPECT_EQ(stock_of("B"), "5/0");
}

TEST_F(InventoryServiceTest, SuccessUndoByHandGivesBackToo) {
  reserve(lines);
  EXPECT_EQ(words(undo_by_hand()), "undone by_hand");
  EXPECT_EQ(stock_of("A"), "10/0");
}

TEST_F(InventoryServiceTest, RejectedNamesEveryShortageAndHoldsNothing) {
  const Outcome outcome =
      answered(reserve({line("B", 6), line("nowhere", 1), line("A", 2), line("B", 1)}));
  EXPECT_EQ(words(outcome), "rejected out_of_stock");
  EXPECT_EQ(outcome.shortages, (std::vector<Shortage>{{"B", 7, 5}, {"nowhere", 1, 0}}));
  EXPECT_EQ(stock_of("A"), "10/0");
  EXPECT_EQ(stock_of("nowhere"), "none");
}

TEST_F(InventoryServiceTest, RejectedPerformIsRememberedAlthoughStockArrived) {
  const Outcome first = answered(reserve(too_much));
  stock("B", 100);
  const Outcome second = answered(reserve(too_much));
  EXPECT_EQ(words(second), "rejected out_of_stock");
  EXPECT_EQ(second.shortages, first.shortages);
  EXPECT_EQ(stock_of("B"), "100/0");
}

TEST_F(InventoryServiceTest, RejectedUndoHasNothingToReverse) {
  reserve(too_much);
  EXPECT_EQ(words(undo()), "undone none");
  EXPECT_EQ(words(reserve(too_much)), "undone none");
}

TEST_F(InventoryServiceTest, RejectedUndoByHand) {
  reserve(too_much);
  EXPECT_EQ(words(undo_by_hand()), "undone by_hand");
}

TEST_F(InventoryServiceTest, UndoneIsTestedBeforeTheHash) {
  reserve(lines);
  undo();
  EXPECT_EQ(words(reserve(lines)), "undone reversed");
  EXPECT_EQ(words(reserve(other_lines)), "undone reversed");
  EXPECT_EQ(words(undo_by_hand()), "undone reversed");
  EXPECT_EQ(stock_of("A"), "10/0");
}

TEST_F(InventoryServiceTest, AnotherRequestUnderTheKeyIsRefused) {
  reserve(lines);
  EXPECT_EQ(words(reserve(other_lines)), "failed poison key_reused");
  EXPECT_EQ(stock_of("A"), "10/2");
}

TEST_F(InventoryServiceTest, AnotherGenerationIsAnotherReservation) {
  reserve(lines);
  EXPECT_EQ(words(reserve(lines, key_of("reserve_inventory", 2))), "succeeded");
  EXPECT_EQ(stock_of("A"), "10/4");
}

TEST_F(InventoryServiceTest, TheSameSkuTwiceCountsAsItsSum) {
  EXPECT_EQ(words(reserve({line("B", 3), line("B", 3)})), "rejected out_of_stock");
  EXPECT_EQ(words(reserve({line("B", 3), line("B", 2)}, key_of("reserve_inventory", 2))),
            "succeeded");
  EXPECT_EQ(stock_of("B"), "5/5");
}

TEST_F(InventoryServiceTest, LinesAreAggregatedAndSorted) {
  EXPECT_EQ(aggregate_lines(std::vector<Line>{line("B", 1), line("A", 2), line("B", 3)}),
            (std::vector<StockLine>{{"A", 2}, {"B", 4}}));
}

TEST_F(InventoryServiceTest, CommitTurnsTheHoldIntoADeductionOnce) {
  const Outcome held = answered(reserve(lines));
  const Outcome outcome = answered(commit(lines));
  EXPECT_EQ(words(outcome), "succeeded");
  EXPECT_EQ(outcome.evidence, held.evidence);
  EXPECT_EQ(words(commit(lines)), "succeeded");
  EXPECT_EQ(stock_of("A"), "8/0");
  EXPECT_EQ(stock_of("B"), "4/0");
}

TEST_F(InventoryServiceTest, CommitOfAnUndoneReservationIsUndone) {
  reserve(lines);
  undo();
  EXPECT_EQ(words(commit(lines)), "undone reversed");
  EXPECT_EQ(stock_of("A"), "10/0");
}

TEST_F(InventoryServiceTest, CommitNeedsAHoldOfTheSameLines) {
  EXPECT_EQ(words(commit(lines)), "failed poison unknown_reservation");
  EXPECT_EQ(words(commit(lines, kCommitKey, std::nullopt)), "failed poison names_missing");
  reserve(too_much);
  EXPECT_EQ(words(commit(too_much)), "failed poison unknown_reservation");
  const OperationKey second = key_of("reserve_inventory", 2);
  reserve(lines, second);
  EXPECT_EQ(words(commit(other_lines, kCommitKey, second)), "failed poison key_reused");
  EXPECT_EQ(stock_of("A"), "10/2");
}

TEST_F(InventoryServiceTest, OneReservationIsCommittedByOneKey) {
  reserve(lines);
  commit(lines);
  EXPECT_EQ(words(commit(lines, key_of("commit_inventory", 2))), "failed poison key_reused");
}

TEST_F(InventoryServiceTest, ACommitHasNoUndo) {
  reserve(lines);
  commit(lines);
  EXPECT_EQ(words(undo()), "failed poison already_committed");
  EXPECT_EQ(words(undo_by_hand()), "failed poison already_committed");
  EXPECT_EQ(words(service.undo(undo_of(kCommitKey), kPlacedAt)), "failed poison not_undoable");
  EXPECT_EQ(stock_of("A"), "8/0");
}

TEST_F(InventoryServiceTest, NothingIsEverResumed) {
  EXPECT_EQ(words(service.resume(kReserveKey, Action::perform, kPlacedAt)), "in_progress");
}

}  // namespace
}  // namespace conveyor
