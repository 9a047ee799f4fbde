// Method: the binary is started on each kind of loopback address and asked at the URL that it says
// is its own, as a client that knows nothing else would.
#include <gtest/gtest.h>

#include "support/server_process.h"
#include "support/shop.h"

namespace conveyor::test {
namespace {

class Listen : public testing::TestWithParam<std::string> {};

TEST_P(Listen, AnswersAtItsOwnUrl) {
  const TemporaryFolder folder;
  const ServerProcess server(folder.path("conveyor.db"), {}, GetParam() + ":0");
  ASSERT_TRUE(server.url().starts_with("http://" + GetParam() + ":")) << server.url();
  Shop shop(server.url());
  EXPECT_EQ(shop.send("GET", "/health/ready").status, 200);
  // A page that the server itself would serve may write.
  const auto stock =
      shop.send("PUT", "/v1/inventory/sku-1", R"({"on_hand":1})", {{"Origin", server.url()}});
  EXPECT_EQ(stock.status, 200) << stock.body;
}

INSTANTIATE_TEST_SUITE_P(Loopback, Listen, testing::Values("127.0.0.1", "127.8.9.10", "[::1]"),
                         [](const auto& info) { return "Address" + std::to_string(info.index); });

}  // namespace
}  // namespace conveyor::test
