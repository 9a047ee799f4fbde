#include "app/node.h"

#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <random>

#include "adapters/sandbox/sandbox_carrier.h"
#include "adapters/sandbox/sandbox_inventory.h"
#include "adapters/sandbox/sandbox_provider.h"
#include "adapters/sqlite/sqlite_reader.h"
#include "adapters/sqlite/sqlite_store.h"
#include "app/version.h"
#include "ports/seeded_random.h"
#include "runtime/core_thread.h"
#include "runtime/log.h"
#include "runtime/metrics.h"
#include "runtime/observer.h"
#include "runtime/reader_pool.h"
#include "runtime/self_check.h"
#include "server/api/api.h"
#include "server/dashboard/site.h"
#include "server/feed/publisher.h"
#include "server/http/server.h"
#include "server/live/live_server.h"
#include "services/inventory_service.h"
#include "services/payment_service.h"
#include "services/shipping_service.h"

namespace conveyor {
namespace {

constexpr int kExitFatal = 70;  // EX_SOFTWARE of sysexits.h

/// After a failed fsync nobody knows what the disk holds: nothing more is written, nothing is
/// cleaned up, and the next start recovers from the file.
[[noreturn]] void end_process(const char* why) {
  // Written directly: the log's thread may be waiting for a reader of standard error.
  const auto line = fmt::format(
      "conveyor: the store failed ({}); ending at once, the next start recovers\n", why);
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
  ::_exit(kExitFatal);
}

/// What keeps the server from taking orders, for readiness.
std::string_view words_of(Unavailable why) {
  switch (why) {
    case Unavailable::too_many_open_orders:
      return "too many open orders";
    case Unavailable::out_of_space:
      return "no space left for the data file";
    case Unavailable::queue_full:
      return "more requests wait than the server holds";
    case Unavailable::store_unavailable:
    case Unavailable::stopping:
    case Unavailable::unreadable:
      return "the store does not take writes";
  }
  return {};
}

std::uint64_t random_seed() {
  std::random_device device;
  return (std::uint64_t{device()} << 32) | device();
}

class SqliteReaders final : public Readers {
 public:
  explicit SqliteReaders(std::unique_ptr<SqliteReader> reader) : reader_(std::move(reader)) {}
  OrderReader& orders() override { return *reader_; }
  StockReader& stock() override { return *reader_; }

 private:
  std::unique_ptr<SqliteReader> reader_;
};

CoreOptions core_options(const Config& config) {
  CoreOptions options;
  options.open_orders_max = static_cast<std::size_t>(config.open_orders_max);
  options.engine.retry = retry_policy_of(config);
  options.engine.call_deadline = Duration{config.call_deadline_ms};
  options.engine.in_progress_poll = Duration{config.in_progress_poll_ms};
  options.engine.gate = gate_options_of(config);
  return options;
}

std::vector<api::SettingValue> setting_values(const LoadedConfig& loaded) {
  std::vector<api::SettingValue> values;
  for (std::size_t i = 0; i < settings().size(); ++i) {
    const auto& setting = settings()[i];
    values.push_back({std::string{setting.name}, value_text(setting, loaded.config),
                      std::string{setting.unit}, loaded.origins.at(i)});
  }
  return values;
}

socketio::EngineLimits realtime_limits(const Config& config) {
  auto limits = live::engine_limits();
  limits.max_sessions = static_cast<std::size_t>(config.realtime_max_clients);
  limits.max_sessions_per_address =
      static_cast<std::size_t>(config.realtime_max_clients_per_address);
  limits.ping_interval = std::chrono::milliseconds{config.realtime_ping_interval_ms};
  limits.ping_timeout = std::chrono::milliseconds{config.realtime_ping_timeout_ms};
  return limits;
}

}  // namespace

http::ServerOptions http_options_of(const Config& config) {
  http::ServerOptions options;
  options.listen = config.listen;
  options.io_threads = static_cast<std::size_t>(config.io_threads);
  options.max_connections = static_cast<std::size_t>(config.max_connections);
  options.max_streams = static_cast<std::size_t>(config.max_streams);
  options.max_refusals = static_cast<std::size_t>(config.max_refusals);
  options.max_header_bytes = static_cast<std::size_t>(config.max_header_bytes);
  options.max_header_count = static_cast<std::size_t>(config.max_header_count);
  options.max_linger_bytes = static_cast<std::size_t>(config.max_linger_bytes);
  options.header_timeout = std::chrono::milliseconds{config.header_timeout_ms};
  options.body_timeout = std::chrono::milliseconds{config.body_timeout_ms};
  options.idle_timeout = std::chrono::milliseconds{config.idle_timeout_ms};
  options.write_timeout = std::chrono::milliseconds{config.write_timeout_ms};
  options.linger_timeout = std::chrono::milliseconds{config.linger_timeout_ms};
  options.drain_timeout = std::chrono::milliseconds{config.shutdown_timeout_ms};
  return options;
}

api::ApiOptions api_options_of(const Config& config) {
  api::ApiOptions options;
  options.retry = retry_policy_of(config);
  options.limits = static_cast<const api::RequestLimits&>(config);
  options.in_flight_wait = std::chrono::milliseconds{config.in_flight_wait_ms};
  options.answer_deadline = std::chrono::milliseconds{config.answer_deadline_ms};
  return options;
}

Timestamp SystemClock::now() {
  constexpr std::chrono::seconds kFollowFrom{1};
  const std::lock_guard lock(mutex_);
  const auto steady = std::chrono::steady_clock::now();
  const std::chrono::sys_time<std::chrono::nanoseconds> wall = std::chrono::system_clock::now();
  last_ += steady - std::exchange(steady_, steady);
  if (wall > last_ + kFollowFrom) last_ = wall;
  return std::chrono::floor<std::chrono::milliseconds>(last_);
}

/// Members in the order in which they are built; each may use those above it.
struct Node::Impl {
  Impl(const LoadedConfig& l, AroundHttp a)
      : loaded(l), config(loaded.config), around(std::move(a)), metrics(program_version()) {}

