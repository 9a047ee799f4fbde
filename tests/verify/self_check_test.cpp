// Method: a data file is written by the pipeline on virtual time and damaged with SQL, before or
// while the self-check looks at it. What it tells, what stands, and what it does not look at are
// asserted; nothing here waits.
#include <set>

#include "runtime/self_check.h"
#include "verify/seed_file.h"

namespace conveyor::test {
namespace {

/// The self-check over a file, and what it has told.
class Watched {
 public:
  explicit Watched(const std::string& path) : reader_(std::move(*SqliteReader::open(path))) {}

  /// Everything that there is to look at by now.
  void look(Timestamp now) {
    for (int steps = 0; check.step(now); ++steps) {
      ASSERT_LT(steps, 10'000) << "it comes to an end";
    }
  }
  std::set<std::string> told_subjects() const {
    std::set<std::string> subjects;
    for (const auto& violation : told) subjects.insert(violation.subject);
    return subjects;
  }

  std::vector<Violation> told;

 private:
  std::unique_ptr<SqliteReader> reader_;

 public:
  SelfCheck check{{verify_source_of(*reader_),
                   [this] { return std::make_shared<SqliteReader::Snapshot>(*reader_); },
                   [this](const Violation& violation) { told.push_back(violation); }}};
};

/// A file in use: a pipeline writes it.
class SelfCheckTest : public testing::Test {
 protected:
  std::string path() const { return directory_.file("shop.db"); }
  void damage(const OrderId& id) { change(id, "total_minor = total_minor + 1"); }
  void repair(const OrderId& id) { change(id, "total_minor = total_minor - 1"); }

 private:
  void change(const OrderId& id, const std::string& what) {
    execute_sql(path(),
                "UPDATE orders SET " + what + " WHERE id = x'" + to_hex(id.uuid().bytes) + "'");
  }

  TemporaryDirectory directory_;
  std::unique_ptr<SqliteStore> store_{std::move(*SqliteStore::open(path()))};

 protected:
  PipelineOver<SqliteStore> p{*store_};
};

TEST_F(SelfCheckTest, FindsNothingInWhatTheProgramWrote) {
  for (const auto* method : {"pm_ok", "pm_declined", "pm_garbage", "pm_slow", "pm_flaky_3"}) {
    OrderSpec spec;
    spec.payment_method = method;
    p.place(spec);
  }
  Watched watched{path()};
  watched.look(p.now);
  p.after_batch = [&] { watched.look(p.now); };
  p.place();
  p.pass(std::chrono::hours{24});
  EXPECT_TRUE(watched.told.empty()) << watched.told.front().detail;
  EXPECT_EQ(watched.check.standing(), 0);
}

TEST_F(SelfCheckTest, TheWalkFindsWhatWasWrongBeforeAndTellsItOnce) {
  p.place();
  const auto wrong = p.place();
  damage(wrong);
  Watched watched{path()};
  watched.look(p.now);
  EXPECT_EQ(watched.told_subjects(), std::set{wrong.to_string()});
  EXPECT_EQ(watched.check.standing(Rule::fold), 1);
  EXPECT_EQ(watched.check.standing(Rule::stream), 0);
  EXPECT_EQ(watched.check.standing(), 1);
  watched.look(p.now + kWalkInterval);
  EXPECT_EQ(watched.told.size(), 1U) << "what stands is not told again";
  EXPECT_EQ(watched.check.standing(), 1);
}

TEST_F(SelfCheckTest, WhatIsRepairedStandsNoLonger) {
  const auto wrong = p.place();
  damage(wrong);
  Watched watched{path()};
  watched.look(p.now);
  repair(wrong);
  watched.look(p.now + kWalkInterval - Duration{1});
  EXPECT_EQ(watched.check.standing(), 1) << "the next walk is not due";
  watched.look(p.now + kWalkInterval);
  EXPECT_EQ(watched.check.standing(), 0);
  damage(wrong);
  watched.look(p.now + 2 * kWalkInterval);
  EXPECT_EQ(watched.told.size(), 2U) << "what comes back is told again";
}

TEST_F(SelfCheckTest, AChangedOrderIsLookedAtBeforeTheNextWalk) {
  Watched watched{path()};
  watched.look(p.now);
  const auto fresh = p.place();
  damage(fresh);
  watched.look(p.now);
  EXPECT_EQ(watched.told_subjects(), std::set{fresh.to_string()});
}

TEST_F(SelfCheckTest, WhatChangesTooFastIsLeftToTheWalk) {
  Watched watched{path()};
  watched.look(p.now);
  const auto missed = p.place();
  const auto first = p.place();
  for (std::int64_t commits = 1; commits < kMaxCommitsBehind; ++commits) p.place();
  damage(missed);
  damage(first);
  watched.look(p.now);
  EXPECT_EQ(watched.told_subjects(), std::set{first.to_string()});
  watched.look(p.now + kWalkInterval);
  EXPECT_EQ(watched.told_subjects(), (std::set{first.to_string(), missed.to_string()}));
}

TEST_F(SelfCheckTest, HoldsTheStockAgainstWhatHoldsItAndWhatMovedIt) {
  OrderSpec held;
  held.payment_method = "pm_slow";
  p.place(held);
  p.place();
  Watched watched{path()};
  watched.look(p.now);
  EXPECT_TRUE(watched.told.empty()) << watched.told.front().detail;
  execute_sql(path(), "UPDATE stock SET reserved = reserved + 1");
  watched.look(p.now + kStockInterval - Duration{1});
  EXPECT_EQ(watched.check.standing(), 0) << "the next look is not due";
  watched.look(p.now + kStockInterval);
  EXPECT_EQ(watched.check.standing(Rule::stock_balance), 1);
  EXPECT_EQ(watched.check.standing(Rule::stock_conserved), 0);
  execute_sql(path(), "UPDATE stock SET reserved = reserved - 1, on_hand = on_hand + 1");
  watched.look(p.now + 2 * kStockInterval);
  EXPECT_EQ(watched.check.standing(Rule::stock_balance), 0);
  EXPECT_EQ(watched.check.standing(Rule::stock_conserved), 1);
  EXPECT_EQ(watched.told_subjects(), std::set<std::string>{"sku-1"});
}

TEST_F(SelfCheckTest, AddsUpMoreMovementsThanFitAStep) {
  for (std::size_t i = 0; i < kMovementsPerStep; ++i) {
    p.set_stock("sku-2", static_cast<std::int64_t>(i % 7));
  }
  Watched watched{path()};
  watched.look(p.now);
  EXPECT_TRUE(watched.told.empty()) << watched.told.front().detail;
}

TEST(SelfCheckShare, RestsInProportionToWhatItUsed) {
  using std::chrono::milliseconds;
  EXPECT_EQ(rest_after(milliseconds{2}, 1), milliseconds{198});
  EXPECT_EQ(rest_after(milliseconds{2}, 50), milliseconds{2});
  EXPECT_EQ(rest_after(milliseconds{2}, 100), milliseconds{0});
}

}  // namespace
}  // namespace conveyor::test
