// EventFollower: the events of a server as they come, over lost connections and restarts.
//
// Each event comes once: a lost connection is taken up again, with back-off, behind the last event
// that came. Standard error says so. One thread.
#pragma once

#include <boost/json/value.hpp>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/cli/api_client.h"
#include "app/cli/console.h"
#include "base/sse_parser.h"

namespace conveyor::cli {

struct FollowOptions {
  std::string server{kDefaultServer};
  std::vector<std::string> types = {};  // only events of these; none: all
  std::string order_id = {};            // only this order's; empty: of all
  std::string after = {};               // a cursor; empty: from now on
  bool server_was_seen = false;         // it is worth waiting for; see ApiClient
  std::optional<int> max_tries = {};    // in a row without an answer; absent: for ever
};

class EventFollower {
 public:
  // Of an event, its exit code if it is the last one that is wanted.
  using OnEvent = std::function<std::optional<ExitCode>(const boost::json::value& event)>;

  EventFollower(Console& console, FollowOptions options);

  // Until on_event says so, the process is asked to end (interrupted), or there is no hope.
  ExitCode follow(const OnEvent& on_event);

 private:
  std::expected<void, Failure> receive(const OnEvent& on_event);
  bool take(SseParser& parser, std::string_view bytes, const OnEvent& on_event);
  std::string target() const;
  bool wait_before_the_next_try(const Failure& failure);

  Console& console_;
  FollowOptions options_;
  ApiClient client_;
  std::string last_id_;
  std::optional<ExitCode> end_;
  std::optional<std::string> not_understood_;  // what came that is no event
  int failures_ = 0;                           // in a row
};

}  // namespace conveyor::cli
