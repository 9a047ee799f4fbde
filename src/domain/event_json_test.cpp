// Method: golden files. One event of every type is written in exactly the bytes of
// golden/v1/<type>.json, and read back equal. They are never changed: another shape is another
// schema version with files of its own (CONVEYOR_UPDATE_DOCS=1 writes only what is not there).
// Then properties over any event, and damage: of members, of bytes, of the chain of hashes.
#include "domain/event_json.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <boost/json/serialize.hpp>
#include <functional>
#include <set>

#include "base/json.h"
#include "domain/project_files.h"
#include "domain/test_events.h"

namespace conveyor::test {
namespace {

namespace json = boost::json;

constexpr JsonLimits kLimits{.max_bytes = 1U << 20U, .max_depth = 16};

std::string golden_path(EventType type) {
  return fmt::format("src/domain/golden/v{}/{}.json", kSchemaVersion, to_string(type));
}

/// Throws what boost::json throws if a member is missing or of another type.
Event read_event(std::string_view text) {
  const auto parsed = parse_json(text, kLimits).value();
  const auto& o = parsed.as_object();
  const auto string = [&o](std::string_view name) {
    return std::string{std::string_view{o.at(name).as_string()}};
  };
  const auto counter = [&o](std::string_view name) -> std::optional<std::uint32_t> {
    if (!o.contains(name)) return std::nullopt;
    return o.at(name).to_number<std::uint32_t>();
  };
  Event event;
  event.type = parse_event_type(string("type")).value();
  if (o.contains("step")) event.step = parse_step(string("step"));
  event.generation = counter("generation");
  event.attempt = counter("attempt");
  event.run = counter("run").value();
  event.id = EventId::parse(string("id")).value();
  event.schema_version = counter("schema_version").value();
  event.order_id = OrderId::parse(string("order_id")).value();
  event.version = o.at("version").to_number<std::uint64_t>();
  event.correlation_id = string("correlation_id");
  event.causation_id = string("causation_id");
  if (o.contains("traceparent")) event.traceparent = string("traceparent");
  const auto& actor = o.at("actor").as_object();
  event.actor = {parse_actor_kind(std::string_view{actor.at("kind").as_string()}).value(),
                 std::string{std::string_view{actor.at("id").as_string()}}};
  event.occurred_at = parse_rfc3339(string("occurred_at")).value();
  event.hash = digest_from_hex(string("hash")).value();
  event.data =
      parse_event_data(event.type, event.schema_version, canonical_json(o.at("data")).value())
          .value();
  return event;
}

/// What anyone can do with the API's JSON: the text is canonical and its hash covers the rest of it
/// and the previous hash.
bool is_intact(std::string_view text, const Digest& previous) {
  const auto parsed = parse_json(text, kLimits);
  if (!parsed || !parsed->is_object()) return false;
  if (canonical_json(*parsed).value_or("") != text) return false;
  auto object = parsed->get_object();
  const auto* hash = object.if_contains("hash");
  if (hash == nullptr || !hash->is_string()) return false;
  const auto stated = digest_from_hex(std::string_view{hash->get_string()});
  object.erase("hash");
  Sha256 sum;
  sum.update({reinterpret_cast<const char*>(previous.data()), previous.size()});
  sum.update(canonical_json(object).value());
  return stated == sum.finish();
}

TEST(EventJson, EqualsTheGoldenFileOfEveryType) {
  const auto events = one_of_every_type();
  ASSERT_EQ(events.size(), kEventTypeCount);
  for (const auto& event : events) {
    const auto path = golden_path(event.type);
    const auto text = event_json(event, event_data_json(event));
    if (updates_wanted() && !project_file_exists(path)) write_project_file(path, text);
    const auto golden = read_project_file(path);
    EXPECT_EQ(text, golden);
    EXPECT_EQ(read_event(golden), event) << path;
  }
}

TEST(EventJson, GoldenFilesFormAChain) {
  Digest previous{};
  for (const auto& event : one_of_every_type()) {
    EXPECT_TRUE(is_intact(read_project_file(golden_path(event.type)), previous));
    previous = event.hash;
  }
}

RC_GTEST_PROP(EventJson, AnyEventIsCanonicalAndReadBackEqual, ()) {
  auto event = any_event();
  const auto data = event_data_json(event);
  Digest previous{};
  previous[0] = *rc::gen::arbitrary<std::uint8_t>();
  event.hash = event_hash(previous, event, data);
  const auto text = event_json(event, data);
  RC_ASSERT(canonical_json(parse_json(text, kLimits).value()).value() == text);
  RC_ASSERT(parse_event_data(event.type, kSchemaVersion, data).value() == event.data);
  RC_ASSERT(read_event(text) == event);
  RC_ASSERT(is_intact(text, previous));
}

TEST(EventJson, AnUnknownSchemaVersionIsAnError) {
  EXPECT_TRUE(parse_event_data(EventType::OrderHeld, kSchemaVersion, "{}"));
  EXPECT_FALSE(parse_event_data(EventType::OrderHeld, kSchemaVersion + 1, "{}"));
  EXPECT_FALSE(parse_event_data(EventType::OrderHeld, 0, "{}"));
}

// --- damage -------------------------------------------------------------------------------------

/// Calls `visit` with a copy of `root` for each place in it, and a reference to that place.
void for_each_place(const json::value& root,
                    const std::function<void(json::value& copy, json::value& place)>& visit) {
  const std::function<void(const json::value&, const std::string&)> walk =
      [&](const json::value& at, const std::string& pointer) {
        auto copy = root;
        visit(copy, copy.at_pointer(pointer));
        if (const auto* object = at.if_object()) {
          for (const auto& [name, member] : *object) {
            walk(member, pointer + "/" + std::string{std::string_view{name}});
          }
        }
        if (const auto* array = at.if_array()) {
          for (std::size_t i = 0; i < array->size(); ++i) {
            walk((*array)[i], fmt::format("{}/{}", pointer, i));
          }
        }
      };
  walk(root, "");
}

std::expected<EventData, std::string> parse(const Event& event, const json::value& data) {
  return parse_event_data(event.type, kSchemaVersion, json::serialize(data));
}

json::value example_data(const Event& event) {
  return parse_json(event_data_json(event), kLimits).value();
}

TEST(EventData, OfAWrongTypeIsAnErrorAtEveryPlace) {
  // No member is any of these; nor is it an integer where it is text, and so on.
  const std::vector<json::value> wrong{nullptr, true, 1.5, std::uint64_t{1} << 63U};
  for (const auto& event : one_of_every_type()) {
    for_each_place(example_data(event), [&](json::value& copy, json::value& place) {
      const auto original = place;
      for (const auto& value : wrong) {
        place = value;
        EXPECT_FALSE(parse(event, copy)) << to_string(event.type) << json::serialize(copy);
      }
      if (original.is_string()) place = 1;
      if (original.is_int64()) place = "1";
      if (original.is_array()) place = json::object{};
      if (original.is_object()) place = json::array{};
      EXPECT_FALSE(parse(event, copy)) << to_string(event.type) << json::serialize(copy);
    });
  }
}

/// Members that an event may leave out: absent is a value of its own.
bool may_be_absent(EventType type, std::string_view name) {
  static const std::set<std::string_view> kOptional{"title",
                                                    "label",
                                                    "reference",
                                                    "carrier",
                                                    "payment_id",
                                                    "provider_reference",
                                                    "external_reference",
                                                    "message",
                                                    "reservation_id",
                                                    "shipment_id",
                                                    "tracking",
                                                    "shortages",
                                                    "undo_at",
                                                    "next_attempt_at",
                                                    "new_generation"};
  if (name == "amount") return type != EventType::OrderCreated;  // of an adjustment
  if (name == "external_reference") return type != EventType::CompensationResolved;
  if (name == "reason") {
    return type != EventType::OrderDeadLettered && type != EventType::EventIgnored;
  }
  return kOptional.contains(name);
}

TEST(EventData, WithoutAMemberThatItNeedsIsAnError) {
  for (const auto& event : one_of_every_type()) {
    for_each_place(example_data(event), [&](json::value& copy, json::value& place) {
      if (!place.is_object()) return;
      const auto original = place.get_object();
      for (const auto& [name, member] : original) {
        place = original;
        place.get_object().erase(name);
        EXPECT_EQ(parse(event, copy).has_value(), may_be_absent(event.type, std::string_view{name}))
            << to_string(event.type) << " " << std::string_view{name};
      }
    });
  }
}

TEST(EventData, WithAWordThatIsNoneIsAnError) {
  static const std::set<std::string_view> kWords{
      "kind",          "currency",        "started_at",    "reservation_id",
      "payment_id",    "shipment_id",     "effect",        "action",
      "class",         "next_attempt_at", "undo_at",       "field",
      "resume_status", "cause",           "original_type", "key"};
  for (const auto& event : one_of_every_type()) {
    for_each_place(example_data(event), [&](json::value& copy, json::value& place) {
      if (!place.is_object()) return;
      const auto original = place.get_object();
      for (const auto& [name, member] : original) {
        const bool is_step_list =
            member.is_array() && !member.get_array().empty() && member.get_array()[0].is_string();
        const bool is_reason = name == "reason" && event.type == EventType::OrderDeadLettered;
        if (!kWords.contains(std::string_view{name}) && !is_step_list && !is_reason) continue;
        for (const std::string_view word : {"", "nonsense", "Pending", "ord_1"}) {
          place = original;
          place.get_object()[name] =
              is_step_list ? json::value(json::array{word}) : json::value(word);
          EXPECT_FALSE(parse(event, copy)) << to_string(event.type) << " " << json::serialize(copy);
        }
      }
    });
  }
}

TEST(EventData, OutOfRangeIntegersAreAnError) {
  EXPECT_FALSE(parse_event_data(EventType::OrderRetried, kSchemaVersion,
                                R"({"changes":[],"new_generation":4294967296})"));
  EXPECT_FALSE(parse_event_data(EventType::OrderRetried, kSchemaVersion,
                                R"({"changes":[],"new_generation":-1})"));
  EXPECT_TRUE(parse_event_data(EventType::OrderRetried, kSchemaVersion,
                               R"({"changes":[],"new_generation":4294967295})"));
}

TEST(EventData, ThatIsNoJsonObjectIsAnError) {
  for (const auto* text : {"", "{", "[]", "1", "null", "{} {}", "{\"a\":}", "\"text\""}) {
    for (std::uint8_t i = 0; i < kEventTypeCount; ++i) {
      EXPECT_FALSE(parse_event_data(static_cast<EventType>(i), kSchemaVersion, text)) << text;
    }
  }
}

RC_GTEST_PROP(EventData, DamagedAnywhereIsReadOrRefused, ()) {
  const auto event = any_event();
  auto text = event_data_json(event);
  const auto count = *rc::gen::inRange(1, 4);
  for (int i = 0; i < count; ++i) {
    text[*rc::gen::inRange<std::size_t>(0, text.size())] = *rc::gen::arbitrary<char>();
  }
  const auto read = parse_event_data(event.type, kSchemaVersion, text);
  RC_ASSERT(read.has_value() || !read.error().empty());
}

TEST(EventHash, AnyChangedByteOfAnyEventBreaksTheChain) {
  Digest previous{};
  for (const auto& event : one_of_every_type()) {
    auto text = event_json(event, event_data_json(event));
    ASSERT_TRUE(is_intact(text, previous));
    for (auto& byte : text) {
      for (const int bit : {0x01, 0x20}) {
        byte = static_cast<char>(byte ^ bit);
        EXPECT_FALSE(is_intact(text, previous)) << text;
        byte = static_cast<char>(byte ^ bit);
      }
    }
    previous = event.hash;
  }
}

TEST(EventHash, CoversThePreviousEvent) {
  const auto events = one_of_every_type();
  const auto& event = events[1];
  auto previous = events[0].hash;
  EXPECT_EQ(event_hash(previous, event, event_data_json(event)), event.hash);
  for (auto& byte : previous) {
    byte = static_cast<std::uint8_t>(byte ^ 1U);
    EXPECT_NE(event_hash(previous, event, event_data_json(event)), event.hash);
    byte = static_cast<std::uint8_t>(byte ^ 1U);
  }
}

}  // namespace
}  // namespace conveyor::test
