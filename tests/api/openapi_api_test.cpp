// Method: the document against the routes and the table of problems of a whole server, both ways;
// tests/openapi/ holds it against everything that the tests say to servers.
#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include "api/api_server.h"
#include "server/api/openapi.h"
#include "server/api/problem.h"

namespace conveyor::test {
namespace {

using OpenApi = ApiTest;
using boost::json::object;
using boost::json::value;

const object& members(const value& from, std::string_view pointer) {
  return from.at_pointer(pointer).as_object();
}

std::string text(boost::json::string_view view) {
  return {view.data(), view.size()};
}

TEST_F(OpenApi, IsServedAsTheProgramHasIt) {
  const auto reply = client.get("/openapi.json");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.header("Content-Type"), "application/json");
  EXPECT_EQ(reply.body, api::openapi_json("1.2.3") + "\n");
  EXPECT_EQ(reply.at("/openapi"), "3.1.0");
  EXPECT_EQ(reply.at("/info/version"), "1.2.3");
}

TEST_F(OpenApi, HasTheRoutesOfTheServerAndNoOther) {
  const auto document = client.get("/openapi.json").json();
  std::set<std::string> documented;
  for (const auto& [path, operations] : members(document, "/paths")) {
    for (const auto& [method, operation] : operations.as_object()) {
      auto name = text(method);
      std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::toupper(c); });
      documented.insert(name + " " + text(path));
    }
  }
  std::set<std::string> served;
  for (const auto& [method, pattern] : server.routes()) served.insert(method + " " + pattern);
  EXPECT_EQ(documented, served);
}

/// Adds the codes that stand as `enum` anywhere in the schema of a `code`.
void collect_codes(const value& schema, const value& document, std::set<std::string>& codes) {
  if (const auto* list = schema.if_array()) {
    for (const auto& item : *list) collect_codes(item, document, codes);
  } else if (const auto* o = schema.if_object()) {
    for (const auto& [name, inner] : *o) {
      if (name == "enum") {
        for (const auto& code : inner.as_array()) codes.insert(text(code.as_string()));
      } else if (name == "$ref") {
        collect_codes(document.at_pointer(text(inner.as_string()).substr(1)), document, codes);
      } else {
        collect_codes(inner, document, codes);
      }
    }
  }
}

/// The codes of each status in all answers of all operations.
std::map<int, std::set<std::string>> codes_of_answers(const value& document) {
  std::map<int, std::set<std::string>> codes;
  for (const auto& [path, operations] : members(document, "/paths")) {
    for (const auto& [method, operation] : operations.as_object()) {
      for (const auto& [status, answer] : members(operation, "/responses")) {
        const auto* shared = answer.as_object().if_contains("$ref");
        const auto& response =
            shared == nullptr ? answer : document.at_pointer(text(shared->as_string()).substr(1));
        const auto* content = response.as_object().if_contains("content");
        const auto* problem = content == nullptr
                                  ? nullptr
                                  : content->as_object().if_contains("application/problem+json");
        if (problem == nullptr) continue;
        const auto key = status == "default" ? 0 : std::stoi(text(status));
        collect_codes(problem->at_pointer("/schema/allOf/1/properties/code"), document, codes[key]);
      }
    }
  }
  return codes;
}

TEST_F(OpenApi, HasEveryProblemWithItsStatus) {
  const auto document = client.get("/openapi.json").json();
  std::map<std::string, int> table;
  for (const auto& spec : api::kProblems) table[std::string{spec.code}] = spec.status;

  std::map<std::string, int> listed;
  for (const auto& code : document.at_pointer("/components/schemas/ProblemCode/oneOf").as_array()) {
    listed[text(code.at("const").as_string())] = static_cast<int>(code.at("x-status").as_int64());
  }
  EXPECT_EQ(listed, table);

  std::map<std::string, int> answered;
  for (const auto& [status, codes] : codes_of_answers(document)) {
    for (const auto& code : codes) {
      ASSERT_TRUE(table.contains(code)) << code << " is in no table";
      if (status != 0) {
        EXPECT_EQ(table.at(code), status) << code;
      }
      answered[code] = table.at(code);
    }
  }
  EXPECT_EQ(answered, table) << "each is the answer to something";
}

TEST_F(OpenApi, ShowsProblemsAsTheyAreSent) {
  const auto document = client.get("/openapi.json").json();
  for (const auto& spec : api::kProblems) {
    const auto pointer = "/components/examples/" + std::string{spec.code} + "/value";
    const auto& shown = document.at_pointer(pointer);
    EXPECT_EQ(text(shown.at("code").as_string()), spec.code);
    EXPECT_EQ(shown.at("status").as_int64(), spec.status);
    EXPECT_EQ(text(shown.at("title").as_string()), spec.title);
    EXPECT_EQ(shown.at("retryable").as_bool(), spec.retryable);
  }
}

}  // namespace
}  // namespace conveyor::test
