// The stores that the contract suites run against, behind the ports only.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "ports/order_store.h"
#include "ports/service_stores.h"
#include "ports/store_audit.h"
#include "ports/unit_of_work.h"

namespace conveyor::test {

/// One empty store through every port it implements; the derived class owns it.
class StoreUnderTest {
 public:
  virtual ~StoreUnderTest() = default;

  UnitOfWork* unit = nullptr;
  OrderStore* orders = nullptr;
  StockStore* stock = nullptr;
  PaymentStore* payments = nullptr;
  ShipmentStore* shipments = nullptr;
  SandboxStore* sandbox = nullptr;
  StoreAudit* audit = nullptr;

  template <class Work>
  void in_transaction(Work&& work) {
    unit->begin();
    work();
    unit->commit();
  }

 protected:
  template <class Store>
  void bind(Store& store) {
    unit = &store;
    orders = &store;
    stock = &store;
    payments = &store;
    shipments = &store;
    sandbox = &store;
    audit = &store;
  }
};

enum class StoreKind : std::uint8_t { memory, sqlite, simulated };
std::unique_ptr<StoreUnderTest> make_store(StoreKind kind);

/// `TEST_P(StockContract, …)` over all stores: derive and INSTANTIATE with kAllStores.
class StoreContract : public testing::TestWithParam<StoreKind> {
 protected:
  std::unique_ptr<StoreUnderTest> store = make_store(GetParam());
  UnitOfWork& unit = *store->unit;
  OrderStore& orders = *store->orders;
  StockStore& stock = *store->stock;
  PaymentStore& payments = *store->payments;
  ShipmentStore& shipments = *store->shipments;
  SandboxStore& sandbox = *store->sandbox;
  StoreAudit& audit = *store->audit;
};

inline std::string name_of(const testing::TestParamInfo<StoreKind>& info) {
  if (info.param == StoreKind::simulated) return "simulated";
  return info.param == StoreKind::memory ? "memory" : "sqlite";
}

/// Everything that a visitor of StoreAudit sees.
template <class T, class Walk>
std::vector<T> collect(Walk&& walk) {
  std::vector<T> out;
  walk([&](const T& value) { out.push_back(value); });
  return out;
}

}  // namespace conveyor::test

#define INSTANTIATE_FOR_ALL_STORES(suite)                                                   \
  INSTANTIATE_TEST_SUITE_P(                                                                 \
      Stores, suite,                                                                        \
      testing::Values(conveyor::test::StoreKind::memory, conveyor::test::StoreKind::sqlite, \
                      conveyor::test::StoreKind::simulated),                                \
      conveyor::test::name_of)
