// Method: answers with deadlines that have passed, or are far away; a latch instead of waiting.
#include "server/api/pending_answers.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <latch>

namespace conveyor::api {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

/// Counts what is answered, and how.
struct Answers {
  std::atomic<int> given{0};
  std::atomic<int> late{0};
  std::atomic<int> dropped{0};
  std::latch done;

  explicit Answers(int expected) : done(expected) {}
  http::Respond respond() {
    return http::Respond([this](const http::Answer& answer, const std::string&) {
      if (std::holds_alternative<http::Response>(answer)) ++given;
      if (std::holds_alternative<http::MakeResponse>(answer)) ++late;
      if (std::holds_alternative<std::monostate>(answer)) ++dropped;
      done.count_down();
    });
  }
};

TEST(PendingAnswers, GiveTheRightToAnswerOnce) {
  Answers answers(1);
  PendingAnswers pending;
  const auto ticket = pending.add(answers.respond(), hours(1), [] { return http::Response{}; });
  auto respond = pending.take(ticket);
  ASSERT_TRUE(respond);
  EXPECT_FALSE(pending.take(ticket));
  (*respond)(http::Response{});
  EXPECT_EQ(answers.given, 1);
}

TEST(PendingAnswers, AnswerThemselvesAfterTheDeadline) {
  Answers answers(2);
  PendingAnswers pending;
  const auto far = pending.add(answers.respond(), hours(1), [] { return http::Response{}; });
  const auto first =
      pending.add(answers.respond(), milliseconds(1), [] { return http::Response{}; });
  const auto second =
      pending.add(answers.respond(), milliseconds(0), [] { return http::Response{}; });
  answers.done.wait();
  EXPECT_EQ(answers.late, 2);
  EXPECT_FALSE(pending.take(first));
  EXPECT_FALSE(pending.take(second));
  EXPECT_TRUE(pending.take(far));  // and dropped here
  EXPECT_EQ(answers.dropped, 1);
}

TEST(PendingAnswers, DropWhatWaitsAtTheEnd) {
  Answers answers(1);
  {
    PendingAnswers pending;
    pending.add(answers.respond(), hours(1), [] { return http::Response{}; });
  }
  EXPECT_EQ(answers.dropped, 1);
}

}  // namespace
}  // namespace conveyor::api
