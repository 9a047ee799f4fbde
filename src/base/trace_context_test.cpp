// Method: the examples of W3C Trace Context and one change of each field at a time; properties of
// new traces and children over random numbers, zero included.
#include "base/trace_context.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace conveyor {
namespace {

constexpr std::string_view kExample = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

TEST(TraceContext, ReadsAndWritesTheExampleOfTheSpecification) {
  const auto trace = parse_traceparent(kExample);
  ASSERT_TRUE(trace);
  EXPECT_EQ(trace->trace_id, "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_EQ(trace->parent_id, "00f067aa0ba902b7");
  EXPECT_EQ(trace->flags, TraceParent::kSampled);
  EXPECT_EQ(format_traceparent(*trace), kExample);
}

TEST(TraceContext, ReadsLaterVersionsAsVersion00) {
  std::string later{kExample};
  later.replace(0, 2, "cc");
  EXPECT_EQ(parse_traceparent(later), parse_traceparent(kExample));
  EXPECT_EQ(parse_traceparent(later + "-what-the-future-will-be-like"),
            parse_traceparent(kExample));
  EXPECT_EQ(parse_traceparent(later + "-"), parse_traceparent(kExample));
  EXPECT_FALSE(parse_traceparent(later + ".what"));
  EXPECT_FALSE(parse_traceparent(later + "0"));
}

TEST(TraceContext, RefusesWhatIsNotValid) {
  for (const std::string_view text : {
           "",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01 ",
           " 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
           "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
           "0g-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
           "CC-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
           "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
           "00-4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7-01",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7_01",
           "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
           "00-4bf92f3577b34da6a3ce929d0e0e473z-00f067aa0ba902b7-01",
           "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-00F067AA0BA902B7-01",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0G",
       }) {
    EXPECT_FALSE(parse_traceparent(text)) << text;
  }
}

TEST(TraceContext, AChildKeepsTheTraceAndTheFlagsThatWeKnow) {
  auto parent = *parse_traceparent(kExample);
  parent.flags = 0xFF;
  const TraceParent child = make_child(parent, 0xABC);
  EXPECT_EQ(child.trace_id, parent.trace_id);
  EXPECT_EQ(child.parent_id, "0000000000000abc");
  EXPECT_EQ(child.flags, TraceParent::kSampled | TraceParent::kRandom);
  parent.flags = 0;
  EXPECT_EQ(make_child(parent, 1).flags, 0);
}

RC_GTEST_PROP(TraceContext, WhatIsMadeIsValid,
              (std::uint64_t a, std::uint64_t b, std::uint64_t c)) {
  const TraceParent trace = make_trace(a, b, c);
  RC_ASSERT(parse_traceparent(format_traceparent(trace)) == trace);
  const TraceParent child = make_child(trace, a);
  RC_ASSERT(parse_traceparent(format_traceparent(child)) == child);
}

TEST(TraceContext, MakesNoAllZeroIds) {
  const TraceParent trace = make_trace(0, 0, 0);
  EXPECT_EQ(parse_traceparent(format_traceparent(trace)), trace);
  EXPECT_EQ(make_trace(1, 0, 1).trace_id, "00000000000000010000000000000001");
}

}  // namespace
}  // namespace conveyor
