// Method: everything that a person may say in these orders (names, streets, e-mails, phones, notes)
// is a text that is nowhere else. It is looked for first in `contacts`, where all of it must be
// found, then in everything else that the server has said or written, where none may be. After
// erasure none is left in the bytes of the data file and its log.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>
#include <thread>

#include <fmt/format.h>

#include "support/event_reader.h"
#include "support/server_process.h"
#include "support/shop.h"

namespace conveyor::test {
namespace {

constexpr int kCustomers = 4;
constexpr int kOrders = 40;
constexpr std::string_view kMark = "Qz7";
constexpr std::string_view kPhoneMark = "+49/0907/";  // a phone has no letters

std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// `Qz7<field>-<number>~`; a field of every kind in each order.
std::string mark(std::string_view field, int number) {
  return fmt::format("{}{}-{}~", kMark, field, number);
}
std::string phone_mark(int number) {
  return fmt::format("{}{:04}", kPhoneMark, number);
}

/// The marks in a text, whole or begun.
std::set<std::string> marks_in(const std::string& text) {
  constexpr std::size_t kLongest = 16;
  std::set<std::string> found;
  for (auto at = text.find(kMark); at != std::string::npos; at = text.find(kMark, at + 1)) {
    const auto begun = text.substr(at, kLongest);
    found.insert(begun.substr(0, begun.find('~') + 1));
  }
  const auto phone_size = phone_mark(0).size();
  for (auto at = text.find(kPhoneMark); at != std::string::npos;
       at = text.find(kPhoneMark, at + 1)) {
    found.insert(text.substr(at, phone_size));
  }
  return found;
}

boost::json::object ship_to(int number, const std::string& postal_code) {
  return {{"name", mark("name", number)},
          {"line1", mark("street", number)},
          {"line2", mark("floor", number)},
          {"city", mark("city", number)},
          {"region", mark("region", number)},
          {"postal_code", postal_code.starts_with("SBX") ? postal_code : mark("code", number)},
          {"country", "DE"},
          {"email", mark("mail", number) + "@example.org"},
          {"phone", phone_mark(number)}};
}

std::string order_text(int number) {
  static const std::vector<ShopOrder> kinds{
      {},
      {.payment_method = "pm_declined"},
      {.payment_method = "pm_flaky_2"},
      {.payment_method = "pm_lost_reply", .postal_code = "SBX-LOST-REPLY"},
      {.payment_method = "pm_flaky_15"},
      {.postal_code = "SBX-REJECTED"},
      {.payment_method = "pm_async", .postal_code = "SBX-ASYNC"},
      {.postal_code = "SBX-DISPATCH-REJECTED"}};
  auto order = kinds.at(static_cast<std::size_t>(number) % kinds.size());
  order.customer_id = "c" + std::to_string(number % kCustomers);
  auto body = boost::json::parse(order_json(order)).as_object();
  body["ship_to"] = ship_to(number, order.postal_code);
  body["metadata"] = {{"note", mark("note", number)}};
  return boost::json::serialize(body);
}

/// Every value of every table but contacts; and of contacts alone.
std::string dump(const std::string& path, bool contacts) {
  sqlite3* db = nullptr;
  EXPECT_EQ(sqlite3_open_v2(path.c_str(), &db, SQLITE_OPEN_READONLY, nullptr), SQLITE_OK);
  std::string out;
  const auto each_row = [&](const std::string& sql, const auto& take) {
    sqlite3_stmt* rows = nullptr;
    EXPECT_EQ(sqlite3_prepare_v2(db, sql.c_str(), -1, &rows, nullptr), SQLITE_OK) << sql;
    while (sqlite3_step(rows) == SQLITE_ROW) take(rows);
    sqlite3_finalize(rows);
  };
  std::vector<std::string> tables;
  each_row("SELECT name FROM sqlite_schema WHERE type = 'table'", [&](sqlite3_stmt* row) {
    tables.emplace_back(reinterpret_cast<const char*>(sqlite3_column_text(row, 0)));
  });
  for (const auto& table : tables) {
    if ((table == "contacts") != contacts) continue;
    each_row("SELECT * FROM " + table, [&](sqlite3_stmt* row) {
      for (int c = 0; c < sqlite3_column_count(row); ++c) {
        const auto* bytes = static_cast<const char*>(sqlite3_column_blob(row, c));
        if (bytes != nullptr) {
          out.append(bytes, static_cast<std::size_t>(sqlite3_column_bytes(row, c)));
        }
        out += '\n';
      }
    });
  }
  sqlite3_close(db);
  EXPECT_GT(out.size(), 100U);
  return out;
}

/// Reads the live events until the server ends.
std::string record_stream(const std::string& url) {
  const auto port = static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
  EventReader reader(port, "/v1/events/stream");
  std::string all = reader.head();
  while (const auto event = reader.next()) all += event->data;
  return all;
}

class PersonalData : public testing::Test {
 protected:
  /// What is said of a request, whatever it is.
  ShopAnswer said(std::string_view method, const std::string& target, std::string_view body = {},
                  std::vector<http::Header> headers = {}) {
    auto answer = shop.send(method, target, body, std::move(headers));
    answers += answer.body;
    for (const auto& header : answer.headers) answers += header.name + header.value;
    return answer;
  }

