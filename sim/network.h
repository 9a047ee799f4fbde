// The network between the process and a participant: requests and replies are lost, repeated, late
// and overtake each other.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ports/participant.h"
#include "sim/environment.h"

namespace conveyor::sim {

/// A call as it travels: a copy of everything that the call's views show.
struct Request {
  OperationKey key;
  Action action = Action::perform;
  // Of a perform.
  std::optional<OperationKey> names;
  std::vector<Line> lines;
  Currency currency;
  std::int64_t amount_minor = 0;
  std::string payment_method;
  std::optional<ShipTo> ship_to;
  // Of an undo.
  std::optional<std::string> by_hand;
  std::string correlation_id;

  static Request of(const StepRequest& request);
  static Request of(const UndoRequest& request);
  /// Views into this.
  StepRequest step_request() const;
  UndoRequest undo_request() const;
};

using Reply = std::function<void(const Outcome&)>;

/// A participant behind the network.
class RemoteSite {
 public:
  virtual ~RemoteSite() = default;
  /// Answers now, later or never.
  virtual void handle(const Request& request, Reply reply) = 0;
};

class Network {
 public:
  /// Both must outlive it. `arrived` is told whose order a message has just reached.
  Network(Environment& environment, RemoteSite& site, std::function<void(const OrderId&)> arrived)
      : environment_(environment), site_(site), arrived_(std::move(arrived)) {}

  void send(Request request, Reply reply);

 private:
  void deliver_after(Duration delay, std::shared_ptr<const Request> request, const Reply& reply);
  Duration latency(Fault late);

  Environment& environment_;
  RemoteSite& site_;
  std::function<void(const OrderId&)> arrived_;
  std::uint64_t last_sent_ = 0;
  std::uint64_t last_arrived_ = 0;
};

/// The process's end: a participant's port whose calls leave after the commit that decided them.
/// A call is answered `Deferred`; the first `resume` sends it, later ones look for the reply.
/// Belongs to the process: what it waits for is gone with it.
class RemoteParticipant final : public ParticipantPort {
 public:
  RemoteParticipant(Environment& environment, Network& network)
      : environment_(environment), network_(network) {}

  CallResult perform(const StepRequest& request, Timestamp now) override;
  CallResult undo(const UndoRequest& request, Timestamp now) override;
  CallResult resume(const OperationKey& key, Action action, Timestamp now) override;
  void forget_in_flight() override { calls_->clear(); }

 private:
  struct Call {
    Request request;
    bool sent = false;
    Duration give_up_at{0};
    Duration pause{0};
    std::vector<Outcome> replies;
  };
  using Calls = std::map<std::pair<OperationKey, Action>, Call>;

  CallResult start(Request request);

  Environment& environment_;
  Network& network_;
  std::shared_ptr<Calls> calls_ = std::make_shared<Calls>();
};

}  // namespace conveyor::sim