  std::expected<void, std::string> open_store();
  std::expected<void, std::string> build_feed();
  void build_core();
  std::expected<void, std::string> build_server();
  std::expected<void, std::string> build_live();
  std::expected<void, std::string> build_self_check();
  std::vector<std::string> missing() const;

  LoadedConfig loaded;
  const Config& config;
  AroundHttp around;
  SystemClock clock;
  SeededRandom random{random_seed()};  ///< of the core thread
  Metrics metrics;
  Observer observer{metrics};
  std::unique_ptr<SqliteStore> store;

  struct Services {
    Services(SqliteStore& s, Random& r)
        : provider(s, r),
          carrier(s, r),
          inventory(s, r),
          sandbox_inventory(inventory, s),
          payment(s, provider, r),
          shipping(s, carrier, r) {}
    SandboxProvider provider;
    SandboxCarrier carrier;
    InventoryService inventory;
    SandboxInventory sandbox_inventory;
    PaymentService payment;
    ShippingService shipping;
  };
  std::optional<Services> services;
  std::optional<BatchProcessor> processor;
  std::unique_ptr<ReaderPool> readers;
  std::optional<feed::Publisher> live;
  std::optional<CoreThread> core;
  std::optional<live::LiveServer> live_server;
  std::unique_ptr<SqliteReader> self_check_reader;
  std::optional<SelfCheck> self_check;
  std::optional<SelfCheckThread> self_check_thread;
  std::atomic<bool> stopping{false};
  std::optional<api::Api> api;
  std::optional<http::Server> server;
};

std::expected<void, std::string> Node::Impl::open_store() {
  auto opened = SqliteStore::open(config.data);
  if (!opened) return std::unexpected(opened.error().message);
  store = std::move(*opened);
  std::vector<std::unique_ptr<Readers>> each;
  for (std::int64_t i = 0; i < config.reader_threads; ++i) {
    auto reader = SqliteReader::open(config.data, store->known_keys());
    if (!reader) return std::unexpected(reader.error().message);
    each.push_back(std::make_unique<SqliteReaders>(std::move(*reader)));
  }
  readers = std::make_unique<ReaderPool>(std::move(each));
  return {};
}

std::expected<void, std::string> Node::Impl::build_feed() {
  auto reader = SqliteReader::open(config.data);
  if (!reader) return std::unexpected(reader.error().message);
  feed::PublisherOptions options;
  options.heartbeat = std::chrono::milliseconds{config.stream_heartbeat_ms};
  options.on_delivered = [this](std::chrono::nanoseconds lag) {
    metrics.live_events_delivered(lag);
  };
  options.on_failure = [](std::string_view why) {
    log_warning("the feed cannot be read", {{"error", why}});
  };
  live.emplace(*readers, std::make_unique<SqliteReaders>(std::move(*reader)), std::move(options));
  observer.set_on_commit([this] { live->committed(); });
  live->start();
  return {};
}

void Node::Impl::build_core() {
  services.emplace(*store, random);
  processor.emplace(
      CoreParts{*store,
                *store,
                *store,
                {&services->sandbox_inventory, &services->payment, &services->shipping},
                random,
                observer},
      core_options(config));
  metrics.prime(*store);
  processor->recover(clock.now());
  core.emplace(*processor, clock, end_process);
  metrics.add_queue("core", kMaxQueuedInputs, [this] { return core->queued(); });
  metrics.add_queue("reads", kMaxQueuedReads, [this] { return readers->queued(); });
  for (const auto participant : kAllParticipants) {
    const auto i = static_cast<std::size_t>(participant);
    metrics.add_queue(fmt::format("{}_waiting", to_string(participant)),
                      static_cast<std::size_t>(config.open_orders_max),
                      [this, i] { return core->participants().at(i).waiting; });
  }
  metrics.set_waiting_orders([this] { return core->waiting_orders(); });
  core->start();
}

std::expected<void, std::string> Node::Impl::build_live() {
  auto reader = SqliteReader::open(config.data);
  if (!reader) return std::unexpected(reader.error().message);
  live::LiveParts parts{
      .readers = *readers,
      .publisher = *live,
      .own = std::make_unique<SqliteReaders>(std::move(*reader)),
      .clock = clock,
      .pipeline =
          [this] {
            const auto now = clock.now();
            return api::pipeline_json({metrics.pipeline().look(now, api::kPipelineWindow),
                                       core->participants(), core->calls_in_flight(), now, 1});
          },
      .on_failure =
          [](std::string_view why) {
            log_warning("live updates cannot be read", {{"error", why}});
          }};
  live_server.emplace(std::move(parts), realtime_limits(config));
  // A room is one of the publisher's listeners, whoever is in it.
  metrics.set_realtime_clients([this] {
    const auto rooms = live_server->rooms();
    return live_server->clients() + live->listeners() - std::min(rooms, live->listeners());
  });
  live_server->start();
  return {};
}

std::expected<void, std::string> Node::Impl::build_self_check() {
  if (config.self_check_percent == 0) return {};
  auto reader = SqliteReader::open(config.data);
  if (!reader) return std::unexpected(reader.error().message);
  self_check_reader = std::move(*reader);
  self_check.emplace(SelfCheckParts{
      verify_source_of(*self_check_reader),
      [this] { return std::make_shared<SqliteReader::Snapshot>(*self_check_reader); },
      [](const Violation& violation) {
        log_error("invariant violated", {{"rule", to_string(violation.rule)},
                                         {"subject", violation.subject},
                                         {"error", violation.detail}});
      }});
  metrics.set_violations([this](Rule rule) { return self_check->standing(rule); });
  self_check_thread.emplace(*self_check, clock, config.self_check_percent, [](const char* why) {
    log_warning("self-check could not read", {{"error", why}});
  });
  self_check_thread->start();
  return {};
}

/// What the server lacks, for readiness.
std::vector<std::string> Node::Impl::missing() const {
  std::vector<std::string> reasons;
  if (stopping) reasons.emplace_back("stopping");
  if (const auto closed = core->intake_closed()) reasons.emplace_back(words_of(*closed));
  if (config.on_violation == "not_ready" && self_check && self_check->standing() > 0) {
    reasons.emplace_back("an invariant is violated: see the log, or run conveyor verify");
  }
  return reasons;
}

std::expected<void, std::string> Node::Impl::build_server() {
  auto options = api_options_of(config);
  options.seed = random_seed();
  api.emplace(api::ApiParts{*core,
                            *readers,
                            metrics,
                            *live,
                            clock,
                            {std::string{program_version()}, {}},
                            [this] { return missing(); },
                            setting_values(loaded),
                            [this](http::Request request, http::Respond respond) {
                              live_server->serve(std::move(request), std::move(respond));
                            },
                            [](const http::Request& request) {
                              return dashboard::respond(request, dashboard::files());
                            }},
              options);
  auto http = http_options_of(config);
  api->configure(http);
  auto handler = api->handler();
  if (around) around(http, handler);
  server.emplace(std::move(http), std::move(handler));
  return server->start();
}

Node::Node(const LoadedConfig& loaded, AroundHttp around)
    : impl_(std::make_unique<Impl>(loaded, std::move(around))) {}

Node::~Node() {
  stop();
}

std::expected<void, std::string> Node::start() {
  if (auto opened = impl_->open_store(); !opened) return opened;
  if (auto built = impl_->build_feed(); !built) return built;
  try {
    impl_->build_core();
  } catch (const StoreError& error) {
    return std::unexpected(
        fmt::format("cannot recover from {}: {}", impl_->config.data, error.what()));
  }
  if (auto built = impl_->build_live(); !built) return built;
  if (auto built = impl_->build_self_check(); !built) return built;
  return impl_->build_server();
}

std::string Node::url() const {
  const auto host = impl_->server->host();
  if (host.find(':') == host.npos) {
    return fmt::format("http://{}:{}", host, impl_->server->port());
  }
  // RFC 3986 section 3.2.2: an IPv6 address stands in brackets.
  return fmt::format("http://[{}]:{}", host, impl_->server->port());
}

void Node::stop() {
  impl_->stopping = true;
  if (impl_->server) impl_->server->stop_accepting();
  if (impl_->live_server) impl_->live_server->stop();
  if (impl_->server) impl_->server->stop();
  if (impl_->self_check_thread) impl_->self_check_thread->stop();
  if (impl_->live) impl_->live->stop();
  if (impl_->core) impl_->core->stop();
  if (impl_->readers) impl_->readers->stop();
}

}  // namespace conveyor
