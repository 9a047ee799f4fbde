// Orders, their streams, contacts, idempotency keys and the feed, at the level of operations so
// that both an embedded transaction and a document database can stand behind it.
//
// Threads: OrderStore on the core thread only, between UnitOfWork::begin and commit. An OrderReader
// of its own connection may be used by one other thread at a time and sees committed data only.
// Errors: StoreError is thrown when the store cannot be read or written.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "domain/order.h"
#include "ports/participant.h"

namespace conveyor {

/// The personal data of one order; `version` grows when the address is changed. Only the version
/// that the order uses is kept, and the one of a change that waits.
struct Contact {
  OrderId order_id;
  std::uint32_t version = 1;
  ShipTo ship_to;
  std::vector<std::pair<std::string, std::string>> metadata;  ///< in the request's sequence

  friend bool operator==(const Contact&, const Contact&) = default;
};

/// SHA-256 over principal, method, route and key (its first 16 bytes are stored), and over the
/// request's RFC 8785 form.
struct IdempotencyKey {
  Digest scope_hash{};
  Digest request_hash{};

  friend bool operator==(const IdempotencyKey&, const IdempotencyKey&) = default;
};

/// What a key led to: an order (answered again from its OrderCreated) or a stock movement.
struct IdempotencyRecord {
  /// nullopt: forgotten with the order's contact, which it covers; any request is taken for the
  /// same.
  std::optional<Digest> request_hash;
  std::variant<OrderId, std::int64_t> subject;
  std::uint32_t answer_version = 1;

  friend bool operator==(const IdempotencyRecord&, const IdempotencyRecord&) = default;
};

/// A customer's contacts that are to be erased: of every order that was placed until then. Kept
/// until nothing of them is left, so that a restart goes on with it.
struct Erasure {
  std::string customer_id;
  Timestamp requested_at;
  std::optional<OrderId> before;  ///< orders are walked newest first: the next is older than this
  bool walked = false;            ///< all are; what was erased may still be in the store's files
  std::int64_t erased = 0;        ///< orders so far
  std::string request_id;
  std::optional<std::string> traceparent;
  Actor actor;

  friend bool operator==(const Erasure&, const Erasure&) = default;
};

struct Accepted {};
struct KeyExists {
  IdempotencyRecord record;
};
struct ReferenceTaken {
  OrderId order_id;  ///< the customer's order that has the reference
};
using AcceptResult = std::variant<Accepted, KeyExists, ReferenceTaken>;

/// The order's row: what lists and start-up need without reading the stream.
struct OrderRow {
  OrderId id;
  Status status = Status::pending;
  std::string customer_id;
  std::optional<std::string> reference;
  std::string currency;
  std::int64_t total_minor = 0;
  std::uint32_t run = 1;
  StepNumber step = 1;
  std::uint32_t generation = 1;
  std::uint64_t version = 0;
  Digest hash{};
  std::string correlation_id;
  std::optional<std::string> fingerprint;  ///< of the failure that stands (standing_fingerprint)
  std::optional<Timestamp> wake_at;        ///< when the engine has to look; absent when final
  Timestamp updated_at;
  std::optional<Timestamp> dead_since;       ///< while dead_lettered
  Health health = Health::ok;                ///< health_of
  std::uint32_t attempts = 0;                ///< attempts_of
  std::optional<Timestamp> next_attempt_at;  ///< as planned when what stands failed
  std::optional<Timestamp> step_since;       ///< of the current step; absent when final

  friend bool operator==(const OrderRow&, const OrderRow&) = default;
};

/// Of the dead letter while it is one, else of the last failed call of what is being done; nullopt:
/// nothing has failed that has not worked since. Only open orders have one.
std::optional<std::string> standing_fingerprint(const Order& order);

/// The row that an order's fold asks for; a final order keeps no `wake_at`.
OrderRow row_of(const Order& order, std::optional<Timestamp> wake_at);

/// An event as it was written: `data` is the stored text (domain/event_json.h reads it).
struct StoredEvent {
  Event event;  ///< `event.data` is left empty by readers that are asked not to parse
  std::string data_json;
};

struct OrderFilter {
  std::vector<Status> statuses = {};  ///< any of these; empty: all
  std::optional<std::string> customer_id = {};
  std::optional<std::string> reference = {};
  std::optional<StepNumber> step = {};          ///< open orders only
  std::optional<std::string> sku = {};          ///< open orders only
  std::optional<std::string> fingerprint = {};  ///< of the failure that stands; open orders only
  /// Whether a failure stands; true: open orders only.
  std::optional<bool> failing = {};
  std::optional<Timestamp> created_after = {};   ///< exclusive
  std::optional<Timestamp> created_before = {};  ///< exclusive
  std::optional<Timestamp> updated_after = {};   ///< exclusive; of the last event
  std::optional<Timestamp> updated_before = {};  ///< exclusive
  std::optional<OrderId> before = {};            ///< keyset: older than this order
};

struct OrderPage {
  std::vector<OrderRow> rows;          ///< newest first
  std::optional<OrderId> next_before;  ///< where the next page starts; absent: no more
};

/// Rows that one page of a filter without an index looks at before it returns what it has.
inline constexpr std::size_t kMaxRowsScannedPerPage = 10'000;

/// Dead-lettered orders that share a fingerprint.
struct DeadLetterGroup {
  struct Money {
    std::string currency;
    std::optional<std::int64_t> total_minor;  ///< Σ totals; nullopt: beyond the range of money

    friend bool operator==(const Money&, const Money&) = default;
  };

  std::string fingerprint;
  std::int64_t count = 0;
  Timestamp first_seen;  ///< since when the oldest and the newest of them are dead-lettered
  Timestamp last_seen;
  std::vector<Money> money;  ///< by currency

