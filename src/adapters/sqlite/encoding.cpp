#include "adapters/sqlite/encoding.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <charconv>
#include <limits>

#include "adapters/sqlite/packed.h"
#include "base/json.h"
#include "base/json_writer.h"

namespace conveyor::sqlite {
namespace {

[[noreturn]] void damaged(std::string_view what) {
  throw StoreError(StoreError::Kind::damaged,
                   fmt::format("the file holds {} in an unknown form", what));
}

// What was written is bounded by what was accepted; here only nonsense is kept out.
constexpr JsonLimits kStoredLimits{.max_bytes = std::numeric_limits<int>::max(), .max_depth = 2};

/// A list of lists of `width` values, each list given to `read`.
template <class Read>
void read_lists(std::string_view json, std::size_t width, std::string_view what, Read&& read) {
  const auto parsed = parse_json(json, kStoredLimits);
  if (!parsed || !parsed->is_array()) damaged(what);
  for (const auto& item : parsed->get_array()) {
    if (!item.is_array() || item.get_array().size() != width) damaged(what);
    read(item.get_array());
  }
}

std::string text_at(const boost::json::array& list, std::size_t index) {
  const auto* text = list[index].if_string();
  if (text == nullptr) damaged("text");
  return {text->data(), text->size()};
}

std::int64_t integer_at(const boost::json::array& list, std::size_t index) {
  const auto* number = list[index].if_int64();
  if (number == nullptr) damaged("a number");
  return *number;
}

/// One list of lists.
template <class List, class Write>
std::string write_lists(const List& list, Write&& write) {
  std::string out;
  JsonWriter json{out};
  json.begin_array();
  for (const auto& item : list) {
    json.begin_array();
    write(json, item);
    json.end_array();
  }
  json.end_array();
  return out;
}

}  // namespace

std::vector<StockLine> decode_stock_lines(std::string_view json) {
  std::vector<StockLine> out;
  read_lists(json, 2, "lines of a reservation", [&](const boost::json::array& line) {
    out.push_back({text_at(line, 0), integer_at(line, 1)});
  });
  return out;
}

std::vector<Shortage> decode_shortages(std::string_view json) {
  std::vector<Shortage> out;
  read_lists(json, 3, "shortages", [&](const boost::json::array& item) {
    out.push_back({text_at(item, 0), integer_at(item, 1), integer_at(item, 2)});
  });
  return out;
}

std::optional<std::string> encode_metadata(const Metadata& metadata) {
  if (metadata.empty()) return std::nullopt;
  return write_lists(metadata, [](JsonWriter& json, const auto& member) {
    json.value(member.first);
    json.value(member.second);
  });
}

Metadata decode_metadata(std::string_view json) {
  Metadata out;
  read_lists(json, 2, "metadata", [&](const boost::json::array& member) {
    out.emplace_back(text_at(member, 0), text_at(member, 1));
  });
  return out;
}

// --- keys ---------------------------------------------------------------------------------------

OperationKey decode_named_key(const OrderId& order, std::string_view text) {
  if (text.starts_with(OrderTag::kPrefix)) {
    const auto key = OperationKey::parse(text);
    if (!key) damaged("an operation key");
    return *key;
  }
  std::array<std::uint32_t, 3> parts{};
  const auto* at = text.data();
  const auto* end = at + text.size();
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) {
      if (at == end || *at != ':') damaged("an operation key");
      ++at;
    }
    const auto [next, error] = std::from_chars(at, end, parts[i]);
    if (error != std::errc{}) damaged("an operation key");
    at = next;
  }
  if (at != end || parts[1] < 1 || parts[1] > kStepCount) damaged("an operation key");
  return {order, parts[0], static_cast<StepNumber>(parts[1]), parts[2]};
}

// --- actors and the feed ------------------------------------------------------------------------

std::optional<std::string> encode_actor(const Actor& actor) {
  if (actor == Actor{}) return std::nullopt;
  return fmt::format("{}:{}", to_string(actor.kind), actor.id);
}

Actor decode_actor(std::string_view text) {
  const auto colon = text.find(':');
  const auto kind = parse_actor_kind(text.substr(0, colon));
  if (!kind || colon == std::string_view::npos) {
    throw StoreError(StoreError::Kind::damaged, "the file holds an actor in an unknown form");
  }
  return {*kind, std::string{text.substr(colon + 1)}};
}

std::vector<std::uint8_t> encode_feed(const std::vector<FeedEntry>& entries) {
  Packer to;
  for (std::size_t first = 0; first < entries.size();) {
    const auto& head = entries[first];
    auto end = first + 1;
    while (end < entries.size() && entries[end].order_id == head.order_id &&
           entries[end].version == head.version + (end - first)) {
      ++end;
    }
    to.bytes(head.order_id.uuid().bytes);
    to.number(head.version);
    to.number(end - first);
    for (; first < end; ++first) to.code(entries[first].type);
  }
  return to.take();
}

std::vector<FeedEntry> decode_feed(Bytes bytes) {
  std::vector<FeedEntry> out;
  Unpacker from{bytes, "a row of the feed"};
  while (!from.empty()) {
    const auto id = from.id<OrderId>();
    const auto version = from.number();
    const auto count = from.count();
    for (std::uint64_t i = 0; i < count; ++i) {
      out.push_back({id, version + i, from.code<EventType>()});
    }
  }
  return out;
}

}  // namespace conveyor::sqlite
