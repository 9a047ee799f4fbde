// What the services remember, at the level of operations. One transaction of the core thread covers
// any number of these calls (ports/unit_of_work.h); an implementation never commits by itself.
//
// Threads: writers on the core thread. Errors: an adapter that cannot read or write throws
// StoreError (ports/unit_of_work.h); the batch is then rolled back.
#pragma once

#include <expected>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/sha256.h"
#include "domain/event.h"
#include "domain/operation_key.h"

namespace conveyor {

// --- inventory ----------------------------------------------------------------------------------

struct StockItem {
  std::string sku;
  std::optional<std::string> title;
  std::int64_t on_hand = 0;
  std::int64_t reserved = 0;

  std::int64_t available() const { return on_hand - reserved; }
  friend bool operator==(const StockItem&, const StockItem&) = default;
};

struct StockLine {
  std::string sku;
  std::int64_t quantity = 0;

  friend bool operator==(const StockLine&, const StockLine&) = default;
};

enum class ReservationState : std::uint8_t { held, rejected, undone, committed };
std::string_view to_string(ReservationState state);

struct Reservation {
  OperationKey key;
  ReservationId id;
  ReservationState state = ReservationState::held;
  std::optional<Digest> request_hash;  ///< absent on a tombstone
  std::vector<StockLine> lines;        ///< one per SKU, sorted by SKU, quantities summed
  std::vector<Shortage> shortages;     ///< of a rejection
  std::string code;                    ///< of a rejection
  Effect effect = Effect::none;        ///< of an undo
  std::optional<OperationKey> committed_by;
  Timestamp at;

  friend bool operator==(const Reservation&, const Reservation&) = default;
};

struct ReservationPage {
  std::vector<Reservation> items;
  std::optional<OperationKey> next_after;  ///< where the next page starts; absent: no more

  friend bool operator==(const ReservationPage&, const ReservationPage&) = default;
};

/// Held reservations that one page looks at for a SKU.
inline constexpr std::size_t kMaxReservationsScanned = 10'000;

/// Builds one page from held reservations in the sequence of their keys, so that all stores answer
/// alike.
class ReservationPageBuilder {
 public:
  ReservationPageBuilder(std::optional<std::string> sku, std::size_t limit)
      : sku_(std::move(sku)), limit_(limit) {}

  /// False: the page is complete, offer no more.
  bool offer(Reservation reservation);

  ReservationPage take() { return std::move(page_); }

 private:
  std::optional<std::string> sku_;
  std::size_t limit_;
  std::size_t scanned_ = 0;
  std::optional<OperationKey> last_;
  ReservationPage page_;
};

/// Why stock on hand changed.
enum class MovementKind : std::uint8_t { set, adjust, commit };
std::string_view to_string(MovementKind kind);

struct StockMovement {
  std::int64_t id = 0;  ///< given by the store, growing
  std::string sku;
  MovementKind kind = MovementKind::set;
  std::int64_t delta = 0;
  std::string reason;               ///< a code; of adjust
  std::optional<OrderId> order_id;  ///< of commit
  std::int64_t on_hand_after = 0;
  std::int64_t reserved_after = 0;
  Timestamp at;

  friend bool operator==(const StockMovement&, const StockMovement&) = default;
};

enum class StockRefusal : std::uint8_t { unknown_sku, below_reserved, out_of_range };

/// Stock of one SKU stays within this (2^53 − 1, so that JSON carries it exactly).
inline constexpr std::int64_t kMaxStock = 9'007'199'254'740'991;

class StockReader {
 public:
  virtual ~StockReader() = default;

  virtual std::optional<StockItem> stock(std::string_view sku) = 0;
  /// By SKU, ascending, after `after` (empty: from the start).
  virtual std::vector<StockItem> stock_page(std::string_view after, std::size_t limit) = 0;
  virtual std::optional<Reservation> reservation(const OperationKey& key) = 0;
  /// All of one order, by key.
  virtual std::vector<Reservation> reservations(const OrderId& order) = 0;
  virtual std::int64_t held_reservations() = 0;
  /// What holds stock, by key, so the oldest order first: after `after`, with a line of `sku` if
  /// one is given. Looks at no more than `kMaxReservationsScanned`.
  virtual ReservationPage held_page(std::optional<OperationKey> after,
                                    std::optional<std::string> sku, std::size_t limit) = 0;
  virtual std::optional<StockMovement> movement(std::int64_t id) = 0;
  /// By id, ascending, after `after` (0: from the start).
  virtual std::vector<StockMovement> movements(std::int64_t after, std::size_t limit) = 0;
};

class StockStore : public virtual StockReader {
 public:
  /// Holds every line of `reservation` and stores it as held, or changes nothing and says what is
  /// short, sorted by SKU (an unknown SKU has nothing available). The key must be new.
  virtual std::vector<Shortage> reserve(const Reservation& reservation) = 0;
  /// Stores a rejection or a tombstone, or turns a rejection into one; no stock moves.
  virtual void record_reservation(const Reservation& reservation) = 0;
  /// held → undone: gives the lines back.
  virtual void release(const OperationKey& key, Effect effect, Timestamp at) = 0;
  /// held → committed: the hold becomes a deduction, one movement per SKU.
  virtual void commit_reservation(const OperationKey& key, const OperationKey& committed_by,
                                  Timestamp at) = 0;

