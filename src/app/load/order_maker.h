// OrderMaker: orders as shops have them, made from a seed: few articles sell most (Zipf), most
// orders are small, places from all over (app/load/places.h), and a share asks the sandbox for each
// of its outcomes (docs/sandbox.md).
//
// Pure: order n is a function of the options and n alone, the same on every machine; make() may be
// called in any sequence. A few microseconds each. One maker, any number of threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "app/demo_traffic.h"
#include "domain/event.h"
#include "ports/participant.h"
#include "ports/random.h"

namespace conveyor::load {

inline constexpr std::size_t kMaxArticles = 100'000;

/// What the orders ask of the sandbox.
enum class Mix : std::uint8_t {
  plain,     ///< success at once
  async,     ///< success after 20 to 200 ms a call, outside the batch
  sandbox,   ///< plain, and a share of every other outcome
  settling,  ///< the same without what ends in needs_attention: all end without a person
};

struct OrderMakerOptions {
  std::uint64_t seed = 1;
  std::size_t articles = 1'000;  ///< 1 to kMaxArticles
  std::size_t min_lines = 1;
  std::size_t max_lines = 5;
  Mix mix = Mix::plain;
  int outcomes_percent = 0;  ///< sandbox and settling: orders that are not plain, of 100
  /// With titles, adjustments, second address lines, regions, e-mail and telephone.
  bool details = true;
};

struct MadeOrder {
  OrderCreated order;  ///< reference and total included
  ShipTo ship_to;
};

struct Article {
  std::string sku;
  std::string title;
  std::int64_t price_cents = 0;  ///< EUR
};

class OrderMaker {
 public:
  explicit OrderMaker(const OrderMakerOptions& options);

  /// References differ between numbers, and between seeds as far as 32 bits of a hash go.
  MadeOrder make(std::uint64_t number) const;

  /// All that may be ordered; the sandbox's own stand at the end.
  const std::vector<Article>& articles() const { return articles_; }

 private:
  const DemoOutcome* pick_outcome(Random& random) const;
  const Article& pick_article(Random& random) const;
  void add_lines(OrderCreated& order, std::int64_t minor_per_euro, const DemoOutcome* outcome,
                 Random& random) const;

  OrderMakerOptions options_;
  std::uint32_t run_;                  ///< of the seed, in references
  std::vector<Article> articles_;      ///< options_.articles ordinary ones, then the sandbox's
  std::vector<double> popularity_;     ///< ordinary ones: sums of weights up to each
  std::vector<DemoOutcome> outcomes_;  ///< that are not plain
  std::uint64_t outcome_weights_ = 0;  ///< of all outcomes_
};

}  // namespace conveyor::load
