// Method: a store's file is read by KnownKeys alone, until it says that it is through; then it
// knows what the file has and what was added, and hardly anything else.
#include <gtest/gtest.h>

#include <thread>

#include "adapters/sqlite/known_keys.h"
#include "adapters/sqlite/sqlite_store.h"
#include "contract/temporary_directory.h"
#include "contract/test_order.h"

namespace conveyor::test {
namespace {

using sqlite::KnownKeys;

constexpr std::uint64_t kOrders = 200;

ScopePrefix scope_number(std::uint64_t number) {
  return scope_prefix(key_number(number).scope_hash);
}

TEST(KnownKeys, AreThoseOfTheFileAndWhatWasAdded) {
  const TemporaryDirectory directory;
  const auto path = directory.file("store.db");
  {
    auto store = SqliteStore::open(path).value();
    store->begin();
    for (std::uint64_t n = 1; n <= kOrders; ++n) {
      const TestOrder order{{.number = n, .reference = "order " + std::to_string(n)}};
      store->accept(key_number(n), 1, contact_of(order), order.order(), order.events(),
                    std::nullopt);
    }
    store->commit();
  }
  KnownKeys keys{path};
  while (!keys.is_loaded()) std::this_thread::yield();
  int others = 0;
  for (std::uint64_t n = 1; n <= kOrders; ++n) {
    EXPECT_TRUE(keys.may_have(scope_number(n)));
    EXPECT_TRUE(keys.may_have("customer-1", "order " + std::to_string(n)));
    others += keys.may_have(scope_number(kOrders + n)) ? 1 : 0;
    others += keys.may_have("customer-2", "order " + std::to_string(n)) ? 1 : 0;
  }
  EXPECT_LT(others, 4) << "of 400";

  keys.add(scope_number(2 * kOrders + 1));
  keys.add("customer-2", "added");
  EXPECT_TRUE(keys.may_have(scope_number(2 * kOrders + 1)));
  EXPECT_TRUE(keys.may_have("customer-2", "added"));
}

TEST(KnownKeys, MayBeAnyWhenTheFileCannotBeRead) {
  const TemporaryDirectory directory;
  const KnownKeys keys{directory.file("none.db")};
  EXPECT_TRUE(keys.may_have(scope_number(1)));
  EXPECT_FALSE(keys.is_loaded());
}

}  // namespace
}  // namespace conveyor::test
