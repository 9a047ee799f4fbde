#include "sim/service_site.h"

#include "services/outcomes.h"

namespace conveyor::sim {
namespace {

constexpr Duration kDownFrom{100};
constexpr Duration kDownTo{std::chrono::minutes{20}};

}  // namespace

ServiceSite::ServiceSite(Environment& environment, Participant participant, MemoryStore& store)
    : environment_(environment), participant_(participant), store_(store) {
  restart();
}

void ServiceSite::restart() {
  ++life_;
  services_ = std::make_unique<Services>(store_, environment_.process_random());
}

void ServiceSite::handle(const Request& request, Reply reply) {
  if (environment_.strikes(Fault::host_down)) {
    down_until_ = environment_.elapsed() + environment_.dice().log_uniform(kDownFrom, kDownTo);
    restart();
  }
  if (environment_.faults_on() && environment_.elapsed() < down_until_) {
    return reply(failed(FailureClass::transient, "connection_refused"));
  }
  work(
      [&] {
        auto& port = services_->of(participant_);
        const auto now = environment_.now();
        return request.action == Action::perform ? port.perform(request.step_request(), now)
                                                 : port.undo(request.undo_request(), now);
      },
      request.key, request.action, std::move(reply));
}

void ServiceSite::work(const Work& work, const OperationKey& key, Action action, Reply reply) {
  store_.begin();
  const auto result = work();
  if (environment_.strikes(Fault::host_crash_before_commit)) {
    store_.rollback();
    return restart();
  }
  store_.commit();
  if (environment_.strikes(Fault::host_crash_after_commit)) return restart();
  if (const auto* outcome = std::get_if<Outcome>(&result)) return reply(*outcome);
  environment_.after(std::get<Deferred>(result).delay, [this, life = life_, key, action, reply] {
    if (life != life_) return;
    this->work([&] { return services_->of(participant_).resume(key, action, environment_.now()); },
               key, action, reply);
  });
}

}  // namespace conveyor::sim
