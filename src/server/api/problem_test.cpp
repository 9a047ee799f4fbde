// Method: the table against itself and against its page; one answer read whole.
#include "server/api/problem.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

namespace conveyor::api {
namespace {

TEST(Problems, HaveOneRowForEachCode) {
  std::set<std::string_view> codes;
  for (const auto& spec : kProblems) {
    EXPECT_TRUE(codes.insert(spec.code).second) << spec.code;
    EXPECT_GE(spec.status, 400) << spec.code;
    EXPECT_LT(spec.status, 600) << spec.code;
    EXPECT_TRUE(spec.meaning.ends_with('.')) << spec.code;
    EXPECT_EQ(find_problem(spec.code), &spec);
  }
  EXPECT_EQ(find_problem("no_such_code"), nullptr);
}

TEST(Problems, KnowEveryCodeOfTheHttpCore) {
  for (const auto code :
       {"bad_request_line", "bad_target", "bad_header", "bad_host", "bad_framing",
        "bad_line_ending", "bad_chunk", "request_timeout", "body_too_large", "expectation_failed",
        "header_too_large", "too_many_connections", "too_many_streams", "version_not_supported",
        "internal", "not_found", "method_not_allowed"}) {
    EXPECT_NE(find_problem(code), nullptr) << code;
  }
}

std::filesystem::path documentation_page() {
  auto folder = std::filesystem::current_path();
  while (!std::filesystem::exists(folder / "CMakePresets.json") && folder.has_relative_path()) {
    folder = folder.parent_path();
  }
  return folder / "docs/problems.md";
}

// CONVEYOR_UPDATE_DOCS=1 writes the page instead.
TEST(Problems, AreDocumented) {
  const char* update = std::getenv("CONVEYOR_UPDATE_DOCS");
  if (update != nullptr && std::string_view{update} == "1") {
    std::ofstream(documentation_page(), std::ios::binary) << problems_markdown();
  }
  std::ostringstream text;
  text << std::ifstream(documentation_page(), std::ios::binary).rdbuf();
  EXPECT_EQ(text.str(), problems_markdown()) << "CONVEYOR_UPDATE_DOCS=1 renews docs/problems.md";
}

TEST(Problems, AreAnsweredAsRfc9457Says) {
  const auto response =
      problem_response(problem_spec("queue_full"), "wait a little", {"req_1", "c-1", "/v1/orders"},
                       {{"/lines/0", field_problem("required"), "is missing"}});
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(boost::json::parse(response.body), boost::json::parse(R"({
    "type": "urn:conveyor:problem:queue_full", "title": "Server is busy", "status": 503,
    "detail": "wait a little", "instance": "/v1/orders", "code": "queue_full",
    "request_id": "req_1", "correlation_id": "c-1", "retryable": true,
    "errors": [{"pointer": "/lines/0", "code": "required", "detail": "is missing"}]})"));
  EXPECT_EQ(*http::find_header(response.headers, "Content-Type"), "application/problem+json");
  EXPECT_EQ(*http::find_header(response.headers, "Retry-After"), "1");
}

TEST(Problems, LeaveOutWhatThereIsNot) {
  const auto response =
      problem_response(problem_spec("not_found"), "nothing\xff here", {"req_1", "c-1", ""});
  const auto body = boost::json::parse(response.body).as_object();
  EXPECT_FALSE(body.contains("instance"));
  EXPECT_FALSE(body.contains("errors"));
  EXPECT_EQ(body.at("detail"), "There is nothing at this path.") << "text that cannot be sent";
  EXPECT_EQ(http::find_header(response.headers, "Retry-After"), nullptr);
}

}  // namespace
}  // namespace conveyor::api
