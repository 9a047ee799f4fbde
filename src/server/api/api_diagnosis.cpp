// Why an order waits, and what calls were made for it: answers that need the engine's word too.
#include "domain/evolve.h"
#include "server/api/api_impl.h"
#include "server/api/attempts.h"
#include "server/api/diagnosis.h"
#include "server/api/order_json.h"
#include "server/api/query.h"

namespace conveyor::api {
namespace {

/// Events read at a time.
constexpr std::size_t kReadPage = 256;

struct Told {
  Order order;
  History history;
};

/// The stream up to `until`, if that is given, folded twice; nullopt: no such order.
std::optional<Told> read_story(OrderReader& reader, const OrderId& id,
                               std::optional<std::uint64_t> until) {
  std::optional<Told> told;
  while (true) {
    const auto page = reader.events(id, told ? told->order.version : 0, kReadPage);
    if (!page.empty() && !told) told.emplace();
    for (const auto& stored : page) {
      if (told->order.version == until) return told;
      evolve(told->order, stored.event);
      told->history.take(stored.event, told->order);
    }
    if (page.size() < kReadPage) return told;
  }
}

}  // namespace

void Api::Impl::inspect(Call call, const OrderId& id, InspectJob job) {
  const auto waiting = wait_for_core(std::move(call), std::nullopt);
  InspectOrder input;
  input.order_id = id;
  input.answer = [self = shared_from_this(), waiting,
                  job = std::move(job)](const InspectOrder::Answer& answer) {
    OrderInspection seen;
    if (answer) {
      seen = *answer;
    } else if (answer.error() != Unavailable::out_of_space &&
               answer.error() != Unavailable::store_unavailable) {
      waiting->answer(
          [waiting, why = answer.error()] { return unavailable_response(waiting->frame, why); });
      return;
    }  // While nothing can be written the engine makes no calls: the events say all there is.
    const bool taken = self->parts_.readers.submit([waiting, job, seen](Readers& readers) {
      auto response = run_read(readers, waiting->frame,
                               [&](Readers& r, const Frame& frame) { return job(r, frame, seen); });
      waiting->answer([response = std::move(response)] { return response; });
    });
    if (taken) return;
    waiting->answer(
        [waiting] { return unavailable_response(waiting->frame, Unavailable::queue_full); });
  };
  parts_.core.submit(std::move(input));
}

void Api::Impl::get_order_diagnosis(Call call) {
  if (refuse_queries(call)) return;
  const auto id = order_id(call);
  if (!id) return;
  inspect(std::move(call), *id,
          [self = shared_from_this(), id = *id](Readers& readers, const Frame& frame,
                                                const OrderInspection& engine) {
            // The order as the engine saw it, if it has moved since.
            const auto until = engine.in_memory ? std::optional{engine.version} : std::nullopt;
            const auto told = read_story(readers.orders(), id, until);
            if (!told) return not_found(frame);
            FailureCount sharing;
            if (const auto fingerprint = standing_fingerprint(told->order)) {
              sharing = readers.orders().failures(*fingerprint, kMaxFailuresCounted);
            }
            const auto now = self->parts_.clock.now();
            const auto diagnosis =
                diagnose({told->order, told->history, engine, sharing, now, self->options_.retry});
            auto response = json_response(200, diagnosis_json(told->order, diagnosis, now));
            response.set_header("ETag", etag_of(told->order.version));
            return response;
          });
}

void Api::Impl::get_order_attempts(Call call) {
  QueryReader query(call.request.query, {"cursor", "limit"});
  const auto after = query.number("cursor", 0, kMaxMinor).value_or(0);
  const auto limit = query.limit(options_.limits);
  if (!query.errors().empty()) {
    return call.refuse(problem_spec("invalid_parameter"), "a query parameter is not valid",
                       query.errors());
  }
  const auto id = order_id(call);
  if (!id) return;
  inspect(std::move(call), *id,
          [id = *id, after, limit](Readers& readers, const Frame& frame,
                                   const OrderInspection& engine) {
            const auto order = load_order(readers.orders(), id);
            if (!order) return not_found(frame);
            const auto page = read_attempts(readers.orders(), id, after, limit);
            std::vector<std::string> items;
            items.reserve(page.attempts.size() + 1);
            for (const auto& attempt : page.attempts) items.push_back(attempt_json(attempt));
            if (!page.next_after) {
              if (const auto next = next_attempt(*order, engine)) {
                items.push_back(attempt_json(*next));
              }
            }
            const auto next = page.next_after ? std::to_string(*page.next_after) : "";
            return json_response(200, page_json(items, next, page.next_after.has_value()));
          });
}

}  // namespace conveyor::api
