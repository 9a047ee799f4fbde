// Shop: a client of the HTTP API as a shop would write one: places orders, reads them, acts on
// them. One per thread.
#pragma once

#include <boost/json.hpp>
#include <functional>
#include <string>
#include <vector>

#include "adapters/http/client.h"

namespace conveyor::test {

struct ShopLine {
  std::string sku = "sku-1";
  std::int64_t quantity = 1;
  std::int64_t unit_price = 500;
};

struct ShopOrder {
  std::string customer_id = "c1";
  std::string payment_method = "pm_ok";
  std::string postal_code = "10115";
  std::vector<ShopLine> lines = {{}};
};

/// The request body of an order.
std::string order_json(const ShopOrder& order);

struct ShopAnswer {
  int status = 0;
  std::string body;
  std::vector<http::Header> headers;

  boost::json::object json() const { return boost::json::parse(body).as_object(); }
  std::string text(std::string_view member) const;
  std::string header(std::string_view name) const;
};

class Shop {
 public:
  explicit Shop(const std::string& url) : client_(url) {}

  /// nullopt: no answer came (the server is gone or did not say).
  std::optional<ShopAnswer> try_send(std::string_view method, std::string_view target,
                                     std::string_view body = {},
                                     std::vector<http::Header> headers = {});
  /// Fails the test if no answer comes.
  ShopAnswer send(std::string_view method, std::string_view target, std::string_view body = {},
                  std::vector<http::Header> headers = {});

  ShopAnswer place(std::string_view body, const std::string& key);
  std::optional<ShopAnswer> try_place(std::string_view body, const std::string& key);
  /// The id of a new order.
  std::string order(const ShopOrder& order);
  void set_stock(const std::string& sku, std::int64_t on_hand);

  std::string status_of(const std::string& id);
  std::vector<std::string> event_types(const std::string& id);
  /// Asks until the order has one of the statuses or 30 s have passed; its last status.
  std::string wait_for(const std::string& id, const std::vector<std::string>& statuses);

 private:
  http::Client client_;
  int keys_ = 0;
};

/// Asks until the answer is yes (true) or 30 s have passed.
bool wait_until(const std::function<bool()>& is_so);

/// Ids of all orders that the server lists, newest first.
std::vector<std::string> all_orders(Shop& shop, const std::string& query = {});

}  // namespace conveyor::test
