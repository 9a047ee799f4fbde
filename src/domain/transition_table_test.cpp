// Method: every situation that an order can be in is given every input that there is; what the
// decider makes of it is written in the notation of docs/transitions.md and compared with that
// page. CONVEYOR_UPDATE_DOCS=1 writes the page instead, for a person to read before it is
// committed.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>

#include "domain/project_files.h"
#include "domain/test_orders.h"

namespace conveyor::test {
namespace {

constexpr std::string_view kPage = "docs/transitions.md";
constexpr std::string_view kBegin = "<!-- begin: written by transition_table_test.cpp -->\n";
constexpr std::string_view kEnd = "<!-- end -->\n";

// --- situations: rows of each table -------------------------------------------------------------

/// `group` and `detail` tell orders of one status apart; a table names them only where it matters.
struct Situation {
  std::string_view group;
  std::string_view detail;
  TestOrder order;

  Status status() const { return order.order().status; }
};

constexpr std::string_view kNoEdit = "no edit";
constexpr std::string_view kEdit = "edit waits";

std::string_view place(StepNumber step) {
  if (step == 1) return "step 1";
  return step == 5 ? "at dispatch" : "steps 2–4";
}

void add_before_pivot(std::vector<Situation>& all) {
  for (StepNumber s = 1; s <= 5; ++s) {
    all.push_back({kNoEdit, place(s), at_step(s)});
    all.push_back({kNoEdit, place(s), held(at_step(s))});
    all.push_back({kNoEdit, place(s), exhausted(s)});
  }
  all.push_back({kNoEdit, place(4), poisoned(4)});
  all.push_back({kNoEdit, place(3), edit_refused()});
  for (StepNumber s = 1; s <= 3; ++s) {
    const auto detail = s == 3 ? "at booking" : "steps 1–2";
    all.push_back({kEdit, detail, editing(s)});
    all.push_back({kEdit, detail, held(editing(s))});
    all.push_back({kEdit, detail, edit_undo_exhausted(s)});
    all.push_back({kEdit, detail, edit_undo_poisoned(s)});
  }
}

void add_undoing(std::vector<Situation>& all) {
  const auto add = [&](std::string_view detail, const TestOrder& order) {
    const bool is_cancel = order.order().undo->cause == UndoCause::cancel;
    all.push_back({"not by hand", detail, order});
    all.push_back({is_cancel ? "for a cancel" : "for a failure", detail, attention(order)});
    all.push_back({"by hand", detail, by_hand(order)});
  };
  constexpr std::string_view kLast = "head is no booking and the last";
  constexpr std::string_view kMore = "head is no booking, more follow";
  constexpr std::string_view kEarly = "head is the booking, before dispatch";
  constexpr std::string_view kDispatch = "head is the booking, at dispatch";
  for (const auto& order : {cancelling(1), compensating(2)}) add(kLast, order);
  for (const auto& order : {cancelling(2), compensating_open(2)}) add(kMore, order);
  for (const auto& order :
       {cancelling(3), cancelling(4), cancelling(held(at_step(4))), cancelling(poisoned(4)),
        cancelling(editing(3)), compensating(4), compensating_open(3)}) {
    add(kEarly, order);
  }
  for (const auto& order : {cancelling(5), compensating(5), compensating_open(5)}) {
    add(kDispatch, order);
  }
}

std::vector<Situation> all_situations() {
  std::vector<Situation> all;
  add_before_pivot(all);
  add_undoing(all);
  for (const auto& order : {at_step(6), completed(), cancelled(), failed_order()}) {
    all.push_back({"", "", order});
  }
  std::vector<Situation> sorted;
  for (const auto status : kAllStatuses) {
    std::ranges::copy_if(all, std::back_inserter(sorted),
                         [status](const Situation& s) { return s.status() == status; });
  }
  return sorted;
}

// --- inputs: one table each ---------------------------------------------------------------------

/// nullopt: the order has no such input.
using MakeInput = std::function<std::optional<Input>(TestOrder&)>;

struct NamedInput {
  std::string section;
  std::string name;
  MakeInput make;
};

std::optional<Changes> fields_of_current_step(const Order& order) {
  if (order.step == 1) return changed_lines();
  if (order.step == 2) return changed_payment_method();
  if (order.step == 3) return changed_ship_to();
  return std::nullopt;
}

std::optional<Changes> fields_of_later_steps(const Order& order) {
  if (order.step == 1) return changed_payment_method();
  if (order.step == 2) return changed_ship_to();
  return std::nullopt;
}

std::optional<Changes> fields_of_done_steps(const Order& order) {
  if (order.step == 1) return std::nullopt;
  return changed_lines();
}

void add_commands(std::vector<NamedInput>& all) {
  for (const auto kind : kAllCommands) {
    if (kind == CommandKind::retry_now) continue;
    all.push_back(
        {"Commands", std::string{to_string(kind)}, [kind](TestOrder&) { return command(kind); }});
  }
  const auto add_retry = [&](std::string name, std::optional<Changes> (*changes)(const Order&)) {
    all.push_back({"Commands", std::move(name), [changes](TestOrder& order) {
                     const auto fields = changes(order.order());
                     return fields ? std::optional<Input>{command(CommandKind::retry, *fields)}
                                   : std::nullopt;
                   }});
  };
  add_retry("retry with changes of what the current step's request uses", fields_of_current_step);
  add_retry("retry with changes of what only later steps use", fields_of_later_steps);
  add_retry("retry with changes of what a done step has used", fields_of_done_steps);
  all.push_back(
      {"Commands", "retry-now, while a wait runs", [](TestOrder& order) -> std::optional<Input> {
         if (!needed_call(order.order())) return command(CommandKind::retry_now);
         const auto call = *needed_call(order.order());
         auto failure = call.action == Action::perform ? performed(order.order(), failed())
                                                       : undid(order.order(), failed());
         order.must(failure);
         return command(CommandKind::retry_now);
       }});
  all.push_back({"Commands", "retry-now, while none runs", [](TestOrder& order) {
                   order.advance(std::chrono::hours{1});
                   return command(CommandKind::retry_now);
                 }});
}

void add_timers(std::vector<NamedInput>& all) {
  for (const auto timer : kAllTimers) {
    all.push_back({"Timers", std::string{to_string(timer)}, [timer](TestOrder& order) {
                     const auto due = due_at(order.order(), timer, order.policy());
                     order.advance(due ? *due - order.now() : std::chrono::hours{24 * 365});
                     return timer;
                   }});
    all.push_back({"Timers", fmt::format("{}, before it is due", to_string(timer)),
                   [timer](TestOrder& order) {
                     const auto due = due_at(order.order(), timer, order.policy());
                     if (due) order.advance(*due - order.now() - Duration{1});
                     return timer;
                   }});
  }
}

using Answer = OutcomeInput (*)(const Order&, Outcome);

/// The answers that both calls can get; `applies` says to which orders.
void add_answers(std::vector<NamedInput>& all, const std::string& section, Answer answer,
                 std::vector<std::pair<std::string, Outcome>> outcomes,
                 bool (*applies)(const Order&)) {
  const auto add = [&](const std::string& name, const Outcome& outcome, std::uint32_t attempts_left,
                       bool awaited) {
    all.push_back({section, name, [=](TestOrder& order) -> std::optional<Input> {
                     if (!applies(order.order())) return std::nullopt;
                     order.policy().max_attempts = order.order().budget_used + 1 + attempts_left;
                     auto input = answer(order.order(), outcome);
                     input.awaited = awaited;
                     return input;
                   }});
  };
  for (const auto& [name, outcome] : outcomes) add(name, outcome, 1, true);
  add("in_progress", in_progress(), 1, true);
  add("failed, attempts left", failed(), 1, true);
  add("failed, last attempt", failed(), 0, true);
  add("poison", failed(FailureClass::poison), 1, true);
  add("failed or poison, no longer awaited", failed(FailureClass::poison), 0, false);
}

void add_outcomes(std::vector<NamedInput>& all) {
  add_answers(all, "Outcome of perform(cur)", performed,
              {{"succeeded", succeeded(2'480)}, {"rejected", rejected()}, {"undone", undone()}},
              [](const Order&) { return true; });
  const std::vector<std::pair<std::string, Outcome>> outcomes{
      {"undone", undone()},
      {"refused", refused()},
      {"refused, already_dispatched", refused("already_dispatched")}};
  add_answers(all, "Outcome of undo(cur) while an edit waits", undid, outcomes,
              [](const Order& order) { return order.edit.has_value(); });
  add_answers(all, "Outcome of undo(head U)", undid, outcomes,
              [](const Order& order) { return order.undo.has_value(); });
}

void add_other_keys(std::vector<NamedInput>& all) {
  const auto add = [&](std::string name, Action action, auto change) {
    all.push_back({"Outcome of any other key", std::move(name),
                   [=](TestOrder& order) -> std::optional<Input> {
                     auto input = performed(
                         order.order(), action == Action::perform ? succeeded(2'480) : undone());
                     input.action = action;
                     if (!change(order.order(), input.key)) return std::nullopt;
                     return input;
                   }});
  };
  const auto older_run = [](const Order&, OperationKey& key) {
    key.run -= 1;
    return true;
  };
  const auto other_generation = [](const Order&, OperationKey& key) {
    key.generation += 1;
    return true;
  };
  const auto done_step = [](const Order& order, OperationKey& key) {
    if (order.step > 1) key = order.key_of(static_cast<StepNumber>(order.step - 1));
    return order.step > 1;
  };
  const auto later_step = [](const Order& order, OperationKey& key) {
    if (order.step < kStepCount) key = order.key_of(static_cast<StepNumber>(order.step + 1));
    return order.step < kStepCount;
  };
  const auto not_outstanding = [](const Order& order, OperationKey&) {
    return !order.edit && (!order.undo || order.undo->outstanding.front() != order.step);
  };
  add("perform, an older run", Action::perform, older_run);
  add("perform, another generation", Action::perform, other_generation);
  add("perform, a step already done", Action::perform, done_step);
  add("perform, a later step", Action::perform, later_step);
  add("undo, an older run", Action::undo, older_run);
  add("undo, another generation", Action::undo, other_generation);
  add("undo, a later step", Action::undo, later_step);
  add("undo of cur, not asked for or not the head", Action::undo, not_outstanding);
}

std::vector<NamedInput> all_inputs() {
  std::vector<NamedInput> all;
  add_commands(all);
  add_timers(all);
  add_outcomes(all);
  add_other_keys(all);
  return all;
}

// --- results: the notation ----------------------------------------------------------------------

/// A status as the page says it: `forward` and `resume` where it depends on the order.
std::string status_word(const Order& before, Status status) {
  if (status == forward_status(before) && !is_final(before.status)) return "forward";
  return std::string{to_string(status)};
}

std::string details_of(const Order& before, const EventDraft& draft) {
  if (const auto* d = std::get_if<CancelRequested>(&draft.data)) {
    const bool forward = d->resume_status == forward_status(before);
    return fmt::format("{{resume: {}}}", forward ? "forward" : to_string(d->resume_status));
  }
  if (const auto* d = std::get_if<CompensationStarted>(&draft.data)) {
    return fmt::format("{{{}}}", to_string(d->cause));
  }
  if (const auto* d = std::get_if<CompensationFailed>(&draft.data)) {
    return fmt::format("{{{}}}", to_string(d->cause));
  }
  if (const auto* d = std::get_if<OrderDeadLettered>(&draft.data)) {
    return fmt::format("{{{}}}", to_string(d->reason));
  }
  if (const auto* d = std::get_if<OrderRetried>(&draft.data)) {
    if (d->new_generation) return "{changes, generation + 1}";
    return d->changes.empty() ? "" : "{changes}";
  }
  if (const auto* d = std::get_if<StepAttemptFailed>(&draft.data)) {
    return fmt::format("{{{}, {}{}}}", to_string(d->action), to_string(d->failure_class),
                       d->next_attempt_at ? ", next_attempt_at" : "");
  }
  return "";
}

/// Events of steps 1 to 4 go by their part, so that one line says it for all four.
std::string event_word(const EventDraft& draft) {
  if (draft.step && *draft.step <= 4) {
    const auto& spec = spec_of(*draft.step);
    if (draft.type == spec.done) return "done event";
    if (draft.type == spec.undone) return "undone event";
  }
  if (draft.step && draft.type == spec_of(*draft.step).refused) return "refused event";
  return fmt::format("`{}`", to_string(draft.type));
}

std::string after_word(const Order& before, const Order& after) {
  std::string word;
  if (after.step != before.step && after.run == before.run) {
    word = to_string(after.status);
    word += ", next step";
  } else if (after.status == before.status) {
    word = "stays";
  } else if (before.status == Status::cancelling && after.status == before.undo->resume_status) {
    word = "resume";
  } else {
    word = status_word(before, after.status);
  }
  if (after.edit && !before.edit) word += ", edit waits";
  if (before.edit && !after.edit) {
    const bool applied = after.current().generation == before.edit->new_generation;
    word += applied ? ", generation + 1" : ", edit dropped";
  }
  if (after.run != before.run) word += ", run + 1";
  if (after.undo && after.undo->by_hand && !(before.undo && before.undo->by_hand)) {
    word += ", by hand";
  }
  return word;
}

bool is_needed(const Order& order, const Input& input) {
  const auto* outcome = std::get_if<OutcomeInput>(&input);
  const auto call = needed_call(order);
  return outcome != nullptr && outcome->awaited && call && call->key == outcome->key &&
         call->action == outcome->action;
}

/// The cells "events" and "status after".
std::string result_of(TestOrder order, const Input& input) {
  const auto before = order.order();
  const auto decision = order.give(input);
  if (!decision) return "409 | ";
  if (decision->ignored) {
    EXPECT_EQ(decision->events.size(), 1U);
    EXPECT_EQ(decision->events.at(0).type, EventType::EventIgnored);
    EXPECT_EQ(order.order().status, before.status);
    EXPECT_EQ(order.order().steps, before.steps);
    return "`EventIgnored` | ";
  }
  if (decision->events.empty()) {
    if (std::holds_alternative<Command>(input)) return "= | ";
    return is_needed(before, input) ? "= (ask again) | " : "– | ";
  }
  std::string events;
  for (const auto& draft : decision->events) {
    if (!events.empty()) events += ", ";
    events += event_word(draft) + details_of(before, draft);
  }
  return fmt::format("{} | {}", events, after_word(before, order.order()));
}

// --- the page -----------------------------------------------------------------------------------

/// What tells `situation` apart from those of `all` that are not `chosen`, as short as it can be.
std::string name_of(const Situation& situation, const std::vector<const Situation*>& chosen,
                    const std::vector<const Situation*>& all) {
  const auto is_exact = [&](bool with_group, bool with_detail) {
    return std::ranges::all_of(all, [&](const Situation* other) {
      const bool is_named = other->status() == situation.status() &&
                            (!with_group || other->group == situation.group) &&
                            (!with_detail || other->detail == situation.detail);
      return !is_named || std::ranges::find(chosen, other) != chosen.end();
    });
  };
  const auto status = to_string(situation.status());
  if (is_exact(false, false)) return std::string{status};
  if (is_exact(true, false)) return fmt::format("{} ({})", status, situation.group);
  if (is_exact(false, true)) return fmt::format("{} ({})", status, situation.detail);
  EXPECT_TRUE(is_exact(true, true)) << status << ": two orders of one name differ";
  return fmt::format("{} ({}, {})", status, situation.group, situation.detail);
}

std::string names_of(const std::vector<const Situation*>& chosen,
                     const std::vector<const Situation*>& all) {
  std::vector<std::string> names;
  for (const auto* situation : chosen) {
    auto name = name_of(*situation, chosen, all);
    if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string table_of(const NamedInput& input, const std::vector<Situation>& situations) {
  std::vector<const Situation*> all;
  std::vector<std::pair<std::string, std::vector<const Situation*>>> results;
  for (const auto& situation : situations) {
    auto order = situation.order;
    const auto given = input.make(order);
    if (!given) continue;
    all.push_back(&situation);
    const auto result = result_of(order, *given);
    auto same = std::ranges::find(results, result, [](const auto& r) { return r.first; });
    if (same == results.end()) same = results.insert(same, {result, {}});
    same->second.push_back(&situation);
  }
  auto text =
      fmt::format("\n### {}\n\n| order | events | status after |\n|---|---|---|\n", input.name);
  for (const auto& [result, chosen] : results) {
    text += fmt::format("| {} | {} |\n", names_of(chosen, all), result);
  }
  return text;
}

std::string all_tables() {
  const auto situations = all_situations();
  std::string text;
  std::string section;
  for (const auto& input : all_inputs()) {
    if (input.section != section) text += fmt::format("\n## {}\n", input.section);
    section = input.section;
    text += table_of(input, situations);
  }
  return text + "\n";
}

TEST(TransitionTable, EqualsThePage) {
  const auto page = read_project_file(kPage);
  const auto begin = page.find(kBegin);
  const auto end = page.find(kEnd);
  ASSERT_NE(begin, std::string::npos);
  ASSERT_NE(end, std::string::npos);
  const auto from = begin + kBegin.size();
  const auto tables = all_tables();
  if (updates_wanted()) {
    write_project_file(kPage, page.substr(0, from) + tables + page.substr(end));
    return;
  }
  EXPECT_EQ(page.substr(from, end - from), tables)
      << "if the change is meant: CONVEYOR_UPDATE_DOCS=1, read the page, commit it";
}

TEST(TransitionTable, HasASituationForEveryStatusWithAndWithoutAnEdit) {
  std::set<std::pair<Status, bool>> seen;
  for (const auto& situation : all_situations()) {
    seen.emplace(situation.order.order().status, situation.order.order().edit.has_value());
  }
  for (const auto status : kAllStatuses) EXPECT_TRUE(seen.contains({status, false}));
  for (const auto status :
       {Status::pending, Status::processing, Status::on_hold, Status::dead_lettered}) {
    EXPECT_TRUE(seen.contains({status, true})) << to_string(status);
  }
}

}  // namespace
}  // namespace conveyor::test
