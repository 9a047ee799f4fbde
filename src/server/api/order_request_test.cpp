// Method: bodies made from a good one by one change each; every limit from both sides.
#include "server/api/order_request.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <boost/json.hpp>

#include "server/api/body_reader.h"
#include "server/api/limits.h"

namespace conveyor::api {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

object line(std::string_view sku = "A", std::int64_t quantity = 1, std::int64_t price = 100) {
  return {{"sku", sku}, {"quantity", quantity}, {"unit_price", price}};
}

object good_order() {
  return {{"customer_id", "c1"},
          {"currency", "EUR"},
          {"lines", array{line()}},
          {"ship_to",
           {{"name", "A. Buyer"},
            {"line1", "Main Street 1"},
            {"city", "Berlin"},
            {"postal_code", "10115"},
            {"country", "DE"}}},
          {"payment_method", "pm_ok"}};
}

std::string text(const value& document) {
  return boost::json::serialize(document);
}

/// "code at pointer" of each error, in sequence; "" if the body is good.
std::string errors_of(const object& order) {
  const auto parsed = parse_order_body(text(order));
  if (parsed) return "";
  std::string out;
  for (const auto& error : parsed.error().errors) {
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", error.code, error.pointer);
  }
  return out;
}

value to_value(const value& content) {
  return content;
}
value to_value(std::string_view content) {
  return boost::json::string(content.data(), content.size());
}
value to_value(const std::string& content) {
  return to_value(std::string_view{content});
}
value to_value(const char* content) {
  return to_value(std::string_view{content});
}

/// The same for a good order with one member or element set.
template <class T>
std::string with(std::string_view pointer, const T& content) {
  value order = good_order();
  const auto slash = pointer.rfind('/');
  auto& parent = order.at_pointer(pointer.substr(0, slash));
  auto name = std::string{pointer.substr(slash + 1)};
  if (name == "a~1b") name = "a/b";
  if (parent.is_array()) {
    parent.get_array().at(0) = to_value(content);
  } else {
    parent.get_object()[name] = to_value(content);
  }
  return errors_of(order.as_object());
}
std::string without(std::string_view parent, std::string_view name) {
  value order = good_order();
  order.at_pointer(parent).as_object().erase(name);
  return errors_of(order.as_object());
}

std::string repeated(std::string_view piece, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += piece;
  return out;
}

TEST(OrderBody, ReadsEverything) {
  auto order = good_order();
  order["reference"] = "R-1";
  order["lines"] = array{line("A", 2, 150), line("B", 1, 0)};
  order["lines"].as_array()[0].as_object()["title"] = "A thing";
  order["adjustments"] = array{object{{"kind", "discount"}, {"amount", -50}, {"label", "Spring"}},
                               object{{"kind", "shipping"}, {"amount", 490}}};
  order["metadata"] = object{{"gift", "yes"}, {"note", ""}};
  auto& to = order["ship_to"].as_object();
  to["line2"] = "Back yard";
  to["region"] = "BE";
  to["email"] = "a@example.org";
  to["phone"] = "+49 (30) 123-45";

  const auto parsed = parse_order_body(text(order));
  ASSERT_TRUE(parsed) << parsed.error().detail;
  EXPECT_EQ(parsed->order.reference, "R-1");
  EXPECT_EQ(parsed->order.customer_id, "c1");
  EXPECT_EQ(parsed->order.currency.code(), "EUR");
  EXPECT_EQ(parsed->order.lines,
            (std::vector<Line>{{1, "A", "A thing", 2, 150}, {2, "B", std::nullopt, 1, 0}}));
  EXPECT_EQ(parsed->order.adjustments,
            (std::vector<Adjustment>{{AdjustmentKind::discount, -50, "Spring"},
                                     {AdjustmentKind::shipping, 490, std::nullopt}}));
  EXPECT_EQ(parsed->order.total_minor, 740);
  EXPECT_EQ(parsed->order.payment_method, "pm_ok");
  EXPECT_EQ(parsed->ship_to, (ShipTo{"A. Buyer", "Main Street 1", "Back yard", "Berlin", "BE",
                                     "10115", "DE", "a@example.org", "+49 (30) 123-45"}));
  EXPECT_EQ(parsed->metadata,
            (std::vector<std::pair<std::string, std::string>>{{"gift", "yes"}, {"note", ""}}));
}

TEST(OrderBody, HashesTheRequestNotItsSpelling) {
  const auto plain = parse_order_body(text(good_order()));
  auto turned = good_order();
  const auto currency = turned["currency"];
  turned.erase("currency");
  turned["currency"] = currency;  // now the last member
  EXPECT_EQ(parse_order_body("\n " + text(turned) + " ")->request_hash, plain->request_hash);
  turned["customer_id"] = "c2";
  EXPECT_NE(parse_order_body(text(turned))->request_hash, plain->request_hash);
}

TEST(OrderBody, NamesWhatIsNotJson) {
  const auto broken = parse_order_body(R"({"customer_id": "c1",)");
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().problem->code, "invalid_json");
  const auto twice = parse_order_body(R"({"customer_id": "c1", "customer_id": "c2"})");
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().problem->code, "invalid_json");
  EXPECT_EQ(twice.error().errors.front().pointer, "/customer_id");
  EXPECT_EQ(parse_order_body("").error().problem->code, "invalid_json");
}

