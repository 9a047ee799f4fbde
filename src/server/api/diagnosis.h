// Diagnosis: why an order waits, what happens next and what people can do, in whole sentences and
// as members for programs. Computed from the order, what its events say beyond their fold, and what
// the engine knows at the moment; so it is right directly after a restart too.
//
// Pure functions: no clock, no store. No personal data: codes, references and times only.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/decide.h"
#include "engine/inspection.h"
#include "ports/order_store.h"

namespace conveyor::api {

/// What of an order's stream its fold does not keep.
class History {
 public:
  struct Rejection {
    StepNumber step = 1;
    std::uint32_t run = 1;
    std::string code;
    Timestamp at;
  };

  Timestamp status_since;                        ///< the present status
  Timestamp call_since;                          ///< the call that is needed now, or that none is
  std::optional<Rejection> rejection;            ///< the last one by a participant
  std::optional<OrderDeadLettered> dead_letter;  ///< the last one
  std::optional<UndoCause> undo_cause;           ///< of the last undo
  std::string undo_code;

  /// The events in their sequence, each with the fold after it.
  void take(const Event& event, const Order& after);

 private:
  std::optional<Status> status_;  ///< as of the last event
  std::optional<NeededCall> call_;
};

struct DiagnosisInput {
  const Order& order;
  const History& history;
  /// Of the same version of the order; `in_memory` false: the engine has nothing to add.
  const OrderInspection& engine;
  /// Open orders with the order's standing fingerprint, itself included.
  FailureCount sharing;
  Timestamp now;
  const RetryPolicy& policy;
};

struct Diagnosis {
  /// What the order waits for.
  struct Waiting {
    /// `nothing` (final), `person`, `call` (it is due and about to be made), or a word of WaitsFor.
    std::string_view what;
    std::optional<NeededCall> call;  ///< that it is about
    std::optional<Timestamp> since;
    std::optional<Timestamp> until;  ///< when that is over by itself
  };
  /// What stands in the way; of an undo that goes well and of an end, why it is undone.
  struct Cause {
    std::optional<StepNumber> step;
    std::optional<Action> action;
    std::optional<FailureClass> failure_class;
    std::string code;
    std::string message;      ///< the participant's words
    std::string fingerprint;  ///< empty: no failure stands
    std::optional<Timestamp> at;
    std::optional<std::uint32_t> attempts;      ///< failed ones of this call
    std::optional<std::uint32_t> max_attempts;  ///< with so many it is given up; absent: never
    std::string text;
  };
  struct Next {
    std::string_view what;
    std::string_view by;  ///< `automatic`, `person`, `nobody`
    std::optional<Timestamp> at;
    std::string text;
  };
  struct Possible {
    std::string_view action;
    std::string effect;                    ///< what it would do
    std::vector<std::string_view> fields;  ///< of retry-with-changes: what may be changed
  };
  struct Impossible {
    std::string_view action;
    std::string because;
  };
  struct Others {
    std::int64_t count = 0;
    std::int64_t dead_lettered = 0;
    std::string fingerprint;
    bool is_complete = true;
  };
  struct Breaker {
    ParticipantState state;
    std::string text;
  };

  std::string summary;  ///< two or three sentences that say it all
  Health health = Health::ok;
  Waiting waiting_for;
  std::optional<Cause> cause;
  Next next;
  std::optional<Next> otherwise;  ///< what happens by itself later, if nothing else does before
  std::vector<Possible> actions;
  std::vector<Impossible> not_allowed;  ///< what people ask for most, if it is not in `actions`
  std::optional<Others> others;
  std::optional<Breaker> breaker;  ///< of the participant that it waits for, unless it is closed
};

Diagnosis diagnose(const DiagnosisInput& input);

std::string diagnosis_json(const Order& order, const Diagnosis& diagnosis, Timestamp now);

}  // namespace conveyor::api
