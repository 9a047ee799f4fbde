#include "sim/transition_page.h"

#include <fmt/format.h>

#include <algorithm>

#include <array>
#include <fstream>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace conveyor::sim {
namespace {

using Situation = TransitionPage::Situation;

// --- words of the page --------------------------------------------------------------------------

/// Longer words first, where one contains the other.
constexpr std::array<std::string_view, 15> kQualifiers{
    "head is no booking and the last",
    "head is no booking, more follow",
    "head is the booking, before dispatch",
    "head is the booking, at dispatch",
    "not by hand",
    "by hand",
    "for a cancel",
    "for a failure",
    "no edit",
    "edit waits",
    "steps 1–2",
    "steps 2–4",
    "step 1",
    "at booking",
    "at dispatch",
};

Situation bit(std::string_view qualifier) {
  const auto at = std::ranges::find(kQualifiers, qualifier);
  return Situation{1} << (at - kQualifiers.begin());
}

struct InputName {
  std::string_view section;
  std::string_view name;
};

constexpr std::string_view kCommands = "Commands";
constexpr std::string_view kTimers = "Timers";
constexpr std::string_view kPerform = "Outcome of perform(cur)";
constexpr std::string_view kEdit = "Outcome of undo(cur) while an edit waits";
constexpr std::string_view kUndo = "Outcome of undo(head U)";
constexpr std::string_view kOther = "Outcome of any other key";

/// The inputs of the page, in its sequence.
constexpr std::array kInputs{
    InputName{kCommands, "cancel"},
    InputName{kCommands, "hold"},
    InputName{kCommands, "release"},
    InputName{kCommands, "retry"},
    InputName{kCommands, "compensate"},
    InputName{kCommands, "resolve"},
    InputName{kCommands, "restart"},
    InputName{kCommands, "retry with changes of what the current step's request uses"},
    InputName{kCommands, "retry with changes of what only later steps use"},
    InputName{kCommands, "retry with changes of what a done step has used"},
    InputName{kCommands, "retry-now, while a wait runs"},
    InputName{kCommands, "retry-now, while none runs"},
    InputName{kTimers, "undo_at"},
    InputName{kTimers, "undo_at, before it is due"},
    InputName{kTimers, "patience"},
    InputName{kTimers, "patience, before it is due"},
    InputName{kTimers, "undo_patience"},
    InputName{kTimers, "undo_patience, before it is due"},
    InputName{kPerform, "succeeded"},
    InputName{kPerform, "rejected"},
    InputName{kPerform, "undone"},
    InputName{kPerform, "in_progress"},
    InputName{kPerform, "failed, attempts left"},
    InputName{kPerform, "failed, last attempt"},
    InputName{kPerform, "poison"},
    InputName{kPerform, "failed or poison, no longer awaited"},
    InputName{kEdit, "undone"},
    InputName{kEdit, "refused"},
    InputName{kEdit, "refused, already_dispatched"},
    InputName{kEdit, "in_progress"},
    InputName{kEdit, "failed, attempts left"},
    InputName{kEdit, "failed, last attempt"},
    InputName{kEdit, "poison"},
    InputName{kEdit, "failed or poison, no longer awaited"},
    InputName{kUndo, "undone"},
    InputName{kUndo, "refused"},
    InputName{kUndo, "refused, already_dispatched"},
    InputName{kUndo, "in_progress"},
    InputName{kUndo, "failed, attempts left"},
    InputName{kUndo, "failed, last attempt"},
    InputName{kUndo, "poison"},
    InputName{kUndo, "failed or poison, no longer awaited"},
    InputName{kOther, "perform, an older run"},
    InputName{kOther, "perform, another generation"},
    InputName{kOther, "perform, a step already done"},
    InputName{kOther, "perform, a later step"},
    InputName{kOther, "undo, an older run"},
    InputName{kOther, "undo, another generation"},
    InputName{kOther, "undo, a later step"},
    InputName{kOther, "undo of cur, not asked for or not the head"},
};

constexpr std::size_t kNone = kInputs.size();

constexpr std::size_t input(std::string_view section, std::string_view name) {
  for (std::size_t i = 0; i < kInputs.size(); ++i) {
    if (kInputs.at(i).section == section && kInputs.at(i).name == name) return i;
  }
  return kNone;
}

// --- what an order and an input are by the page -------------------------------------------------

Situation situation_of(const Order& order) {
  static const auto bits = [] {
    std::array<Situation, kQualifiers.size()> all{};
    for (std::size_t i = 0; i < all.size(); ++i) all.at(i) = Situation{1} << i;
    return all;
  }();
  enum : std::size_t {
    no_booking_last,
    no_booking,
    early,
    dispatch,
    plain,
    hand,
    cancel,
    failure,
    no_edit,
    edit,
    one_two,
    two_four,
    one,
    booking,
    at_dispatch
  };
  if (order.undo && !order.undo->outstanding.empty()) {
    const auto& undo = *order.undo;
    Situation all = bits.at(undo.by_hand ? hand : plain) |
                    bits.at(undo.cause == UndoCause::cancel ? cancel : failure);
    const bool is_booking = spec_of(undo.outstanding.front()).undone_first;
    if (is_booking) {
      all |= bits.at(spec_of(order.step).pivot ? dispatch : early);
    } else {
      all |= bits.at(undo.outstanding.size() == 1 ? no_booking_last : no_booking);
    }
    return all;
  }
  if (order.edit) {
    return bits.at(edit) | bits.at(spec_of(order.step).undone_first ? booking : one_two);
  }
  const auto place = order.step == 1 ? one : spec_of(order.step).pivot ? at_dispatch : two_four;
  return bits.at(no_edit) | bits.at(place);
}

/// Also of those that have been undone since.
FieldSet fields_of_done_steps(const Order& order) {
  FieldSet used = 0;
  for (StepNumber s = 1; s <= order.step; ++s) {
    const bool done = s < order.step || order.state_of(s).kind == StepState::Kind::succeeded;
    if (done) used |= spec_of(s).uses;
  }
  return used;
}

/// At most two: an input that the fold does not wait for counts as due and as not due.
using Kinds = std::array<std::size_t, 2>;

Kinds kinds_of(const Order& order, const Command& command, Timestamp now) {
  switch (command.kind) {
    case CommandKind::cancel:
      return {input(kCommands, "cancel"), kNone};
    case CommandKind::hold:
      return {input(kCommands, "hold"), kNone};
    case CommandKind::release:
      return {input(kCommands, "release"), kNone};
    case CommandKind::compensate:
      return {input(kCommands, "compensate"), kNone};
    case CommandKind::resolve:
      return {input(kCommands, "resolve"), kNone};
    case CommandKind::restart:
      return {input(kCommands, "restart"), kNone};
    case CommandKind::retry_now: {
      constexpr auto kWait = input(kCommands, "retry-now, while a wait runs");
      constexpr auto kNoWait = input(kCommands, "retry-now, while none runs");
      if (!needed_call(order)) return {kWait, kNoWait};
      return {order.next_attempt_at && *order.next_attempt_at > now ? kWait : kNoWait, kNone};
    }
    case CommandKind::retry:
      break;
  }
  const auto fields = command.changes.fields();
  if (fields == 0) return {input(kCommands, "retry"), kNone};
  if ((fields & fields_of_done_steps(order)) != 0) {
    return {input(kCommands, "retry with changes of what a done step has used"), kNone};
  }
  if ((fields & spec_of(order.step).uses) != 0) {
    return {input(kCommands, "retry with changes of what the current step's request uses"), kNone};
  }
  return {input(kCommands, "retry with changes of what only later steps use"), kNone};
}

Kinds kinds_of(const Order& order, Timer timer, const DecideContext& context) {
  constexpr std::array kDue{input(kTimers, "undo_at"), input(kTimers, "patience"),
                            input(kTimers, "undo_patience")};
  const auto due_kind = kDue.at(static_cast<std::size_t>(timer));
  const auto due = due_at(order, timer, context.policy);
  if (!due) return {due_kind, due_kind + 1};
  return {context.now >= *due ? due_kind : due_kind + 1, kNone};
}

std::size_t kind_of_other_key(const Order& order, const OutcomeInput& in) {
  const bool perform = in.action == Action::perform;
  if (in.key.run < order.run) {
    return perform ? input(kOther, "perform, an older run") : input(kOther, "undo, an older run");
  }
  if (in.key.step > order.step) {
    return perform ? input(kOther, "perform, a later step") : input(kOther, "undo, a later step");
  }
  if (in.key.step < order.step) {
    return perform ? input(kOther, "perform, a step already done") : kNone;
  }
  if (in.key.generation != order.current().generation) {
    return perform ? input(kOther, "perform, another generation")
                   : input(kOther, "undo, another generation");
  }
  return perform ? kNone : input(kOther, "undo of cur, not asked for or not the head");
}

/// The row of a section that all three kinds of calls have.
std::size_t kind_of_failure(std::string_view section, const Order& order, const OutcomeInput& in,
                            const DecideContext& context) {
  if (!in.awaited) return input(section, "failed or poison, no longer awaited");
  const bool poison = in.outcome.kind != Outcome::Kind::failed ||
                      in.outcome.failure_class == FailureClass::poison ||
                      in.outcome.failure_class == FailureClass::rejected;
  if (poison) return input(section, "poison");
  return order.budget_used + 1 >= context.policy.max_attempts
             ? input(section, "failed, last attempt")
             : input(section, "failed, attempts left");
}

std::size_t kind_of(const Order& order, const OutcomeInput& in, const DecideContext& context) {
  using Kind = Outcome::Kind;
  const auto current = order.key_of(order.step);
  if (in.action == Action::perform) {
    if (in.key != current) return kind_of_other_key(order, in);
    if (in.outcome.kind == Kind::succeeded) return input(kPerform, "succeeded");
    if (in.outcome.kind == Kind::rejected) return input(kPerform, "rejected");
    if (in.outcome.kind == Kind::undone) return input(kPerform, "undone");
    if (in.outcome.kind != Kind::in_progress) return kind_of_failure(kPerform, order, in, context);
    return in.awaited ? input(kPerform, "in_progress") : kNone;
  }
  const bool head = order.undo && !order.undo->outstanding.empty() &&
                    in.key == order.key_of(order.undo->outstanding.front());
  if (!head && (order.undo || !order.edit || in.key != current)) {
    return kind_of_other_key(order, in);
  }
  const auto section = head ? kUndo : kEdit;
  if (in.outcome.kind == Kind::undone) return input(section, "undone");
  if (in.outcome.kind == Kind::refused) {
    return in.outcome.code == "already_dispatched" ? input(section, "refused, already_dispatched")
                                                   : input(section, "refused");
  }
  if (in.outcome.kind != Kind::in_progress) return kind_of_failure(section, order, in, context);
  return in.awaited ? input(section, "in_progress") : kNone;
}

// --- reading ------------------------------------------------------------------------------------

std::unique_ptr<TransitionPage>& the_page() {
  static std::unique_ptr<TransitionPage> page;
  return page;
}

std::string_view cut(std::string_view& text, std::string_view end) {
  const auto at = text.find(end);
  const auto part = text.substr(0, at);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + end.size());
  return part;
}