TEST(OrderBody, LimitsSizeAndDepth) {
  auto order = text(good_order());
  EXPECT_TRUE(parse_order_body(order + std::string(kMaxBodyBytes - order.size(), ' ')));
  const auto large = parse_order_body(order + std::string(kMaxBodyBytes - order.size() + 1, ' '));
  EXPECT_EQ(large.error().problem->code, "body_too_large");
  const auto nested = [](int depth) {
    return parse_order_body(repeated("[", static_cast<std::size_t>(depth)) +
                            repeated("]", static_cast<std::size_t>(depth)))
        .error()
        .problem->code;
  };
  EXPECT_EQ(nested(kMaxJsonDepth), "validation_failed");
  EXPECT_EQ(nested(kMaxJsonDepth + 1), "invalid_json");
}

TEST(OrderBody, WantsItsMembersAndNoOthers) {
  EXPECT_EQ(without("", "customer_id"), "required /customer_id");
  EXPECT_EQ(without("", "currency"), "required /currency");
  EXPECT_EQ(without("", "lines"), "required /lines");
  EXPECT_EQ(without("", "ship_to"), "required /ship_to");
  EXPECT_EQ(without("", "payment_method"), "required /payment_method");
  for (const std::string name : {"name", "line1", "city", "postal_code", "country"}) {
    EXPECT_EQ(without("/ship_to", name), "required /ship_to/" + name);
  }
  for (const std::string name : {"sku", "quantity", "unit_price"}) {
    EXPECT_EQ(without("/lines/0", name), "required /lines/0/" + name);
  }
  EXPECT_EQ(with("/status", "completed"), "unknown_member /status");
  EXPECT_EQ(with("/a~1b", 1), "unknown_member /a~1b");
  EXPECT_EQ(with("/lines/0/line", 1), "unknown_member /lines/0/line");
  EXPECT_EQ(with("/ship_to/zip", "1"), "unknown_member /ship_to/zip");
  EXPECT_EQ(parse_order_body("[]").error().errors.front().code, "wrong_type");
}

TEST(OrderBody, WantsItsTypes) {
  EXPECT_EQ(with("/customer_id", 1), "wrong_type /customer_id");
  EXPECT_EQ(with("/reference", value(nullptr)), "wrong_type /reference");
  EXPECT_EQ(with("/lines", object{}), "wrong_type /lines");
  EXPECT_EQ(with("/lines/0", "A"), "wrong_type /lines/0");
  EXPECT_EQ(with("/lines/0/quantity", "1"), "wrong_type /lines/0/quantity");
  EXPECT_EQ(with("/lines/0/quantity", 1.5), "not_an_integer /lines/0/quantity");
  EXPECT_EQ(with("/lines/0/unit_price", true), "wrong_type /lines/0/unit_price");
  EXPECT_EQ(with("/ship_to", array{}), "wrong_type /ship_to");
  EXPECT_EQ(with("/metadata", array{}), "wrong_type /metadata");
  EXPECT_EQ(with("/adjustments", 1), "wrong_type /adjustments");
}

