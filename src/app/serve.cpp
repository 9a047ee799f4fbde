#include "app/serve.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <random>

#include "app/demo_traffic.h"
#include "runtime/log.h"
#include "server/dashboard/site.h"

namespace conveyor {
namespace {

constexpr int kExitUnavailable = 7;
/// Where commands look for a server by themselves.
constexpr std::string_view kDefaultServer = "http://127.0.0.1:8080";

/// SIGTERM and SIGINT are blocked in every thread and taken by wait(); a second one ends at once.
class TerminationSignals {
 public:
  TerminationSignals() {
    ::sigemptyset(&set_);
    ::sigaddset(&set_, SIGTERM);
    ::sigaddset(&set_, SIGINT);
    ::pthread_sigmask(SIG_BLOCK, &set_, nullptr);
    ::signal(SIGPIPE, SIG_IGN);
  }

  void wait() {
    int received = 0;
    ::sigwait(&set_, &received);
    log_info("stopping", {{"signal", received == SIGTERM ? "SIGTERM" : "SIGINT"}});
    ::pthread_sigmask(SIG_UNBLOCK, &set_, nullptr);
  }

 private:
  sigset_t set_{};
};

/// One write, so that whoever waits for it never reads half a line. May be a FIFO.
bool write_ready_file(const std::string& path, const std::string& url) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) return false;
  const auto line = url + "\n";
  const bool written = ::write(fd, line.data(), line.size()) == static_cast<ssize_t>(line.size());
  ::close(fd);
  return written;
}

/// Starts the node and says that it listens; false: the reason has been logged.
bool start(Node& node, const Config& config) {
  if (const auto started = node.start(); !started) {
    log_error("cannot start", {{"error", started.error()}});
    return false;
  }
  log_info("listening", {{"address", node.url()}});
  if (!config.ready_file.empty() && !write_ready_file(config.ready_file, node.url())) {
    log_error("cannot write the ready file", {{"path", config.ready_file}});
    return false;
  }
  return true;
}

/// Logs as the configuration says, written to the end when it goes.
class Logging {
 public:
  explicit Logging(const Config& config) {
    constexpr std::array<std::string_view, 4> kLevels{"debug", "info", "warning", "error"};
    const auto level = std::ranges::find(kLevels, config.log_level) - kLevels.begin();
    const bool json = config.log_format == "json" ||
                      (config.log_format == "auto" && ::isatty(STDERR_FILENO) == 0);
    start_log({static_cast<LogLevel>(level), json});
  }
  ~Logging() { stop_log(); }
  Logging(const Logging&) = delete;
  Logging& operator=(const Logging&) = delete;
};

void print_welcome(std::ostream& out, const std::string& url, const DemoOptions& options) {
  const auto server = url == kDefaultServer ? std::string{} : " --server " + url;
  const auto dashboard = dashboard::files().empty()
                             ? std::string{}
                             : fmt::format("\nLook at them in a browser: {}/\n", url);
  out << fmt::format(
      R"(
Conveyor is running at {0}, with {1} demo orders a second and every outcome among them.
{4}
Place an order:

curl -sS {0}/v1/orders \
  -H 'Content-Type: application/json' -H "Idempotency-Key: \"my-$(date +%s%N)\"" \
  -d '{{"customer_id":"me","currency":"EUR","payment_method":"pm_ok",
       "lines":[{{"sku":"TEAPOT-BLUE","quantity":1,"unit_price":4900}}],
       "ship_to":{{"name":"Me","line1":"1 My Street","city":"Mytown","postal_code":"10115","country":"DE"}}}}'

Watch it (its id is in the answer), or look at what else happens:

{2} orders watch ORDER_ID{3}
{2} orders list{3}
{2} orders list status:dead_lettered{3}
curl -sS {0}/metrics

Stop with Ctrl-C. The data stays in the data file and is there at the next start.
)",
      url, options.orders_per_second, options.program, server, dashboard);
  out.flush();
}

}  // namespace

int run_serve(const LoadedConfig& loaded, const AroundHttp& around) {
  const auto& config = loaded.config;
  TerminationSignals signals;
  const Logging logging(config);
  Node node(loaded, around);
  if (!start(node, config)) return kExitUnavailable;
  signals.wait();
  node.stop();
  log_info("stopped", {});
  return 0;
}

int run_demo(const LoadedConfig& loaded, const DemoOptions& options, std::ostream& out) {
  const auto& config = loaded.config;
  TerminationSignals signals;
  const Logging logging(config);
  Node node(loaded);
  if (!start(node, config)) return kExitUnavailable;
  DemoTraffic traffic(node.url(), options.orders_per_second, std::random_device{}(),
                      [](std::string_view what) { log_warning(what, {}); });
  if (!traffic.seed_catalogue()) {
    log_error("the catalogue was not taken", {});
    return kExitUnavailable;
  }
  traffic.start();
  print_welcome(out, node.url(), options);
  signals.wait();
  traffic.stop();
  node.stop();
  log_info("stopped", {});
  return 0;
}

}  // namespace conveyor
