// A data file with orders in the situations that tests damage, and the means to damage a copy.
#pragma once

#include <optional>
#include <string>

#include "adapters/sqlite/sqlite_reader.h"
#include "adapters/sqlite/sqlite_store.h"
#include "contract/temporary_directory.h"
#include "runtime/verify.h"
#include "support/pipeline.h"
#include "verify/execute_sql.h"

namespace conveyor::test {

/// One file with an order in each of the situations that the damages need, made once.
class SeedFile {
 public:
  SeedFile() {
    auto opened = SqliteStore::open(path());
    CONVEYOR_ASSERT(opened.has_value(), "a new file can be opened");
    auto store = std::move(*opened);
    PipelineOver<SqliteStore> p{*store};
    p.set_stock("sku-2", 100);
    completed = place(p, "pm_ok", "10115");
    failed = place(p, "pm_declined", "10115");
    refunded = place(p, "pm_ok", "SBX-DISPATCH-REJECTED");
    dead = place(p, "pm_garbage", "10115");
    attention = place(p, "pm_undo_fails", "SBX-REJECTED");
    p.pass_until(attention, {Status::needs_attention});
    restarted = place(p, "pm_ok", "SBX-REJECTED");
    EXPECT_TRUE(p.command(restarted, CommandKind::restart).has_value());
    p.run(AdjustStock{
        {sha256("adjust"), sha256("request")}, "sku-2", 5, "found", [](AdjustStock::Answer answer) {
          EXPECT_TRUE(answer.has_value());
        }});
    open = place(p, "pm_slow", "10115");
    p.pass(Duration{100});
    EXPECT_EQ(p.order(completed).status, Status::completed);
    EXPECT_EQ(p.order(failed).status, Status::failed);
    EXPECT_EQ(p.order(refunded).status, Status::failed);
    EXPECT_EQ(p.order(dead).status, Status::dead_lettered);
    EXPECT_EQ(p.order(open).status, Status::processing);
  }

  std::string path() const { return directory_.file("seed.db"); }

  OrderId completed, failed, refunded, dead, attention, restarted, open;

 private:
  static OrderId place(PipelineOver<SqliteStore>& p, std::string method, std::string postal_code) {
    OrderSpec spec;
    spec.payment_method = std::move(method);
    spec.postal_code = std::move(postal_code);
    spec.lines = {{1, "sku-1", std::nullopt, 2, 500}, {2, "sku-2", std::nullopt, 1, 250}};
    return p.place(spec);
  }

  TemporaryDirectory directory_;
};

inline const SeedFile& seed_file() {
  static const SeedFile file;
  return file;
}

inline VerifyReport verify_file(const std::string& path,
                                std::optional<RetryPolicy> policy = std::nullopt) {
  auto reader = SqliteReader::open(path);
  if (!reader) {
    ADD_FAILURE() << reader.error().message;
    return {};
  }
  const SqliteReader::Snapshot snapshot{**reader};
  return verify_store(verify_source_of(**reader), {.policy = policy});
}

}  // namespace conveyor::test
