// Sources are given as values and small files; every kind of mistake is made once and its sentence
// compared whole, so that place and advice stay right.
#include "app/config.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace conveyor {
namespace {

using testing::ElementsAre;

struct ConfigTest : testing::Test {
  ConfigTest() {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    path = std::filesystem::temp_directory_path() /
           fmt::format("conveyor_config_{}_{}.toml", test->name(), getpid());
  }
  ~ConfigTest() override { std::filesystem::remove(path); }

  // The errors of a file, without its path.
  std::vector<std::string> errors_of(std::string_view toml) {
    write(toml);
    const auto loaded = load_config({.toml_path = path.string()});
    if (loaded) return {};
    auto errors = loaded.error();
    for (auto& error : errors) {
      EXPECT_TRUE(error.starts_with(path.string() + ":")) << error;
      error.erase(0, path.string().size() + 1);
    }
    return errors;
  }

  void write(std::string_view toml) { std::ofstream{path, std::ios::binary} << toml; }

  std::filesystem::path path;
};

std::string origin_of(const LoadedConfig& loaded, std::string_view name) {
  for (std::size_t i = 0; i < settings().size(); ++i) {
    if (settings()[i].name == name) return loaded.origins.at(i);
  }
  return "no such setting";
}

TEST_F(ConfigTest, DefaultsAreThoseOfTheDesignAndLieInTheirRanges) {
  const auto loaded = load_config({});
  ASSERT_TRUE(loaded);
  EXPECT_EQ(loaded->config, Config{});
  const auto policy = retry_policy_of(loaded->config);
  const RetryPolicy expected;
  EXPECT_EQ(policy.base_delay, expected.base_delay);
  EXPECT_EQ(policy.factor, expected.factor);
  EXPECT_EQ(policy.cap, expected.cap);
  EXPECT_EQ(policy.max_attempts, expected.max_attempts);
  EXPECT_EQ(policy.undo_after, expected.undo_after);
  EXPECT_EQ(policy.patience, expected.patience);
  EXPECT_EQ(policy.undo_patience, expected.undo_patience);
  EXPECT_EQ(gate_options_of(loaded->config), GateOptions{});

  std::vector<NamedText> flags;
  for (const Setting& setting : settings()) {
    flags.emplace_back(setting.name, value_text(setting, Config{}));
  }
  const auto again = load_config({.flags = flags});
  ASSERT_TRUE(again) << again.error().front();
  EXPECT_EQ(again->config, Config{});
}

/// The row of a setting in docs/operations.md.
std::string documented_row(const Setting& setting) {
  const auto value = value_text(setting, Config{});
  std::string range = fmt::format("{} to {}", setting.min, setting.max);
  if (std::holds_alternative<std::string Config::*>(setting.field)) {
    range = setting.choices.empty() ? "" : fmt::format("{}", fmt::join(setting.choices, ", "));
  } else if (std::holds_alternative<std::optional<std::int64_t> Config::*>(setting.field)) {
    range += ", never";
  }
  return fmt::format("| `{}` | {}{}{} | {} | {} |\n", setting.name, value,
                     setting.unit.empty() ? "" : " ", setting.unit, range, setting.help);
}

TEST(Settings, EachHasItsRowInTheDocumentation) {
  auto folder = std::filesystem::current_path();
  while (!std::filesystem::exists(folder / "CMakePresets.json") && folder.has_relative_path()) {
    folder = folder.parent_path();
  }
  std::ifstream file(folder / "docs" / "operations.md");
  const std::string page{std::istreambuf_iterator<char>(file), {}};
  for (const auto& setting : settings()) {
    EXPECT_NE(page.find(documented_row(setting)), page.npos)
        << "docs/operations.md lacks: " << documented_row(setting);
  }
}

TEST_F(ConfigTest, FlagsWinOverEnvironmentOverFileOverDefaults) {
  write("listen = \"127.0.0.1:1\"\ndata = \"file.db\"\nlog_level = \"error\"\n");
  const auto loaded = load_config({.flags = {{"listen", "127.0.0.1:3"}},
                                   .environment = {{"CONVEYOR_LISTEN", "127.0.0.1:2"},
                                                   {"CONVEYOR_DATA", "environment.db"},
                                                   {"HOME", "/root"},
                                                   {"CONVEYOR_SERVER", "http://127.0.0.1:9"}},
                                   .toml_path = path.string()});
  ASSERT_TRUE(loaded) << loaded.error().front();
  EXPECT_EQ(loaded->config.listen, "127.0.0.1:3");
  EXPECT_EQ(loaded->config.data, "environment.db");
  EXPECT_EQ(loaded->config.log_level, "error");
  EXPECT_EQ(origin_of(*loaded, "listen"), "flag --listen");
  EXPECT_EQ(origin_of(*loaded, "data"), "environment CONVEYOR_DATA");
  EXPECT_EQ(origin_of(*loaded, "log_level"), path.string() + ":3");
  EXPECT_EQ(origin_of(*loaded, "log_format"), "default");
}

TEST_F(ConfigTest, TheEnvironmentNamesTheFile) {
  write("retry_max_attempts = 3");
  const auto loaded = load_config({.environment = {{"CONVEYOR_CONFIG", path.string()}}});
  ASSERT_TRUE(loaded) << loaded.error().front();
  EXPECT_EQ(loaded->config.retry_max_attempts, 3);
}

TEST_F(ConfigTest, NeverIsAValueOfUndoAfterAlone) {
  write("undo_after_ms = \"never\"");
  const auto loaded = load_config({.toml_path = path.string()});
  ASSERT_TRUE(loaded) << loaded.error().front();
  EXPECT_EQ(loaded->config.undo_after_ms, std::nullopt);
  EXPECT_EQ(retry_policy_of(loaded->config).undo_after, std::nullopt);
  EXPECT_THAT(errors_of("patience_ms = \"never\""),
              ElementsAre("1:15: patience_ms is \"never\"; it must be an integer from 1 to "
                          "315360000000"));
}

TEST_F(ConfigTest, EveryMistakeOfAFileIsNamedWithLineAndColumn) {
  EXPECT_THAT(errors_of("data = \"a.db\"\n  listn = \"x\"\nlog_level = 5\n"),
              ElementsAre("2:3: listn is no setting; `conveyor config show` lists them",
                          "3:13: log_level is of type integer; it must be one of debug, info, "
                          "warning, error, off"));
  EXPECT_THAT(errors_of("retry_factor = 11"),
              ElementsAre("1:16: retry_factor is \"11\"; it must be an integer from 1 to 10"));
  EXPECT_THAT(errors_of("retry_factor = 2.5"),
              ElementsAre("1:16: retry_factor is of type floating-point; it must be an integer "
                          "from 1 to 10"));
  EXPECT_THAT(errors_of("retry_factor = \"2\""),
              ElementsAre("1:16: retry_factor is \"2\"; it must be an integer from 1 to 10"));
  EXPECT_THAT(errors_of("undo_after_ms = \"soon\""),
              ElementsAre("1:17: undo_after_ms is \"soon\"; it must be an integer from 0 to "
                          "315360000000 or \"never\""));
  EXPECT_THAT(errors_of("data = 1"),
              ElementsAre("1:8: data is of type integer; it must be a string"));
  EXPECT_THAT(errors_of("[retry]\nfactor = 2"),
              ElementsAre("1:2: retry is no setting; `conveyor config show` lists them"));
  const auto syntax = errors_of("data = \"a.db\"\nlisten = ");
  ASSERT_EQ(syntax.size(), 1U);
  EXPECT_TRUE(syntax[0].starts_with("2:")) << syntax[0];
  const auto twice = errors_of("data = \"a.db\"\ndata = \"b.db\"\n");
  ASSERT_EQ(twice.size(), 1U);
  EXPECT_TRUE(twice[0].starts_with("2:")) << twice[0];
}

TEST_F(ConfigTest, MistakesOfFlagsAndEnvironmentAreNamedAllAtOnce) {
  const auto loaded = load_config(
      {.flags = {{"listen", "8080"}, {"io_threads", "many"}},
       .environment = {
           {"CONVEYOR_LISTN", "x"}, {"CONVEYOR_IO_THREADS", "65"}, {"CONVEYOR_DATA", ""}}});
  ASSERT_FALSE(loaded);
  EXPECT_THAT(
      loaded.error(),
      ElementsAre("CONVEYOR_LISTN is no setting; `conveyor config show` lists them",
                  "CONVEYOR_IO_THREADS is \"65\"; it must be an integer from 1 to 64",
                  "CONVEYOR_DATA must name a file",
                  "--listen is \"8080\"; it must be ADDRESS:PORT, such as 127.0.0.1:8080 or "
                  "[::1]:0",
                  "--io-threads is \"many\"; it must be an integer from 1 to 64"));
}

TEST_F(ConfigTest, RangesHoldAtTheirEdges) {
  for (const Setting& setting : settings()) {
    if (std::holds_alternative<std::string Config::*>(setting.field)) continue;
    if (setting.name == "retry_cap_ms" || setting.name == "retry_base_delay_ms") continue;
    const auto loads = [&](std::int64_t value) {
      return load_config({.flags = {{std::string{setting.name}, std::to_string(value)}}})
          .has_value();
    };
    EXPECT_TRUE(loads(setting.min)) << setting.name;
    EXPECT_TRUE(loads(setting.max)) << setting.name;
    EXPECT_FALSE(loads(setting.min - 1)) << setting.name;
    EXPECT_FALSE(loads(setting.max + 1)) << setting.name;
  }
}

TEST_F(ConfigTest, TheCapOfTheBackoffIsNotBelowItsBase) {
  const auto loaded =
      load_config({.flags = {{"retry_cap_ms", "10"}, {"retry_base_delay_ms", "11"}}});
  ASSERT_FALSE(loaded);
  EXPECT_THAT(loaded.error(), ElementsAre("retry_cap_ms (10, flag --retry-cap-ms) is less than "
                                          "retry_base_delay_ms (11, flag --retry-base-delay-ms)"));
  EXPECT_TRUE(load_config({.flags = {{"retry_cap_ms", "10"}, {"retry_base_delay_ms", "10"}}}));
}

TEST_F(ConfigTest, AFileThatCannotBeReadOrIsTooLargeIsAnError) {
  const auto missing = load_config({.toml_path = "/nowhere/conveyor.toml"});
  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error(), ElementsAre("/nowhere/conveyor.toml: cannot be read"));
  const auto folder = load_config({.toml_path = "/"});
  ASSERT_FALSE(folder);
  EXPECT_THAT(folder.error(), ElementsAre("/: cannot be read"));

