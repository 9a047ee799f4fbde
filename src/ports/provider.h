// The world behind payment and shipping: a payment provider and a carrier. Both honour our
// operation key as their idempotency key and can be asked what became of it.
//
// Threads: core thread, inside its transaction. A provider that cannot answer at once says how long
// it takes (`latency`); the service then returns `Deferred` and calls again after that delay.
#pragma once

#include <optional>
#include <string>

#include "domain/decide.h"
#include "domain/operation_key.h"

namespace conveyor {

/// What a provider did, or why nobody knows.
struct ProviderAnswer {
  enum class Kind : std::uint8_t {
    done,       ///< the effect exists (or, of an undo, is gone)
    refused,    ///< it will not do that; `code` says why
    not_found,  ///< only look_up: the key was never seen, or had no effect
    failed,     ///< no effect by this call unless the class is unknown or transient
  };

  Kind kind = Kind::done;
  FailureClass failure_class = FailureClass::failed;
  std::string code;
  std::string message;
  std::string reference;  ///< the provider's own number
  std::string carrier;    ///< carrier only
  std::string tracking;   ///< carrier only
  std::optional<Duration> retry_after;
};

enum class PaymentVerb : std::uint8_t { authorize, capture, void_authorization, refund };

struct PaymentCall {
  PaymentVerb verb = PaymentVerb::authorize;
  OperationKey key;                           ///< of the step (authorize, capture)
  std::optional<OperationKey> authorization;  ///< capture: the authorization it draws on
  std::int64_t amount_minor = 0;
  Currency currency;
  std::string payment_method;  ///< authorize only
};

class PaymentProvider {
 public:
  virtual ~PaymentProvider() = default;

  /// Zero: `call` may be made at once, inside the transaction.
  virtual Duration latency(const PaymentCall& call) = 0;
  virtual ProviderAnswer call(const PaymentCall& call, Timestamp now) = 0;
  /// What became of the authorize or capture under this key: done, refused, not_found or failed.
  virtual ProviderAnswer look_up(const OperationKey& key, Timestamp now) = 0;
};

enum class CarrierVerb : std::uint8_t { book, dispatch, cancel };

struct CarrierCall {
  CarrierVerb verb = CarrierVerb::book;
  OperationKey key;                     ///< of the step (book, dispatch); cancel: the booking's
  std::optional<OperationKey> booking;  ///< dispatch: the booking it hands over
  std::string postal_code;              ///< book only
  std::string country;                  ///< book only
};

class Carrier {
 public:
  virtual ~Carrier() = default;

  virtual Duration latency(const CarrierCall& call) = 0;
  /// A cancel that comes after the dispatch is refused with code `already_dispatched`; a dispatch
  /// after the cancel with code `booking_cancelled`.
  virtual ProviderAnswer call(const CarrierCall& call, Timestamp now) = 0;
  virtual ProviderAnswer look_up(const OperationKey& key, Timestamp now) = 0;
};

}  // namespace conveyor
