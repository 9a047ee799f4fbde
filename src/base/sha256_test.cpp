// Method: the examples of FIPS 180-4 and RFC 6234; chunked hashing against hashing at once over
// random bytes; the hexadecimal form's edges.
#include "base/sha256.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <thread>

namespace conveyor {
namespace {

TEST(Sha256, GivesThePublishedDigests) {
  EXPECT_EQ(to_hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(to_hex(sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(to_hex(sha256(std::string(1'000'000, 'a'))),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, StartsAgainAfterFinish) {
  Sha256 hasher;
  hasher.update("something else");
  hasher.finish();
  hasher.update("a");
  hasher.update("");
  hasher.update("bc");
  EXPECT_EQ(hasher.finish(), sha256("abc"));
  EXPECT_EQ(hasher.finish(), sha256(""));
}

TEST(Sha256, EachThreadHasItsOwnContext) {
  Digest other{};
  std::thread([&other] { other = sha256("abc"); }).join();
  EXPECT_EQ(other, sha256("abc"));
}

RC_GTEST_PROP(Sha256, DoesNotDependOnTheChunks, (const std::vector<std::string>& chunks)) {
  Sha256 hasher;
  std::string whole;
  for (const std::string& chunk : chunks) {
    hasher.update(chunk);
    whole += chunk;
  }
  const Digest digest = hasher.finish();
  RC_ASSERT(digest == sha256(whole));
  RC_ASSERT(digest_from_hex(to_hex(digest)) == digest);
}

TEST(Hex, RefusesEveryOtherForm) {
  const std::string good = to_hex(sha256("abc"));
  ASSERT_TRUE(digest_from_hex(good));
  EXPECT_FALSE(digest_from_hex(""));
  EXPECT_FALSE(digest_from_hex(good.substr(1)));
  EXPECT_FALSE(digest_from_hex(good + "0"));
  for (const char wrong : {'A', 'F', 'g', '/', ':', '`', ' ', '\0'}) {
    std::string text = good;
    text[0] = wrong;
    EXPECT_FALSE(digest_from_hex(text)) << wrong;
    text = good;
    text.back() = wrong;
    EXPECT_FALSE(digest_from_hex(text)) << wrong;
  }
}

}  // namespace
}  // namespace conveyor
