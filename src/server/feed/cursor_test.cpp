// Method: there and back, and cursors of another list or spelling.
#include "server/feed/cursor.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/base64url.h"

namespace conveyor::feed {
namespace {

TEST(FeedCursor, RefusesWhatIsNotExactlyOne) {
  const auto feed = encode_cursor({12, 3});
  EXPECT_EQ(decode_cursor(feed), (Cursor{12, 3}));
  for (const auto* plain : {"f", "f1", "f1.", "f.1", "f-1.0", "f1.-1", "f+1.0", "f01.0", "f1.0 ",
                            "f99999999999999999999.0", "i1.0", "f1.4294967296"}) {
    EXPECT_FALSE(decode_cursor(base64url_encode(plain))) << plain;
  }
  EXPECT_FALSE(decode_cursor(""));
  EXPECT_FALSE(decode_cursor(feed + "="));
  EXPECT_FALSE(decode_cursor("12"));
}

TEST(FeedCursor, IsAheadOfAStoreThatDoesNotHaveItsPlace) {
  EXPECT_FALSE(is_ahead({7, 0}, 7));
  EXPECT_FALSE(is_ahead({6, 3}, 7));
  EXPECT_TRUE(is_ahead({7, 1}, 7)) << "within a row that is not there";
  EXPECT_TRUE(is_ahead({8, 0}, 7));
  EXPECT_FALSE(is_ahead({}, 0));
}

RC_GTEST_PROP(FeedCursor, GoThereAndBack, ()) {
  const Cursor cursor{*rc::gen::nonNegative<std::int64_t>(), *rc::gen::arbitrary<uint32_t>()};
  RC_ASSERT(decode_cursor(encode_cursor(cursor)) == cursor);
}

RC_GTEST_PROP(FeedCursor, TakesAnyText, (const std::string& text)) {
  (void)decode_cursor(text);
}

}  // namespace
}  // namespace conveyor::feed
