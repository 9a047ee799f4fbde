#include "sim/saboteurs.h"

#include <fmt/format.h>

#include <array>

namespace conveyor::sim {
namespace {

constexpr std::array kSaboteurs{
    Saboteur{"tombstone_skipped", "an undo of a key never seen leaves nothing behind"},
    Saboteur{"key_without_generation", "an edited step is called under its old key"},
    Saboteur{"key_without_run", "a restarted order calls under the keys of its first run"},
    Saboteur{"undo_order_reversed", "the oldest step is undone first"},
    Saboteur{"booking_not_undone_first", "the only undo that may be refused waits its turn"},
    Saboteur{"refund_repeated", "that money was given back is not remembered"},
    Saboteur{"stock_released_twice", "a release gives more back than was held"},
    Saboteur{"shortage_ignored_for_second_line", "only the first line has to be in stock"},
    Saboteur{"commit_acknowledged_early", "callers are answered before the commit"},
    Saboteur{"attempt_counter_reset", "failed attempts are not counted"},
    Saboteur{"late_outcome_applied", "an answer counts although an undo is running"},
    Saboteur{"retry_with_changes_without_undo", "an edit does not wait for its old key's undo"},
    Saboteur{"breaker_never_half_opens", "a participant in trouble is never called again"},
    Saboteur{"bulkhead_never_freed", "a call that ended still counts as in flight"},
    Saboteur{"timer_lost_on_restart", "a new process does not look for what was going on"},
    Saboteur{"hold_ignored", "a held order makes its calls"},
    Saboteur{"pivot_undone", "what is dispatched can be cancelled"},
    Saboteur{"idempotency_hash_not_compared", "another body under a known key is a repeat"},
    Saboteur{"total_without_adjustments", "shipping and discounts are left out of the total"},
    Saboteur{"patience_timer_missing", "an order may wait for ever"},
    Saboteur{"fold_ignores_one_event", "a hold is recorded and not folded"},
    Saboteur{"resolve_without_tombstone", "what a person undid may still come into being"},
    Saboteur{"dispatch_not_stopped_by_its_bookings_undo", "an undone booking can be dispatched"},
    Saboteur{"current_step_not_undone", "an undo leaves out the call that may be on its way"},
    Saboteur{"already_dispatched_believed_before_dispatch",
             "a carrier's word alone makes an order shipped"},
    Saboteur{"undo_waited_for_without_end", "an undo that nobody answers is never given up"},
    Saboteur{"restart_keeps_old_steps", "a restarted order believes its first run"},
    Saboteur{"hash_not_chained", "an event's hash does not cover the one before"},
    Saboteur{"provider_not_asked", "what is uncertain is taken for not done"},
    Saboteur{"rejection_not_remembered", "a rejected key may be tried again"},
    Saboteur{"failed_undo_counts", "an undo that failed counts as done"},
    Saboteur{"commit_forgotten", "the hold of a completed order is not turned into a deduction"},
    Saboteur{"deduction_without_movement", "stock leaves without an entry in the ledger"},
    Saboteur{"contact_not_stored", "an order has no address"},
    Saboteur{"idempotency_key_not_stored", "a repeated request is a second order"},
    Saboteur{"dead_letter_not_listed", "a dead letter has no fingerprint in the list"},
    Saboteur{"lost_batch_remembered", "what a lost batch had decided stays in memory"},
    Saboteur{"calls_of_lost_batch_awaited", "a call of a lost batch counts as on its way"},
    Saboteur{"delayed_call_dropped", "a call to a slow provider is never made"},
    Saboteur{"wake_up_not_stored", "an order's row does not say when to look again"},
};

}  // namespace

std::span<const Saboteur> saboteurs() {
  return kSaboteurs;
}

std::optional<Catch> hunt(std::string_view saboteur, std::uint64_t seeds, unsigned jobs) {
  RunOptions options;
  options.seeds = seeds;
  options.jobs = jobs;
  options.saboteur = saboteur;
  options.stop_at_failure = true;
  const auto result = run_seeds(options);
  if (result.failures.empty()) return std::nullopt;
  const auto& first = result.failures.front();
  return Catch{first.seed - options.first + 1, *first.failure};
}

bool hunt_all(std::uint64_t seeds, unsigned jobs, std::FILE* out) {
  bool all = true;
  fmt::print(out, "| saboteur | what it breaks | seeds | caught by |\n|---|---|---|---|\n");
  for (const auto& saboteur : saboteurs()) {
    const auto caught = hunt(saboteur.name, seeds, jobs);
    all = all && caught;
    fmt::print(out, "| `{}` | {} | {} | {} |\n", saboteur.name, saboteur.breaks,
               caught ? fmt::format("{}", caught->seeds) : fmt::format("not in {}", seeds),
               caught ? fmt::format("`{}`", caught->failure.rule) : "nothing");
    std::fflush(out);
  }
  return all;
}

}  // namespace conveyor::sim
