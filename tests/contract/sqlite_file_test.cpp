// Method: what only a file can get wrong. Stores are opened, copied while open (as a crash leaves
// them), damaged, filled up and locked by other processes; nothing waits for time.
#include <gmock/gmock.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <random>
#include <set>
#include <sstream>

#include "adapters/sqlite/data_file.h"
#include "adapters/sqlite/sqlite_reader.h"
#include "adapters/sqlite/sqlite_store.h"
#include "contract/older_versions.h"
#include "contract/stores_under_test.h"
#include "contract/temporary_directory.h"
#include "contract/test_order.h"
#include "contract/version_5.h"

namespace conveyor::test {
namespace {

std::string bytes_of(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  std::ostringstream out;
  out << file.rdbuf();
  return out.str();
}

/// Runs SQL on a file that no store has open.
void execute_raw(const std::string& path, const std::string& sql) {
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &db), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(db);
}

/// What a child process makes of `work`: its exit code.
template <class Work>
int in_child(Work&& work) {
  const auto child = ::fork();
  if (child == 0) ::_exit(work());
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void accept(OrderStore& store, const TestOrder& order, std::uint64_t key) {
  const auto result = store.accept(key_number(key), 1, contact_of(order), order.order(),
                                   order.events(), std::nullopt);
  EXPECT_TRUE(std::holds_alternative<Accepted>(result));
}

class SqliteFile : public testing::Test {
 protected:
  std::unique_ptr<SqliteStore> open(const SqliteOptions& options = {}) {
    return SqliteStore::open(path, options).value();
  }
  TestOrder accept_committed(SqliteStore& store, std::uint64_t number) {
    OrderSpec spec;
    spec.number = number;
    TestOrder order{spec};
    store.begin();
    accept(store, order, number);
    store.commit();
    return order;
  }

  TemporaryDirectory directory;
  const std::string path = directory.file("store.db");
};

// --- erasure ------------------------------------------------------------------------------------

/// Contacts whose every field is a text that is nowhere else.
Contact marked_contact(const OrderId& id, std::uint64_t number, std::size_t length) {
  const auto mark = [&](std::string_view field) {
    return fmt::format("<{}-{}-{}>", field, number, std::string(length, 'x'));
  };
  Contact contact;
  contact.order_id = id;
  contact.ship_to = {mark("name"), mark("line1"), mark("line2"), mark("city"), mark("region"),
                     mark("code"), "DE",          mark("email"), mark("phone")};
  contact.metadata = {{mark("key"), mark("value")}};
  return contact;
}

/// The numbers of marks of which the bytes hold the beginning.
std::set<std::uint64_t> marks_in(const std::string& bytes) {
  std::set<std::uint64_t> found;
  for (auto at = bytes.find('<'); at != std::string::npos; at = bytes.find('<', at + 1)) {
    const auto dash = bytes.find('-', at);
    if (dash == std::string::npos || dash - at > 8) continue;
    std::uint64_t number = 0;
    const auto* end = bytes.data() + bytes.size();
    const auto read = std::from_chars(bytes.data() + dash + 1, end, number);
    if (read.ec == std::errc{} && read.ptr != end && *read.ptr == '-') found.insert(number);
  }
  return found;
}

/// Orders of many milliseconds with contacts of many lengths, some of them longer than a page, are
/// placed and erased in turns; then each order's mark is looked for in the bytes of the file.
TEST_F(SqliteFile, NothingOfWhatWasErasedIsLeftInTheFile) {
  constexpr std::uint64_t kOrders = 1'500;
  constexpr std::uint64_t kSeed = 7;
  auto store = open();
  std::mt19937_64 random{kSeed};
  std::vector<std::pair<OrderId, std::uint64_t>> there;
  std::set<std::uint64_t> gone;
  for (std::uint64_t n = 1; n <= kOrders;) {
    store->begin();
    for (const auto until = n + 1 + random() % 30; n < until; ++n) {
      const OrderId id{make_uuid_v7(from_unix_ms(kStartMs + static_cast<std::int64_t>(n / 20)),
                                    random(), random())};
      store->put_contact(marked_contact(id, n, random() % 50 == 0 ? 900 : random() % 40));
      there.emplace_back(id, n);
    }
    for (auto left = random() % 15; left > 0; --left) {
      const auto chosen = there.begin() + static_cast<std::ptrdiff_t>(random() % there.size());
      EXPECT_TRUE(store->erase_contact(chosen->first));
      gone.insert(chosen->second);
      there.erase(chosen);
    }
    store->commit();
  }
  ASSERT_GT(gone.size(), 200U);
  ASSERT_TRUE(store->scrub());
  const auto left = marks_in(bytes_of(path) + bytes_of(path + "-wal"));
  for (const auto& [id, n] : there) {
    EXPECT_TRUE(left.contains(n)) << "order " << n << " has lost its contact";
  }
  for (const auto n : gone) {
    EXPECT_FALSE(left.contains(n)) << "something of order " << n << " is still in the file";
  }
}

/// A reader that still looks at what was there keeps the log from being emptied, for so long.
TEST_F(SqliteFile, ErasureIsNotDoneWhileAReaderNeedsTheLog) {
  auto store = open();
  const auto order = accept_committed(*store, 1);
  const auto reader = SqliteReader::open(path).value();
  {
    const SqliteReader::Snapshot snapshot{*reader};
    store->begin();
    EXPECT_TRUE(store->erase_contact(order.id()));
    store->commit();
    EXPECT_FALSE(store->scrub());
    EXPECT_TRUE(reader->contact(order.id(), 1).has_value()) << "the reader sees its own state";
  }
  EXPECT_TRUE(store->scrub());
  EXPECT_EQ(std::filesystem::file_size(path + "-wal"), 0U);
}

// --- durability ---------------------------------------------------------------------------------

TEST_F(SqliteFile, ReopenedFileHasWhatWasCommitted) {
  const auto order = accept_committed(*open(), 1);
  auto store = open();
  EXPECT_EQ(load_order(*store, order.id()), order.order());
  EXPECT_EQ(store->feed_position(), 1);
  accept_committed(*store, 2);
  EXPECT_EQ(store->feed_position(), 2);
}

TEST_F(SqliteFile, CrashKeepsCommittedAndForgetsTheRest) {
  auto store = open();
  auto order = accept_committed(*store, 1);
  const auto committed = order.order();
  store->begin();
  const auto events = order.command(CommandKind::hold);
  ASSERT_TRUE(store->append(order.order(), 1, events, std::nullopt));
  ASSERT_EQ(store->orders({}, 10).rows.size(), 1u);  // the row is on its way to the file

  // By another process: closing a descriptor of the file here would drop SQLite's locks on it.
  const auto copy = directory.file("copy.db");
  const auto command =
      "cp '" + path + "' '" + copy + "' && cp '" + path + "-wal' '" + copy + "-wal'";
  ASSERT_EQ(::system(command.c_str()), 0);
  auto recovered = SqliteStore::open(copy).value();
  EXPECT_EQ(load_order(*recovered, order.id()), committed);
  EXPECT_EQ(recovered->order_row(order.id()), row_of(committed, std::nullopt));
  EXPECT_EQ(recovered->feed_position(), 1);
  store->rollback();
}

TEST_F(SqliteFile, WalIsCheckpointedAndStaysBounded) {
  SqliteOptions options;
  options.checkpoint_pages = 50;
  options.truncate_pages = 400;
  auto store = open(options);
  // The thread that reads the keys after a start may hold the WAL for a moment, whenever it has its
  // turn: five times in a row it has to start over soon after the bound was reached.
  constexpr int kTimes = 5;
  int in_a_row = 0;
  int longest = 0;
  int before = 0;
  std::uint64_t n = 0;
  while (in_a_row < kTimes && n < 20'000) {
    accept_committed(*store, ++n);
    const int pages = store->wal_pages();
    if (pages < before) {
      in_a_row = longest >= 50 && longest <= 100 ? in_a_row + 1 : 0;
      longest = 0;
    }
    longest = std::max(longest, pages);
    before = pages;
  }
  EXPECT_EQ(in_a_row, kTimes) << "of " << n << " commits";
}

TEST_F(SqliteFile, WalIsCopiedBesideCommitsAndStartsOver) {
  SqliteOptions options;
  options.checkpoint_pages = 50;
  options.last_part_pages = 10;  // a commit or two
  auto store = open(options);
  constexpr int kTimes = 5;
  int started_over = 0;
  std::uint64_t n = 0;
  for (int before = 0; started_over < kTimes && n < 20'000; before = store->wal_pages()) {
    accept_committed(*store, ++n);
    started_over += store->wal_pages() < before ? 1 : 0;
  }
  EXPECT_EQ(started_over, kTimes) << "of " << n << " commits";
  store.reset();
  auto reopened = open();
  for (std::uint64_t i = 1; i <= n; ++i) {
    EXPECT_TRUE(reopened->idempotency(key_number(i).scope_hash)) << i;
  }
}

TEST_F(SqliteFile, WalThatAReaderHeldIsCutAfterwards) {
  SqliteOptions options;
  options.checkpoint_pages = 20;
  options.truncate_pages = 100;
  auto store = open(options);
  accept_committed(*store, 1);
  auto reader = SqliteReader::open(path).value();
  std::uint64_t n = 1;
  {
    const SqliteReader::Snapshot snapshot{*reader};
    while (store->wal_pages() < 150 && n < 1'000) accept_committed(*store, ++n);
    EXPECT_GE(store->wal_pages(), 150) << "a reader's view keeps the WAL";
  }
  const auto longest = std::filesystem::file_size(path + "-wal");
  for (int i = 0; i < 60; ++i) accept_committed(*store, ++n);
  EXPECT_LT(store->wal_pages(), 100);
  EXPECT_LT(std::filesystem::file_size(path + "-wal"), longest) << "TRUNCATE cut the file";
}

TEST_F(SqliteFile, FullDiskRefusesWritesUntilThereIsSpace) {
  auto store = open();
  const auto first = accept_committed(*store, 1);
  store->limit_pages(1);  // SQLite takes what the file has as the least
  std::uint64_t n = 1;
  auto kind = StoreError::Kind::unavailable;
  std::vector<OrderId> acknowledged;
  try {
    while (n < 10'000) acknowledged.push_back(accept_committed(*store, ++n).id());
  } catch (const StoreError& error) {
    kind = error.kind();
    store->rollback();
  }
  EXPECT_EQ(kind, StoreError::Kind::full);
  EXPECT_FALSE(store->probe());
  EXPECT_EQ(load_order(*store, first.id()), first.order()) << "reads go on";

  store->limit_pages(0);
  EXPECT_TRUE(store->probe());
  const auto again = accept_committed(*store, n);
  for (const auto& id : acknowledged) EXPECT_TRUE(store->order_row(id).has_value());
  EXPECT_EQ(load_order(*store, again.id()), again.order());
  EXPECT_EQ(store->feed_position(), static_cast<std::int64_t>(acknowledged.size()) + 2);
}

TEST(SqliteErrors, AreWhatTheBatchHasToKnow) {
  using sqlite::kind_of;
  EXPECT_EQ(kind_of(SQLITE_FULL, 0), StoreError::Kind::full);
  EXPECT_EQ(kind_of(SQLITE_IOERR_WRITE, ENOSPC), StoreError::Kind::full);
  EXPECT_EQ(kind_of(SQLITE_IOERR_WRITE, EDQUOT), StoreError::Kind::full);
  EXPECT_EQ(kind_of(SQLITE_IOERR_SHMSIZE, 0), StoreError::Kind::full);
  EXPECT_EQ(kind_of(SQLITE_IOERR_FSYNC, EIO), StoreError::Kind::fatal);
  EXPECT_EQ(kind_of(SQLITE_IOERR_FSYNC, ENOSPC), StoreError::Kind::fatal);
  EXPECT_EQ(kind_of(SQLITE_IOERR_DIR_FSYNC, 0), StoreError::Kind::fatal);
  EXPECT_EQ(kind_of(SQLITE_CORRUPT_INDEX, 0), StoreError::Kind::fatal);
  EXPECT_EQ(kind_of(SQLITE_NOTADB, 0), StoreError::Kind::fatal);
  EXPECT_EQ(kind_of(SQLITE_BUSY, 0), StoreError::Kind::unavailable);
  EXPECT_EQ(kind_of(SQLITE_IOERR_WRITE, EIO), StoreError::Kind::unavailable);
}

// --- whose file it is ---------------------------------------------------------------------------

TEST_F(SqliteFile, NewerVersionIsRefusedUntouched) {
  accept_committed(*open(), 1);
  execute_raw(path, "PRAGMA user_version = 1000");
  const auto before = bytes_of(path);
  const auto store = SqliteStore::open(path);
  ASSERT_FALSE(store.has_value());
  EXPECT_EQ(store.error().kind, OpenFailure::Kind::newer_version);
  EXPECT_THAT(store.error().message, testing::HasSubstr("1000"));
  EXPECT_EQ(SqliteReader::open(path).error().kind, OpenFailure::Kind::newer_version);
  EXPECT_EQ(bytes_of(path), before);
}

TEST_F(SqliteFile, ForeignFilesAreRefusedUntouched) {
  const auto text = directory.file("notes.txt");
  std::ofstream{text} << std::string(5'000, 'x');
  const auto foreign = directory.file("foreign.db");
  execute_raw(foreign, "CREATE TABLE orders(id)");
  for (const auto& refused : {text, foreign}) {
    const auto before = bytes_of(refused);
    EXPECT_EQ(SqliteStore::open(refused).error().kind, OpenFailure::Kind::not_ours) << refused;
    EXPECT_EQ(SqliteReader::open(refused).error().kind, OpenFailure::Kind::not_ours) << refused;
    EXPECT_EQ(bytes_of(refused), before) << refused;
  }
}

TEST_F(SqliteFile, EmptyFileBecomesAStoreAndAMissingOneIsNotReadable) {
  EXPECT_EQ(SqliteReader::open(path).error().kind, OpenFailure::Kind::unavailable);
  EXPECT_FALSE(std::filesystem::exists(path)) << "a reader creates nothing";
  std::ofstream{path}.flush();
  accept_committed(*open(), 1);
  EXPECT_EQ(SqliteStore::open(directory.file("no/such/directory.db")).error().kind,
            OpenFailure::Kind::unavailable);
}

TEST_F(SqliteFile, ReaderLeavesAnOlderVersionToTheWriter) {
  open();
  execute_raw(path, "PRAGMA user_version = 0");
  const auto older = SqliteReader::open(path).error();
  EXPECT_EQ(older.kind, OpenFailure::Kind::older_version);
  EXPECT_NE(older.message.find("conveyor migrate"), std::string::npos) << older.message;
}

/// Orders in every status, with failures that stand and failures that do not.
std::vector<TestOrder> orders_of_every_kind() {
  std::vector<TestOrder> orders;
  const auto add = [&](auto&&... moves) {
    OrderSpec spec;
    spec.number = orders.size() + 1;
    orders.emplace_back(spec);
    (moves(orders.back()), ...);
  };
  const auto fail = [](TestOrder& o) { o.fail(FailureClass::transient); };
  const auto die = [](TestOrder& o) { o.fail(FailureClass::poison); };
  const auto work = [](TestOrder& o) { o.succeed(); };
  const auto reject = [](TestOrder& o) { o.reject(); };
  const auto command = [](CommandKind kind) { return [kind](TestOrder& o) { o.command(kind); }; };
  const auto note = [](TestOrder& o) {
    EventDraft draft;
    draft.type = EventType::EventIgnored;
    draft.data = EventIgnored{EventType::StepAttemptFailed, "late", operation(1)};
    o.note(draft);
  };
  add();
  add(fail);
  add(fail, fail, command(CommandKind::hold), note);
  add(fail, work);
  add(fail, command(CommandKind::cancel));
  add(fail, command(CommandKind::cancel), fail);
  add(die, note);
  add(die, command(CommandKind::retry));
  add(die, command(CommandKind::retry), die);
  add(work, work, work, reject, [](TestOrder& o) { o.refuse(); });
  add(work, work, work, reject, fail, [](TestOrder& o) { o.expire(Timer::undo_patience); });
  add(work, reject, [](TestOrder& o) { o.expire(Timer::undo_patience); });
  add(work, work, reject, die);
  add(work, work, reject, die, command(CommandKind::resolve));
  add(work, work, work, work, work, fail);
  add(fail, [](TestOrder& o) { o.finish(); });
  add(reject);
  add(reject, command(CommandKind::restart));
  return orders;
}

TEST_F(SqliteFile, VersionTwoKeepsItsContactsAndNoCopyOfThem) {
  constexpr std::uint64_t kOrders = 400;
  std::vector<TestOrder> orders;
  {
    auto store = open();
    store->begin();
    for (std::uint64_t n = 0; n < kOrders; ++n) {
      OrderSpec spec;
      spec.number = n + 1;
      orders.emplace_back(spec);
      accept(*store, orders.back(), n);
      store->put_contact(marked_contact(orders.back().id(), n, n % 60));
    }
    store->commit();
  }
  back_to_version_5(path);
  execute_raw(path, std::string{kBackToVersion4});
  execute_raw(path, std::string{kBackToVersion3});
  execute_raw(path, std::string{kBackToVersion2});
  auto store = open();
  store->begin();
  std::set<std::uint64_t> there;
  for (std::uint64_t n = 0; n < kOrders; ++n) {
    EXPECT_EQ(store->contact(orders[n].id(), 1), marked_contact(orders[n].id(), n, n % 60));
    if (n % 3 == 0) {
      there.insert(n);
      continue;
    }
    EXPECT_TRUE(store->erase_contact(orders[n].id()));
    EXPECT_EQ(store->idempotency(key_number(n).scope_hash)->request_hash, std::nullopt)
        << "the key of an order of version 2 is known to its contact";
  }
  store->commit();
  ASSERT_TRUE(store->scrub());
  EXPECT_EQ(marks_in(bytes_of(path) + bytes_of(path + "-wal")), there);
}

TEST_F(SqliteFile, VersionThreeLearnsHowItsOrdersFareFromTheEvents) {
  const auto orders = orders_of_every_kind();
  {
    auto store = open();
    store->begin();
    for (std::uint64_t n = 0; n < orders.size(); ++n) accept(*store, orders[n], n);
    store->commit();
  }
  back_to_version_5(path);
  execute_raw(path, std::string{kBackToVersion4});
  execute_raw(path, std::string{kBackToVersion3});
  auto store = open();
  std::set<Health> healths;
  for (const auto& order : orders) {
    EXPECT_EQ(store->order_row(order.id()), row_of(order.order(), std::nullopt))
        << to_string(order.order().status);
    healths.insert(health_of(order.order()));
  }
  EXPECT_GE(healths.size(), 4U) << "the mix has orders that fare differently";
  EXPECT_EQ(store->orders({.failing = true}, 1).rows.size(), 1U);
}

TEST_F(SqliteFile, VersionOneLearnsTheFailuresThatStandFromTheEvents) {
  const auto orders = orders_of_every_kind();
  {
    auto store = open();
    store->begin();
    for (std::uint64_t n = 0; n < orders.size(); ++n) accept(*store, orders[n], n);
    store->commit();
  }
  back_to_version_5(path);
  execute_raw(path, std::string{kBackToVersion4});
  execute_raw(path, std::string{kBackToVersion3});
  execute_raw(path, std::string{kBackToVersion2});
  // What version 1 was: no column, no index, a fingerprint of dead letters alone.
  execute_raw(path,
              "DROP INDEX orders_by_failure; ALTER TABLE orders DROP COLUMN dead_since; "
              "UPDATE orders SET fingerprint = NULL WHERE status <> 4; PRAGMA user_version = 1");
  auto store = open();
  std::set<Status> with_failure;
  for (const auto& order : orders) {
    EXPECT_EQ(store->order_row(order.id()), row_of(order.order(), std::nullopt))
        << to_string(order.order().status);
    if (standing_fingerprint(order.order())) with_failure.insert(order.order().status);
  }
  EXPECT_GE(with_failure.size(), 6u) << "the mix has failures that stand";
  EXPECT_EQ(store->dead_letter_groups(10).groups.at(0).count, 2);
}

TEST_F(SqliteFile, SecondProcessIsRefused) {
  auto store = open();
  const auto code = in_child([&] {
    const auto second = SqliteStore::open(path);
    if (second.has_value()) return 1;
    if (second.error().kind != OpenFailure::Kind::in_use) return 2;
    const auto owner = std::to_string(::getppid());
    return second.error().message.contains(owner) ? 0 : 3;
  });
  EXPECT_EQ(code, 0);
  accept_committed(*store, 1);
  EXPECT_EQ(SqliteStore::open(path).error().kind, OpenFailure::Kind::in_use)
      << "not even by the same process";
  store.reset();
  EXPECT_TRUE(SqliteStore::open(path).has_value());
}

TEST_F(SqliteFile, KilledProcessLetsGoOfTheFile) {
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const auto child = ::fork();
  if (child == 0) {
    auto store = SqliteStore::open(path).value();
    store->begin();
    const TestOrder order{{}};
    (void)store->accept(key_number(1), 1, contact_of(order), order.order(), order.events(),
                        std::nullopt);
    store->commit();
    const char done = 1;
    if (::write(ready[1], &done, 1) != 1) ::_exit(1);
    while (true) ::pause();
  }
  char done = 0;
  ASSERT_EQ(::read(ready[0], &done, 1), 1);
  ASSERT_EQ(::kill(child, SIGKILL), 0);
  ASSERT_EQ(::waitpid(child, nullptr, 0), child);
  ::close(ready[0]);
  ::close(ready[1]);
  EXPECT_TRUE(open()->order_row(TestOrder{{}}.id()).has_value());
}

TEST_F(SqliteFile, DamageIsAnErrorNotReturned) {
  const auto order = accept_committed(*open(), 1);
  const auto is_found = [&](const std::string& what) {
    auto reader = SqliteReader::open(path).value();
    try {
      reader->events(order.id(), 0, 10);
      ADD_FAILURE() << what;
    } catch (const StoreError& error) {
      EXPECT_EQ(error.kind(), StoreError::Kind::damaged) << what;
    }
  };
  for (const auto* sql :
       {"UPDATE events SET data = 'nonsense'", "UPDATE events SET data = '{}', type = 999"}) {
    back_to_version_5(path);
    execute_raw(path, sql);
    open();
    is_found(sql);
  }
  for (const auto* sql : {"UPDATE event_log SET packed = CAST(substr(packed, 1, 40) AS BLOB)",
                          "UPDATE event_log SET packed = zeroblob(200)", "DELETE FROM event_log",
                          "UPDATE orders SET events = x'ff'"}) {
    execute_raw(path, sql);
    is_found(sql);
  }
}

TEST_F(SqliteFile, VersionFiveThatCannotBePackedIsLeftAsItIs) {
  const auto order = accept_committed(*open(), 1);
  back_to_version_5(path);
  const auto payment = [](std::string_view run, std::string_view step, std::string_view currency) {
    return fmt::format(
        "INSERT INTO payments VALUES((SELECT id FROM orders), {}, {}, 1, randomblob(16), 1, NULL, "
        "NULL, 100, {}, 'pm_ok', 'ref', '', 1, 0, 1000)",
        run, step, currency);
  };
  struct Case {
    std::string damage;
    std::string repair;
  };
  const std::string no_payments = "DELETE FROM payments";
  for (const auto& [damage, repair] :
       {Case{payment("1", "258", "'EUR'"), no_payments},
        Case{payment("4294967297", "2", "'EUR'"), no_payments},
        Case{payment("1", "2", "'NONE'"), no_payments},
        Case{"UPDATE events SET step = 257", "UPDATE events SET step = NULL"},
        Case{"UPDATE events SET attempt = -1", "UPDATE events SET attempt = NULL"},
        Case{"UPDATE events SET run = -1", "UPDATE events SET run = 1"}}) {
    execute_raw(path, damage);
    const auto store = SqliteStore::open(path);
    ASSERT_FALSE(store.has_value()) << damage;
    EXPECT_THAT(store.error().message, testing::HasSubstr(order.id().to_string())) << damage;
    EXPECT_EQ(data_version_of(path), 5) << damage;
    execute_raw(path, repair);
  }
  execute_raw(path, payment("1", "2", "'EUR'"));
  EXPECT_EQ(open()->payments(order.id()).size(), 1U) << "what is sound is packed";
}

TEST_F(SqliteFile, DamagedOperationsDoNotKeepTheContactFromBeingErased) {
  auto order = accept_committed(*open(), 1);
  execute_raw(path, "INSERT INTO operations VALUES((SELECT id FROM orders), 0, x'ff')");
  auto store = open();
  store->begin();
  EXPECT_TRUE(store->erase_contact(order.id()));
  store->commit();
  EXPECT_EQ(store->contact(order.id(), 1), std::nullopt);
  EXPECT_THROW((void)store->shipments(order.id()), StoreError) << "what is damaged stays visible";
}

TEST_F(SqliteFile, ADamagedTimeDoesNotHideWhatIsDue) {
  const auto now = from_unix_ms(kStartMs);
  std::vector<OrderId> ids;
  {
    auto store = open();
    store->begin();
    for (std::uint64_t n = 1; n <= 3; ++n) {
      const TestOrder order{{.number = n}};
      ids.push_back(order.id());
      (void)store->accept(key_number(n), 1, contact_of(order), order.order(), order.events(), now);
    }
    store->commit();
  }
  execute_raw(
      path,
      "UPDATE orders SET wake_at = -9000000000000000000 WHERE id = (SELECT min(id) FROM orders)");
  auto store = open();
  std::vector<OrderId> due;
  std::optional<OrderReader::Due> last;
  for (;;) {
    const auto page = store->due_orders(now, last, 1);
    if (page.empty()) break;
    last = page.back();
    due.push_back(last->id);
  }
  EXPECT_THAT(due, testing::UnorderedElementsAreArray(ids));
}

TEST_F(SqliteFile, AuditWalksPastDamagedOperations) {
  std::vector<OrderId> ids;
  {
    auto store = open();
    for (std::uint64_t n = 1; n <= 2; ++n) ids.push_back(accept_committed(*store, n).id());
    store->begin();
    for (const auto& id : ids) {
      SandboxRecord record;
      record.key = {id, 1, 2, 1};
      store->put_sandbox_record(record);
    }
    store->commit();
  }
  const auto first = std::ranges::min(ids);
  execute_raw(path,
              "UPDATE operations SET packed = x'ff' "
              "WHERE order_id = (SELECT min(order_id) FROM operations)");
  auto reader = SqliteReader::open(path).value();
  std::vector<OrderId> seen;
  try {
    reader->each_sandbox_record([&](const auto& record) { seen.push_back(record.key.order); });
    ADD_FAILURE() << "the damage was not told";
  } catch (const StoreError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr(first.to_string()));
  }
  EXPECT_EQ(seen, std::vector{std::ranges::max(ids)});
}

TEST_F(SqliteFile, AuditFindsStreamsWithoutOrders) {
  std::vector<OrderId> ids;
  {
    auto store = open();
    for (std::uint64_t n = 1; n <= 3; ++n) ids.push_back(accept_committed(*store, n).id());
  }
  execute_raw(path, "DELETE FROM orders WHERE id = (SELECT min(id) FROM orders)");
  auto reader = SqliteReader::open(path).value();
  EXPECT_EQ(collect<OrderId>([&](auto v) { reader->each_stream_without_order(v); }),
            std::vector{ids.front()});
}

// --- readers ------------------------------------------------------------------------------------

TEST_F(SqliteFile, ReaderSeesCommittedDataOnly) {
  auto store = open();
  auto order = accept_committed(*store, 1);
  auto reader = SqliteReader::open(path).value();
  const auto committed = order.order();
  store->begin();
  const auto events = order.command(CommandKind::hold);
  ASSERT_TRUE(store->append(order.order(), 1, events, std::nullopt));
  EXPECT_EQ(load_order(*reader, order.id()), committed);
  EXPECT_EQ(reader->feed_position(), 1);
  store->commit();
  EXPECT_EQ(load_order(*reader, order.id()), order.order());
  EXPECT_EQ(reader->feed_position(), 2);
}

TEST_F(SqliteFile, SnapshotIsOneView) {
  auto store = open();
  accept_committed(*store, 1);
  auto reader = SqliteReader::open(path).value();
  {
    const SqliteReader::Snapshot snapshot{*reader};
    accept_committed(*store, 2);
    EXPECT_EQ(reader->feed_position(), 1);
    EXPECT_EQ(reader->order_ids(std::nullopt, 10).size(), 1u);
  }
  EXPECT_EQ(reader->feed_position(), 2);
}

TEST_F(SqliteFile, AnotherProcessReadsWhileTheStoreIsInUse) {
  auto store = open();
  accept_committed(*store, 1);
  const auto code = in_child([&] {
    auto reader = SqliteReader::open(path);
    return reader.has_value() && (*reader)->feed_position() == 1 ? 0 : 1;
  });
  EXPECT_EQ(code, 0);
  accept_committed(*store, 2);
}

}  // namespace
}  // namespace conveyor::test