/// `processing (edit waits)` and the `, ` behind it.
std::string_view cut_order(std::string_view& text) {
  std::size_t depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '(') ++depth;
    if (text[i] == ')') --depth;
    if (depth > 0 || !text.substr(i).starts_with(", ")) continue;
    const auto part = text.substr(0, i);
    text.remove_prefix(i + 2);
    return part;
  }
  return std::exchange(text, {});
}

Situation parse_qualifiers(std::string text) {
  Situation all = 0;
  for (const auto qualifier : kQualifiers) {
    const auto at = text.find(qualifier);
    if (at == std::string::npos) continue;
    all |= bit(qualifier);
    text.erase(at, qualifier.size());
  }
  if (text.find_first_not_of(", ") != std::string::npos) {
    throw std::runtime_error(fmt::format("the page says \"{}\", which nobody knows", text));
  }
  return all;
}

}  // namespace

void TransitionPage::load(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  if (!file) {
    throw std::runtime_error(
        fmt::format("{} cannot be read; run from the root of the clone, or "
                    "give --transitions FILE",
                    path));
  }
  the_page() = std::unique_ptr<TransitionPage>{new TransitionPage{text.str()}};
}

const TransitionPage& TransitionPage::get() {
  return *the_page();
}

TransitionPage::TransitionPage(std::string_view text) {
  const auto begin = text.find("<!-- begin");
  text = text.substr(begin == std::string_view::npos ? text.size() : begin);
  std::string section;
  std::string name;
  while (!text.empty()) {
    auto row = cut(text, "\n");
    if (row.starts_with("### ")) {
      name = row.substr(4);
    } else if (row.starts_with("## ")) {
      section = row.substr(3);
    } else if (row.starts_with("| ") && !row.starts_with("| order |")) {
      add_row(section, name, row.substr(2));
    }
  }
  index_lines();
}

