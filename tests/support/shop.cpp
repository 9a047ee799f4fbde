#include "support/shop.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <chrono>
#include <random>

#include "support/sanitized.h"

namespace conveyor::test {
namespace {

constexpr std::chrono::seconds kWaitWithin{60 * kPatience};
constexpr int kAskAgainMs = 5;

}  // namespace

std::string order_json(const ShopOrder& order) {
  boost::json::array lines;
  for (const auto& line : order.lines) {
    lines.push_back(
        {{"sku", line.sku}, {"quantity", line.quantity}, {"unit_price", line.unit_price}});
  }
  const boost::json::object ship_to{{"name", "A. Buyer"},
                                    {"line1", "1 Main Street"},
                                    {"city", "Berlin"},
                                    {"postal_code", order.postal_code},
                                    {"country", "DE"}};
  return boost::json::serialize(boost::json::object{{"customer_id", order.customer_id},
                                                    {"currency", "EUR"},
                                                    {"lines", lines},
                                                    {"ship_to", ship_to},
                                                    {"payment_method", order.payment_method}});
}

std::string ShopAnswer::text(std::string_view member) const {
  const auto object = json();
  const auto* found = object.if_contains(member);
  return found != nullptr && found->is_string() ? std::string{found->as_string()} : std::string{};
}

std::string ShopAnswer::header(std::string_view name) const {
  const auto* found = http::find_header(headers, name);
  return found == nullptr ? std::string{} : *found;
}

std::optional<ShopAnswer> Shop::try_send(std::string_view method, std::string_view target,
                                         std::string_view body, std::vector<http::Header> headers) {
  if (!body.empty()) headers.push_back({"Content-Type", "application/json"});
  auto answer = client_.send(method, target, headers, body);
  if (!answer) return std::nullopt;
  return ShopAnswer{answer->status, std::move(answer->body), std::move(answer->headers)};
}

ShopAnswer Shop::send(std::string_view method, std::string_view target, std::string_view body,
                      std::vector<http::Header> headers) {
  auto answer = try_send(method, target, body, std::move(headers));
  EXPECT_TRUE(answer.has_value()) << method << " " << target << " was not answered";
  return answer.value_or(ShopAnswer{0, "{}", {}});
}

std::optional<ShopAnswer> Shop::try_place(std::string_view body, const std::string& key) {
  return try_send("POST", "/v1/orders", body, {{"Idempotency-Key", fmt::format("\"{}\"", key)}});
}

ShopAnswer Shop::place(std::string_view body, const std::string& key) {
  auto answer = try_place(body, key);
  EXPECT_TRUE(answer.has_value()) << "no answer for key " << key;
  return answer.value_or(ShopAnswer{0, "{}", {}});
}

std::string Shop::order(const ShopOrder& order) {
  const auto key = fmt::format("{:016x}-{}", std::random_device{}(), ++keys_);
  const auto answer = place(order_json(order), key);
  EXPECT_EQ(answer.status, 201) << answer.body;
  return answer.text("id");
}

void Shop::set_stock(const std::string& sku, std::int64_t on_hand) {
  const auto answer =
      send("PUT", "/v1/inventory/" + sku, fmt::format(R"({{"on_hand":{}}})", on_hand));
  EXPECT_TRUE(answer.status == 200 || answer.status == 201) << answer.body;
}

std::string Shop::status_of(const std::string& id) {
  return send("GET", "/v1/orders/" + id).text("status");
}

std::vector<std::string> Shop::event_types(const std::string& id) {
  const auto page = send("GET", "/v1/orders/" + id + "/events?limit=200").json();
  std::vector<std::string> types;
  for (const auto& event : page.at("data").as_array()) {
    types.emplace_back(event.as_object().at("type").as_string());
  }
  return types;
}

std::string Shop::wait_for(const std::string& id, const std::vector<std::string>& statuses) {
  std::string status;
  wait_until([&] {
    status = status_of(id);
    return std::ranges::count(statuses, status) > 0;
  });
  return status;
}

bool wait_until(const std::function<bool()>& is_so) {
  const auto deadline = std::chrono::steady_clock::now() + kWaitWithin;
  while (!is_so()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    // Another process has to act meanwhile; asking without a pause would keep it from doing so.
    ::poll(nullptr, 0, kAskAgainMs);
  }
  return true;
}

std::vector<std::string> all_orders(Shop& shop, const std::string& query) {
  std::vector<std::string> ids;
  std::string cursor;
  for (;;) {
    auto target = "/v1/orders?limit=200" + (query.empty() ? "" : "&" + query);
    if (!cursor.empty()) target += "&cursor=" + cursor;
    const auto page = shop.send("GET", target).json();
    for (const auto& order : page.at("data").as_array()) {
      ids.emplace_back(order.as_object().at("id").as_string());
    }
    if (!page.at("has_more").as_bool()) return ids;
    cursor = page.at("next_cursor").as_string();
  }
}

}  // namespace conveyor::test