TEST(OrderBody, ReportsAllThatIsWrongUpToALimit) {
  auto order = good_order();
  order["currency"] = "eur";
  order["lines"].as_array()[0].as_object()["quantity"] = 0;
  order["extra"] = 1;
  EXPECT_EQ(errors_of(order),
            "unknown_member /extra, unknown_value /currency, out_of_range /lines/0/quantity");
  array lines;
  for (std::size_t i = 0; i <= kMaxReportedErrors; ++i) lines.push_back(line("A", 0));
  order = good_order();
  order["lines"] = lines;
  const auto parsed = parse_order_body(text(order));
  EXPECT_EQ(parsed.error().errors.size(), kMaxReportedErrors);
  EXPECT_EQ(parsed.error().detail, "51 values are not valid; the first 50 are listed");
}

TEST(OrderBody, LimitsLines) {
  const auto order_of = [](std::size_t count) {
    auto order = good_order();
    array lines;
    for (std::size_t i = 0; i < count; ++i) lines.push_back(line());
    order["lines"] = lines;
    return errors_of(order);
  };
  EXPECT_EQ(order_of(0), "too_short /lines");
  EXPECT_EQ(order_of(1), "");
  EXPECT_EQ(order_of(kMaxLines), "");
  EXPECT_EQ(order_of(kMaxLines + 1), "too_long /lines");
}

TEST(OrderBody, LimitsNumbers) {
  const std::string quantity = "/lines/0/quantity";
  EXPECT_EQ(with(quantity, 0), "out_of_range " + quantity);
  EXPECT_EQ(with(quantity, 1), "");
  EXPECT_EQ(with(quantity, kMaxQuantity), "");
  EXPECT_EQ(with(quantity, kMaxQuantity + 1), "out_of_range " + quantity);
  const std::string price = "/lines/0/unit_price";
  EXPECT_EQ(with(price, -1), "out_of_range " + price);
  EXPECT_EQ(with(price, 0), "");
  EXPECT_EQ(with(price, kMaxMinor), "");
  EXPECT_EQ(with(price, kMaxMinor + 1), "out_of_range " + price);
}

TEST(OrderBody, LimitsTheTotal) {
  const auto adjusted = [](std::int64_t price, std::int64_t quantity, std::int64_t amount) {
    auto order = good_order();
    order["lines"] = array{line("A", quantity, price)};
    order["adjustments"] = array{object{{"kind", "discount"}, {"amount", amount}}};
    return errors_of(order);
  };
  EXPECT_EQ(adjusted(100, 1, -100), "");
  EXPECT_EQ(adjusted(100, 1, -101), "total_negative ");
  EXPECT_EQ(adjusted(kMaxMinor - 1, 1, 1), "");
  EXPECT_EQ(adjusted(kMaxMinor, 1, 1), "total_out_of_range ");
  EXPECT_EQ(adjusted(kMaxMinor, 2, 0), "total_out_of_range ");
  EXPECT_EQ(adjusted(0, 1, -kMaxMinor), "total_negative ");
  EXPECT_EQ(adjusted(0, 1, -kMaxMinor - 1), "out_of_range /adjustments/0/amount");
  EXPECT_EQ(adjusted(0, 1, kMaxMinor), "");
  EXPECT_EQ(adjusted(0, 1, kMaxMinor + 1), "out_of_range /adjustments/0/amount");
}

TEST(OrderBody, LimitsAdjustments) {
  const auto order_of = [](std::size_t count) {
    auto order = good_order();
    array adjustments;
    for (std::size_t i = 0; i < count; ++i) {
      adjustments.push_back(object{{"kind", "fee"}, {"amount", 1}});
    }
    order["adjustments"] = adjustments;
    return errors_of(order);
  };
  EXPECT_EQ(order_of(0), "");
  EXPECT_EQ(order_of(kMaxAdjustments), "");
  EXPECT_EQ(order_of(kMaxAdjustments + 1), "too_long /adjustments");
  const auto kind = [](const value& k) {
    return with("/adjustments", array{object{{"kind", k}, {"amount", 1}}});
  };
  EXPECT_EQ(kind("tax"), "");
  EXPECT_EQ(kind("gift"), "unknown_value /adjustments/0/kind");
}

