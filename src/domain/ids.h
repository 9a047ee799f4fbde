// Identifiers: UUIDv7 values with a type of their own, written as `ord_01h455vb4pex5vsknk084sn02q`
// (base/uuid.h). They sort by the time they were made, in bytes and in text.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "base/uuid.h"

namespace conveyor {

template <class Tag>
class Id {
 public:
  Id() = default;
  explicit constexpr Id(const Uuid& uuid) : uuid_(uuid) {}

  /// Reads the prefixed text form; nullopt for anything else, another prefix included.
  static std::optional<Id> parse(std::string_view text) {
    if (!text.starts_with(Tag::kPrefix)) return std::nullopt;
    const auto uuid = parse_base32(text.substr(Tag::kPrefix.size()));
    if (!uuid) return std::nullopt;
    return Id{*uuid};
  }

  const Uuid& uuid() const { return uuid_; }
  Timestamp created_at() const { return timestamp_of(uuid_); }

  std::string to_string() const {
    std::string out;
    out.reserve(Tag::kPrefix.size() + kUuidTextLength);
    append_to(out);
    return out;
  }
  void append_to(std::string& out) const {
    out.append(Tag::kPrefix);
    append_base32(out, uuid_);
  }

  friend auto operator<=>(const Id&, const Id&) = default;

 private:
  Uuid uuid_;
};

struct OrderTag {
  static constexpr std::string_view kPrefix = "ord_";
};
struct EventTag {
  static constexpr std::string_view kPrefix = "evt_";
};
struct ReservationTag {
  static constexpr std::string_view kPrefix = "rsv_";
};
struct PaymentTag {
  static constexpr std::string_view kPrefix = "pay_";
};
struct ShipmentTag {
  static constexpr std::string_view kPrefix = "shp_";
};

using OrderId = Id<OrderTag>;
using EventId = Id<EventTag>;
using ReservationId = Id<ReservationTag>;
using PaymentId = Id<PaymentTag>;
using ShipmentId = Id<ShipmentTag>;

}  // namespace conveyor

template <class Tag>
struct std::hash<conveyor::Id<Tag>> {
  std::size_t operator()(const conveyor::Id<Tag>& id) const noexcept {
    return std::hash<conveyor::Uuid>{}(id.uuid());
  }
};
