// Stock of everything that `conveyor load run` orders.
#pragma once

#include <gtest/gtest.h>

#include "support/server_process.h"

namespace conveyor::test {

inline void seed_stock(const ServerProcess& server, const TemporaryFolder& folder) {
  const auto stock = folder.path("stock.csv").string();
  const auto made = run_conveyor(
      {"load", "generate", "--orders", "0", "--stock", stock, "--on-hand", "10000000"});
  ASSERT_EQ(made.exit_code, 0) << made.err;
  const auto imported =
      run_conveyor({"inventory", "import", stock, "--yes", "--server", server.url()});
  ASSERT_EQ(imported.exit_code, 0) << imported.out << imported.err;
}

}  // namespace conveyor::test
