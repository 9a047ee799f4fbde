#include "app/load/order_maker.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "app/load/places.h"
#include "base/assert.h"
#include "domain/order.h"
#include "ports/seeded_random.h"

namespace conveyor::load {
namespace {

constexpr std::string_view kSandboxPrefix = "SBX-";
constexpr std::int64_t kSandboxPriceCents = 100;
constexpr std::uint64_t kCustomers = 10'000;

constexpr std::array<std::string_view, 12> kNouns{"Teapot, cast iron",
                                                  "Mug \"Good morning\"",
                                                  "Кружка с крышкой",
                                                  "Bücherstütze",
                                                  "Étagère",
                                                  "茶碗",
                                                  "ハンドタオル",
                                                  "접시 세트",
                                                  "Frame, 10\" × 15\"",
                                                  "सूती चादर",
                                                  "κανάτα",
                                                  "Lamp, 40 W"};
constexpr std::array<std::string_view, 6> kVariants{"blue",  "red",      "large",
                                                    "small", "set of 2", "refill"};

std::uint64_t below(Random& random, std::uint64_t bound) {
  return random.next() % bound;
}

bool chance(Random& random, std::uint64_t percent) {
  return below(random, 100) < percent;
}

template <class Items>
const auto& pick(const Items& items, Random& random) {
  return items[below(random, items.size())];
}

// SplitMix64's finalizer: neighbouring seeds and numbers must not give neighbouring generators.
std::uint64_t mixed(std::uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31);
}

// Most articles cost little, a few much.
Article ordinary_article(std::size_t index) {
  SeededRandom random(mixed(index + 1));
  Article article;
  article.sku = fmt::format("ART-{:05}", index + 1);
  article.title =
      fmt::format("{}, {} {}", pick(kNouns, random), pick(kVariants, random), index + 1);
  const auto scale = below(random, 10) == 0 ? 5'000U : 500U;
  article.price_cents = static_cast<std::int64_t>(95 + below(random, scale) * 5);
  return article;
}

bool is_plain(const DemoOutcome& outcome) {
  return outcome.payment_method == "pm_ok" && !outcome.postal_code.starts_with(kSandboxPrefix) &&
         !outcome.sku.starts_with(kSandboxPrefix);
}

// An undo may fail for good there, or be refused.
bool needs_person(const DemoOutcome& outcome) {
  return outcome.payment_method == "pm_undo_fails" || outcome.postal_code == "SBX-NO-CANCEL";
}

std::int64_t quantity_of(Random& random) {
  const auto share = below(random, 1'000);
  if (share < 620) return 1;
  if (share < 820) return 2;
  if (share < 930) return 3 + static_cast<std::int64_t>(below(random, 3));
  if (share < 990) return 6 + static_cast<std::int64_t>(below(random, 7));
  return 24 + static_cast<std::int64_t>(below(random, 97));
}

// Each number of lines is half as frequent as the one below it.
std::size_t lines_of(const OrderMakerOptions& options, Random& random) {
  auto lines = options.min_lines;
  while (lines < options.max_lines && chance(random, 50)) ++lines;
  return lines;
}

ShipTo address_at(const Place& place, Random& random, bool details) {
  ShipTo to;
  const auto given = pick(place.given_names, random);
  const auto family = pick(place.family_names, random);
  to.name = place.family_name_first ? fmt::format("{}{}", family, given)
                                    : fmt::format("{} {}", given, family);
  to.line1 = fmt::format("{} {}", pick(place.streets, random), 1 + below(random, 180));
  const auto city = below(random, kPlaceChoices);
  to.city = place.cities.at(city);
  to.postal_code = place.postal_codes.at(city);
  to.country = place.country;
  if (!details) return to;
  if (chance(random, 20)) to.line2 = fmt::format("c/o {}, {}", family, 1 + below(random, 40));
  if (!place.region.empty()) to.region = place.region;
  if (chance(random, 60)) to.email = fmt::format("buyer{}@example.com", below(random, kCustomers));
  if (chance(random, 40)) {
    to.phone = fmt::format("{}{:07}", place.phone_prefix, below(random, 10'000'000));
  }
  return to;
}

void add_adjustments(OrderCreated& order, std::int64_t minor_per_euro, Random& random) {
  const auto lines = total_of(order.lines, {});
  CONVEYOR_ASSERT(lines.has_value(), "made lines add up");
  const auto add = [&](AdjustmentKind kind, std::int64_t amount_minor) {
    order.adjustments.push_back({kind, amount_minor, {}});
  };
  if (chance(random, 80)) add(AdjustmentKind::shipping, 490 * minor_per_euro / 100);
  if (chance(random, 30)) add(AdjustmentKind::tax, *lines * 19 / 100);
  if (chance(random, 15)) add(AdjustmentKind::discount, -(*lines / 10));
  if (chance(random, 5)) add(AdjustmentKind::fee, minor_per_euro);
}

}  // namespace

OrderMaker::OrderMaker(const OrderMakerOptions& options)
    : options_(options), run_(static_cast<std::uint32_t>(mixed(options.seed + 1) >> 32)) {
  CONVEYOR_ASSERT(options.articles >= 1 && options.articles <= kMaxArticles, "articles in range");
  CONVEYOR_ASSERT(options.min_lines >= 1 && options.min_lines <= options.max_lines,
                  "lines in range");
  double sum = 0;
  for (std::size_t i = 0; i < options.articles; ++i) {
    articles_.push_back(ordinary_article(i));
    sum += 1.0 / static_cast<double>(i + 1);
    popularity_.push_back(sum);
  }
  for (const auto& article : demo_catalogue()) {
    if (!article.sku.starts_with(kSandboxPrefix)) continue;
    articles_.push_back({std::string{article.sku}, std::string{article.title}, kSandboxPriceCents});
  }
  if (options.mix == Mix::plain || options.mix == Mix::async) return;
  for (const auto& outcome : demo_mix()) {
    if (is_plain(outcome)) continue;
    if (options.mix == Mix::settling && needs_person(outcome)) continue;
    outcomes_.push_back(outcome);
    outcome_weights_ += static_cast<std::uint64_t>(outcome.weight);
  }
}

const DemoOutcome* OrderMaker::pick_outcome(Random& random) const {
  if (outcomes_.empty() || !chance(random, static_cast<std::uint64_t>(options_.outcomes_percent))) {
    return nullptr;
  }
  auto left = below(random, outcome_weights_);
  for (const auto& outcome : outcomes_) {
    const auto weight = static_cast<std::uint64_t>(outcome.weight);
    if (left < weight) return &outcome;
    left -= weight;
  }
  return &outcomes_.back();
}

const Article& OrderMaker::pick_article(Random& random) const {
  const auto place = random.fraction() * popularity_.back();
  const auto found = std::ranges::upper_bound(popularity_, place);
  const auto index = std::min<std::size_t>(static_cast<std::size_t>(found - popularity_.begin()),
                                           popularity_.size() - 1);
  return articles_[index];
}

void OrderMaker::add_lines(OrderCreated& order, std::int64_t minor_per_euro,
                           const DemoOutcome* outcome, Random& random) const {
  const auto count = lines_of(options_, random);
  for (std::size_t i = 0; i < count; ++i) {
    const auto* article = &pick_article(random);
    if (i == 0 && outcome != nullptr && !outcome->sku.empty()) {
      article = &*std::ranges::find(articles_, outcome->sku, &Article::sku);
    }
    Line line;
    line.line = static_cast<std::int32_t>(i + 1);
    line.sku = article->sku;
    if (options_.details) line.title = article->title;
    line.quantity = quantity_of(random);
    line.unit_price_minor = article->price_cents * minor_per_euro / 100;
    order.lines.push_back(std::move(line));
  }
}

MadeOrder OrderMaker::make(std::uint64_t number) const {
  SeededRandom random(mixed(options_.seed) ^ mixed(~number));
  MadeOrder made;
  auto& order = made.order;
  const auto& place = pick(places(), random);
  const auto* outcome = pick_outcome(random);
  order.reference = fmt::format("L{:08x}-{}", run_, number);
  order.customer_id = fmt::format("customer-{:05}", below(random, kCustomers));
  const auto currency = Currency::from_code(place.currency);
  CONVEYOR_ASSERT(currency.has_value(), "a place's currency is one");
  order.currency = *currency;
  add_lines(order, place.minor_per_euro, outcome, random);
  if (options_.details) add_adjustments(order, place.minor_per_euro, random);
  made.ship_to = address_at(place, random, options_.details);
  order.payment_method = options_.mix == Mix::async ? "pm_async" : "pm_ok";
  if (options_.mix == Mix::async) made.ship_to.postal_code = "SBX-ASYNC";
  if (outcome != nullptr) {
    order.payment_method = outcome->payment_method;
    if (outcome->postal_code.starts_with(kSandboxPrefix)) {
      made.ship_to.postal_code = outcome->postal_code;
    }
  }
  const auto total = total_of(order.lines, order.adjustments);
  CONVEYOR_ASSERT(total.has_value(), "a made order has a total");
  order.total_minor = *total;
  return made;
}

}  // namespace conveyor::load
