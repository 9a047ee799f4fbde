#include "app/load/run.h"

#include <fmt/format.h>
#include <fmt/ostream.h>
#include <sys/resource.h>

#include <boost/asio/io_context.hpp>
#include <charconv>
#include <chrono>
#include <expected>
#include <random>
#include <utility>

#include "adapters/http/address.h"
#include "app/cli/interrupt.h"
#include "app/cli/json_text.h"
#include "app/load/ledger.h"
#include "app/load/runner.h"

namespace conveyor::load {
namespace {

using boost::asio::ip::tcp;

// Beside the connections: standard streams, the ledger, the event loop's own.
constexpr std::size_t kOtherDescriptors = 64;

std::chrono::milliseconds milliseconds_of(double seconds) {
  return std::chrono::round<std::chrono::milliseconds>(std::chrono::duration<double>{seconds});
}

std::expected<std::optional<double>, std::string> parse_rate(const std::string& text) {
  if (text == "max") return std::nullopt;
  double rate = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), rate);
  if (error != std::errc{} || end != text.data() + text.size() || !(rate >= 0.01) ||
      rate > kMaxRate) {
    return std::unexpected(
        fmt::format("--rate {}: write orders a second, 0.01 to {:.0f}, or max", text, kMaxRate));
  }
  return rate;
}

std::expected<tcp::endpoint, std::string> resolve(const http::Address& address) {
  boost::asio::io_context context;
  tcp::resolver resolver(context);
  boost::system::error_code error;
  const auto found =
      resolver.resolve(address.host, address.port, tcp::resolver::numeric_service, error);
  if (error || found.empty()) {
    return std::unexpected(fmt::format("{}: {}", address.authority, error.message()));
  }
  return found.begin()->endpoint();
}

// False if the system does not allow so many.
bool allow_descriptors(std::size_t count) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return false;
  if (limit.rlim_cur >= count) return true;
  limit.rlim_cur = count;
  return limit.rlim_max >= count && ::setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

struct Refused {
  cli::ExitCode code;
  std::string text;
};

std::expected<RunSettings, Refused> settings_of(const RunOptions& options) {
  const auto usage = [](std::string text) {
    return std::unexpected(Refused{cli::ExitCode::usage, std::move(text)});
  };
  const auto rate = parse_rate(options.rate);
  if (!rate) return usage(rate.error());
  if (!allow_descriptors(options.connections + kOtherDescriptors)) {
    return usage(fmt::format("--connections {}: this process may not open so many (ulimit -n)",
                             options.connections));
  }
  // A server that cannot be reached is said so at once, with the reasons that other commands give.
  cli::ApiClient client{options.server};
  const auto version = client.get("/version");
  if (!version) return std::unexpected(Refused{version.error().exit_code, version.error().text});
  const auto address = http::parse_base_url(options.server);
  if (!address) return usage(fmt::format("{} is no http://HOST[:PORT]", options.server));
  const auto endpoint = resolve(*address);
  if (!endpoint) return std::unexpected(Refused{cli::ExitCode::unavailable, endpoint.error()});
  return RunSettings{.endpoint = *endpoint,
                     .authority = address->authority,
                     .rate = *rate,
                     .connections = options.connections,
                     .duration = milliseconds_of(options.duration_s),
                     .orders = options.orders,
                     .patience = milliseconds_of(options.patience_s),
                     .repeat_refused = options.repeat_refused};
}

cli::ExitCode exit_code_of(const Tally& tally) {
  if (cli::is_interrupted()) return cli::ExitCode::interrupted;
  if (tally.refused == 0 && tally.unanswered == 0) return cli::ExitCode::ok;
  return tally.acknowledged == 0 && tally.refused == 0 ? cli::ExitCode::unavailable
                                                       : cli::ExitCode::partly_failed;
}

}  // namespace

cli::ExitCode run(cli::Console& console, const RunOptions& options) {
  const auto settings = settings_of(options);
  if (!settings) return cli::fail(console, settings.error().code, settings.error().text);
  std::optional<LedgerWriter> ledger;
  if (!options.ledger.empty()) {
    ledger.emplace(options.ledger);
    if (!ledger->is_open()) {
      return cli::fail(console, cli::ExitCode::error,
                       fmt::format("{} cannot be written", options.ledger));
    }
  }
  const auto seed = options.seed.value_or(std::random_device{}());
  fmt::print(console.err, "seed: {}\n", seed);
  const OrderMaker maker({.seed = seed,
                          .articles = options.articles,
                          .min_lines = options.lines,
                          .max_lines = options.lines,
                          .mix = options.mix,
                          .outcomes_percent = kRunOutcomesPercent,
                          .details = false});
  cli::stop_on_signal();
  const auto tally =
      run_load(*settings, maker, ledger ? &*ledger : nullptr, [] { return cli::is_interrupted(); });
  if (options.output == cli::Output::text) {
    print_text(console.out, tally);
  } else {
    auto json = to_json(tally);
    json["seed"] = seed;
    cli::print_json(console.out, json, options.output);
  }
  if (ledger && !ledger->close()) {
    return cli::fail(console, cli::ExitCode::error,
                     fmt::format("{} is not complete: it could not be written", options.ledger));
  }
  return exit_code_of(tally);
}

}  // namespace conveyor::load
