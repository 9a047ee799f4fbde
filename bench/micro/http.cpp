// An order's request: read as JSON, and brought over HTTP.
#include <benchmark/benchmark.h>

#include "adapters/http/client.h"
#include "bench/micro/check.h"
#include "server/api/order_request.h"
#include "server/http/server.h"

namespace conveyor::micro {
namespace {

void measure_parse(benchmark::State& state) {
  const auto story = make_story();
  const auto parsed = api::parse_order_body(story.body);
  check(parsed.has_value() && parsed->order == story.data, "the order that was written");
  for (auto _ : state) {
    auto body = api::parse_order_body(story.body);
    benchmark::DoNotOptimize(body);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(story.body.size()));
}
BENCHMARK(measure_parse)->Name("parse");

/// A POST over a kept loopback connection, answered at once by the server's own thread: server,
/// client, and the kernel between them.
void measure_http_round_trip(benchmark::State& state) {
  const auto story = make_story();
  http::Server server({}, [](const http::Request& request, http::Respond respond) {
    respond({.status = 201, .body = request.body});
  });
  const auto started = server.start();
  check(started.has_value(), "the server listens");
  http::Client client(fmt::format("http://{}:{}", server.host(), server.port()));
  const std::vector<http::Header> headers{{"Content-Type", "application/json"},
                                          {"Idempotency-Key", "\"load:L00000001-1\""}};
  const auto answer = client.send("POST", "/v1/orders", headers, story.body);
  check(answer && answer->status == 201 && answer->body == story.body, "the body comes back");
  for (auto _ : state) {
    auto again = client.send("POST", "/v1/orders", headers, story.body);
    benchmark::DoNotOptimize(again);
  }
}
BENCHMARK(measure_http_round_trip)->Name("http_round_trip")->UseRealTime();

}  // namespace
}  // namespace conveyor::micro