/// Sizes of text from both sides, with a character of two bytes where characters count.
TEST(OrderBody, LimitsText) {
  const auto label = [](const std::string& content) {
    return with("/adjustments", array{object{{"kind", "fee"}, {"amount", 1}, {"label", content}}});
  };
  EXPECT_EQ(label(repeated("ü", kMaxLabel)), "");
  EXPECT_EQ(label(repeated("ü", kMaxLabel + 1)), "too_long /adjustments/0/label");
  struct Row {
    std::string pointer;
    std::size_t max;
  };
  for (const auto& row :
       {Row{"/lines/0/title", kMaxTitle}, Row{"/ship_to/name", kMaxShipToLine},
        Row{"/ship_to/line1", kMaxShipToLine}, Row{"/ship_to/line2", kMaxShipToLine},
        Row{"/ship_to/city", kMaxShipToCity}, Row{"/ship_to/region", kMaxShipToCity},
        Row{"/ship_to/postal_code", kMaxPostalCode}}) {
    EXPECT_EQ(with(row.pointer, repeated("ü", row.max)), "");
    EXPECT_EQ(with(row.pointer, repeated("ü", row.max + 1)), "too_long " + row.pointer);
    EXPECT_EQ(with(row.pointer, ""), "too_short " + row.pointer);
    EXPECT_EQ(with(row.pointer, "  "), "too_short " + row.pointer);
    EXPECT_EQ(with(row.pointer, "a\nb"), "bad_format " + row.pointer);
  }
  EXPECT_EQ(with("/ship_to/phone", repeated("1", kMaxPhone)), "");
  EXPECT_EQ(with("/ship_to/phone", repeated("1", kMaxPhone + 1)), "too_long /ship_to/phone");
  EXPECT_EQ(with("/ship_to/phone", "call me"), "bad_format /ship_to/phone");
  const std::string at = "@example.org";
  EXPECT_EQ(with("/ship_to/email", repeated("a", kMaxEmail - at.size()) + at), "");
  EXPECT_EQ(with("/ship_to/email", repeated("a", kMaxEmail - at.size() + 1) + at),
            "too_long /ship_to/email");
  for (const std::string wrong : {"a", "@b", "a@", "a@b@c", "a b@c"}) {
    EXPECT_EQ(with("/ship_to/email", wrong), "bad_format /ship_to/email") << wrong;
  }
}

TEST(OrderBody, LimitsNames) {
  for (const std::string pointer :
       {"/customer_id", "/reference", "/lines/0/sku", "/payment_method"}) {
    EXPECT_EQ(with(pointer, std::string(kMaxNameBytes, 'x')), "") << pointer;
    EXPECT_EQ(with(pointer, "a.B_9-z"), "") << pointer;
    for (const std::string& wrong :
         {std::string(), std::string(kMaxNameBytes + 1, 'x'), std::string("a b"), std::string("ü"),
          std::string("a/b"), std::string("a\n")}) {
      EXPECT_EQ(with(pointer, wrong), "bad_format " + pointer);
    }
  }
  EXPECT_EQ(with("/ship_to/country", "GB"), "");
  for (const std::string wrong : {"", "D", "de", "DEU", "D1"}) {
    EXPECT_EQ(with("/ship_to/country", wrong), "bad_format /ship_to/country");
  }
  EXPECT_EQ(with("/currency", "JPY"), "");
  EXPECT_EQ(with("/currency", "XXX"), "unknown_value /currency");
}