  void place_all() {
    for (int n = 0; n < kOrders; ++n) {
      const auto placed = said("POST", "/v1/orders", order_text(n),
                               {{"Idempotency-Key", fmt::format("\"key-{}\"", n)}});
      ASSERT_EQ(placed.status, 201) << placed.body;
      ids.push_back(placed.text("id"));
    }
    for (const auto& id : ids) {
      shop.wait_for(id, {"completed", "failed", "dead_lettered", "needs_attention"});
    }
  }

  /// A failed order gets another address, and fails again.
  void change_an_address() {
    const auto& id = ids.at(5);
    boost::json::object changes{{"ship_to", ship_to(kOrders, "SBX-REJECTED")}};
    const auto version = shop.send("GET", "/v1/orders/" + id).header("ETag");
    const auto restarted = said("POST", "/v1/orders/" + id + "/restart",
                                boost::json::serialize(boost::json::object{{"changes", changes}}),
                                {{"If-Match", version}});
    ASSERT_EQ(restarted.status, 202) << restarted.body;
    EXPECT_EQ(shop.wait_for(id, {"failed"}), "failed");
  }

  /// Requests that are wrong in their personal data, and in the bytes around it.
  void ask_wrongly() {
    const auto wrong = [&](std::string_view field, const auto& value) {
      auto body = boost::json::parse(order_text(900)).as_object();
      body["ship_to"].as_object()[field] = boost::json::value_from(value);
      const auto refused = said("POST", "/v1/orders", boost::json::serialize(body),
                                {{"Idempotency-Key", "\"wrong\""}});
      EXPECT_EQ(refused.status, 422) << field << ": " << refused.body;
    };
    wrong("name", mark("name", 901) + std::string(500, 'x'));
    wrong("email", boost::json::object{{"is", mark("mail", 902)}});
    wrong("country", mark("country", 903));
    wrong("postal_code", mark("code", 904) + std::string(500, 'x'));
    wrong("phone", phone_mark(905) + std::string(500, '1'));
    wrong("phone", phone_mark(906) + "a");
    wrong("line1", 4);
    for (const std::string end : {"}", "\x01", "\xff", ""}) {
      auto text = order_text(906);
      text.pop_back();
      text.insert(text.size() / 2, end.empty() ? "" : "\"");
      const auto refused =
          said("POST", "/v1/orders", text + end, {{"Idempotency-Key", "\"wrong\""}});
      EXPECT_EQ(refused.status, 400) << refused.body;
    }
    const auto reused =
        said("POST", "/v1/orders", order_text(907), {{"Idempotency-Key", "\"key-1\""}});
    EXPECT_EQ(reused.status, 422) << reused.body;
  }

  /// Everything that can be read but `/contact`.
  void read_everything() {
    for (const auto& id : ids) {
      for (const auto* part : {"", "/events", "/attempts", "/diagnosis", "?version=1"}) {
        EXPECT_EQ(said("GET", "/v1/orders/" + id + part).status, 200) << part;
      }
      said("POST", "/v1/orders/" + id + "/retry-now");
    }
    for (const auto* target :
         {"/v1/orders?limit=200", "/v1/events?limit=200", "/v1/dead-letters",
          "/v1/dead-letters/groups", "/v1/inventory", "/v1/reservations", "/v1/services",
          "/v1/pipeline", "/metrics", "/health", "/health/ready", "/version"}) {
      EXPECT_EQ(said("GET", target).status, 200) << target;
    }
  }

  /// The customer's orders that are not final are undone first.
  void end_open_orders() {
    for (const auto& id : ids) {
      const auto status = shop.status_of(id);
      if (status == "dead_lettered") said("POST", "/v1/orders/" + id + "/cancel", "{}");
      shop.wait_for(id, {"completed", "failed", "cancelled"});
    }
  }