void TransitionPage::add_row(const std::string& section, const std::string& input_name,
                             std::string_view row) {
  auto orders = cut(row, " | ");
  const auto result = cut(row, " | ");
  while (!orders.empty()) {
    Line line;
    line.section = section;
    line.input = input_name;
    line.order = cut_order(orders);
    line.result = result;
    line.legal = result != "409" && result != "–" && result != "`EventIgnored`";
    std::string_view rest = line.order;
    const auto status = parse_status(cut(rest, " ("));
    if (!status) throw std::runtime_error(fmt::format("no such status: {}", line.order));
    line.status = *status;
    line.situation = parse_qualifiers(std::string{rest.substr(0, rest.rfind(')'))});
    lines_.push_back(std::move(line));
  }
}

void TransitionPage::index_lines() {
  by_input_.assign(kInputs.size(), std::vector<std::vector<std::size_t>>(kAllStatuses.size()));
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    const auto& line = lines_[i];
    const auto kind = input(line.section, line.input);
    if (kind == kNone) {
      throw std::runtime_error(
          fmt::format("the page has an input that nobody knows: {}: {}", line.section, line.input));
    }
    by_input_.at(kind).at(static_cast<std::size_t>(line.status)).push_back(i);
  }
  for (std::size_t kind = 0; kind < kInputs.size(); ++kind) {
    const auto& by_status = by_input_.at(kind);
    if (std::ranges::any_of(by_status, [](const auto& lines) { return !lines.empty(); })) continue;
    throw std::runtime_error(fmt::format("the page does not have {}: {}", kInputs.at(kind).section,
                                         kInputs.at(kind).name));
  }
}

