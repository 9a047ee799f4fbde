// Method: customers' orders and their keys across several buckets, however the buckets came to be:
// written by the store, by a store that rolled back or was opened again in between, with ids older
// than the newest, or made from a file of version 4. Lists, key by key, must be those of the
// orders.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "adapters/sqlite/sqlite_reader.h"
#include "adapters/sqlite/sqlite_store.h"
#include "contract/older_versions.h"
#include "contract/temporary_directory.h"
#include "contract/test_order.h"
#include "contract/version_5.h"
#include "verify/execute_sql.h"

namespace conveyor::test {
namespace {

using sqlite::kOrdersPerBucket;

constexpr std::uint64_t kCustomers = 3;

std::string customer(std::uint64_t number) {
  return "customer-" + std::to_string(number % kCustomers);
}

class OrderBucketsFile : public testing::Test {
 protected:
  OrderBucketsFile() { store = SqliteStore::open(path).value(); }

  void reopen() {
    store.reset();
    store = SqliteStore::open(path).value();
  }

  /// In one transaction, created so many milliseconds after the first.
  std::vector<OrderId> write(std::uint64_t first, std::uint64_t count, std::int64_t at_ms) {
    std::vector<OrderId> ids;
    store->begin();
    for (auto n = first; n < first + count; ++n) {
      const TestOrder order{
          {.created_ms = kStartMs + at_ms, .number = n, .customer_id = customer(n)}};
      EXPECT_TRUE(std::holds_alternative<Accepted>(store->accept(
          key_number(n), 1, contact_of(order), order.order(), order.events(), std::nullopt)));
      ids.push_back(order.id());
    }
    return ids;
  }
  void place(std::uint64_t first, std::uint64_t count, std::int64_t at_ms) {
    const auto ids = write(first, count, at_ms);
    store->commit();
    for (std::uint64_t i = 0; i < count; ++i) orders.emplace_back(ids[i], first + i);
  }

  void expect_all_found() {
    std::ranges::sort(orders, std::greater{});
    const auto reader = SqliteReader::open(path, store->known_keys()).value();
    const auto plain = SqliteReader::open(path).value();
    for (std::uint64_t c = 0; c < kCustomers; ++c) {
      std::vector<OrderId> expected;
      for (const auto& [id, n] : orders) {
        if (customer(n) == customer(c)) expected.push_back(id);
      }
      EXPECT_EQ(listed(*reader, customer(c)), expected) << customer(c);
    }
    for (std::size_t i = 0; i < orders.size(); i += 97) {
      const auto& [id, n] = orders[i];
      const auto scope = key_number(n).scope_hash;
      const IdempotencyRecord expected{key_number(n).request_hash, id, 1};
      EXPECT_EQ(store->idempotency(scope), expected) << n;
      EXPECT_EQ(reader->idempotency(scope), expected) << n;
      EXPECT_EQ(plain->idempotency(scope), expected) << n;
      EXPECT_EQ(reader->idempotency(key_number(n + 1'000'000).scope_hash), std::nullopt);
    }
  }

  static std::vector<OrderId> listed(OrderReader& reader, const std::string& customer_id) {
    std::vector<OrderId> out;
    OrderFilter filter{.customer_id = customer_id};
    do {
      const auto page = reader.orders(filter, 700);
      for (const auto& row : page.rows) out.push_back(row.id);
      filter.before = page.next_before;
    } while (filter.before);
    return out;
  }

  std::int64_t buckets() {
    sqlite3* db = nullptr;
    EXPECT_EQ(sqlite3_open(path.c_str(), &db), SQLITE_OK);
    std::int64_t count = 0;
    const auto read = [](void* out, int, char** values, char**) {
      *static_cast<std::int64_t*>(out) = std::stoll(values[0]);
      return 0;
    };
    EXPECT_EQ(sqlite3_exec(db, "SELECT count(DISTINCT bucket) FROM orders", read, &count, nullptr),
              SQLITE_OK);
    sqlite3_close(db);
    return count;
  }

  TemporaryDirectory directory;
  std::string path = directory.file("store.db");
  std::unique_ptr<SqliteStore> store;
  std::vector<std::pair<OrderId, std::uint64_t>> orders;  ///< with their numbers
};

TEST_F(OrderBucketsFile, OrdersAndKeysAreFoundInAllOfThem) {
  for (std::uint64_t n = 1; n <= 9'000; n += 900) place(n, 900, static_cast<std::int64_t>(n));
  EXPECT_EQ(buckets(), 3);
  expect_all_found();
}

TEST_F(OrderBucketsFile, GoOnWhereTheFileEndsAndAfterARollback) {
  place(1, kOrdersPerBucket - 10, 0);
  reopen();
  (void)write(10'000, 100, 5);  // begins a bucket that is never written
  store->rollback();
  place(20'000, 9, 10);
  reopen();
  EXPECT_EQ(buckets(), 1);
  place(30'000, 100, 20);
  EXPECT_EQ(buckets(), 2);
  expect_all_found();
}

TEST_F(OrderBucketsFile, OlderIdsAreListedWhereTheyBelong) {
  place(1, kOrdersPerBucket, 1'000);
  place(10'000, 50, 2'000);
  place(20'000, 50, 500);
  place(30'000, 50, 1'000);
  reopen();
  place(40'000, 50, 1'500);
  EXPECT_EQ(buckets(), 2);
  expect_all_found();
}

TEST_F(OrderBucketsFile, AreMadeOfAFileOfVersionFour) {
  for (std::uint64_t n = 1; n <= 9'000; n += 900) place(n, 900, static_cast<std::int64_t>(n));
  store->begin();
  (void)store->set_stock("SKU", 1, std::nullopt, from_unix_ms(kStartMs));
  const IdempotencyRecord movement{key_number(77'777).request_hash, std::int64_t{1}, 1};
  EXPECT_TRUE(store->put_idempotency(key_number(77'777), movement));
  store->commit();
  store.reset();
  back_to_version_5(path);
  execute_sql(path, std::string{kBackToVersion4});
  store = SqliteStore::open(path).value();
  EXPECT_EQ(buckets(), 3);
  place(10'000, 4'000, 20'000);
  EXPECT_EQ(buckets(), 4);
  expect_all_found();
  EXPECT_EQ(store->idempotency(key_number(77'777).scope_hash), movement);
}

TEST_F(OrderBucketsFile, WithoutTheFirstIsDamage) {
  store.reset();
  execute_sql(path, "DELETE FROM order_buckets");
  store = SqliteStore::open(path).value();
  try {
    (void)write(1, 1, 0);
    ADD_FAILURE();
  } catch (const StoreError& error) {
    EXPECT_EQ(error.kind(), StoreError::Kind::damaged);
  }
  store->rollback();
}

}  // namespace
}  // namespace conveyor::test
