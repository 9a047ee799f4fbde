// Method: what is written is read again; what is not a ledger is named by its line.
#include "app/load/ledger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace conveyor::load {
namespace {

using testing::HasSubstr;

class Ledger : public testing::Test {
 protected:
  void TearDown() override { std::filesystem::remove(path); }

  static LedgerEntry entry(std::uint64_t number) {
    return {.number = number,
            .key = "load:L1-" + std::to_string(number),
            .reference = "L1-" + std::to_string(number),
            .customer_id = "customer-1",
            .currency = "JPY",
            .total_minor = 1'250,
            .scheduled_at = 1'000,
            .sent_at = 1'001,
            .answered_at = 1'020,
            .status = 201,
            .order_id = "ord_1",
            .tries = 3,
            .unanswered_at = {1'005, 1'010}};
  }

  const std::string path = testing::TempDir() + "ledger_test." + std::to_string(::getpid());
};

TEST_F(Ledger, IsReadAsItWasWritten) {
  auto never = entry(2);
  never.status = 0;
  never.order_id.clear();
  never.unanswered_at.clear();
  LedgerWriter writer(path);
  writer.add(entry(1));
  writer.add(never);
  ASSERT_TRUE(writer.close());
  LedgerReader reader(path);
  EXPECT_EQ(reader.next().value(), entry(1));
  EXPECT_EQ(reader.next().value(), never);
  EXPECT_EQ(reader.next().value(), std::nullopt);
}

TEST_F(Ledger, NamesTheLineThatIsWrong) {
  std::string whole;
  append_ledger_line(whole, entry(1));
  std::ofstream{path} << whole << R"({"key":"a","reference":"b","customer_id":"c"})" << '\n';
  LedgerReader reader(path);
  ASSERT_TRUE(reader.next().has_value());
  EXPECT_THAT(reader.next().error(), HasSubstr("line 2: number is missing"));
}

TEST_F(Ledger, DoesNotTakeAFileThatWasCutOff) {
  std::string whole;
  append_ledger_line(whole, entry(1));
  whole.pop_back();
  std::ofstream{path} << whole;
  LedgerReader reader(path);
  EXPECT_THAT(reader.next().error(), HasSubstr("line 1 has no end"));
}

TEST_F(Ledger, SaysThatTheDiskIsFull) {
  LedgerWriter writer("/dev/full");
  ASSERT_TRUE(writer.is_open());
  writer.add(entry(1));
  EXPECT_FALSE(writer.close());
}

}  // namespace
}  // namespace conveyor::load
