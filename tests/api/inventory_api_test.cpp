// Method: a whole server in the process; stock set, adjusted and reserved.
#include "api/api_server.h"

namespace conveyor::test {
namespace {

class InventoryApi : public ApiTest {
 protected:
  Reply put(const std::string& sku, std::string_view body) {
    return client.send("PUT", "/v1/inventory/" + sku, body);
  }
  Reply adjust(const std::string& sku, std::string_view body, const std::string& key) {
    return client.post("/v1/inventory/" + sku + "/adjust", body, {{"Idempotency-Key", key}});
  }
};

TEST_F(InventoryApi, SetsAndShowsStock) {
  const auto made = put("A-1", R"({"on_hand":5,"title":"A thing"})");
  EXPECT_EQ(made.status, 200);
  EXPECT_EQ(made.body, R"({"sku":"A-1","title":"A thing","on_hand":5,"reserved":0,"available":5})"
                       "\n");
  EXPECT_EQ(put("A-1", R"({"on_hand":7})").at("/title"), "A thing") << "a title stays";
  const auto read = client.get("/v1/inventory/A-1");
  EXPECT_EQ(read.status, 200);
  EXPECT_EQ(read.at("/on_hand"), "7");
  EXPECT_NE(read.header("Conveyor-Cursor"), "");
  EXPECT_EQ(client.get("/v1/inventory/none").status, 404);
  EXPECT_EQ(client.get("/v1/inventory/none").code(), "sku_not_found");
  EXPECT_EQ(client.get("/v1/inventory/A-1?x=1").code(), "invalid_parameter");
}

TEST_F(InventoryApi, RefusesWhatIsNoStock) {
  EXPECT_EQ(put("A-1", R"({"on_hand":-1})").code(), "validation_failed");
  EXPECT_EQ(put("A-1", R"({"on_hand":9007199254740992})").status, 422);
  EXPECT_EQ(put("A-1", R"({"on_hand":9007199254740991})").status, 200);
  EXPECT_EQ(put("a%20b", R"({"on_hand":1})").code(), "validation_failed");
  EXPECT_EQ(put(std::string(64, 's'), R"({"on_hand":1})").status, 200);
  EXPECT_EQ(put(std::string(65, 's'), R"({"on_hand":1})").status, 422);
  EXPECT_EQ(put("A-1", "").code(), "invalid_json");
}

TEST_F(InventoryApi, StaysAboveWhatIsReserved) {
  const auto id = place({.quantity = 3, .payment_method = "pm_garbage"});
  client.wait_for(id, "dead_lettered");
  EXPECT_EQ(client.get("/v1/inventory/sku-1").at("/reserved"), "3");
  EXPECT_EQ(put("sku-1", R"({"on_hand":3})").status, 200);
  const auto below = put("sku-1", R"({"on_hand":2})");
  EXPECT_EQ(below.status, 409);
  EXPECT_EQ(below.code(), "stock_below_reserved");
  EXPECT_EQ(adjust("sku-1", R"({"delta":-1,"reason":"lost"})", "k").code(), "stock_below_reserved");
}

TEST_F(InventoryApi, AdjustsOnceForAKey) {
  const auto first = adjust("sku-1", R"({"delta":5,"reason":"found"})", "key");
  EXPECT_EQ(first.status, 200) << first.body;
  EXPECT_EQ(first.at("/on_hand"), "1005");
  EXPECT_EQ(first.at("/delta"), "5");
  EXPECT_EQ(first.at("/reason"), "found");
  (void)adjust("sku-1", R"({"delta":1,"reason":"found"})", "other");
  const auto again = adjust("sku-1", R"({ "reason":"found", "delta":5 })", "\"key\"");
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(again.header("Idempotent-Replayed"), "true");
  EXPECT_EQ(client.get("/v1/inventory/sku-1").at("/on_hand"), "1006");

  EXPECT_EQ(adjust("sku-1", R"({"delta":6,"reason":"found"})", "key").status, 422);
  client.set_stock("sku-2", 1);
  EXPECT_EQ(adjust("sku-2", R"({"delta":5,"reason":"found"})", "key").code(),
            "idempotency_key_reused");
  EXPECT_EQ(client.place(OrderText{}.str(), "key").status, 201) << "the key of another route";
}

TEST_F(InventoryApi, RefusesAdjustments) {
  EXPECT_EQ(adjust("none", R"({"delta":1,"reason":"r"})", "k").code(), "sku_not_found");
  EXPECT_EQ(adjust("sku-1", R"({"delta":9007199254740991,"reason":"r"})", "k").code(),
            "stock_out_of_range");
  EXPECT_EQ(adjust("sku-1", R"({"delta":0,"reason":"r"})", "k").code(), "validation_failed");
  EXPECT_EQ(adjust("sku-1", R"({"delta":1})", "k").code(), "validation_failed");
  EXPECT_EQ(client.post("/v1/inventory/sku-1/adjust", R"({"delta":1,"reason":"r"})").code(),
            "idempotency_key_missing");
  EXPECT_EQ(adjust("sku-1", R"({"delta":1,"reason":"r"})", "k").status, 200) << "the key is free";
}

TEST_F(InventoryApi, ListsInPages) {
  for (const auto* sku : {"c", "a", "b"}) client.set_stock(sku, 1);
  std::vector<std::string> skus;
  std::string cursor;
  while (cursor != "null") {
    const auto page =
        client.get("/v1/inventory?limit=2" + (cursor.empty() ? "" : "&cursor=" + cursor));
    ASSERT_EQ(page.status, 200);
    for (const auto& item : page.json().at("data").as_array()) {
      skus.emplace_back(item.at("sku").as_string().c_str());
    }
    cursor = page.at("/next_cursor");
  }
  EXPECT_EQ(skus, (std::vector<std::string>{"a", "b", "c", "sku-1"}));
  EXPECT_EQ(client.get("/v1/inventory?cursor=x").code(), "invalid_cursor");
  EXPECT_EQ(client.get("/v1/inventory?sku=a").code(), "invalid_parameter");
  EXPECT_EQ(client.get("/v1/inventory?limit=201").code(), "invalid_parameter");
}

}  // namespace
}  // namespace conveyor::test
