#include "app/cli/events.h"

#include "app/cli/event_follower.h"
#include "app/cli/interrupt.h"
#include "app/cli/json_text.h"
#include "app/cli/order_text.h"

namespace conveyor::cli {

ExitCode tail_events(Console& console, const TailOptions& options) {
  stop_on_signal();
  EventFollower follower{console,
                         {.server = options.server,
                          .types = options.types,
                          .order_id = options.order_id,
                          .after = options.after}};
  return follower.follow([&](const boost::json::value& event) -> std::optional<ExitCode> {
    if (options.output == Output::text) {
      print_feed_event(console.out, event);
    } else {
      print_json(console.out, event, Output::jsonl);
    }
    console.out.flush();
    // Whoever read the events has gone; the command line says so.
    if (!console.out) return ExitCode::error;
    return std::nullopt;
  });
}

}  // namespace conveyor::cli
