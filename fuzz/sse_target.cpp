// What must hold of server-sent events: how the bytes arrive makes no difference.
#include <string>
#include <vector>

#include "base/sse_parser.h"
#include "target.h"

namespace conveyor::fuzz {
namespace {

constexpr std::size_t kMaxEventBytes = 64;

/// Everything that the parser says of `text` if it arrives in pieces of `piece` bytes.
std::vector<std::string> said(std::string_view text, std::size_t piece) {
  std::vector<std::string> out;
  SseParser parser(kMaxEventBytes);
  while (!text.empty()) {
    const auto bytes = text.substr(0, piece);
    text.remove_prefix(bytes.size());
    const auto fed = parser.feed(bytes, [&out](const SseEvent& event) {
      must(event.data.size() < kMaxEventBytes, "an event is within its limit");
      must(!event.type.empty(), "an event has a type");
      out.insert(out.end(), {event.type, event.data, event.id});
    });
    if (!fed) {
      out.emplace_back(fed.error() == SseParser::Error::too_large ? "too large" : "not UTF-8");
      return out;
    }
  }
  out.push_back(parser.last_event_id());
  return out;
}

}  // namespace

FUZZ_TARGET(sse) {
  const auto whole = said(input, input.size());
  must(said(input, 1) == whole, "byte by byte it says the same");
  must(said(input, 3) == whole, "in pieces it says the same");
}

}  // namespace conveyor::fuzz
