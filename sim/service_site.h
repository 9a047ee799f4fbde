// The product's services as a process of their own behind the network, over a store of their own:
// inventory, payment with the sandbox's provider, shipping with the sandbox's carrier. One of them
// is used.
#pragma once

#include <memory>

#include "adapters/memory/memory_store.h"
#include "adapters/sandbox/sandbox_carrier.h"
#include "adapters/sandbox/sandbox_inventory.h"
#include "adapters/sandbox/sandbox_provider.h"
#include "services/inventory_service.h"
#include "services/payment_service.h"
#include "services/shipping_service.h"
#include "sim/network.h"

namespace conveyor::sim {

/// The three services over one store, as a process builds them; gone with it.
struct Services {
  template <class Store>
  Services(Store& store, Random& random)
      : provider(store, random),
        carrier(store, random),
        plain_inventory(store, random),
        inventory(plain_inventory, store),
        payment(store, provider, random),
        shipping(store, carrier, random) {}

  ParticipantPort& of(Participant participant) {
    if (participant == Participant::inventory) return inventory;
    if (participant == Participant::payment) return payment;
    return shipping;
  }

  SandboxProvider provider;
  SandboxCarrier carrier;
  InventoryService plain_inventory;
  SandboxInventory inventory;
  PaymentService payment;
  ShippingService shipping;
};

class ServiceSite final : public RemoteSite {
 public:
  ServiceSite(Environment& environment, Participant participant, MemoryStore& store);

  void handle(const Request& request, Reply reply) override;

 private:
  using Work = std::function<CallResult()>;
  /// One transaction; what comes of it is answered, or nothing if the host stops.
  void work(const Work& work, const OperationKey& key, Action action, Reply reply);
  void restart();

  Environment& environment_;
  Participant participant_;
  MemoryStore& store_;
  std::unique_ptr<Services> services_;
  std::uint64_t life_ = 0;  ///< grows with every restart
  Duration down_until_{0};
};

}  // namespace conveyor::sim
