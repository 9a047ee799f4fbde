// What the tests of the services share: one order, its keys, and a look at results.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <variant>
#include <vector>

#include "domain/steps.h"
#include "ports/participant.h"
#include "ports/provider.h"
#include "ports/random.h"

namespace conveyor::test {

/// Counts: ids are distinct and the same in every run of a test.
class CountingRandom final : public Random {
 public:
  std::uint64_t next() override { return ++count_; }

 private:
  std::uint64_t count_ = 0;
};

inline const Timestamp kPlacedAt = from_unix_ms(1'767'225'600'000);
inline const OrderId kOrder{make_uuid_v7(kPlacedAt, 1, 2)};

inline OperationKey key_of(std::string_view step, std::uint32_t generation = 1) {
  return {kOrder, 1, parse_step(step).value(), generation};
}

/// The answer of a call that was answered at once.
inline Outcome answered(const CallResult& result) {
  const auto* outcome = std::get_if<Outcome>(&result);
  EXPECT_NE(outcome, nullptr) << "the call was deferred";
  return outcome ? *outcome : Outcome{};
}

/// `succeeded`, `rejected out_of_stock`, `undone reversed`, `failed poison key_reused`, `deferred`.
inline std::string words(const CallResult& result) {
  const auto* outcome = std::get_if<Outcome>(&result);
  if (!outcome) return "deferred";
  std::string text{to_string(outcome->kind)};
  if (outcome->kind == Outcome::Kind::undone) text += " " + std::string{to_string(outcome->effect)};
  if (outcome->kind == Outcome::Kind::failed) {
    text += " " + std::string{to_string(outcome->failure_class)};
  }
  return outcome->code.empty() ? text : text + " " + outcome->code;
}

/// `done`, `refused declined`, `not_found`, `unknown timeout`.
inline std::string words(const ProviderAnswer& answer) {
  switch (answer.kind) {
    case ProviderAnswer::Kind::done:
      return "done";
    case ProviderAnswer::Kind::refused:
      return "refused " + answer.code;
    case ProviderAnswer::Kind::not_found:
      return "not_found";
    case ProviderAnswer::Kind::failed:
      break;
  }
  return std::string{to_string(answer.failure_class)} + " " + answer.code;
}

inline UndoRequest undo_of(const OperationKey& key) {
  return {key, std::nullopt, {}};
}
inline UndoRequest by_hand_of(const OperationKey& key) {
  return {key, "ticket-7", {}};
}

inline ProviderAnswer answer_done(std::string reference = "ref-1") {
  ProviderAnswer answer;
  answer.reference = std::move(reference);
  answer.carrier = "carrier";
  answer.tracking = "T" + answer.reference;
  return answer;
}
inline ProviderAnswer answer_refused(std::string code) {
  ProviderAnswer answer;
  answer.kind = ProviderAnswer::Kind::refused;
  answer.code = std::move(code);
  return answer;
}
inline ProviderAnswer answer_not_found() {
  ProviderAnswer answer;
  answer.kind = ProviderAnswer::Kind::not_found;
  return answer;
}
inline ProviderAnswer answer_failed(FailureClass failure_class, std::string code = "code") {
  ProviderAnswer answer;
  answer.kind = ProviderAnswer::Kind::failed;
  answer.failure_class = failure_class;
  answer.code = std::move(code);
  return answer;
}

/// Answers in the sequence that a test gives; `done` once it has given no more.
class Script {
 public:
  void add(ProviderAnswer answer) { answers_.push_back(std::move(answer)); }
  ProviderAnswer next() {
    if (answers_.empty()) return answer_done();
    ProviderAnswer answer = answers_.front();
    answers_.erase(answers_.begin());
    return answer;
  }

 private:
  std::vector<ProviderAnswer> answers_;
};

/// Somebody behind a service that answers as the test says and keeps what it was asked.
template <class Port, class Call, class Verb>
class Scripted final : public Port {
 public:
  Duration latency(const Call&) override { return delay; }
  ProviderAnswer call(const Call& call, Timestamp) override {
    calls.push_back(call);
    return answers.next();
  }
  ProviderAnswer look_up(const OperationKey& key, Timestamp) override {
    asked.push_back(key);
    return look_ups.next();
  }
  std::size_t count(Verb verb) const {
    return static_cast<std::size_t>(
        std::ranges::count(calls, verb, [](const Call& made) { return made.verb; }));
  }

  Duration delay{0};
  Script answers;
  Script look_ups;
  std::vector<Call> calls;
  std::vector<OperationKey> asked;
};

}  // namespace conveyor::test
