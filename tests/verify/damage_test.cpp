// Method: a data file is written by the pipeline on virtual time, closed, copied, and one thing in
// the copy is damaged with SQL. The check must name the damage by rule and subject, and besides it
// only what follows from it; the whole set of (rule, subject) is asserted.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>
#include <string_view>

#include "contract/version_5.h"
#include "verify/report_text.h"
#include "verify/seed_file.h"

namespace conveyor::test {
namespace {

using Named = std::set<std::string>;  ///< `rule subject`

Named named(const VerifyReport& report) {
  Named out;
  for (const auto& v : report.violations) {
    out.insert(fmt::format("{} {}", to_string(v.rule), v.subject));
  }
  return out;
}

/// `{completed}` and the like: in SQL the id's bytes, in what is expected its text.
std::string with_orders(const std::string& text, bool as_sql) {
  const auto& file = seed_file();
  const auto id = [&](const OrderId& order) {
    return as_sql ? fmt::format("x'{}'", to_hex(order.uuid().bytes)) : order.to_string();
  };
  return fmt::format(fmt::runtime(text), fmt::arg("completed", id(file.completed)),
                     fmt::arg("failed", id(file.failed)), fmt::arg("refunded", id(file.refunded)),
                     fmt::arg("dead", id(file.dead)), fmt::arg("attention", id(file.attention)),
                     fmt::arg("restarted", id(file.restarted)), fmt::arg("open", id(file.open)));
}

struct Damage {
  std::string name;
  std::string sql;
  std::vector<std::string> expected;

