// One import of orders: what it plans, what became of each order, and its parts that send, wait and
// sum up.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/cli/api_client.h"
#include "app/cli/import_orders.h"
#include "app/cli/import_plan.h"
#include "app/cli/import_rejects.h"
#include "app/cli/patience.h"
#include "app/cli/progress.h"

namespace conveyor::cli {

// What became of a planned order.
struct Sent {
  enum class Result : std::uint8_t {
    not_sent,
    unanswered,  // sent, and nobody knows whether it was placed
    created,
    replayed,  // placed before
    refused,
  };
  Result result = Result::not_sent;
  std::string id;
  std::string status;  // with --wait: the last one seen
  std::vector<LineProblem> problems;
};

struct Import {
  ImportPlan plan;
  std::vector<Sent> sent;                    // one per planned order
  std::optional<Failure> stopped;            // why the rest was not sent or not waited for
  std::optional<std::string> rejects_error;  // what is not in the file of --rejects
};

// Sends each order once, many at a time. `rejects` may be null.
void send_orders(const ImportOptions& options, Import& import, Patience& patience,
                 Progress& progress, RejectsFile* rejects);

// Until every order that is placed is settled: final, or in a status in which it waits for a
// person. Costs one look at each order, and pages of the orders that are open, in growing
// intervals.
void wait_for_orders(const ImportOptions& options, Import& import, Patience& patience,
                     Progress& progress);

bool is_settled(const std::string& status);

// How many of the placed orders have which status.
std::map<std::string, std::size_t> count_statuses(const Import& import);

// Whether nothing was refused, before or after sending.
bool is_whole(const Import& import);

// As text or JSON on the console's `out`.
void print_import_plan(Console& console, const ImportPlan& plan, Output output);
void print_import_summary(Console& console, const Import& import, const ImportOptions& options);

// "Place 3 orders with 4 lines (100.06 EUR) at http://…?"
std::string import_question(const ImportPlan& plan, const std::string& server);

}  // namespace conveyor::cli
