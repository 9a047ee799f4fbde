// Method: every row of the table is asked for by its name; numbers are tried at and beyond their
// edges; docs/sandbox.md is read and must hold every row word by word.
#include "adapters/sandbox/behaviours.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "services/service_fixture.h"

namespace conveyor::sandbox {
namespace {

std::string with_number(std::string_view name, std::int64_t number) {
  const auto placeholder = name.find('<');
  if (placeholder == std::string_view::npos) return std::string{name};
  return fmt::format("{}{}", name.substr(0, placeholder), number);
}

bool takes_number(const BehaviourSpec& spec) {
  return spec.name.find('<') != std::string_view::npos;
}

TEST(Behaviours, EveryRowIsFoundByItsName) {
  std::set<std::string_view> names;
  for (const BehaviourSpec& spec : behaviours()) {
    EXPECT_TRUE(names.insert(spec.name).second) << spec.name;
    const std::int64_t number = takes_number(spec) ? 7 : 0;
    EXPECT_EQ(behaviour_of(spec.selector, with_number(spec.name, number)),
              (Behaviour{spec.quirk, number}))
        << spec.name;
  }
  EXPECT_EQ(names.size(), 20U);
}

TEST(Behaviours, NumbersAreStrict) {
  for (const BehaviourSpec& spec : behaviours()) {
    if (!takes_number(spec)) continue;
    const auto ask = [&](std::string_view number) {
      const std::string prefix{spec.name.substr(0, spec.name.find('<'))};
      return behaviour_of(spec.selector, prefix + std::string{number});
    };
    EXPECT_EQ(ask("0"), (Behaviour{spec.quirk, 0}));
    const std::string largest = fmt::format("{}", spec.max_parameter);
    EXPECT_EQ(ask(largest), (Behaviour{spec.quirk, spec.max_parameter}));
    const std::string beyond = fmt::format("{}", spec.max_parameter + 1);
    for (const std::string_view odd :
         {std::string_view{beyond}, std::string_view{""}, std::string_view{"-1"},
          std::string_view{"-0"}, std::string_view{"+1"}, std::string_view{"01"},
          std::string_view{"00"}, std::string_view{" 1"}, std::string_view{"1 "},
          std::string_view{"1x"}, std::string_view{"<n>"},
          std::string_view{"99999999999999999999999"}}) {
      EXPECT_EQ(ask(odd), Behaviour{}) << spec.name << " with '" << odd << "'";
    }
  }
}

TEST(Behaviours, AnythingElseIsAnOrdinarySuccess) {
  EXPECT_EQ(behaviour_of(Selector::payment_method, "pm_card_visa"), Behaviour{});
  EXPECT_EQ(behaviour_of(Selector::payment_method, "pm_slow_down"), Behaviour{});
  EXPECT_EQ(behaviour_of(Selector::payment_method, "PM_SLOW"), Behaviour{});
  EXPECT_EQ(behaviour_of(Selector::payment_method, "SBX-SLOW"), Behaviour{});
  EXPECT_EQ(behaviour_of(Selector::postal_code, "pm_slow"), Behaviour{});
  EXPECT_EQ(behaviour_of(Selector::postal_code, "SBX-RESERVE-FLAKY-1"), Behaviour{});
  EXPECT_EQ(behaviour_of(Selector::first_sku, "SBX-FLAKY-1"), Behaviour{});
  EXPECT_EQ(behaviour_of(Selector::postal_code, ""), Behaviour{});
}

TEST(Behaviours, Latency) {
  test::CountingRandom random;
  std::set<Duration> drawn;
  for (int i = 0; i < 1'000; ++i) drawn.insert(latency_of({Quirk::async, 0}, random));
  EXPECT_EQ(*drawn.begin(), Duration{20});
  EXPECT_EQ(*drawn.rbegin(), Duration{200});
  EXPECT_EQ(latency_of({Quirk::slow, 0}, random), Duration{3'000});
  EXPECT_EQ(latency_of({Quirk::flaky, 9}, random), Duration{0});
}

TEST(Behaviours, AnOutageEndsItsSecondsAfterTheOrderWasPlaced) {
  const Behaviour outage{Quirk::outage, 30};
  EXPECT_TRUE(in_outage(outage, test::kOrder, test::kPlacedAt));
  EXPECT_TRUE(in_outage(outage, test::kOrder, test::kPlacedAt + Duration{29'999}));
  EXPECT_FALSE(in_outage(outage, test::kOrder, test::kPlacedAt + Duration{30'000}));
  EXPECT_FALSE(in_outage({Quirk::flaky, 30}, test::kOrder, test::kPlacedAt));
}

std::string page() {
  auto folder = std::filesystem::current_path();
  while (!std::filesystem::exists(folder / "CMakePresets.json") && folder.has_relative_path()) {
    folder = folder.parent_path();
  }
  std::ifstream in{folder / "docs" / "sandbox.md"};
  EXPECT_TRUE(in.good());
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

TEST(Behaviours, TheDocumentationHoldsTheTable) {
  const std::string text = page();
  std::size_t rows = 0;
  for (auto at = text.find("\n| `"); at != std::string::npos; at = text.find("\n| `", at + 1))
    ++rows;
  constexpr std::size_t kHeaders = 3;
  EXPECT_EQ(rows, behaviours().size() + kHeaders);
  for (const BehaviourSpec& spec : behaviours()) {
    const std::string row = fmt::format("\n| `{}` | {} | ", spec.name, spec.description);
    const auto at = text.find(row);
    ASSERT_NE(at, std::string::npos) << row;
    if (!takes_number(spec)) continue;
    const std::string bound = fmt::format(" ≤ {})", spec.max_parameter);
    EXPECT_NE(text.substr(at, text.find('\n', at + 1) - at).find(bound), std::string::npos) << row;
  }
}

}  // namespace
}  // namespace conveyor::sandbox
