#include "app/cli/create_order.h"

#include <fmt/format.h>
#include <fmt/ostream.h>
#include <fmt/ranges.h>

#include <array>
#include <cstddef>
#include <fstream>
#include <iterator>

#include "app/cli/json_text.h"
#include "app/cli/order_text.h"
#include "base/json_writer.h"
#include "base/utf8.h"
#include "domain/money.h"

namespace conveyor::cli {
namespace {

// Larger than any request that a server takes.
constexpr std::size_t kMaxRequestFileBytes = std::size_t{16} << 20;

FlagResult write_adjustment(JsonWriter& json, std::string_view text, Currency currency) {
  const auto parts = split_flag(text, 3);
  if (parts.size() < 2) {
    return std::unexpected(
        fmt::format("--adjustment {}: write KIND:AMOUNT, such as shipping:4.90", text));
  }
  const auto amount = amount_of(parts[1], currency, fmt::format("--adjustment {}", text));
  if (!amount) return std::unexpected(amount.error());
  json.begin_object();
  json.member("kind", parts[0]);
  json.member("amount", *amount);
  if (parts.size() > 2) json.member("label", parts[2]);
  json.end_object();
  return {};
}

FlagResult write_metadata(JsonWriter& json, const std::vector<std::string>& metadata) {
  json.key("metadata");
  json.begin_object();
  for (const auto& item : metadata) {
    const auto equals = item.find('=');
    if (equals == std::string::npos) {
      return std::unexpected(fmt::format("--metadata {}: write NAME=VALUE", item));
    }
    json.member(item.substr(0, equals), item.substr(equals + 1));
  }
  json.end_object();
  return {};
}

bool is_text(const CreateOptions& options) {
  return is_valid_text(options.lines) && is_valid_text(options.adjustments) &&
         is_valid_text(options.metadata) && is_valid_text(options.ship_to) &&
         is_valid_utf8(options.reference) && is_valid_utf8(options.customer_id) &&
         is_valid_utf8(options.payment_method);
}

bool has_flags(const CreateOptions& options) {
  return !options.reference.empty() || !options.customer_id.empty() || !options.currency.empty() ||
         !options.payment_method.empty() || !options.lines.empty() ||
         !options.adjustments.empty() || !options.metadata.empty() || is_given(options.ship_to);
}

FlagResult write_body(JsonWriter& json, const CreateOptions& options, Currency currency) {
  json.begin_object();
  if (!options.reference.empty()) json.member("reference", options.reference);
  json.member("customer_id", options.customer_id);
  json.member("currency", currency.code());
  if (auto written = write_lines(json, options.lines, currency); !written) return written;
  if (!options.adjustments.empty()) {
    json.key("adjustments");
    json.begin_array();
    for (const auto& adjustment : options.adjustments) {
      if (auto written = write_adjustment(json, adjustment, currency); !written) return written;
    }
    json.end_array();
  }
  write_ship_to(json, options.ship_to);
  json.member("payment_method", options.payment_method);
  if (!options.metadata.empty()) {
    if (auto written = write_metadata(json, options.metadata); !written) return written;
  }
  json.end_object();
  return {};
}

std::expected<std::string, std::string> read_request(Console& console, const std::string& path) {
  std::ifstream file;
  if (path != "-") file.open(path, std::ios::binary);
  std::istream& input = path == "-" ? console.in : file;
  std::string text;
  std::array<char, 65'536> buffer;
  while (input && text.size() <= kMaxRequestFileBytes) {
    input.read(buffer.data(), buffer.size());
    text.append(buffer.data(), static_cast<std::size_t>(input.gcount()));
  }
  if (text.size() > kMaxRequestFileBytes) {
    return std::unexpected(fmt::format("{} is larger than a request may be", path));
  }
  if (!input.eof()) return std::unexpected(fmt::format("{} cannot be read", path));
  if (text.empty()) return std::unexpected(fmt::format("{} is empty", path));
  return text;
}

}  // namespace

std::expected<std::string, std::string> order_body(const CreateOptions& options) {
  std::vector<std::string> missing;
  if (options.customer_id.empty()) missing.emplace_back("--customer");
  if (options.currency.empty()) missing.emplace_back("--currency");
  if (options.payment_method.empty()) missing.emplace_back("--payment-method");
  if (options.lines.empty()) missing.emplace_back("--line");
  for (auto& flag : missing_flags(options.ship_to)) missing.push_back(std::move(flag));
  if (!missing.empty()) {
    return std::unexpected(fmt::format("an order needs {} (or --file)", fmt::join(missing, ", ")));
  }
  const auto currency = Currency::from_code(options.currency);
  if (!currency) {
    return std::unexpected(
        fmt::format("--currency {}: not a currency of ISO 4217, such as EUR", options.currency));
  }
  if (!is_text(options)) return std::unexpected("the flags are not valid UTF-8");
  std::string body;
  JsonWriter json{body, JsonWriter::Order::any};
  if (auto written = write_body(json, options, *currency); !written) {
    return std::unexpected(std::move(written.error()));
  }
  return body;
}

ExitCode create_order(Console& console, const CreateOptions& options) {
  const bool from_file = !options.file.empty();
  if (from_file && has_flags(options)) {
    return fail(console, ExitCode::usage, "--file holds the whole request; no flag adds to it");
  }
  auto body = from_file ? read_request(console, options.file) : order_body(options);
  if (!body) return fail(console, from_file ? ExitCode::error : ExitCode::usage, body.error());

  auto key = options.idempotency_key;
  if (key.empty()) {
    key = make_idempotency_key();
    fmt::print(console.err, "idempotency key: {}\n", key);
  }
  ApiClient client{options.server};
  const auto answer = client.send_patiently({.method = "POST",
                                             .target = "/v1/orders",
                                             .headers = {idempotency_header(key)},
                                             .body = std::move(*body)});
  if (!answer) return fail(console, answer.error().exit_code, answer.error().text);
  if (answer->find_header("Idempotent-Replayed") != nullptr) {
    fmt::print(console.err, "this order was already placed with the same key\n");
  }
  if (options.output == Output::text) {
    print_order(console.out, answer->json);
  } else {
    print_json(console.out, answer->json, options.output);
  }
  return ExitCode::ok;
}

}  // namespace conveyor::cli