void TransitionPage::met(const Order& order, const Input& given, const DecideContext& context,
                         const std::function<void(std::size_t)>& met) const {
  Kinds kinds{kNone, kNone};
  if (const auto* command = std::get_if<Command>(&given)) {
    kinds = kinds_of(order, *command, context.now);
  } else if (const auto* timer = std::get_if<Timer>(&given)) {
    kinds = kinds_of(order, *timer, context);
  } else {
    kinds[0] = kind_of(order, std::get<OutcomeInput>(given), context);
  }
  const auto situation = situation_of(order);
  for (const auto kind : kinds) {
    if (kind == kNone) continue;
    for (const auto line : by_input_.at(kind).at(static_cast<std::size_t>(order.status))) {
      const auto wanted = lines_[line].situation;
      if ((situation & wanted) == wanted) met(line);
    }
  }
}

// --- trying everything --------------------------------------------------------------------------

namespace {

using Each = std::function<void(const Input&, const DecideContext&)>;

void try_commands(const Order& order, const DecideContext& context, const Each& each) {
  for (const auto kind : kAllCommands) each(Command{kind, {}, {}, "ticket"}, context);
  Changes lines;
  lines.lines = order.lines;
  Changes method;
  method.payment_method = "pm_ok";
  Changes contact;
  contact.contact_version = order.contact_version + 1;
  for (const auto& changes : {lines, method, contact}) {
    each(Command{CommandKind::retry, {}, changes, {}}, context);
  }
}

void try_timers(const Order& order, Timestamp now, const RetryPolicy& policy, const Each& each) {
  for (const auto timer : kAllTimers) {
    const auto due = due_at(order, timer, policy);
    each(timer, {due.value_or(now), policy});
    each(timer, {due.value_or(now) - Duration{1}, policy});
  }
}

Outcome outcome_of(Outcome::Kind kind, std::string code = {},
                   FailureClass failure_class = FailureClass::transient) {
  Outcome outcome;
  outcome.kind = kind;
  outcome.code = std::move(code);
  outcome.failure_class = failure_class;
  return outcome;
}

void try_outcomes(const Order& order, OutcomeInput in, Timestamp now, const RetryPolicy& policy,
                  const Each& each) {
  using Kind = Outcome::Kind;
  auto few = policy;
  few.max_attempts = order.budget_used + 1;
  auto more = policy;
  more.max_attempts = order.budget_used + 2;
  for (const auto kind : {Kind::succeeded, Kind::rejected, Kind::undone, Kind::in_progress}) {
    // Contradictions are poison, and tried as that.
    if (in.action == Action::undo && (kind == Kind::succeeded || kind == Kind::rejected)) continue;
    in.outcome = outcome_of(kind, "code");
    each(in, {now, more});
  }
  if (in.action == Action::undo) {
    for (const auto* code : {"too_late", "already_dispatched"}) {
      in.outcome = outcome_of(Kind::refused, code);
      each(in, {now, more});
    }
  }
  in.outcome = outcome_of(Kind::failed, "code");
  each(in, {now, few});
  each(in, {now, more});
  in.outcome.failure_class = FailureClass::poison;
  each(in, {now, more});
  in.awaited = false;
  each(in, {now, few});
}

void try_other_keys(const Order& order, const DecideContext& context, const Each& each) {
  const auto current = order.key_of(order.step);
  std::vector<OperationKey> keys{current};
  auto key = current;
  key.run -= 1;
  keys.push_back(key);
  key = current;
  key.generation += 1;
  keys.push_back(key);
  if (order.step > 1) keys.push_back(order.key_of(static_cast<StepNumber>(order.step - 1)));
  if (order.step < kStepCount)
    keys.push_back(order.key_of(static_cast<StepNumber>(order.step + 1)));
  for (const auto& other : keys) {
    OutcomeInput in;
    in.key = other;
    in.outcome = outcome_of(Outcome::Kind::succeeded);
    if (other != current) each(in, context);
    in.action = Action::undo;
    in.outcome = outcome_of(Outcome::Kind::undone);
    each(in, context);
  }
}

}  // namespace

void try_every_input(const Order& order, Timestamp now, const RetryPolicy& policy,
                     const Each& each) {
  const DecideContext context{now, policy};
  try_commands(order, context, each);
  try_timers(order, now, policy, each);
  OutcomeInput in;
  in.key = order.key_of(order.step);
  try_outcomes(order, in, now, policy, each);
  if (order.undo && !order.undo->outstanding.empty()) {
    in.key = order.key_of(order.undo->outstanding.front());
    in.action = Action::undo;
    try_outcomes(order, in, now, policy, each);
  } else if (order.edit) {
    in.action = Action::undo;
    try_outcomes(order, in, now, policy, each);
  }
  try_other_keys(order, context, each);
}

}  // namespace conveyor::sim
