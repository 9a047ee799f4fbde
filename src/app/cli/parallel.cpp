#include "app/cli/parallel.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include "app/cli/interrupt.h"

namespace conveyor::cli {

void for_each_in_flight(const std::string& server, std::size_t in_flight, std::size_t count,
                        const std::function<bool(std::size_t index, ApiClient& client)>& work) {
  std::atomic<std::size_t> next{0};
  std::atomic<bool> is_stopped{false};
  const auto loop = [&] {
    ApiClient client{server};
    while (!is_stopped && !is_interrupted()) {
      const auto index = next.fetch_add(1);
      if (index >= count) return;
      if (!work(index, client)) is_stopped = true;
    }
  };
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < std::min(count, in_flight); ++i) threads.emplace_back(loop);
}

}  // namespace conveyor::cli
