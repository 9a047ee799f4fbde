#include "base/json_writer.h"
#include "server/api/dead_letters.h"
#include "server/api/diagnosis.h"

namespace conveyor::api {
namespace {

void member_time(JsonWriter& w, std::string_view name, const std::optional<Timestamp>& time) {
  if (time) w.member(name, format_rfc3339(*time));
}

void write_waiting(JsonWriter& w, const Diagnosis::Waiting& waiting) {
  w.key("waiting_for");
  w.begin_object();
  w.member("what", waiting.what);
  if (waiting.call) {
    const auto& spec = spec_of(waiting.call->key.step);
    w.member("participant", to_string(spec.participant));
    w.member("step", spec.name);
    w.member("action", to_string(waiting.call->action));
    w.member("key", waiting.call->key.to_string());
  }
  member_time(w, "since", waiting.since);
  member_time(w, "until", waiting.until);
  w.end_object();
}

void write_cause(JsonWriter& w, const Diagnosis::Cause& cause) {
  w.key("cause");
  w.begin_object();
  if (cause.step) {
    w.member("participant", to_string(spec_of(*cause.step).participant));
    w.member("step", spec_of(*cause.step).name);
  }
  if (cause.action) w.member("action", to_string(*cause.action));
  if (cause.failure_class) w.member("class", to_string(*cause.failure_class));
  w.member("code", cause.code);
  if (!cause.message.empty()) w.member("message", cause.message);
  if (!cause.fingerprint.empty()) w.member("fingerprint", cause.fingerprint);
  member_time(w, "at", cause.at);
  if (cause.attempts) w.member("attempts", *cause.attempts);
  if (cause.max_attempts) w.member("max_attempts", *cause.max_attempts);
  w.member("text", cause.text);
  w.end_object();
}

void write_next(JsonWriter& w, std::string_view name, const Diagnosis::Next& next) {
  w.key(name);
  w.begin_object();
  w.member("what", next.what);
  w.member("by", next.by);
  member_time(w, "at", next.at);
  w.member("text", next.text);
  w.end_object();
}

void write_actions(JsonWriter& w, const Diagnosis& diagnosis) {
  w.key("actions");
  w.begin_array();
  for (const auto& action : diagnosis.actions) {
    w.begin_object();
    w.member("action", action.action);
    w.member("effect", action.effect);
    if (!action.fields.empty()) {
      w.key("fields");
      w.begin_array();
      for (const auto field : action.fields) w.value(field);
      w.end_array();
    }
    w.end_object();
  }
  w.end_array();
  w.key("not_allowed");
  w.begin_array();
  for (const auto& action : diagnosis.not_allowed) {
    w.begin_object();
    w.member("action", action.action);
    w.member("because", action.because);
    w.end_object();
  }
  w.end_array();
}

void write_others(JsonWriter& w, const Diagnosis::Others& others) {
  w.key("others");
  w.begin_object();
  w.member("count", others.count);
  w.member("dead_lettered", others.dead_lettered);
  w.member("is_complete", others.is_complete);
  w.member("fingerprint", others.fingerprint);
  w.member("href", orders_href(others.fingerprint));
  w.end_object();
}

void write_breaker(JsonWriter& w, const Diagnosis::Breaker& breaker) {
  w.key("breaker");
  w.begin_object();
  w.member("participant", to_string(breaker.state.participant));
  w.member("state", to_string(breaker.state.breaker));
  member_time(
      w, "since",
      breaker.state.troubled_since ? breaker.state.troubled_since : breaker.state.breaker_since);
  member_time(w, "until", breaker.state.next_probe_at);
  w.member("text", breaker.text);
  w.end_object();
}

}  // namespace

std::string diagnosis_json(const Order& order, const Diagnosis& diagnosis, Timestamp now) {
  std::string out;
  JsonWriter w(out, JsonWriter::Order::any);
  w.begin_object();
  w.member("order_id", order.id.to_string());
  w.member("version", order.version);
  w.member("at", format_rfc3339(now));
  w.member("status", to_string(order.status));
  w.member("health", to_string(diagnosis.health));
  w.member("step", spec_of(order.step).name);
  w.member("summary", diagnosis.summary);
  write_waiting(w, diagnosis.waiting_for);
  if (diagnosis.cause) write_cause(w, *diagnosis.cause);
  write_next(w, "next", diagnosis.next);
  if (diagnosis.otherwise) write_next(w, "otherwise", *diagnosis.otherwise);
  write_actions(w, diagnosis);
  if (diagnosis.others) write_others(w, *diagnosis.others);
  if (diagnosis.breaker) write_breaker(w, *diagnosis.breaker);
  w.end_object();
  return out;
}

}  // namespace conveyor::api
