// Method: orders with everything that an order may have are exported from one server and imported
// into an empty one; what the API says of both is compared member by member. Beyond that: what a
// CSV leaves out, the query, and places that cannot be written to.
#include <sys/stat.h>

#include <filesystem>
#include <map>

#include "cli/cli_fixture.h"

namespace conveyor::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class ExportCli : public CliTest {
 protected:
  // Orders that are awkward as text and as money; the customers share a reference.
  void place_awkward_orders() {
    for (const auto* body : {
             R"({"reference":"R-1","customer_id":"c1","currency":"USD","lines":[
               {"sku":"sku-1","title":"5\" pipe, \"blue\"; 2nd\u00A0choice","quantity":3,"unit_price":1250},
               {"sku":"sku-1","title":" leading and trailing ","quantity":1,"unit_price":0},
               {"sku":"X.y_z-9","title":"=1+1","quantity":1000000,"unit_price":1}],
               "adjustments":[{"kind":"shipping","amount":499},{"kind":"discount","amount":-150}],
               "ship_to":{"name":"Zoë Ångström","line1":"-Main, St; 1","line2":"c/o \"Q\"",
               "city":"東京","region":"R","postal_code":"10115","country":"DE",
               "email":"z@example.org","phone":"+49 30/1"},"payment_method":"pm_ok"})",
             R"({"reference":"R-1","customer_id":"c2","currency":"JPY","lines":[
               {"sku":"sku-1","quantity":2,"unit_price":300}],
               "ship_to":{"name":"=B","line1":"1","city":"K","postal_code":"2","country":"KW"},
               "payment_method":"pm_declined"})",
             R"({"customer_id":"c1","currency":"KWD","lines":[
               {"sku":"sku-1","quantity":2,"unit_price":1505}],
               "adjustments":[{"kind":"tax","amount":1,"label":"VAT"},{"kind":"fee","amount":2},
               {"kind":"tax","amount":4},{"kind":"shipping","amount":0}],
               "ship_to":{"name":"B","line1":"1","city":"K","postal_code":"2","country":"KW"},
               "payment_method":"pm_ok","metadata":{"z":"a\nb, \"c\"","a":""}})"}) {
      const auto reply = client.place(body, "key-" + std::to_string(++keys));
      ASSERT_EQ(reply.status, 201) << reply.body;
    }
  }

  // What an import has to carry over, by customer and reference; personal data included.
  static std::map<std::string, boost::json::value> orders_of(ApiClient& api, bool as_csv) {
    std::map<std::string, boost::json::value> all;
    const auto page = api.get("/v1/orders?limit=200").json();
    for (const auto& row : page.at("data").as_array()) {
      const std::string id{row.at("id").as_string()};
      const auto order = api.get("/v1/orders/" + id).json();
      const auto contact = api.get("/v1/orders/" + id + "/contact").json();
      boost::json::object kept;
      for (const auto* name : {"customer_id", "currency", "lines", "total", "payment_method"}) {
        kept[name] = order.at(name);
      }
      kept["ship_to"] = contact.at("ship_to");
      if (as_csv) {
        std::map<std::string, std::int64_t> sums;
        for (const auto& a : order.at("adjustments").as_array()) {
          sums[std::string{a.at("kind").as_string()}] += a.at("amount").as_int64();
        }
        kept["adjustments"] = boost::json::value_from(sums);
      } else {
        kept["adjustments"] = order.at("adjustments");
        kept["metadata"] = contact.at("metadata");
      }
      const auto* reference = order.as_object().if_contains("reference");
      const auto name = reference == nullptr ? id : std::string{reference->as_string()};
      all[std::string{order.at("customer_id").as_string()} + "/" + name] = kept;
    }
    return all;
  }

  // Into a server of its own, from this one.
  void expect_round_trip(const std::string& format) {
    place_awkward_orders();
    const auto path = files.file("orders." + format);
    const auto written = conveyor({"orders", "export", "--format", format, "--output-file", path});
    ASSERT_EQ(written.code, 0) << written.err;
    ApiServer other;
    ApiClient api{other};
    const auto read = conveyor({"orders", "import", path, "--yes", "--server", other.url()});
    EXPECT_EQ(read.code, 0) << read.out << read.err;
    EXPECT_THAT(read.out, HasSubstr("created   3 orders"));
    EXPECT_EQ(read.err, "");
    const auto wanted = orders_of(client, format == "csv");
    EXPECT_EQ(wanted.size(), 3U);
    EXPECT_EQ(orders_of(api, format == "csv"), wanted);
  }
};

TEST_F(ExportCli, ACsvGoesIntoAnEmptyServerAsTheSameOrders) {
  expect_round_trip("csv");
}

TEST_F(ExportCli, NdjsonGoesIntoAnEmptyServerAsTheSameOrdersWithEverything) {
  expect_round_trip("ndjson");
}

