// Method: change one part of a request at a time; the hash must change exactly when the step uses
// that part.
#include "ports/participant.h"

#include <gtest/gtest.h>

namespace conveyor {
namespace {

struct Fixture {
  std::vector<Line> lines{{1, "A", "a title", 2, 500}, {2, "B", std::nullopt, 1, 700}};
  ShipTo ship_to{"Ada", "1 Main Street", std::nullopt, "Oslo", std::nullopt, "0150",
                 "NO",  std::nullopt,    std::nullopt};
  StepRequest request;

  explicit Fixture(StepNumber step) {
    request.key = {OrderId{}, 1, step, 1};
    request.lines = lines;
    request.currency = Currency::from_code("EUR").value();
    request.amount_minor = 1'700;
    request.payment_method = "pm_ok";
    request.ship_to = &ship_to;
  }
  Digest hash() const { return request_hash(request); }
};

TEST(RequestHash, ReserveUsesSkusAndQuantitiesOnly) {
  Fixture f{1};
  const auto before = f.hash();
  f.request.amount_minor = 1;
  f.request.payment_method = "pm_other";
  f.ship_to.city = "Bergen";
  f.lines[0].title = "another";
  f.lines[0].unit_price_minor = 1;
  EXPECT_EQ(f.hash(), before);
  f.lines[0].quantity = 3;
  EXPECT_NE(f.hash(), before);
  f.lines[0].quantity = 2;
  f.lines[0].sku = "C";
  EXPECT_NE(f.hash(), before);
}

TEST(RequestHash, AuthorizeUsesAmountCurrencyAndMethod) {
  Fixture f{2};
  const auto before = f.hash();
  f.lines[0].quantity = 3;
  f.ship_to.city = "Bergen";
  EXPECT_EQ(f.hash(), before);
  f.request.amount_minor += 1;
  EXPECT_NE(f.hash(), before);
  f.request.amount_minor -= 1;
  f.request.currency = Currency::from_code("USD").value();
  EXPECT_NE(f.hash(), before);
  f.request.currency = Currency::from_code("EUR").value();
  f.request.payment_method = "pm_other";
  EXPECT_NE(f.hash(), before);
}

TEST(RequestHash, CaptureUsesItsAuthorizationAndNoMethod) {
  Fixture f{4};
  f.request.names = OperationKey{OrderId{}, 1, 2, 1};
  const auto before = f.hash();
  f.request.payment_method = "pm_other";
  EXPECT_EQ(f.hash(), before);
  f.request.names->generation = 2;
  EXPECT_NE(f.hash(), before);
}

TEST(RequestHash, BookUsesEveryPartOfTheAddress) {
  Fixture f{3};
  const auto before = f.hash();
  f.request.amount_minor += 1;
  EXPECT_EQ(f.hash(), before);
  for (auto part :
       {&ShipTo::name, &ShipTo::line1, &ShipTo::city, &ShipTo::postal_code, &ShipTo::country}) {
    const auto kept = f.ship_to.*part;
    f.ship_to.*part += "x";
    EXPECT_NE(f.hash(), before);
    f.ship_to.*part = kept;
  }
  for (auto part : {&ShipTo::line2, &ShipTo::region, &ShipTo::email, &ShipTo::phone}) {
    f.ship_to.*part = "";
    EXPECT_NE(f.hash(), before) << "present and empty is not absent";
    f.ship_to.*part = std::nullopt;
  }
  EXPECT_EQ(f.hash(), before);
}

TEST(RequestHash, TextMovedBetweenPartsIsAnotherRequest) {
  Fixture f{3};
  f.ship_to.name = "a\nline1:1:b";
  f.ship_to.line1 = "c";
  const auto before = f.hash();
  f.ship_to.name = "a";
  f.ship_to.line1 = "b\nline1:1:c";
  EXPECT_NE(f.hash(), before);
}

TEST(RequestHash, StepsDoNotShareHashes) {
  Fixture reserve{1};
  Fixture commit{6};
  EXPECT_NE(reserve.hash(), commit.hash());
}

}  // namespace
}  // namespace conveyor