  friend void PrintTo(const Damage& damage, std::ostream* out) { *out << damage.name; }
};

/// Events and operations are packed bytes; they are damaged where each was a row, before it is
/// packed.
bool is_of_packed(std::string_view sql) {
  static constexpr std::array<std::string_view, 6> kTables{"UPDATE events ", "DELETE FROM events ",
                                                           "payments",       "shipments",
                                                           "reservations",   "sandbox_records"};
  return std::ranges::any_of(kTables, [&](std::string_view table) { return sql.contains(table); });
}

class VerifyDamage : public testing::TestWithParam<Damage> {};

TEST_P(VerifyDamage, IsNamedWithNothingUnexplainedBesides) {
  const auto& damage = GetParam();
  TemporaryDirectory directory;
  const auto path = directory.file("copy.db");
  std::filesystem::copy_file(seed_file().path(), path);
  const bool is_packed = is_of_packed(damage.sql);
  if (is_packed) back_to_version_5(path);
  execute_sql(path, with_orders(damage.sql, true));
  if (is_packed) ASSERT_TRUE(SqliteStore::open(path).has_value());
  Named expected;
  for (const auto& text : damage.expected) expected.insert(with_orders(text, false));
  const auto report = verify_file(path);
  EXPECT_EQ(named(report), expected) << text_of(report);
}

const std::string kNoOrder = "x'00112233445566778899aabbccddeeff'";
const std::string kNoOrderText = OrderId{
    Uuid{{0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee,
          0xff}}}.to_string();

INSTANTIATE_TEST_SUITE_P(
    All, VerifyDamage,
    testing::Values(
        // fold
        Damage{
            "fold_status", "UPDATE orders SET status = 2 WHERE id = {failed}", {"fold {failed}"}},
        Damage{"fold_total",
               "UPDATE orders SET total_minor = total_minor + 1 WHERE id = {open}",
               {"fold {open}"}},
        Damage{"fold_health", "UPDATE orders SET health = 1 WHERE id = {dead}", {"fold {dead}"}},
        Damage{"fold_attempts",
               "UPDATE orders SET attempts = attempts + 1 WHERE id = {open}",
               {"fold {open}"}},
        Damage{"fold_next_attempt_at",
               "UPDATE orders SET next_attempt_at = 1 WHERE id = {completed}",
               {"fold {completed}"}},
        Damage{"fold_step_since",
               "UPDATE orders SET step_since = step_since + 1 WHERE id = {open}",
               {"fold {open}"}},
        Damage{"fold_last_event_missing",
               "DELETE FROM events WHERE order_id = {completed} AND version = 8",
               {"stream {completed}"}},
        Damage{"fold_status_has_no_word",
               "UPDATE orders SET status = 99 WHERE id = {failed}",
               {"fold {failed}"}},
        // stream
        Damage{"stream_data_changed",
               "UPDATE events SET data = replace(data, '\"duration_ms\":0', '\"duration_ms\":7') "
               "WHERE order_id = {completed} AND version = 3",
               {"stream {completed}"}},
        Damage{"stream_time_changed",
               "UPDATE events SET occurred_at = occurred_at + 1 "
               "WHERE order_id = {completed} AND version = 4",
               {"stream {completed}"}},
        Damage{"stream_event_missing",
               "DELETE FROM events WHERE order_id = {completed} AND version = 4",
               {"stream {completed}"}},
        Damage{"stream_all_missing",
               "DELETE FROM events WHERE order_id = {completed}",
               {"stream {completed}"}},
        Damage{"stream_unparsable",
               "UPDATE events SET data = '{{' WHERE order_id = {completed} AND version = 4",
               {"stream {completed}"}},
        Damage{"stream_other_type",
               "UPDATE events SET type = 5 WHERE order_id = {completed} AND version = 5",
               {"stream {completed}"}},
        Damage{"stream_two_events_swapped",
               "UPDATE events SET version = 100 WHERE order_id = {completed} AND version = 3;"
               "UPDATE events SET version = 3 WHERE order_id = {completed} AND version = 4;"
               "UPDATE events SET version = 4 WHERE order_id = {completed} AND version = 100",
               {"stream {completed}"}},
        Damage{"stream_undo_without_cause",
               "UPDATE events SET type = 23, data = '{{}}' "
               "WHERE order_id = {failed} AND version = 4",
               {"stream {failed}"}},
        Damage{"stream_no_such_step",
               "UPDATE events SET step = 99 WHERE order_id = {completed} AND version = 3",
               {"stream {completed}"}},
        Damage{"stream_not_utf8",
               "UPDATE events SET actor = 'client:' || CAST(x'ff' AS TEXT) "
               "WHERE order_id = {completed} AND version = 1",
               {"stream {completed}"}},
        Damage{"stream_part_of_the_log_missing",
               "UPDATE orders SET events = x'02ff0701' WHERE id = {completed}",
               {"stream {completed}"}},
        Damage{"stream_of_another_order",
               "UPDATE orders SET events = (SELECT events FROM orders WHERE id = {failed}) "
               "WHERE id = {completed}",
               {"stream {completed}"}},
        Damage{"stream_row_of_the_log_cut",
               "UPDATE event_log SET packed = x'00' WHERE id = 1",
               {"stream {completed}", "accounted table event_log"}},
        Damage{"stream_order_older_than_its_events",
               "UPDATE orders SET version = version - 1 WHERE id = {open}",
               {"stream {open}", "accounted {open}"}},
        // stock_balance
        Damage{"stock_balance_reserved",
               "UPDATE stock SET reserved = reserved + 1 WHERE sku = 'sku-1'",
               {"stock_balance sku-1"}},
        Damage{"stock_balance_negative",
               "UPDATE stock SET on_hand = -1 WHERE sku = 'sku-1'",
               {"stock_balance sku-1", "stock_conserved sku-1"}},
        // stock_conserved
        Damage{"stock_conserved_on_hand",
               "UPDATE stock SET on_hand = on_hand + 1 WHERE sku = 'sku-1'",
               {"stock_conserved sku-1"}},
        Damage{"stock_conserved_commit_missing",
               "DELETE FROM stock_movements WHERE sku = 'sku-1' AND kind = 3 "
               "AND order_id = {completed}",
               {"stock_conserved sku-1"}},
        Damage{"stock_conserved_no_stock",
               "DELETE FROM stock WHERE sku = 'sku-2'",
               {"stock_balance sku-2", "stock_conserved sku-2"}},
        // money
        Damage{"money_captured_more",
               "UPDATE payments SET amount_minor = amount_minor + 1 "
               "WHERE order_id = {completed} AND step = 4",
               {"money {completed}", "completed_is_whole {completed}"}},
        Damage{"money_provider_captured_more",
               "UPDATE sandbox_records SET amount_minor = amount_minor + 1 "
               "WHERE order_id = {completed} AND step = 4",
               {"money {completed}"}},
        Damage{"money_other_currency",
               "UPDATE payments SET currency = 'USD' WHERE order_id = {completed} AND step = 2",
               {"money {completed}"}},
        // dispatch
        Damage{"dispatch_cancelled_at_the_carrier",
               "UPDATE sandbox_records SET effect_exists = 0, undone = 1 "
               "WHERE order_id = {completed} AND step = 3",
               {"dispatch {completed}", "one_effect {completed}"}},
        Damage{"dispatch_without_capture",
               "UPDATE payments SET state = 5, effect = 1 "
               "WHERE order_id = {completed} AND step = 4",
               {"dispatch {completed}", "one_effect {completed}", "completed_is_whole {completed}",
                "final_is_clean {completed}"}},
        // final_is_clean
        Damage{"final_holds_stock",
               "UPDATE reservations SET state = 1 WHERE order_id = {failed};"
               "UPDATE stock SET reserved = reserved + 2 WHERE sku = 'sku-1';"
               "UPDATE stock SET reserved = reserved + 1 WHERE sku = 'sku-2'",
               {"final_is_clean {failed}", "one_effect {failed}"}},
        Damage{"final_has_a_booking",
               "UPDATE shipments SET state = 3 WHERE order_id = {refunded} AND step = 3",
               {"final_is_clean {refunded}", "one_effect {refunded}"}},
        Damage{"final_has_a_capture_at_the_provider",
               "UPDATE sandbox_records SET effect_exists = 1, undone = 0 "
               "WHERE order_id = {refunded} AND step = 4",
               {"final_is_clean {refunded}", "one_effect {refunded}"}},
        Damage{"final_earlier_run_has_an_authorization",
               "UPDATE payments SET state = 3 "
               "WHERE order_id = {restarted} AND run = 1 AND step = 2",
               {"final_is_clean {restarted}", "one_effect {restarted}"}},
        // completed_is_whole
        Damage{"completed_lines",
               "UPDATE reservations SET lines = '[[\"sku-1\",1],[\"sku-2\",1]]' "
               "WHERE order_id = {completed}",
               {"completed_is_whole {completed}", "stock_conserved sku-1"}},
        Damage{"completed_not_dispatched",
               "DELETE FROM shipments WHERE order_id = {completed} AND step = 5",
               {"completed_is_whole {completed}", "one_effect {completed}",
                "final_is_clean {completed}"}},
        // accounted
        Damage{"accounted_no_wake",
               "UPDATE orders SET wake_at = NULL WHERE id = {open}",
               {"accounted {open}"}},
        Damage{"accounted_late_wake",
               "UPDATE orders SET wake_at = wake_at + 1 WHERE id = {dead}",
               {"accounted {dead}"}},
        Damage{"accounted_final_wake",
               "UPDATE orders SET wake_at = 1 WHERE id = {completed}",
               {"accounted {completed}"}},
        Damage{"accounted_no_row",
               "DELETE FROM orders WHERE id = {completed}",
               {"accounted {completed}"}},
        Damage{"accounted_no_contact",
               "DELETE FROM contacts WHERE order_id = {open}",
               {"accounted {open}"}},
        Damage{"accounted_stray_contact",
               "UPDATE contacts SET order_id = " + kNoOrder + " WHERE order_id = {open}",
               {"accounted {open}", "accounted " + kNoOrderText}},
        // dead_letters
        Damage{"dead_letters_no_fingerprint",
               "UPDATE orders SET fingerprint = NULL WHERE id = {dead}",
               {"dead_letters {dead}"}},
        Damage{"dead_letters_not_listed",
               "UPDATE orders SET status = 2, fingerprint = NULL WHERE id = {dead}",
               {"dead_letters {dead}", "fold {dead}"}},
        Damage{"dead_letters_listed_wrongly",
               "UPDATE orders SET status = 4, fingerprint = 'a/b/c/d' WHERE id = {attention}",
               {"dead_letters {attention}", "fold {attention}"}},
        // one_effect
        Damage{"one_effect_twice",
               "UPDATE sandbox_records SET effects = 2 WHERE order_id = {completed} AND step = 2",
               {"one_effect {completed}"}},
        Damage{"one_effect_unknown_key",
               "INSERT INTO shipments SELECT order_id, run, step, 2, id, state, request_hash, "
               "booking, postal_code, country, provider_reference, carrier, tracking, code, "
               "effect, undo_uncertain, at FROM shipments WHERE order_id = {open};"
               "INSERT INTO reservations SELECT order_id, run, step, 2, id, 3, request_hash, "
               "lines, shortages, code, effect, committed_by, at FROM reservations "
               "WHERE order_id = {open}",
               {"one_effect {open}"}},
        Damage{"one_effect_answer_without_event",
               "UPDATE payments SET state = 3 WHERE order_id = {open} AND step = 2",
               {"one_effect {open}"}},
        Damage{"one_effect_undone_without_event",
               "UPDATE payments SET state = 5 WHERE order_id = {open} AND step = 2",
               {"one_effect {open}"}},
        Damage{"one_effect_tombstone_missing",
               "DELETE FROM payments WHERE order_id = {refunded} AND step = 2;"
               "DELETE FROM sandbox_records WHERE order_id = {refunded} AND step = 2",
               {"one_effect {refunded}"}},
        Damage{"one_effect_stray_payment",
               "UPDATE payments SET order_id = " + kNoOrder + " WHERE order_id = {failed}",
               {"one_effect {failed}", "one_effect " + kNoOrderText}},
        Damage{"one_effect_not_committed_by_it",
               "UPDATE reservations SET committed_by = '1:6:2' WHERE order_id = {completed}",
               {"one_effect {completed}"}},
        Damage{"one_effect_no_such_step",
               "UPDATE payments SET step = 99 WHERE order_id = {failed} AND step = 2",
               {"one_effect {failed}"}},
        Damage{"one_effect_unreadable",
               "UPDATE operations SET packed = x'ff' WHERE order_id = {open}",
               {"one_effect {open}", "one_effect table reservations", "one_effect table payments",
                "one_effect table shipments", "one_effect table sandbox_records",
                "stock_balance table reservations"}},
        Damage{"one_effect_counts_other_holds",
               "UPDATE operations SET held = 1 WHERE order_id = {completed}",
               {"one_effect {completed}", "one_effect table reservations",
                "one_effect table payments", "one_effect table shipments",
                "one_effect table sandbox_records", "stock_balance table reservations"}},
        // one_order
        Damage{"one_order_no_key",
               "DELETE FROM idempotency_keys WHERE subject = {open}",
               {"one_order {open}"}},
        Damage{"one_order_two_keys",
               "INSERT INTO idempotency_keys VALUES(0, " + kNoOrder + ", zeroblob(32), {open}, 1)",
               {"one_order {open}"}},
        Damage{"one_order_key_of_two",
               "UPDATE idempotency_keys SET bucket = 1, scope = "
               "(SELECT scope FROM idempotency_keys WHERE subject = {completed}) "
               "WHERE subject = {open}",
               {"one_order {open}"}},
        Damage{"one_order_key_without_order",
               "UPDATE idempotency_keys SET subject = " + kNoOrder + " WHERE subject = {open}",
               {"one_order {open}", "one_order " + kNoOrderText}},
        Damage{"one_order_key_without_movement",
               "UPDATE idempotency_keys SET subject = 999 WHERE typeof(subject) = 'integer'",
               {"one_order movement 999"}},
        Damage{"one_order_unknown_answer",
               "UPDATE idempotency_keys SET answer_version = 2 WHERE subject = {open}",
               {"one_order {open}"}}),
    [](const auto& info) { return info.param.name; });

TEST(VerifyFile, WhatWasWrittenIsClean) {
  const auto report = verify_file(seed_file().path(), RetryPolicy{});
  EXPECT_TRUE(report.clean()) << text_of(report);
  EXPECT_EQ(report.orders, 7);
  EXPECT_EQ(report.open_orders, 3);
  EXPECT_EQ(report.idempotency_keys, 8);
}

}  // namespace
}  // namespace conveyor::test