  friend bool operator==(const DeadLetterGroup&, const DeadLetterGroup&) = default;
};

struct DeadLetterGroups {
  std::vector<DeadLetterGroup> groups;  ///< by fingerprint
  bool is_complete = true;              ///< false: there are more dead letters than were looked at

  friend bool operator==(const DeadLetterGroups&, const DeadLetterGroups&) = default;
};

/// Dead letters that one grouping looks at.
inline constexpr std::int64_t kMaxDeadLettersGrouped = 100'000;

/// Open orders that share a failure.
struct FailureCount {
  std::int64_t orders = 0;
  std::int64_t dead_lettered = 0;  ///< of them
  bool is_complete = true;         ///< false: there are more

  /// `found` orders of a status, counted up to one more than `limit`.
  void add(Status status, std::int64_t found, std::int64_t limit);

  friend bool operator==(const FailureCount&, const FailureCount&) = default;
};

/// Orders of one status that a count of a failure looks at.
inline constexpr std::int64_t kMaxFailuresCounted = 10'000;

struct FeedEntry {
  OrderId order_id;
  std::uint64_t version = 0;
  EventType type = EventType::OrderCreated;

  friend bool operator==(const FeedEntry&, const FeedEntry&) = default;
};

/// What one group commit made durable.
struct FeedRow {
  std::int64_t position = 0;  ///< 1, 2, 3 … in commit order
  std::vector<FeedEntry> entries;

  friend bool operator==(const FeedRow&, const FeedRow&) = default;
};

class OrderReader {
 public:
  virtual ~OrderReader() = default;

  virtual std::optional<OrderRow> order_row(const OrderId& id) = 0;
  /// The stream from `after_version` on, ascending, parsed.
  virtual std::vector<StoredEvent> events(const OrderId& id, std::uint64_t after_version,
                                          std::size_t limit) = 0;
  virtual std::optional<Contact> contact(const OrderId& id, std::uint32_t version) = 0;
  virtual OrderPage orders(const OrderFilter& filter, std::size_t limit) = 0;
  /// Open orders whose `wake_at` is at most `until`, by (wake_at, id), after the given position.
  struct Due {
    Timestamp wake_at;
    OrderId id;
    friend auto operator<=>(const Due&, const Due&) = default;
  };
  virtual std::vector<Due> due_orders(Timestamp until, std::optional<Due> after,
                                      std::size_t limit) = 0;
  virtual std::optional<IdempotencyRecord> idempotency(const Digest& scope_hash) = 0;
  /// Orders of every open status, zeros included, as the enumeration is ordered. Final orders are
  /// not counted: that would cost as much as there is history (ports/store_audit.h does).
  virtual std::vector<std::pair<Status, std::int64_t>> open_order_counts() = 0;

  /// The first `limit` dead-lettered orders by (fingerprint, id), grouped.
  virtual DeadLetterGroups dead_letter_groups(std::int64_t limit) = 0;
  /// Open orders whose standing failure has this fingerprint, `limit` of each status at most.
  virtual FailureCount failures(std::string_view fingerprint, std::int64_t limit) = 0;

  virtual std::int64_t feed_position() = 0;  ///< of the last commit; 0: nothing yet
  virtual std::vector<FeedRow> feed(std::int64_t after, std::size_t limit) = 0;

  /// Every order id ascending after `after`, for checks that walk everything.
  virtual std::vector<OrderId> order_ids(std::optional<OrderId> after, std::size_t limit) = 0;
};

class OrderStore : public virtual OrderReader {
 public:
  /// Stores key, contact, order and its first events as one unit; or says what stands in the way,
  /// and then nothing has changed. `order` is the fold after `events`.
  virtual AcceptResult accept(const IdempotencyKey& key, std::uint32_t answer_version,
                              const Contact& contact, const Order& order,
                              std::span<const Event> events, std::optional<Timestamp> wake_at) = 0;

  /// Appends to the stream if its version is still `expected_version`; false: conflict, nothing has
  /// changed. `order` is the fold after `events`, which may be empty (only `wake_at` moves).
  [[nodiscard]] virtual bool append(const Order& order, std::uint64_t expected_version,
                                    std::span<const Event> events,
                                    std::optional<Timestamp> wake_at) = 0;

  virtual void put_contact(const Contact& contact) = 0;
  /// Removes one version of an order's contact, if it is there.
  virtual void drop_contact(const OrderId& id, std::uint32_t version) = 0;
  /// Erases every version of an order's contact and forgets the hashes of the requests that held
  /// it: of its idempotency key and of its bookings. False: there was none.
  [[nodiscard]] virtual bool erase_contact(const OrderId& id) = 0;

  /// Adds it, or replaces the customer's.
  virtual void put_erasure(const Erasure& erasure) = 0;
  /// One that is not yet walked if there is one, else one that is; nullopt: there is none.
  virtual std::optional<Erasure> next_erasure() = 0;
  /// Whether the customer has one that is not yet walked.
  virtual bool is_being_erased(std::string_view customer_id) = 0;
  /// Removes those that are walked and returns them, by customer.
  virtual std::vector<Erasure> take_walked_erasures() = 0;
  /// False: the key exists already.
  [[nodiscard]] virtual bool put_idempotency(const IdempotencyKey& key,
                                             const IdempotencyRecord& record) = 0;
};

/// The fold of an order's stream, of its first `until` events if that is given; nullopt: no such
/// order. Reads it in pages.
std::optional<Order> load_order(OrderReader& reader, const OrderId& id,
                                std::optional<std::uint64_t> until = std::nullopt);

}  // namespace conveyor