  bool erasures_are_done() const {
    sqlite3* db = nullptr;
    sqlite3_open_v2(path().c_str(), &db, SQLITE_OPEN_READONLY, nullptr);
    sqlite3_stmt* row = nullptr;
    sqlite3_prepare_v2(db, "SELECT count(*) FROM erasures", -1, &row, nullptr);
    const bool done = sqlite3_step(row) == SQLITE_ROW && sqlite3_column_int(row, 0) == 0;
    sqlite3_finalize(row);
    sqlite3_close(db);
    return done;
  }

  std::string path() const { return folder.path("shop.db").string(); }

  TemporaryFolder folder;
  std::string recorded;
  std::jthread recorder;  // ends with the server
  ServerProcess server{folder.path("shop.db"),
                       {"--log-level", "debug", "--log-format", "json", "--retry-base-delay-ms",
                        "20", "--retry-cap-ms", "100"}};
  Shop shop{server.url()};
  std::vector<std::string> ids;
  std::string answers;
};

TEST_F(PersonalData, IsInContactsAndNowhereElseAndNowhereOnceErased) {
  shop.set_stock("sku-1", 1'000);
  recorder = std::jthread([&] { recorded = record_stream(server.url()); });
  place_all();
  change_an_address();
  ask_wrongly();
  read_everything();

  const auto in_contacts = marks_in(dump(path(), true));
  for (int n = 0; n <= kOrders; ++n) {
    if (n == 5) continue;  // its address has been changed
    for (const auto* field : {"name", "street", "floor", "city", "region", "mail", "note"}) {
      if (n == kOrders && field == std::string_view{"note"}) continue;  // not part of an address
      EXPECT_TRUE(in_contacts.contains(mark(field, n))) << mark(field, n);
    }
    EXPECT_TRUE(in_contacts.contains(phone_mark(n))) << phone_mark(n);
  }
  const auto contact = shop.send("GET", "/v1/orders/" + ids.at(0) + "/contact");
  EXPECT_TRUE(contact.body.contains(mark("mail", 0))) << contact.body;

  const auto open = said("DELETE", "/v1/customers/c0/contact");
  EXPECT_EQ(open.status, 409) << "a dead letter needs its contact: " << open.body;
  EXPECT_EQ(open.text("code"), "customer_has_open_orders");
  end_open_orders();
  EXPECT_EQ(marks_in(dump(path(), false)), std::set<std::string>{}) << "in another table";

  for (int c = 0; c < kCustomers; ++c) {
    const auto erased = said("DELETE", fmt::format("/v1/customers/c{}/contact", c));
    EXPECT_EQ(erased.status, 202) << erased.body;
  }
  ASSERT_TRUE(wait_until([&] { return erasures_are_done(); }));
  EXPECT_EQ(marks_in(bytes_of(path()) + bytes_of(path() + "-wal") + bytes_of(path() + "-shm")),
            std::set<std::string>{})
      << "in the bytes of the file";
  for (const auto& id : ids) {
    EXPECT_EQ(said("GET", "/v1/orders/" + id + "/contact").text("code"), "contact_erased");
    const auto types = shop.event_types(id);
    EXPECT_EQ(std::ranges::count(types, "ContactErased"), 1) << id;
  }
  const auto version = shop.send("GET", "/v1/orders/" + ids.at(1)).header("ETag");
  const auto restarted =
      said("POST", "/v1/orders/" + ids.at(1) + "/restart", "{}", {{"If-Match", version}});
  EXPECT_EQ(restarted.text("code"), "action_not_allowed") << restarted.body;
  const auto replayed =
      said("POST", "/v1/orders", order_text(2), {{"Idempotency-Key", "\"key-2\""}});
  EXPECT_EQ(replayed.text("id"), ids.at(2)) << "its key is answered as ever";
  read_everything();
  const auto exported = run_conveyor({"orders", "export", "--server", server.url()});
  EXPECT_EQ(exported.exit_code, 0) << exported.err;

  EXPECT_EQ(server.terminate(), 0);
  recorder.join();
  EXPECT_TRUE(recorded.contains("ContactErased")) << "the recording has what happened";
  EXPECT_EQ(marks_in(recorded), std::set<std::string>{}) << "in the live events";
  EXPECT_EQ(marks_in(answers), std::set<std::string>{}) << "in an answer";
  EXPECT_EQ(marks_in(exported.out), std::set<std::string>{}) << "in an export";
  const auto log = server.log();
  EXPECT_TRUE(log.contains("ContactErased") && log.contains("\"debug\""));
  EXPECT_EQ(marks_in(log), std::set<std::string>{}) << "in the log";
  const auto verified = run_conveyor({"verify", "--data", path()});
  EXPECT_EQ(verified.exit_code, 0) << verified.out << verified.err;
  EXPECT_EQ(marks_in(bytes_of(path())), std::set<std::string>{});
}

}  // namespace
}  // namespace conveyor::test
