// Method: commands about the program itself and its settings. What they print is held against what
// it is about: the schema against the loader, the completion in a real shell, the doctor against
// files and servers in every state.
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "adapters/sqlite/data_file.h"
#include "app/config.h"
#include "app/version.h"
#include "cli/cli_fixture.h"

namespace conveyor::test {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

// What a shell prints that runs the script.
std::string run_shell(const std::string& command) {
  std::string out;
  FILE* pipe = popen(command.c_str(), "r");
  std::array<char, 4'096> buffer{};
  std::size_t size = 0;
  while ((size = fread(buffer.data(), 1, buffer.size(), pipe)) > 0) out.append(buffer.data(), size);
  EXPECT_EQ(pclose(pipe), 0) << command;
  return out;
}

class Tools : public testing::Test {
 protected:
  std::string write(const std::string& name, std::string_view text) {
    const auto path = files.file(name);
    std::ofstream{path, std::ios::binary} << text;
    return path;
  }
  TemporaryDirectory files;
};

TEST_F(Tools, VersionSaysWhichFilesItWrites) {
  const auto json = run_command({"version", "-o", "json"}).json();
  EXPECT_EQ(json.at("version").as_string(), program_version());
  EXPECT_EQ(json.at("data_version").as_int64(), newest_data_version());
  EXPECT_THAT(run_command({"version"}).out, HasSubstr(std::string{program_version()}));
}

TEST_F(Tools, ConfigCheckIsSilentOrSaysWhatIsWrong) {
  const auto good = write("good.toml", "log_level = \"debug\"\nundo_after_ms = \"never\"\n");
  const auto checked = run_command({"config", "check", "--config", good});
  EXPECT_EQ(checked.code, 0);
  EXPECT_EQ(checked.out + checked.err, "");
  const auto bad = write("bad.toml", "log_level = \"debug\"\nno_such = 1\nio_threads = 0\n");
  const auto refused = run_command({"config", "check", "--config", bad});
  EXPECT_EQ(refused.code, 2);
  EXPECT_THAT(refused.err, AllOf(HasSubstr("bad.toml:2:1: no_such"), HasSubstr("bad.toml:3:")));
}

// The loader accepts exactly what the schema says, at each edge.
TEST_F(Tools, ConfigSchemaIsWhatTheLoaderAccepts) {
  const auto schema = run_command({"config", "schema"}).json();
  EXPECT_EQ(schema.at("$schema").as_string(), "https://json-schema.org/draft/2020-12/schema");
  EXPECT_FALSE(schema.at("additionalProperties").as_bool());
  const auto& properties = schema.at("properties").as_object();
  EXPECT_EQ(properties.size(), settings().size());
  const auto accepts = [&](std::string_view name, std::string_view value) {
    const auto path = write("try.toml", fmt::format("{} = {}\n", name, value));
    return load_config({.toml_path = path}).has_value();
  };
  for (const Setting& setting : settings()) {
    const auto& property = properties.at(setting.name).as_object();
    EXPECT_THAT(std::string{property.at("description").as_string()},
                HasSubstr(std::string{setting.help}));
    const bool may_be_never = property.contains("anyOf");
    const auto& number =
        may_be_never ? property.at("anyOf").as_array().at(0).as_object() : property;
    EXPECT_EQ(accepts(setting.name, "\"never\""),
              may_be_never || (number.at("type").as_string() == "string" &&
                               !number.contains("enum") && setting.name != "listen"))
        << setting.name;
    if (number.at("type").as_string() == "integer") {
      const auto least = number.at("minimum").as_int64();
      const auto most = number.at("maximum").as_int64();
      // Below the base delay the cap is wrong together with another setting, not by itself.
      if (setting.name != "retry_cap_ms" && setting.name != "retry_base_delay_ms") {
        EXPECT_TRUE(accepts(setting.name, std::to_string(least))) << setting.name;
        EXPECT_TRUE(accepts(setting.name, std::to_string(most))) << setting.name;
      }
      EXPECT_FALSE(accepts(setting.name, std::to_string(least - 1))) << setting.name;
      EXPECT_FALSE(accepts(setting.name, std::to_string(most + 1))) << setting.name;
      EXPECT_TRUE(accepts(setting.name, boost::json::serialize(property.at("default"))))
          << setting.name;
    } else if (number.contains("enum")) {
      for (const auto& word : number.at("enum").as_array()) {
        EXPECT_TRUE(accepts(setting.name, boost::json::serialize(word))) << setting.name;
      }
      EXPECT_FALSE(accepts(setting.name, "\"no such word\"")) << setting.name;
    }
  }
}

class Completion : public Tools {
 protected:
  // What bash offers behind these words; the last one is begun.
  std::vector<std::string> offered(const std::vector<std::string>& words) {
    const auto script = write("conveyor.bash", run_command({"completion", "bash"}).out);
    const auto ask =
        write("ask.bash", fmt::format("cd {}\nsource {}\nCOMP_WORDS=({})\n"
                                      "COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))\n"
                                      "complete -p conveyor >/dev/null || exit 1\n"
                                      "_conveyor\nprintf '%s\\n' \"${{COMPREPLY[@]}}\"\n",
                                      files.file("."), script, fmt::join(words, " ")));
    std::istringstream lines{run_shell("bash " + ask)};
    std::vector<std::string> all;
    for (std::string line; std::getline(lines, line);) {
      if (!line.empty()) all.push_back(line);
    }
    return all;
  }
};

TEST_F(Completion, OffersCommandsFlagsWordsAndFilesInBash) {
  write("shop.db", "x");
  EXPECT_THAT(offered({"conveyor", "''"}), AllOf(Contains("serve"), Contains("backup")));
  EXPECT_THAT(offered({"conveyor", "orders", "l"}), testing::ElementsAre("list"));
  EXPECT_THAT(offered({"conveyor", "orders", "list", "--ou"}), testing::ElementsAre("--output"));
  EXPECT_THAT(offered({"conveyor", "orders", "list", "-o", "json"}),
              testing::ElementsAre("json", "jsonl"));
  EXPECT_THAT(offered({"conveyor", "serve", "--log-level", "d"}), testing::ElementsAre("debug"));
  EXPECT_THAT(offered({"conveyor", "serve", "--data", "sh"}), testing::ElementsAre("shop.db"));
  EXPECT_THAT(offered({"conveyor", "restore", "sh"}), testing::ElementsAre("shop.db"));
  EXPECT_THAT(offered({"conveyor", "completion", "f"}), testing::ElementsAre("fish"));
  EXPECT_THAT(offered({"conveyor", "orders", "list", "--limit", "''"}), IsEmpty());
}

// Every command of the tree is in every script, and the shells that are installed can read it.
TEST_F(Completion, KnowsEveryCommandInEveryShell) {
  for (const std::string shell : {"bash", "zsh", "fish"}) {
    const auto ran = run_command({"completion", shell});
    EXPECT_EQ(ran.code, 0);
    for (const auto* path : {"conveyor orders create", "conveyor dead-letters groups",
                             "conveyor load run", "conveyor config schema"}) {
      EXPECT_THAT(ran.out, HasSubstr(path)) << shell;
    }
    const auto script = write("conveyor." + shell, ran.out);
    run_shell(fmt::format("! command -v {0} >/dev/null || {0} -n {1}", shell, script));
  }
  EXPECT_EQ(run_command({"completion", "tcsh"}).code, 2);
}

class Doctor : public CliTest {
 protected:
  // State and text of each check.
  std::map<std::string, std::pair<std::string, std::string>> examine(
      std::vector<std::string> arguments, int expected) {
    arguments.insert(arguments.begin(), "doctor");
    arguments.insert(arguments.end(), {"-o", "json"});
    const auto ran = run_command(std::move(arguments));
    EXPECT_EQ(ran.code, expected) << ran.out << ran.err;
    std::map<std::string, std::pair<std::string, std::string>> found;
    for (const auto& finding : ran.json().as_array()) {
      found[std::string{finding.at("check").as_string()}] = {
          std::string{finding.at("state").as_string()},
          std::string{finding.at("what").as_string()}};
      EXPECT_EQ(finding.as_object().contains("advice"), finding.at("state").as_string() != "ok")
          << finding << ": whoever is warned is told what to do";
    }
    return found;
  }
};

TEST_F(Doctor, FindsAServerAndItsFileInOrder) {
  const auto data = files.file("shop.db");
  ASSERT_TRUE(SqliteStore::open(data).has_value());
  ::chmod(data.c_str(), 0600);
  const auto found = examine({"--data", data, "--server", server.url()}, 0);
  for (const auto* check : {"configuration", "data file", "integrity", "lock", "permissions",
                            "write-ahead log", "readiness"}) {
    EXPECT_EQ(found.at(check).first, "ok") << check << ": " << found.at(check).second;
  }
  EXPECT_EQ(found.at("server").first, "warn") << "it says that it is another version";
  EXPECT_THAT(found.at("server").second, HasSubstr("1.2.3"));
}

TEST_F(Doctor, SaysWhatIsWrong) {
  auto found = examine({"--listen", "nonsense"}, 1);
  EXPECT_EQ(found.at("configuration").first, "fail");
  EXPECT_FALSE(found.contains("data file")) << "which file is meant is not known";

  found = examine({"--data", files.file("none.db"), "--listen", "127.0.0.1:0"}, 0);
  EXPECT_EQ(found.at("data file").first, "warn");

  found = examine({"--data", write("text.db", std::string(5'000, 'x'))}, 1);
  EXPECT_EQ(found.at("data file").first, "fail");

  const auto data = files.file("shop.db");
  const auto store = SqliteStore::open(data).value();
  ::chmod(data.c_str(), 0604);
  found = examine({"--data", data, "--server", "http://127.0.0.1:1"}, 1);
  EXPECT_EQ(found.at("server").first, "fail");
  EXPECT_EQ(found.at("permissions").first, "warn");
  EXPECT_EQ(found.at("lock").second, fmt::format("used by process {}", ::getpid()));

  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  rlimit low = limit;
  low.rlim_cur = 1'000;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
  found = examine({"--data", data, "--server", server.url()}, 0);
  EXPECT_EQ(found.at("descriptors").first, "warn");
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
}

}  // namespace
}  // namespace conveyor::test
