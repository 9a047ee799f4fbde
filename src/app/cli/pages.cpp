#include "app/cli/pages.h"

#include <fmt/format.h>

#include <utility>

#include "app/cli/json_text.h"

namespace conveyor::cli {

Pages::Pages(ApiClient& client, std::string target, Patience* patience)
    : client_(client), target_(std::move(target)), patience_(patience) {}

std::expected<boost::json::value, Failure> Pages::next() {
  auto target = target_;
  if (!cursor_.empty()) {
    target +=
        fmt::format("{}cursor={}", target.contains('?') ? '&' : '?', encode_component(cursor_));
  }
  const ApiRequest request{.method = "GET", .target = std::move(target)};
  auto answer =
      patience_ == nullptr ? client_.send(request) : client_.send_patiently(request, *patience_);
  if (!answer) return std::unexpected(std::move(answer.error()));
  const auto next = text_member(answer->json, "next_cursor");
  // A cursor that stands still would never end.
  is_done_ = text_member(answer->json, "has_more") != "true" || next.empty() || next == cursor_;
  cursor_ = next;
  return std::move(answer->json);
}

}  // namespace conveyor::cli
