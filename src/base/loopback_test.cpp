// Method: addresses on both sides of every rule of the form.
#include "base/loopback.h"

#include <gtest/gtest.h>

#include <string>

namespace conveyor {
namespace {

TEST(Loopback, IsAllOfNetwork127) {
  for (const auto* address :
       {"127.0.0.1", "127.0.0.0", "127.9.10.99", "127.100.0.1", "127.255.255.255"}) {
    EXPECT_TRUE(is_loopback_ipv4(address)) << address;
    EXPECT_TRUE(is_loopback_address(address)) << address;
  }
}

TEST(Loopback, IsOneBracketedAddressOfIpv6) {
  EXPECT_TRUE(is_loopback_address("[::1]"));
  EXPECT_FALSE(is_loopback_ipv4("[::1]"));
  for (const auto* address :
       {"::1", "[::1", "[::2]", "[::]", "[::ffff:127.0.0.1]", "[127.0.0.1]"}) {
    EXPECT_FALSE(is_loopback_address(address)) << address;
  }
}

TEST(Loopback, IsNothingThatOnlyLooksLikeIt) {
  for (const auto* address : {"",
                              "127",
                              "127.",
                              "127.0.0",
                              "127.1",
                              "127.0.0.",
                              "127.0.0.1.",
                              "127.0.0.1.1",
                              "127..0.1",
                              "127.0..1",
                              "127.0.0.256",
                              "127.256.0.1",
                              "127.0.0.01",
                              "127.00.0.1",
                              "127.0.0.1000",
                              "127.0.0.-1",
                              "127.0.0.+1",
                              "127.0.0.x",
                              "127.0.0.1x",
                              "127.0.0.0x1",
                              " 127.0.0.1",
                              "127.0.0.1 ",
                              "127.0.0. 1",
                              "127.example.org",
                              "127.0.0.1.example.org",
                              "126.0.0.1",
                              "128.0.0.1",
                              "0127.0.0.1",
                              "1127.0.0.1",
                              "0.0.0.0",
                              "localhost"}) {
    EXPECT_FALSE(is_loopback_address(address)) << address;
  }
  EXPECT_FALSE(is_loopback_address(std::string("127.0.0.1\0", 10)));
}

}  // namespace
}  // namespace conveyor
