// Method: there and back, and cursors of another list, filter or spelling.
#include "server/api/cursor.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/base64url.h"
#include "server/feed/cursor.h"

namespace conveyor::api {
namespace {

const OrderId kOrder{make_uuid_v7(from_unix_ms(1'770'000'000'000), 1, 2)};

TEST(OrderCursor, BelongsToItsFilter) {
  OrderFilter filter;
  filter.statuses = {Status::failed, Status::pending};
  filter.customer_id = "c1";
  const auto cursor = encode_order_cursor(filter, kOrder);
  EXPECT_EQ(decode_order_cursor(cursor, filter), kOrder);

  auto same = filter;
  same.statuses = {Status::pending, Status::failed};
  same.before = kOrder;
  EXPECT_EQ(decode_order_cursor(cursor, same), kOrder);

  const auto differs = [&](auto change) {
    auto other = filter;
    change(other);
    return !decode_order_cursor(cursor, other);
  };
  EXPECT_TRUE(differs([](OrderFilter& f) { f.statuses.pop_back(); }));
  EXPECT_TRUE(differs([](OrderFilter& f) { f.customer_id.reset(); }));
  EXPECT_TRUE(differs([](OrderFilter& f) { f.reference = "c1"; }));
  EXPECT_TRUE(differs([](OrderFilter& f) { f.step = 1; }));
  EXPECT_TRUE(differs([](OrderFilter& f) { f.sku = "A"; }));
  EXPECT_TRUE(differs([](OrderFilter& f) { f.fingerprint = "A"; }));
  EXPECT_TRUE(differs([](OrderFilter& f) { f.created_after = from_unix_ms(0); }));
  EXPECT_TRUE(differs([](OrderFilter& f) { f.created_before = from_unix_ms(0); }));
  EXPECT_TRUE(differs([](OrderFilter& f) { f.updated_after = from_unix_ms(0); }));
  EXPECT_TRUE(differs([](OrderFilter& f) { f.updated_before = from_unix_ms(0); }));
  EXPECT_TRUE(differs([](OrderFilter& f) { f.failing = false; }));
  filter.failing = false;
  EXPECT_TRUE(differs([](OrderFilter& f) { f.failing = true; }));
}

TEST(Cursors, RefuseWhatIsNotExactlyOne) {
  const auto feed = feed::encode_cursor({12, 3});
  EXPECT_EQ(decode_stock_cursor(encode_stock_cursor("SKU-1")), "SKU-1");
  EXPECT_FALSE(decode_stock_cursor(base64url_encode("i")));
  EXPECT_FALSE(decode_stock_cursor(base64url_encode("i a")));
  EXPECT_FALSE(decode_stock_cursor(feed));
  EXPECT_FALSE(decode_order_cursor(feed, {}));
}

RC_GTEST_PROP(Cursors, TakeAnyText, (const std::string& text)) {
  (void)decode_stock_cursor(text);
  (void)decode_order_cursor(text, {});
}

}  // namespace
}  // namespace conveyor::api
