// Method: a store's file is read by KnownKeys alone, until it says that it is through; then it
// knows what the file has and what was added, and hardly anything else. Each bucket it gives to a
// key is asked for again.
#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "adapters/sqlite/known_keys.h"
#include "adapters/sqlite/sqlite_store.h"
#include "contract/temporary_directory.h"
#include "contract/test_order.h"
#include "verify/execute_sql.h"

namespace conveyor::test {
namespace {

using sqlite::KeyBuckets;
using sqlite::kKeysPerBucket;
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
    EXPECT_EQ(keys.places_of(scope_number(n)), (std::vector<KeyBuckets>{{0, 0}}));
    EXPECT_TRUE(keys.may_have("customer-1", "order " + std::to_string(n)));
    others += keys.places_of(scope_number(kOrders + n)).empty() ? 0 : 1;
    others += keys.may_have("customer-2", "order " + std::to_string(n)) ? 1 : 0;
  }
  EXPECT_LT(others, 4) << "of 400";

  EXPECT_EQ(keys.add(scope_number(2 * kOrders + 1)), 0);
  keys.add("customer-2", "added");
  EXPECT_FALSE(keys.places_of(scope_number(2 * kOrders + 1)).empty());
  EXPECT_TRUE(keys.may_have("customer-2", "added"));
}

bool has(const std::vector<KeyBuckets>& places, std::int64_t bucket) {
  return std::ranges::any_of(places, [bucket](const KeyBuckets& place) {
    return place.first <= bucket && bucket <= place.last;
  });
}

/// More than one filter's worth of buckets, so that a key is looked for in a part of them only.
TEST(KnownKeys, BeginABucketAfterSoMany) {
  const TemporaryDirectory directory;
  const auto path = directory.file("store.db");
  (void)SqliteStore::open(path).value();
  KnownKeys keys{path};
  while (!keys.is_loaded()) std::this_thread::yield();
  constexpr std::int64_t kBuckets = 20;
  std::vector<ScopePrefix> firsts;
  for (std::int64_t n = 0; n < kBuckets * kKeysPerBucket; ++n) {
    const auto scope = scope_number(static_cast<std::uint64_t>(n));
    ASSERT_EQ(keys.add(scope), n / kKeysPerBucket) << n;
    if (n % kKeysPerBucket == 0) firsts.push_back(scope);
  }
  for (std::int64_t bucket = 0; bucket < kBuckets; ++bucket) {
    const auto places = keys.places_of(firsts.at(static_cast<std::size_t>(bucket)));
    EXPECT_TRUE(has(places, bucket)) << bucket;
  }
  const auto newest = keys.places_of(firsts.back());
  EXPECT_EQ(newest.front().last, kBuckets - 1) << "the newest come first, and no bucket is beyond";
  EXPECT_GT(newest.front().first, 0);
}

TEST(KnownKeys, GoOnInTheNewestBucketOfTheFile) {
  const TemporaryDirectory directory;
  const auto path = directory.file("store.db");
  (void)SqliteStore::open(path).value();
  execute_sql(path,
              "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 4094) "
              "INSERT INTO idempotency_keys SELECT 40, randomblob(16), zeroblob(32), 1, 1 FROM n");
  KnownKeys keys{path};
  EXPECT_EQ(keys.add(scope_number(1)), 40) << "its last";
  EXPECT_EQ(keys.add(scope_number(2)), 41);
}

TEST(KnownKeys, MayBeAnyWhenTheFileCannotBeRead) {
  const TemporaryDirectory directory;
  const auto path = directory.file("store.db");
  (void)SqliteStore::open(path).value();
  execute_sql(path, "DROP INDEX orders_by_reference");
  const KnownKeys keys{path};
  EXPECT_TRUE(keys.may_have("customer-1", "any"));
  EXPECT_FALSE(keys.is_loaded());
}

TEST(KnownKeys, OutOfPlaceAreDamage) {
  const TemporaryDirectory directory;
  const auto path = directory.file("store.db");
  (void)SqliteStore::open(path).value();
  execute_sql(path,
              "INSERT INTO idempotency_keys VALUES(1 << 40, zeroblob(16), zeroblob(32), 1, 1)");
  EXPECT_THROW(KnownKeys{path}, StoreError);
  EXPECT_EQ(SqliteStore::open(path).error().kind, OpenFailure::Kind::unavailable);
}

}  // namespace
}  // namespace conveyor::test
