#include "sim/network.h"

#include <algorithm>
#include <utility>

#include "services/outcomes.h"
#include "sim/words.h"

namespace conveyor::sim {
namespace {

/// From the commit to the moment a call leaves.
constexpr Duration kSendDelay{1};
constexpr Duration kMinLatency{1};
constexpr Duration kMaxLatency{40};
/// A message that is late may be so late that the order has long moved on.
constexpr Duration kLateFrom{5'000};
constexpr Duration kLateTo{std::chrono::hours{6}};
/// The first look for a reply; each further one waits twice as long.
constexpr Duration kFirstPause{40};
constexpr Duration kMaxPause{30'000};
/// Late replies are waited for beyond the engine's own deadline of a call.
constexpr Duration kGiveUpFrom{8'000};
constexpr Duration kGiveUpTo{std::chrono::hours{2}};

}  // namespace

Request Request::of(const StepRequest& request) {
  Request copy;
  copy.key = request.key;
  copy.names = request.names;
  copy.lines.assign(request.lines.begin(), request.lines.end());
  copy.currency = request.currency;
  copy.amount_minor = request.amount_minor;
  copy.payment_method = request.payment_method;
  if (request.ship_to != nullptr) copy.ship_to = *request.ship_to;
  copy.correlation_id = request.correlation_id;
  return copy;
}

Request Request::of(const UndoRequest& request) {
  Request copy;
  copy.key = request.key;
  copy.action = Action::undo;
  copy.by_hand = request.by_hand;
  copy.correlation_id = request.correlation_id;
  return copy;
}

StepRequest Request::step_request() const {
  return {key,
          names,
          lines,
          currency,
          amount_minor,
          payment_method,
          ship_to ? &*ship_to : nullptr,
          correlation_id};
}

UndoRequest Request::undo_request() const {
  return {key, by_hand, correlation_id};
}

Duration Network::latency(Fault late) {
  auto& dice = environment_.dice();
  const Duration usual{dice.between(kMinLatency.count(), kMaxLatency.count())};
  return environment_.strikes(late) ? dice.log_uniform(kLateFrom, kLateTo) : usual;
}

void Network::send(Request request, Reply reply) {
  environment_.line([&] { return fmt::format("  → {}", words(request)); });
  const auto shared = std::make_shared<const Request>(std::move(request));
  const bool lost = environment_.strikes(Fault::request_lost);
  const bool repeated = environment_.strikes(Fault::request_repeated);
  if (!lost) deliver_after(latency(Fault::request_late), shared, reply);
  if (repeated) {
    deliver_after(environment_.dice().log_uniform(kMinLatency, kLateTo), shared, reply);
  }
}

void Network::deliver_after(Duration delay, std::shared_ptr<const Request> request,
                            const Reply& reply) {
  environment_.after(delay, [this, request, reply, serial = ++last_sent_] {
    if (serial < last_arrived_) environment_.note_fault(Fault::overtaken);
    last_arrived_ = std::max(last_arrived_, serial);
    arrived_(request->key.order);
    site_.handle(*request, [this, request, reply](const Outcome& outcome) {
      environment_.mix(static_cast<std::uint64_t>(outcome.kind));
      environment_.line([&] { return fmt::format("  ↔ {}: {}", words(*request), words(outcome)); });
      if (environment_.strikes(Fault::reply_lost)) return;
      // What a participant must not say (see HostileSite) is at least not said about later steps.
      const bool lie = outcome.kind == Outcome::Kind::refused && !outcome.evidence.shipment_id &&
                       outcome.code == kCodeAlreadyDispatched;
      const auto delay = lie ? kMinLatency : latency(Fault::reply_late);
      environment_.after(delay, [reply, outcome] { reply(outcome); });
    });
  });
}

CallResult RemoteParticipant::perform(const StepRequest& request, Timestamp) {
  return start(Request::of(request));
}

CallResult RemoteParticipant::undo(const UndoRequest& request, Timestamp) {
  return start(Request::of(request));
}

CallResult RemoteParticipant::start(Request request) {
  auto& call = (*calls_)[{request.key, request.action}];
  call.request = std::move(request);
  call.sent = false;
  return Deferred{kSendDelay};
}

CallResult RemoteParticipant::resume(const OperationKey& key, Action action, Timestamp) {
  const auto at = calls_->find({key, action});
  if (at == calls_->end()) return Outcome{};  // forgotten: in_progress, ask again
  auto& call = at->second;
  if (!call.sent) {
    call.sent = true;
    call.pause = kFirstPause;
    call.give_up_at =
        environment_.elapsed() + environment_.dice().log_uniform(kGiveUpFrom, kGiveUpTo);
    network_.send(call.request, [calls = std::weak_ptr{calls_}, key, action](const Outcome& reply) {
      const auto alive = calls.lock();
      if (!alive) return;
      const auto waiting = alive->find({key, action});
      if (waiting != alive->end()) waiting->second.replies.push_back(reply);
    });
    return Deferred{call.pause};
  }
  if (!call.replies.empty()) {
    auto outcome = std::move(call.replies.front());
    calls_->erase(at);
    return outcome;
  }
  if (environment_.elapsed() >= call.give_up_at) {
    calls_->erase(at);
    Outcome timeout;
    timeout.kind = Outcome::Kind::failed;
    timeout.failure_class = FailureClass::unknown;
    timeout.code = "timeout";
    return timeout;
  }
  call.pause = std::min(call.pause * 2, kMaxPause);
  return Deferred{call.pause};
}

}  // namespace conveyor::sim
