#include "domain/operation_key.h"

#include <fmt/format.h>

#include <charconv>

namespace conveyor {
namespace {

/// The text up to the next colon (all of it if there is none), cut off `rest`.
std::string_view take_part(std::string_view& rest) {
  const auto colon = rest.find(':');
  const auto part = rest.substr(0, colon);
  rest = colon == std::string_view::npos ? std::string_view{} : rest.substr(colon + 1);
  return part;
}

/// A decimal number from 1, without leading zeros.
std::optional<std::uint32_t> parse_counter(std::string_view text) {
  std::uint32_t value = 0;
  const auto* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || at != end || value == 0 || text[0] == '0') return std::nullopt;
  return value;
}

}  // namespace

std::string OperationKey::to_string() const {
  return fmt::format("{}:{}:{}:{}", order.to_string(), run, spec_of(step).name, generation);
}

std::optional<OperationKey> OperationKey::parse(std::string_view text) {
  auto rest = text;
  const auto order = OrderId::parse(take_part(rest));
  const auto run = parse_counter(take_part(rest));
  const auto step = parse_step(take_part(rest));
  const auto generation = parse_counter(rest);
  if (!order || !run || !step || !generation) return std::nullopt;
  return OperationKey{*order, *run, *step, *generation};
}

}  // namespace conveyor
