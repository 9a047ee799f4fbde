// Method: the program as a child in front of a server in this process, or of one that the test
// makes up on a port of its own and that breaks off, comes back and says what it wants.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <set>

#include "adapters/http/test_peer.h"
#include "cli/child.h"
#include "cli/cli_fixture.h"

namespace conveyor::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class EventsCli : public CliTest {};

/// A child's lines of JSON.
boost::json::value next_event(Child& child) {
  const auto line = child.read_until("\n");
  EXPECT_TRUE(line.ends_with('\n')) << line;
  return boost::json::parse(line);
}

TEST_F(EventsCli, TailPrintsWhatHappensUntilItIsInterrupted) {
  const auto before = place();
  client.wait_for(before, "completed");
  Child tail({"events", "tail", "-o", "jsonl"}, server.url());
  while (server.listeners() == 0) std::this_thread::yield();
  const auto id = place();
  const auto expected = client.get("/v1/orders/" + id + "/events").json().at("data").as_array();
  for (const auto& event : expected) EXPECT_EQ(next_event(tail), event);
  tail.send_signal(SIGINT);
  EXPECT_EQ(tail.wait(), 130);
}

TEST_F(EventsCli, TailBeginsAtACursorAndFilters) {
  const auto first = client.wait_for(place(), "completed");
  const auto cursor = first.header("Conveyor-Cursor");
  const auto second = place({.payment_method = "pm_declined"});
  const auto third = place();
  Child types({"events", "tail", "--after", cursor, "--type", "OrderFailed", "--type",
               "OrderCompleted", "-o", "json"},
              server.url());
  EXPECT_EQ(next_event(types).at("order_id").as_string(), second);
  EXPECT_EQ(next_event(types).at("order_id").as_string(), third);
  Child text({"events", "tail", "--after", cursor, "--order", third}, server.url());
  const auto all = text.read_until("OrderCompleted\n");
  EXPECT_THAT(all,
              AllOf(HasSubstr("Z  " + third + "    1  OrderCreated"), HasSubstr("total=5.00 EUR"),
                    HasSubstr("PaymentCaptured"), Not(HasSubstr(second))));
}

TEST_F(EventsCli, SayWhatCannotBeFollowed) {
  const auto ahead = conveyor({"events", "tail", "--after", "ZjEwMDAwMDAuMA"});
  EXPECT_EQ(ahead.code, 5);
  EXPECT_THAT(ahead.err, HasSubstr("(410 cursor_ahead)"));
  EXPECT_EQ(conveyor({"events", "tail", "--after", "x"}).code, 5);
  EXPECT_EQ(conveyor({"events", "tail", "--type", "OrderLost"}).code, 5);
  EXPECT_EQ(conveyor({"events", "tail", "--order", "ord_01h455vb4pex5vsknk084sn02q"}).code, 3);
  const auto nobody = run_command({"events", "tail", "--server", "http://127.0.0.1:1"});
  EXPECT_EQ(nobody.code, 7);
  EXPECT_THAT(nobody.err, HasSubstr("no server at http://127.0.0.1:1"));
}

TEST_F(EventsCli, WatchFollowsAnOrderToItsEndWhateverOthersDo) {
  const auto id = place({.payment_method = "pm_flaky_8"});
  client.wait_for(id, "dead_lettered");
  Child watch({"orders", "watch", id, "-o", "jsonl"}, server.url());
  std::vector<boost::json::value> seen{next_event(watch)};
  while (server.listeners() == 0) std::this_thread::yield();
  client.wait_for(place(), "completed");
  EXPECT_EQ(conveyor({"orders", "retry", id}).code, 0);
  while (seen.back().at("type").as_string() != "OrderCompleted") seen.push_back(next_event(watch));
  EXPECT_EQ(watch.wait(), 0);
  const auto all = client.get("/v1/orders/" + id + "/events?limit=200").json();
  EXPECT_EQ(boost::json::array(seen.begin(), seen.end()), all.at("data").as_array());
}

