#include "sim/faults.h"

#include "domain/spelling.h"

namespace conveyor::sim {
namespace {

constexpr std::array<std::string_view, kFaultCount> kNames{
    "write_refused",
    "commit_refused",
    "disk_full",
    "fsync_failed",
    "commit_slow",
    "crash_before_commit",
    "crash_after_commit",
    "crash_between_answers",
    "crash_between_batches",
    "crash_in_call",
    "crash_in_undo",
    "crash_in_recovery",
    "request_lost",
    "request_repeated",
    "request_late",
    "reply_lost",
    "reply_late",
    "overtaken",
    "host_crash_before_commit",
    "host_crash_after_commit",
    "host_down",
    "answer_failed",
    "answer_transient",
    "answer_denied",
    "answer_malformed",
    "answer_in_progress",
    "answer_rejected",
    "undo_refused",
    "effect_unanswered",
    "clock_forward",
    "clock_back",
    "client_answer_lost",
};

}  // namespace

std::string_view to_string(Fault fault) {
  return spelled::name_of(kNames, fault);
}

std::optional<Fault> parse_fault(std::string_view text) {
  return spelled::find_name<Fault>(kNames, text);
}

}  // namespace conveyor::sim