TEST(OrderBody, LimitsMetadata) {
  const auto order_of = [](std::size_t members) {
    object metadata;
    for (std::size_t i = 0; i < members; ++i) metadata[fmt::format("m{}", i)] = "x";
    return with("/metadata", metadata);
  };
  EXPECT_EQ(order_of(kMaxMetadataMembers), "");
  EXPECT_EQ(order_of(kMaxMetadataMembers + 1), "too_long /metadata");
  const auto member = [](const std::string& name, const auto& content) {
    return with("/metadata", object{{name, to_value(content)}});
  };
  EXPECT_EQ(member("m", std::string(kMaxMetadataValueBytes, 'x')), "");
  EXPECT_EQ(member("m", std::string(kMaxMetadataValueBytes + 1, 'x')), "too_long /metadata/m");
  EXPECT_EQ(member("m", 1), "wrong_type /metadata/m");
  EXPECT_EQ(member("", "x"), "too_short /metadata/");
  EXPECT_EQ(member(std::string(kMaxMetadataNameBytes, 'n'), "x"), "");
  const std::string long_name(kMaxMetadataNameBytes + 1, 'n');
  EXPECT_EQ(member(long_name, "x"), "too_long /metadata/" + long_name);
}

TEST(OrderBody, NeverTakesACardNumber) {
  EXPECT_EQ(with("/payment_method", "4111111111111111"), "card_number /payment_method");
  EXPECT_EQ(with("/payment_method", "4111-1111-1111-1111"), "card_number /payment_method");
  EXPECT_EQ(with("/payment_method", "4111111111111112"), "") << "fails Luhn";
  EXPECT_EQ(with("/payment_method", "pm_4111111111111111"), "") << "a token may hold digits";
}

RC_GTEST_PROP(Bodies, TakeAnyBytes, (const std::string& bytes)) {
  (void)parse_order_body(bytes);
  for (const auto kind : kAllCommands) (void)parse_action_body(kind, bytes);
  (void)parse_stock_body(bytes);
  (void)parse_adjust_body(bytes);
}

// One byte of a good order changed: refused or another order, never a stop of the process.
RC_GTEST_PROP(Bodies, SurviveOneWrongByte, ()) {
  auto body = text(good_order());
  const auto at = *rc::gen::inRange<std::size_t>(0, body.size());
  body[at] = *rc::gen::arbitrary<char>();
  const auto parsed = parse_order_body(body);
  RC_ASSERT(parsed.has_value() || !parsed.error().detail.empty());
}

TEST(CardNumbers, HaveThirteenToNineteenDigitsThatPassLuhn) {
  EXPECT_FALSE(looks_like_card_number("000000000000"));          // 12
  EXPECT_TRUE(looks_like_card_number("0000000000000"));          // 13
  EXPECT_TRUE(looks_like_card_number("0000000000000000000"));    // 19
  EXPECT_FALSE(looks_like_card_number("00000000000000000000"));  // 20
  EXPECT_TRUE(looks_like_card_number("5555 5555.5555_4444"));
  EXPECT_TRUE(looks_like_card_number("378282246310005"));
  EXPECT_FALSE(looks_like_card_number("378282246310006"));
}

/// "" or the code and pointer of the first error.
std::string action_error(CommandKind kind, std::string_view body) {
  const auto parsed = parse_action_body(kind, body);
  if (parsed) return "";
  if (parsed.error().errors.empty()) return std::string{parsed.error().problem->code};
  const auto& first = parsed.error().errors.front();
  return std::string{first.code} + " " + first.pointer;
}

TEST(ActionBody, MayCarryAReason) {
  for (const auto kind : kAllCommands) {
    SCOPED_TRACE(to_string(kind));
    const bool resolves = kind == CommandKind::resolve;
    const std::string rest = resolves ? R"(,"external_reference":"RMA-7"})" : "}";
    const auto given = parse_action_body(kind, R"({"reason":"customer_asked")" + rest);
    ASSERT_TRUE(given);
    EXPECT_EQ(given->reason, "customer_asked");
    EXPECT_FALSE(given->has_changes());
    EXPECT_EQ(given->external_reference, resolves ? "RMA-7" : "");
    EXPECT_EQ(action_error(kind, R"({"reason":"free text")" + rest), "bad_format /reason");
    EXPECT_EQ(action_error(kind, R"({"odd":1,"reason":"r")" + rest), "unknown_member /odd");
    EXPECT_EQ(action_error(kind, "[]"), "wrong_type ");
    EXPECT_EQ(action_error(kind, "{"), "syntax ");
    for (const std::string empty : {"", "{}"}) {
      EXPECT_EQ(action_error(kind, empty), resolves ? "required /external_reference" : "");
    }
  }
}

