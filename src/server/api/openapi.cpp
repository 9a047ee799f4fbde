#include "server/api/openapi.h"

#include <boost/json.hpp>

#include "base/assert.h"
#include "server/api/problem.h"

namespace conveyor::api {
namespace {

namespace json = boost::json;

/// Adds the members of `from`; those that both have as objects are joined, down to the depth where
/// the files divide the document.
void merge(json::object& to, const json::object& from, int depth) {
  for (const auto& member : from) {
    auto* known = to.if_contains(member.key());
    if (known == nullptr) {
      to.emplace(member.key(), member.value());
      continue;
    }
    CONVEYOR_ASSERT(depth > 0 && known->is_object() && member.value().is_object(),
                    "a member of the document stands in one file");
    merge(known->get_object(), member.value().get_object(), depth - 1);
  }
}

/// Where in the request the problem is, for those that say so.
std::vector<FieldError> example_errors(std::string_view code) {
  if (code == "validation_failed") {
    return {{"/lines/0/quantity", field_problem("out_of_range"), "must be between 1 and 1000000"}};
  }
  if (code == "invalid_parameter") {
    return {{"limit", field_problem("out_of_range"), "must be a whole number from 1 to 200"}};
  }
  if (code == "not_ready") return {{"", field_problem("missing"), "stopping"}};
  return {};
}

json::object problem_examples() {
  json::object examples;
  for (const auto& spec : kProblems) {
    const auto response = problem_response(
        spec, spec.meaning, {"req_01m8ceymdvfxz8680nq956dcq8", "shop-7f3a", "/v1/orders"},
        example_errors(spec.code));
    examples[spec.code] = {{"summary", spec.title}, {"value", json::parse(response.body)}};
  }
  return examples;
}

json::array problem_codes() {
  json::array codes;
  for (const auto& spec : kProblems) {
    codes.push_back({{"const", spec.code},
                     {"title", spec.title},
                     {"description", spec.meaning},
                     {"x-status", spec.status},
                     {"x-retryable", spec.retryable}});
  }
  return codes;
}

json::array field_problem_codes() {
  json::array codes;
  for (const auto& spec : kFieldProblems) {
    codes.push_back({{"const", spec.code}, {"description", spec.meaning}});
  }
  return codes;
}

}  // namespace

std::string openapi_json(std::string_view version) {
  constexpr int kDepthOfFiles = 2;  // components, and schemas, responses … within
  json::object document;
  for (const auto part : openapi_parts()) {
    merge(document, json::parse(part).as_object(), kDepthOfFiles);
  }
  document.at("info").as_object()["version"] = version;
  auto& components = document.at("components").as_object();
  components["examples"] = problem_examples();
  auto& schemas = components.at("schemas").as_object();
  schemas.at("ProblemCode").as_object()["oneOf"] = problem_codes();
  schemas.at("FieldErrorCode").as_object()["oneOf"] = field_problem_codes();
  return json::serialize(document);
}

}  // namespace conveyor::api
