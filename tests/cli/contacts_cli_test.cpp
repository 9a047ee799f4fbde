// Method: contacts are erased through a whole server, as a person at a terminal and as a script do.
#include "cli/cli_fixture.h"

namespace conveyor::test {
namespace {

using testing::HasSubstr;

class ContactsCli : public CliTest {
 protected:
  bool is_erased(const std::string& id) {
    return client.get("/v1/orders/" + id + "/contact").code() == "contact_erased";
  }
};

TEST_F(ContactsCli, AreErasedWhenAPersonSaysYes) {
  const auto id = place();
  client.wait_for(id, "completed");
  const auto no = conveyor({"contacts", "erase", "c1"}, {.input = "n\n", .is_terminal = true});
  EXPECT_EQ(no.code, 1);
  EXPECT_THAT(no.err, HasSubstr("Erase the contacts of 1 order of customer c1?"));
  EXPECT_EQ(conveyor({"contacts", "erase", "c1"}).code, 2) << "nobody can be asked";
  const auto look = conveyor({"contacts", "erase", "c1", "--dry-run"});
  EXPECT_EQ(look.code, 0);
  EXPECT_THAT(look.err, HasSubstr("would erase the contacts of 1 order"));
  EXPECT_FALSE(is_erased(id));

  const auto yes = conveyor({"contacts", "erase", "c1"}, {.input = "y\n", .is_terminal = true});
  EXPECT_EQ(yes.code, 0) << yes.err;
  EXPECT_TRUE(is_erased(id));
  const auto again = conveyor({"contacts", "erase", "c1", "--yes", "-o", "json"});
  EXPECT_EQ(again.code, 0);
  EXPECT_EQ(again.json().at("status").as_string(), "accepted");
}

TEST_F(ContactsCli, SayWhyTheyCannotBeErased) {
  const auto id = place({.payment_method = "pm_flaky_15"});
  client.wait_for(id, "dead_lettered");
  const auto open = conveyor({"contacts", "erase", "c1", "--yes"});
  EXPECT_EQ(open.code, 4);
  EXPECT_THAT(open.err, HasSubstr(id));
  EXPECT_EQ(conveyor({"contacts", "erase", "nobody", "--yes"}).code, 3);
}

TEST_F(ContactsCli, AreAbsentFromAnExportOnceErased) {
  const auto id = place();
  client.wait_for(id, "completed");
  ASSERT_EQ(conveyor({"contacts", "erase", "c1", "--yes"}).code, 0);
  const auto exported = conveyor({"orders", "export", "--format", "ndjson"});
  EXPECT_EQ(exported.code, 0) << exported.err;
  EXPECT_THAT(exported.out, HasSubstr("\"ship_to\":{}"));
}

}  // namespace
}  // namespace conveyor::test
