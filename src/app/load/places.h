// Places: where made orders are sent: countries with their currency, and names and addresses as
// people there write them, in nine scripts. All of it is invented or of everyday use; nobody is
// meant. Static data.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace conveyor::load {

inline constexpr std::size_t kPlaceChoices = 4;
using PlaceChoices = std::array<std::string_view, kPlaceChoices>;

struct Place {
  std::string_view country;     ///< ISO 3166-1 alpha-2
  std::string_view currency;    ///< ISO 4217
  std::int64_t minor_per_euro;  ///< of the currency, about: how prices are brought to it
  PlaceChoices given_names;
  PlaceChoices family_names;
  bool family_name_first;
  PlaceChoices streets;
  PlaceChoices cities;
  PlaceChoices postal_codes;  ///< one per city
  std::string_view region;    ///< empty: addresses there have none
  std::string_view phone_prefix;
};

/// The order of this list is part of what a seed means.
std::span<const Place> places();

}  // namespace conveyor::load