TEST_F(ExportCli, ACsvHasTheImportsColumnsAndSaysWhatItLeavesOut) {
  place_awkward_orders();
  const auto ran = conveyor({"orders", "export"});
  EXPECT_EQ(ran.code, 0);
  EXPECT_THAT(ran.out, StartsWith("reference,order,sku,title,quantity,unit_price,customer_id,"
                                  "currency,payment_method,ship_to.name,ship_to.line1,"
                                  "ship_to.line2,ship_to.city,ship_to.region,"
                                  "ship_to.postal_code,ship_to.country,ship_to.email,"
                                  "ship_to.phone,adjustment.shipping,adjustment.tax,"
                                  "adjustment.discount,adjustment.fee,status,created_at\n"));
  EXPECT_THAT(ran.out,
              AllOf(HasSubstr(",sku-1,\"5\"\" pipe, \"\"blue\"\"; 2nd"),
                    HasSubstr(",4.99,,-1.50,,"), HasSubstr(",0.000,0.005,,0.002,"),
                    HasSubstr(",X.y_z-9,=1+1,1000000,0.01,"), HasSubstr(",sku-1,,2,300,c2,JPY,")));
  EXPECT_EQ(ran.err,
            "1 of 3 orders have labels, metadata or several adjustments of a kind, which a CSV "
            "does not carry; --format ndjson does\n");
  EXPECT_EQ(conveyor({"orders", "export", "--format", "ndjson"}).err, "");
}

TEST_F(ExportCli, TheQueryIsThatOfTheList) {
  place_awkward_orders();
  const auto only = conveyor({"orders", "export", "customer:c2", "--format", "ndjson"});
  EXPECT_THAT(only.out, AllOf(HasSubstr("\"JPY\""), Not(HasSubstr("USD"))));
  const auto without = conveyor({"orders", "export", "-customer:c2", "--format", "ndjson"});
  EXPECT_EQ(std::ranges::count(without.out, '\n'), 2);
  EXPECT_EQ(conveyor({"orders", "export", "colour:red"}).code, 2);
  const auto none = conveyor({"orders", "export", "customer:nobody"});
  EXPECT_EQ(none.code, 0);
  EXPECT_EQ(none.err, "no orders\n");
  EXPECT_EQ(std::ranges::count(none.out, '\n'), 1) << "the titles";
}

TEST_F(ExportCli, ManyOrdersComeInTheSequenceInWhichTheyWerePlaced) {
  constexpr int kOrders = 450;
  for (int i = 0; i < kOrders; ++i) place({.reference = "R" + std::to_string(i)});
  const auto ran = conveyor({"orders", "export", "--format", "ndjson"});
  ASSERT_EQ(ran.code, 0) << ran.err;
  const auto listed = conveyor({"orders", "list", "--all", "-o", "json"}).json();
  std::istringstream lines{ran.out};
  int next = 0;
  for (std::string line; std::getline(lines, line); ++next) {
    const auto& row = listed.as_array().at(static_cast<std::size_t>(kOrders - 1 - next));
    EXPECT_EQ(boost::json::parse(line).at("reference"), row.at("reference")) << next;
  }
  EXPECT_EQ(next, kOrders);
}

TEST_F(ExportCli, AFileIsThereWhenItIsWhole) {
  place();
  const auto path = write("orders.csv", "old");
  ASSERT_EQ(conveyor({"orders", "export", "--output-file", path}).code, 0);
  struct stat info{};
  ASSERT_EQ(::stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U) << "personal data";
  EXPECT_GT(info.st_size, 100);
  const auto failed = conveyor({"orders", "export", "--output-file", write("b.csv", "old"),
                                "--server", "http://127.0.0.1:1"});
  EXPECT_EQ(failed.code, 7);
  std::ifstream left{files.file("b.csv")};
  EXPECT_EQ((std::string{std::istreambuf_iterator<char>{left}, {}}), "old");
  const std::filesystem::path folder = std::filesystem::path{path}.parent_path();
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator{folder}, {}), 2);
}

TEST_F(ExportCli, PlacesThatCannotBeWrittenToAreSaid) {
  place();
  const auto error = [&](const std::string& path) {
    const auto ran = conveyor({"orders", "export", "--output-file", path});
    EXPECT_EQ(ran.code, 1);
    return ran.err;
  };
  EXPECT_EQ(error("/dev/full"),
            "error: /dev/full is no regular file; write to standard output instead\n");
  EXPECT_EQ(error("/tmp"), "error: /tmp is no regular file; write to standard output instead\n");
  EXPECT_EQ(error("/nowhere/orders.csv"),
            "error: /nowhere/orders.csv cannot be written: No such file or directory\n");
}

}  // namespace
}  // namespace conveyor::test
