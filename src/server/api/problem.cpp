#include "server/api/problem.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json_writer.h"
#include "base/utf8.h"
#include "server/api/limits.h"

namespace conveyor::api {

const ProblemSpec* find_problem(std::string_view code) {
  const auto found = std::ranges::find(kProblems, code, &ProblemSpec::code);
  return found == kProblems.end() ? nullptr : &*found;
}

http::Response problem_response(const ProblemSpec& spec, std::string_view detail,
                                const ProblemContext& context,
                                const std::vector<FieldError>& errors) {
  http::Response response{.status = spec.status};
  JsonWriter w(response.body, JsonWriter::Order::any);
  w.begin_object();
  w.member("type", fmt::format("urn:conveyor:problem:{}", spec.code));
  w.member("title", spec.title);
  w.member("status", spec.status);
  w.member("detail", is_valid_utf8(detail) ? detail : spec.meaning);
  if (!context.instance.empty() && is_valid_utf8(context.instance)) {
    w.member("instance", context.instance);
  }
  w.member("code", spec.code);
  w.member("request_id", context.request_id);
  w.member("correlation_id", context.correlation_id);
  w.member("retryable", spec.retryable);
  if (!errors.empty()) {
    w.key("errors");
    w.begin_array();
    for (const auto& error : errors) {
      w.begin_object();
      w.member("pointer", error.pointer);
      w.member("code", error.code);
      w.member("detail", error.detail);
      w.end_object();
    }
    w.end_array();
  }
  w.end_object();
  response.body.push_back('\n');
  response.set_header("Content-Type", "application/problem+json");
  response.set_header("Cache-Control", "no-store");
  if (spec.retryable && (spec.status == 429 || spec.status == 503 || spec.status == 409)) {
    response.set_header("Retry-After", std::to_string(kRetryAfter.count()));
  }
  return response;
}

std::string problems_markdown() {
  std::string out =
      "# Problems\n\n"
      "Every error of the API is `application/problem+json` (RFC 9457) with `type`, `title`, "
      "`status`, `detail`,\n`instance`, `code`, `request_id`, `correlation_id`, `retryable` and, "
      "where something in the request is wrong,\n`errors[{pointer, code, detail}]`. `code` is "
      "stable. `retryable` says whether the same request may work later;\n`Retry-After` then says "
      "when. This page is the table of `src/server/api/problem.h`; a test compares them.\n\n"
      "| code | status | retryable | meaning |\n|---|---|---|---|\n";
  for (const auto& spec : kProblems) {
    fmt::format_to(std::back_inserter(out), "| `{}` | {} | {} | {} |\n", spec.code, spec.status,
                   spec.retryable ? "yes" : "no", spec.meaning);
  }
  out += "\n## Codes of `errors`\n\n| code | meaning |\n|---|---|\n";
  for (const auto& spec : kFieldProblems) {
    fmt::format_to(std::back_inserter(out), "| `{}` | {} |\n", spec.code, spec.meaning);
  }
  return out;
}

}  // namespace conveyor::api