TEST(ActionBody, HasChangesForRetryAndRestartAlone) {
  for (const auto kind : kAllCommands) {
    const bool takes = kind == CommandKind::retry || kind == CommandKind::restart;
    const std::string rest =
        kind == CommandKind::resolve ? R"(,"external_reference":"RMA-7"})" : "}";
    EXPECT_EQ(action_error(kind, R"({"changes":{"payment_method":"pm_ok"})" + rest),
              takes ? "" : "unknown_member /changes")
        << to_string(kind);
  }
  EXPECT_EQ(action_error(CommandKind::retry, R"({"external_reference":"x"})"),
            "unknown_member /external_reference");
  const auto parsed =
      parse_action_body(CommandKind::restart,
                        text(object{{"changes", object{{"lines", good_order().at("lines")},
                                                       {"payment_method", "pm_other"},
                                                       {"ship_to", good_order().at("ship_to")}}}}));
  ASSERT_TRUE(parsed);
  const auto order = parse_order_body(text(good_order()));
  EXPECT_EQ(parsed->changes.lines, order->order.lines);
  EXPECT_EQ(parsed->changes.payment_method, "pm_other");
  EXPECT_EQ(parsed->ship_to, order->ship_to);
}

TEST(ActionBody, ReadsChangesAsStrictlyAsAnOrder) {
  const auto error = [](std::string_view changes) {
    return action_error(CommandKind::retry, R"({"changes":)" + std::string{changes} + "}");
  };
  EXPECT_EQ(error("{}"), "too_short /changes");
  EXPECT_EQ(error("[]"), "wrong_type /changes");
  EXPECT_EQ(error(R"({"currency":"EUR"})"), "unknown_member /changes/currency");
  EXPECT_EQ(error(R"({"lines":[]})"), "too_short /changes/lines");
  EXPECT_EQ(error(R"({"lines":[{"sku":"a","quantity":0,"unit_price":1}]})"),
            "out_of_range /changes/lines/0/quantity");
  EXPECT_EQ(error(R"({"payment_method":null})"), "wrong_type /changes/payment_method");
  EXPECT_EQ(error(R"({"payment_method":"4111111111111111"})"),
            "card_number /changes/payment_method");
  EXPECT_EQ(error(R"({"ship_to":{"postal_code":"1"}})"), "required /changes/ship_to/name");
  auto ship_to = good_order().at("ship_to").as_object();
  ship_to["country"] = "de";
  EXPECT_EQ(error(R"({"ship_to":)" + text(ship_to) + "}"), "bad_format /changes/ship_to/country");
}

TEST(StockBody, IsLimited) {
  const auto on_hand = [](const std::string& number) {
    return parse_stock_body(R"({"on_hand":)" + number + "}").has_value();
  };
  EXPECT_TRUE(on_hand("0"));
  EXPECT_FALSE(on_hand("-1"));
  EXPECT_TRUE(on_hand("9007199254740991"));
  EXPECT_FALSE(on_hand("9007199254740992"));
  EXPECT_FALSE(parse_stock_body(R"({"title":"A thing"})"));
  EXPECT_EQ(parse_stock_body(R"({"on_hand":1,"title":"A thing"})")->title, "A thing");
}

TEST(AdjustBody, IsLimited) {
  const auto delta = [](const std::string& number) {
    return parse_adjust_body(R"({"reason":"found","delta":)" + number + "}").has_value();
  };
  EXPECT_TRUE(delta("-9007199254740991"));
  EXPECT_FALSE(delta("-9007199254740992"));
  EXPECT_TRUE(delta("9007199254740991"));
  EXPECT_FALSE(delta("9007199254740992"));
  EXPECT_FALSE(delta("0"));
  EXPECT_FALSE(parse_adjust_body(R"({"delta":1})"));
  EXPECT_EQ(parse_adjust_body(R"({"delta":1,"reason":"found"})")->canonical,
            parse_adjust_body(R"({ "reason":"found", "delta":1 })")->canonical);
}

}  // namespace
}  // namespace conveyor::api
