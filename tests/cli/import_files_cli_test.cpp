// Method: files as people send them, whole and broken, are imported into a whole server over
// loopback; compared are what is said of each line, the exit code, and which orders there then are.
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <map>
#include <thread>

#include "cli/cli_fixture.h"

namespace conveyor::test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

constexpr std::string_view kSpoiled = "cannot be read and may belong to this order";

class ImportFiles : public CliTest {
 protected:
  std::vector<std::string> references() {
    std::vector<std::string> all;
    const auto page = client.get("/v1/orders?limit=200").json();
    for (const auto& order : page.at("data").as_array()) {
      all.emplace_back(order.at("reference").as_string());
    }
    std::ranges::sort(all);
    return all;
  }

  std::string text_of(const std::string& name) const {
    std::ifstream file{files.file(name), std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
  }
};

// --- one file with everything --------------------------------------------------------------------

// By line; a line that cannot be read is told with its own reason only.
std::map<std::int64_t, std::string> reasons_of(const boost::json::value& summary) {
  std::map<std::int64_t, std::string> reasons;
  const auto add = [&](const boost::json::value& problem) {
    if (problem.at("reason").as_string() == kSpoiled) return;
    auto& text = reasons[problem.at("line").as_int64()];
    text += (text.empty() ? "" : " AND ") + std::string{problem.at("reason").as_string()};
  };
  for (const auto& order : summary.at("refused_orders").as_array()) {
    for (const auto& problem : order.at("problems").as_array()) add(problem);
  }
  for (const auto& problem : summary.at("lines_of_no_order").as_array()) add(problem);
  return reasons;
}

const std::map<std::int64_t, std::string> kNastyLines{
    {9, "reference is missing"},
    {10, "reference is \"B 02\"; it must be 1 to 64 of A-Z a-z 0-9 . _ -"},
    {12, "customer_id is \"c-other\", but \"c-B-03\" in line 11 of the same order"},
    {13, "currency is \"usd\"; it must be a code of ISO 4217"},
    {15, "unit_price is \"1,50\"; it must be an amount in USD, not negative, such as 12.50"},
    {16, "unit_price is \"10.5\"; it must be an amount in JPY, not negative, such as 1250"},
    {17, "unit_price is \"-1.00\"; it must be an amount in USD, not negative, such as 12.50"},
    {18, "sku must be 1 to 64 of A-Z a-z 0-9 . _ -"},
    {19, "title must have at most 200 characters"},
    {20, "title must not have control characters"},
    {22, "ship_to.country must be two capital letters (ISO 3166-1 alpha-2)"},
    {23, "ship_to.email must be an e-mail address"},
    {24, "payment_method card numbers are never taken here; give the payment provider's token"},
    {25, "adjustment.shipping is \"free\"; it must be an amount in USD"},
    {26, "lines and adjustments add up to less than 0"},
    {29, "not as many fields as the header"},
    {31, "text after a closing quote"},
    {33, "not UTF-8"},
    {34, "a NUL byte"},
    {41, "quantity is \"0\"; it must be an integer from 1 to 1000000"},
};

TEST_F(ImportFiles, OfANastyFileExactlyTheBadLinesAreRefusedEachWithItsReason) {
  for (const auto* sku : {"MUG-1", "CUP-3", "PIPE-2"}) client.set_stock(sku, 10'000'000);
  const auto ran =
      conveyor({"orders", "import", std::string{CONVEYOR_TEST_DATA} + "/orders-nasty.csv", "--yes",
                "--wait", "-o", "json", "--rejects", files.file("rejects.csv")});
  EXPECT_EQ(ran.code, 8) << ran.err;
  EXPECT_EQ(ran.err, "columns not used: note\n");
  const auto summary = ran.json();
  EXPECT_EQ(kNastyLines.size(), 20U);
  EXPECT_EQ(reasons_of(summary), kNastyLines);

  // Whole orders: also those of which another line is good.
  std::map<std::string, std::int64_t> refused;
  for (const auto& order : summary.at("refused_orders").as_array()) {
    refused[std::string{order.at("reference").as_string()}] =
        static_cast<std::int64_t>(order.at("lines").as_array().size());
  }
  EXPECT_EQ(refused.size(), 17U);
  for (const auto* two : {"B-01", "B-03"}) EXPECT_EQ(refused[two], 2) << two;
  for (const auto* one : {"B-19", "B-20", "B-21"}) EXPECT_EQ(refused[one], 1) << one;
  EXPECT_THAT(references(), ElementsAre("A-1", "A-2", "A-3", "A-4", "A-5", "A-6", "A-7"));
  EXPECT_EQ(summary.at_pointer("/created/orders").as_int64(), 7);
  EXPECT_EQ(summary.at_pointer("/created/lines").as_int64(), 11);
  EXPECT_EQ(summary.at_pointer("/statuses/completed").as_int64(), 7);

  std::map<std::string, std::int64_t> sums;
  const auto page = client.get("/v1/orders?limit=200").json();
  for (const auto& order : page.at("data").as_array()) {
    sums[std::string{order.at("currency").as_string()}] += order.at("total").as_int64();
  }
  const std::map<std::string, std::int64_t> wanted{
      {"USD", 25'897}, {"JPY", 1'851}, {"KWD", 1'003'140}};
  EXPECT_EQ(sums, wanted);
  for (const auto& [currency, sum] : wanted) {
    EXPECT_EQ(summary.at("totals").at(currency).as_int64(), sum);
  }

  const auto rejects = text_of("rejects.csv");
  EXPECT_THAT(rejects,
              AllOf(StartsWith("line,reference,reason\n"), HasSubstr("\n9,,reference is missing\n"),
                    HasSubstr("\n12,B-03,\"customer_id is \"\"c-other\"\", but"),
                    HasSubstr("\n29,B-19," + std::string{kSpoiled} + "\n"),
                    HasSubstr("\n29,,not as many fields as the header\n")));
  EXPECT_EQ(std::ranges::count(rejects, '\n'), 1 + 20 + 3) << "three orders had unreadable lines";
}

// --- files that cannot be taken ------------------------------------------------------------------

constexpr std::string_view kHeader =
    "reference,customer_id,currency,payment_method,sku,quantity,unit_price,ship_to.name,"
    "ship_to.line1,ship_to.city,ship_to.postal_code,ship_to.country\n";

std::string csv_row(const std::string& reference) {
  return reference + ",c1,EUR,pm_ok,sku-1,1,1,Ada,Main 1,Berlin,10115,DE\n";
}
std::string json_row(const std::string& reference) {
  return OrderText{.reference = reference}.str() + "\n";
}

struct Broken {
  std::string name;
  std::string text;
  int code;
  std::string error;  // what standard error or the summary says
};

class BrokenFiles : public ImportFiles, public testing::WithParamInterface<Broken> {};

TEST_P(BrokenFiles, EndWithAClearErrorAndNothingPlaced) {
  const auto& broken = GetParam();
  const auto path = write(broken.name, broken.text);
  const auto ran =
      conveyor({"orders", "import", path, "--yes", "--rejects", files.file("rejects.csv")});
  EXPECT_EQ(ran.code, broken.code) << ran.out;
  EXPECT_THAT(ran.err + ran.out, HasSubstr(broken.error));
  EXPECT_THAT(references(), IsEmpty());
}

std::string utf16(std::string_view text) {
  std::string out{"\xFF\xFE"};
  for (const char c : text) out.append({c, '\0'});
  return out;
}

std::string without(std::string text, std::string_view column) {
  return text.erase(text.find(column), column.size());
}

INSTANTIATE_TEST_SUITE_P(
    Csv, BrokenFiles,
    testing::Values(
        Broken{"a.csv", "", 5, "a.csv: the file is empty"},
        Broken{"a.csv", std::string{kHeader}, 5, "a.csv: the file has a header but no rows"},
        Broken{"a.csv", without(std::string{kHeader}, "sku,") + csv_row("R1"), 5,
               "there is no column sku: use --map sku=COLUMN or --set sku=VALUE"},
        Broken{"a.csv", std::string{kHeader} + csv_row("R1") + std::string{kHeader} + csv_row("R2"),
               5, "line 3: the header stands here again: remove the line"},
        Broken{"a.csv", std::string{kHeader} + csv_row("R1") + std::string(10'000'000, 'x'), 5,
               "line 3: a record of more than 1 MiB: is there a quote that is not closed?"},
        Broken{"a.csv", std::string{kHeader} + csv_row("R1") + "R2,\"c1,EUR\n" + csv_row("R3"), 5,
               "line 3: a quote is not closed: close the quote of this record"},
        Broken{"a.csv", utf16(std::string{kHeader} + csv_row("R1")), 5,
               "line 1: the file is UTF-16, not UTF-8: save it as UTF-8"},
        Broken{"a.csv", utf16(std::string{kHeader} + csv_row("R1")).substr(2), 5,
               "line 1: a NUL byte: save the file as text in UTF-8"},
        Broken{"a.csv", std::string{kHeader} + csv_row(std::string{"R\0", 2}), 8,
               "line 2: a NUL byte"}));

INSTANTIATE_TEST_SUITE_P(
    Ndjson, BrokenFiles,
    testing::Values(
        Broken{"a.ndjson", "", 5, "a.ndjson: the file is empty"},
        Broken{"a.jsonl", "\n\r\n", 5, "a.jsonl: the file is empty"},
        Broken{"a.ndjson", std::string{kHeader}, 8, "line 1: syntax: "},
        Broken{"a.ndjson", without(json_row("R1"), "\"reference\":\"R1\","), 8,
               "line 1: /reference is missing"},
        Broken{"a.ndjson", json_row("R1") + json_row("R1"), 8,
               "line 2: customer_id and reference are those of another order, in line 1"},
        Broken{"a.ndjson", std::string(10'000'000, '{'), 8, "line 1: a line of more than 256 KiB"},
        Broken{"a.txt", json_row("R1").substr(0, 100), 8, "line 1: /lines/0 incomplete: "},
        Broken{"a.ndjson", utf16(json_row("R1")), 5, "line 1: the file is UTF-16, not UTF-8"},
        Broken{"a.ndjson", json_row(std::string{"R\0", 2}), 8, "line 1: "}));

// --- NDJSON --------------------------------------------------------------------------------------

TEST_F(ImportFiles, OfNdjsonTheBadLinesAreRefusedAndTheRestIsPlaced) {
  std::string text{"\xEF\xBB\xBF"};
  for (int i = 0; i < 100; ++i) text += json_row("R" + std::to_string(100 + i));
  text += OrderText{.reference = "BAD", .quantity = 0}.str() + "\r\n" + json_row("R200");
  const auto ran = conveyor({"orders", "import", write("orders", text), "--yes", "--wait"});
  EXPECT_EQ(ran.code, 8) << ran.err;
  EXPECT_EQ(ran.out,
            "created   101 orders, 101 lines\n"
            "replayed  0 orders, 0 lines\n"
            "refused   1 order, 1 line\n"
            "  BAD (1 line)\n"
            "    line 101: /lines/0/quantity must be between 1 and 1000000\n"
            "total     505.00 EUR\n"
            "completed 101 orders\n");
  EXPECT_EQ(references().size(), 101U);
}

TEST_F(ImportFiles, TheFormatIsAsTheFileLooksOrAsItIsSaid) {
  const auto import = [&](const std::string& path, const std::vector<std::string>& more,
                          const std::string& input = {}) {
    std::vector<std::string> arguments{"orders", "import", path, "--yes"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return conveyor(arguments, {.input = input});
  };
  const auto csv = std::string{kHeader} + csv_row("R1");
  EXPECT_EQ(import(write("a.data", "\xEF\xBB\xBF \r\n" + json_row("R2")), {}).code, 0);
  EXPECT_EQ(import(write("a.json", csv), {}).code, 0);
  EXPECT_EQ(import(write("a.ndjson", csv), {}).code, 8);
  EXPECT_EQ(import(write("a.ndjson", csv), {"--format", "csv"}).code, 0) << "a replay";
  EXPECT_EQ(import(write("b.csv", csv), {"--format", "ndjson"}).code, 8);
  EXPECT_EQ(import("-", {}, json_row("R3")).code, 0);
  EXPECT_EQ(import("-", {}, std::string{kHeader} + csv_row("R4")).code, 0);
  EXPECT_THAT(references(), ElementsAre("R1", "R2", "R3", "R4"));

  const auto mapped = import(write("a.data", json_row("R5")), {"--set", "currency=EUR"});
  EXPECT_EQ(mapped.code, 2);
  EXPECT_THAT(mapped.err, HasSubstr("--map and --set are for the columns of a CSV"));
  EXPECT_EQ(import(write("a.data", json_row("R5")), {"--format", "xml"}).code, 2);
  EXPECT_EQ(import(write("a.data", json_row("R5")), {"--in-flight", "0"}).code, 2);
  EXPECT_EQ(import(write("a.data", json_row("R5")), {"--in-flight", "257"}).code, 2);
  EXPECT_EQ(import(write("a.data", json_row("R5")), {"--in-flight", "256"}).code, 0);
}

// --- --rejects -----------------------------------------------------------------------------------

TEST_F(ImportFiles, WithoutAPlaceForRejectsNothingIsSent) {
  const auto path = write("a.csv", std::string{kHeader} + csv_row("R1"));
  const auto error = [&](const std::string& rejects) {
    const auto ran = conveyor({"orders", "import", path, "--yes", "--rejects", rejects});
    EXPECT_EQ(ran.code, 1) << ran.out;
    return ran.err;
  };
  EXPECT_EQ(error("/dev/full"),
            "error: --rejects /dev/full: cannot be written: No space left on device; nothing was "
            "sent\n");
  EXPECT_EQ(error("/tmp"),
            "error: --rejects /tmp: cannot be opened: Is a directory; nothing was sent\n");
  EXPECT_EQ(error("/nowhere/r.csv"),
            "error: --rejects /nowhere/r.csv: cannot be opened: No such file or directory; nothing "
            "was sent\n");
  EXPECT_THAT(error(path), HasSubstr("this is the file that is imported"));
  EXPECT_EQ(text_of("a.csv"), std::string{kHeader} + csv_row("R1"));
  EXPECT_THAT(references(), IsEmpty());
}

TEST_F(ImportFiles, RejectsHoldWhatTheFileAndWhatTheServerRefuses) {
  place({.reference = "R2"});
  const auto path = write("a.ndjson", json_row("R1") + "{}\n" + json_row("R2"));
  const auto ran =
      conveyor({"orders", "import", path, "--yes", "--rejects", files.file("rejects.csv")});
  EXPECT_EQ(ran.code, 8);
  const auto rejects = text_of("rejects.csv");
  EXPECT_THAT(rejects, AllOf(StartsWith("line,reference,reason\n2,,/customer_id is missing\n"),
                             HasSubstr("\n3,R2,order ord_")));
  EXPECT_THAT(references(), ElementsAre("R1", "R2"));
  const auto look =
      conveyor({"orders", "import", path, "--dry-run", "--rejects", files.file("look.csv")});
  EXPECT_EQ(look.code, 8);
  EXPECT_THAT(text_of("look.csv"), HasSubstr("\n2,,/customer_id is missing\n"));
}

TEST_F(ImportFiles, RejectsThatCannotBeWrittenAnyMoreAreStillSaid) {
  place({.reference = "R2"});
  const auto path = write("a.ndjson", json_row("R1") + json_row("R2"));
  const auto fifo = files.file("rejects");
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  const int reader = ::open(fifo.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  server.unit.set_open(false);  // no order is answered before the reader has gone
  Ran ran;
  std::thread import{
      [&] { ran = conveyor({"orders", "import", path, "--yes", "--rejects", fifo}); }};
  std::string header;
  while (!header.ends_with("reason\n")) {
    pollfd ready{reader, POLLIN, 0};
    ::poll(&ready, 1, -1);
    std::array<char, 64> buffer{};
    const auto size = ::read(reader, buffer.data(), buffer.size());
    if (size > 0) header.append(buffer.data(), static_cast<std::size_t>(size));
  }
  ::close(reader);
  server.unit.set_open(true);
  import.join();
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.out, HasSubstr("refused   1 order, 1 line\n  R2 (1 line)\n    line 2: order "));
  EXPECT_EQ(ran.err, "error: --rejects " + fifo +
                         ": cannot be written: Broken pipe; what is refused stands above\n");
}

// --- waiting -------------------------------------------------------------------------------------

TEST_F(ImportFiles, AnOrderThatWaitsForAPersonIsNotWaitedFor) {
  const auto path =
      write("a.ndjson",
            json_row("R1") + OrderText{.reference = "R2", .payment_method = "pm_flaky_15"}.str());
  const auto ran = conveyor({"orders", "import", path, "--yes", "--wait"});
  EXPECT_EQ(ran.code, 8) << ran.err;
  EXPECT_THAT(ran.out,
              HasSubstr("total     10.00 EUR\ncompleted 1 order\ndead_lettered 1 order\n"));
}

}  // namespace
}  // namespace conveyor::test
