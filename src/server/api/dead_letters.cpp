#include "server/api/dead_letters.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "domain/money.h"

namespace conveyor::api {
namespace {

/// RFC 3986 section 2.3: everything but unreserved characters, percent-encoded.
std::string encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      out.push_back(c);
    } else {
      fmt::format_to(std::back_inserter(out), "%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

void write_money(JsonWriter& w, const std::vector<DeadLetterGroup::Money>& money) {
  w.key("money");
  w.begin_array();
  for (const auto& amount : money) {
    const auto currency = Currency::from_code(amount.currency);
    w.begin_object();
    w.member("currency", amount.currency);
    w.member("currency_exponent", currency ? currency->exponent() : 0);
    w.key("total");
    if (amount.total_minor) {
      w.value(*amount.total_minor);
    } else {
      w.null();
    }
    w.end_object();
  }
  w.end_array();
}

}  // namespace

std::string dead_letters_href(std::string_view fingerprint) {
  return "/v1/dead-letters?fingerprint=" + encoded(fingerprint);
}

std::string orders_href(std::string_view fingerprint) {
  return "/v1/orders?fingerprint=" + encoded(fingerprint);
}

void write_fingerprint(JsonWriter& w, std::string_view fingerprint) {
  w.member("fingerprint", fingerprint);
  if (const auto parts = parse_fingerprint(fingerprint)) {
    const auto& spec = spec_of(parts->step);
    w.member("participant", to_string(spec.participant));
    w.member("step", spec.name);
    w.member("class", to_string(parts->failure_class));
    w.member("code", parts->code);
  }
}

std::string groups_json(DeadLetterGroups groups) {
  std::ranges::sort(groups.groups, [](const DeadLetterGroup& a, const DeadLetterGroup& b) {
    return std::tie(b.count, a.fingerprint) < std::tie(a.count, b.fingerprint);
  });
  const bool is_complete = groups.is_complete && groups.groups.size() <= kMaxGroups;
  if (groups.groups.size() > kMaxGroups) groups.groups.resize(kMaxGroups);
  std::string out;
  JsonWriter w(out, JsonWriter::Order::any);
  w.begin_object();
  w.key("data");
  w.begin_array();
  for (const auto& group : groups.groups) {
    w.begin_object();
    write_fingerprint(w, group.fingerprint);
    w.member("count", group.count);
    w.member("first_seen", format_rfc3339(group.first_seen));
    w.member("last_seen", format_rfc3339(group.last_seen));
    write_money(w, group.money);
    w.member("href", dead_letters_href(group.fingerprint));
    w.end_object();
  }
  w.end_array();
  w.member("is_complete", is_complete);
  w.end_object();
  return out;
}

}  // namespace conveyor::api