// --- a server that is made up

constexpr std::string_view kStream =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n";

std::string block(std::string_view id, int version, std::string_view type = "OrderCreated") {
  return fmt::format("id: {}\nevent: {}\ndata: {{\"version\":{},\"type\":\"{}\"}}\n\n", id, type,
                     version, type);
}

TEST(EventsCliReconnects, BehindTheLastWholeEvent) {
  std::vector<std::string> requests;
  http::ScriptedServer server({[&](http::Peer& peer) {
                                 requests.push_back(peer.read_request());
                                 peer.send(kStream);
                                 peer.send(": hello\nid: c0\n\n");
                                 peer.send(block("c1", 1));
                                 const auto lost = block("c2", 2);
                                 peer.send(std::string_view{lost}.substr(0, lost.size() - 1));
                               },
                               [&](http::Peer& peer) {
                                 requests.push_back(peer.read_request());
                                 peer.send("HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n");
                               },
                               [&](http::Peer& peer) {
                                 requests.push_back(peer.read_request());
                                 peer.send(kStream);
                                 peer.send(block("c2", 2));
                                 peer.read_to_end();
                               }});
  Child tail({"events", "tail", "-o", "jsonl", "--after", "c00"}, server.url());
  EXPECT_EQ(next_event(tail).at("version"), 1);
  EXPECT_EQ(next_event(tail).at("version"), 2);
  tail.send_signal(SIGTERM);
  EXPECT_EQ(tail.wait(), 130);
  EXPECT_EQ(server.finish(), 3);
  EXPECT_THAT(requests[0], HasSubstr("\r\nLast-Event-ID: c00\r\n"));
  EXPECT_THAT(requests[1], HasSubstr("\r\nLast-Event-ID: c1\r\n"));
  EXPECT_THAT(requests[2], HasSubstr("\r\nLast-Event-ID: c1\r\n"));
}

TEST(EventsCliReconnects, NotWhereThereIsNoHope) {
  const auto tail_of = [](std::string_view answer) {
    http::ScriptedServer server({[&](http::Peer& peer) {
      peer.read_request();
      peer.send(answer);
    }});
    return run_command({"events", "tail", "--server", server.url()});
  };
  const std::string stream{kStream};
  const auto bad_json = tail_of(stream + "data: {\n\n");
  EXPECT_EQ(bad_json.code, 1);
  EXPECT_THAT(bad_json.err, HasSubstr("is not JSON"));
  const auto bad_text = tail_of(stream + "data: \xFF\n\n");
  EXPECT_EQ(bad_text.code, 1);
  EXPECT_THAT(bad_text.err, HasSubstr("not UTF-8"));
  EXPECT_EQ(tail_of("HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n").code, 3);
  EXPECT_EQ(tail_of("SMTP\r\n\r\n").code, 1);
}

TEST(EventsCliReconnects, WatchGivesUpAfterItsTries) {
  std::vector<http::Script> scripts(9, [](http::Peer& peer) {
    peer.read_request();
    peer.send("HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n");
  });
  scripts[0] = [](http::Peer& peer) {
    peer.read_request();
    peer.answer(R"({"data":[{"version":1,"type":"OrderCreated"}],"has_more":false})");
  };
  scripts[1] = [](http::Peer& peer) {
    peer.read_request();
    peer.send(kStream);
    peer.send(block("c0", 1));  // was among the first ones already
    peer.send(block("c1", 2, "PaymentAuthorized"));
  };
  http::ScriptedServer server(std::move(scripts));
  const auto watched =
      run_command({"orders", "watch", "ord_1", "-o", "jsonl", "--server", server.url()});
  EXPECT_EQ(watched.code, 7);
  EXPECT_EQ(std::ranges::count(watched.out, '\n'), 2) << watched.out;
  EXPECT_EQ(std::ranges::count(watched.err, '\n'), 8) << watched.err;
}

}  // namespace
}  // namespace conveyor::test