  /// Sets what is on hand (creates the SKU); an absent title keeps the present one.
  virtual std::expected<StockMovement, StockRefusal> set_stock(std::string_view sku,
                                                               std::int64_t on_hand,
                                                               std::optional<std::string> title,
                                                               Timestamp at) = 0;
  virtual std::expected<StockMovement, StockRefusal> adjust_stock(std::string_view sku,
                                                                  std::int64_t delta,
                                                                  std::string_view reason,
                                                                  Timestamp at) = 0;
};

// --- payment and shipping -----------------------------------------------------------------------

/// What a service knows of a key. `uncertain`: a call to the provider may have had its effect and
/// the answer is missing; the provider is asked before anything is repeated.
enum class OperationState : std::uint8_t { bound, uncertain, succeeded, rejected, undone };
std::string_view to_string(OperationState state);

struct Payment {
  OperationKey key;  ///< of authorize or capture
  PaymentId id;
  OperationState state = OperationState::bound;
  std::optional<Digest> request_hash;         ///< absent on a tombstone
  std::optional<OperationKey> authorization;  ///< of a capture: the key it draws on
  std::int64_t amount_minor = 0;
  Currency currency;
  std::string payment_method;  ///< of an authorization
  std::string provider_reference;
  std::string code;              ///< of a rejection
  Effect effect = Effect::none;  ///< of an undo
  bool undo_uncertain = false;   ///< a void or refund may have had its effect
  Timestamp at;

  friend bool operator==(const Payment&, const Payment&) = default;
};

class PaymentReader {
 public:
  virtual ~PaymentReader() = default;
  virtual std::optional<Payment> payment(const OperationKey& key) = 0;
  /// All of one order, by key.
  virtual std::vector<Payment> payments(const OrderId& order) = 0;
};

class PaymentStore : public virtual PaymentReader {
 public:
  /// Adds it or replaces the one under its key.
  virtual void put_payment(const Payment& payment) = 0;
};

struct Shipment {
  OperationKey key;  ///< of booking or dispatch
  ShipmentId id;
  OperationState state = OperationState::bound;
  std::optional<Digest> request_hash;
  std::optional<OperationKey> booking;  ///< of a dispatch: the key it hands over
  /// Postal code and country are of a booking that still has to be made (bound or uncertain): what
  /// its call needs, no more of the address and no longer.
  std::string postal_code;
  std::string country;
  std::string provider_reference;
  std::string carrier;
  std::string tracking;
  std::string code;
  Effect effect = Effect::none;
  bool undo_uncertain = false;
  Timestamp at;

  friend bool operator==(const Shipment&, const Shipment&) = default;
};

class ShipmentReader {
 public:
  virtual ~ShipmentReader() = default;
  virtual std::optional<Shipment> shipment(const OperationKey& key) = 0;
  virtual std::vector<Shipment> shipments(const OrderId& order) = 0;
};

class ShipmentStore : public virtual ShipmentReader {
 public:
  /// Adds it or replaces the one under its key.
  virtual void put_shipment(const Shipment& shipment) = 0;
};

// --- the sandbox's own record, as a real provider keeps one --------------------------------------

/// What the sandbox provider, carrier or inventory did under a key.
struct SandboxRecord {
  OperationKey key;
  std::string behaviour;         ///< payment method, SKU or `SBX-…` postal code that chose it
  std::uint32_t calls = 0;       ///< calls of the step under this key, failed ones included
  std::uint32_t undo_calls = 0;  ///< calls to undo it
  std::uint32_t effects = 0;     ///< how often the effect was made: never more than once
  bool effect_exists = false;
  bool undone = false;
  std::optional<OperationKey> names;  ///< the authorization or booking behind it
  std::int64_t amount_minor = 0;
  std::string reference;
  std::string code;  ///< of a refusal

  friend bool operator==(const SandboxRecord&, const SandboxRecord&) = default;
};

class SandboxReader {
 public:
  virtual ~SandboxReader() = default;
  virtual std::optional<SandboxRecord> sandbox_record(const OperationKey& key) = 0;
  virtual std::vector<SandboxRecord> sandbox_records(const OrderId& order) = 0;
};

class SandboxStore : public virtual SandboxReader {
 public:
  /// Adds it or replaces the one under its key.
  virtual void put_sandbox_record(const SandboxRecord& record) = 0;
};

}  // namespace conveyor