  write(std::string(kMaxConfigFileBytes, '\n'));
  EXPECT_TRUE(load_config({.toml_path = path.string()}));
  write(std::string(kMaxConfigFileBytes + 1, '\n'));
  const auto large = load_config({.toml_path = path.string()});
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().front(), path.string() + ": larger than 1048576 bytes");
}

TEST(Config, ListensOnLoopbackOnly) {
  for (const auto* address : {"127.0.0.1:0", "127.9.9.9:65535", "[::1]:0"}) {
    EXPECT_TRUE(load_config({.flags = {{"listen", address}}}).has_value()) << address;
  }
  for (const auto* address : {"0.0.0.0:8080", "[::]:8080", "192.168.1.2:80", "example.org:80",
                              "127.1:80", "127.0.0.256:80", "127.example.org:80", "::1:80"}) {
    const auto loaded = load_config({.flags = {{"listen", address}}});
    ASSERT_FALSE(loaded.has_value()) << address;
    EXPECT_NE(loaded.error().front().find("loopback"), std::string::npos);
  }
  for (const auto* address : {"127.0.0.1", "127.0.0.1:", "127.0.0.1:-0", "127.0.0.1:65536"}) {
    const auto loaded = load_config({.flags = {{"listen", address}}});
    ASSERT_FALSE(loaded.has_value()) << address;
    EXPECT_NE(loaded.error().front().find("ADDRESS:PORT"), std::string::npos);
  }
}

TEST(Config, ListensOnNoName) {
  const auto loaded = load_config({.flags = {{"listen", "localhost:8080"}}});
  ASSERT_FALSE(loaded.has_value());
  EXPECT_THAT(loaded.error(), ElementsAre("--listen is \"localhost:8080\"; it must be an address "
                                          "and not a name: 127.0.0.1:8080 or [::1]:8080"));
}

}  // namespace
}  // namespace conveyor
