#include "app/cli/diagnosis_text.h"

#include <fmt/format.h>
#include <fmt/ostream.h>

#include <string>
#include <string_view>

#include "app/cli/console.h"
#include "app/cli/json_text.h"

namespace conveyor::cli {
namespace {

constexpr std::size_t kIndent = 12;
constexpr std::size_t kWidth = 96;

/// `text` behind its name, broken at blanks, each line indented.
void print_paragraph(std::ostream& out, std::string_view name, std::string_view text) {
  if (text.empty()) return;
  const auto clean = printable(text);
  std::string_view rest = clean;
  while (!rest.empty()) {
    auto end = rest.size();
    if (end > kWidth - kIndent) {
      end = rest.rfind(' ', kWidth - kIndent);
      if (end == std::string_view::npos || end == 0) end = rest.find(' ');
      if (end == std::string_view::npos) end = rest.size();
    }
    fmt::print(out, "{:<{}}{}\n", name, kIndent, rest.substr(0, end));
    rest.remove_prefix(end);
    if (rest.starts_with(' ')) rest.remove_prefix(1);
    name = "";
  }
}

std::string text_of(const boost::json::value& diagnosis, std::string_view name) {
  const auto* part = member(diagnosis, name);
  return part == nullptr ? std::string{} : text_member(*part, "text");
}

std::string waiting_text(const boost::json::value& diagnosis) {
  const auto* waiting = member(diagnosis, "waiting_for");
  if (waiting == nullptr) return {};
  auto out = text_member(*waiting, "what");
  if (const auto who = text_member(*waiting, "participant"); !who.empty()) {
    out += fmt::format(", {} at {}", text_member(*waiting, "step"), who);
  }
  if (const auto since = text_member(*waiting, "since"); !since.empty()) out += ", since " + since;
  if (const auto until = text_member(*waiting, "until"); !until.empty()) out += ", until " + until;
  return out;
}

std::string others_text(const boost::json::value& diagnosis) {
  const auto* others = member(diagnosis, "others");
  if (others == nullptr) return {};
  return fmt::format("{}{} other orders have the same failure, {} of them dead-lettered ({})",
                     text_member(*others, "is_complete") == "false" ? "at least " : "",
                     text_member(*others, "count"), text_member(*others, "dead_lettered"),
                     text_member(*others, "fingerprint"));
}

}  // namespace

void print_diagnosis(std::ostream& out, const boost::json::value& diagnosis) {
  print_paragraph(out, "order", text_member(diagnosis, "order_id"));
  print_paragraph(out, "status",
                  fmt::format("{} ({}), at {}", text_member(diagnosis, "status"),
                              text_member(diagnosis, "health"), text_member(diagnosis, "step")));
  print_paragraph(out, "why", text_member(diagnosis, "summary"));
  print_paragraph(out, "waits for", waiting_text(diagnosis));
  print_paragraph(out, "cause", text_of(diagnosis, "cause"));
  print_paragraph(out, "next", text_of(diagnosis, "next"));
  print_paragraph(out, "otherwise", text_of(diagnosis, "otherwise"));
  print_paragraph(out, "breaker", text_of(diagnosis, "breaker"));
  print_paragraph(out, "others", others_text(diagnosis));
  std::string_view name = "you can";
  for (const auto& action : array_member(diagnosis, "actions")) {
    print_paragraph(out, name,
                    text_member(action, "action") + ": " + text_member(action, "effect"));
    name = "";
  }
  name = "you cannot";
  for (const auto& action : array_member(diagnosis, "not_allowed")) {
    print_paragraph(out, name,
                    text_member(action, "action") + ": " + text_member(action, "because"));
    name = "";
  }
}

}  // namespace conveyor::cli
