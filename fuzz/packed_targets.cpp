// What must hold of packed rows of the data file: they are read as they were written, or refused.
#include "adapters/sqlite/event_log.h"
#include "adapters/sqlite/operations.h"
#include "target.h"

namespace conveyor::fuzz {
namespace {

using sqlite::Bytes;

Bytes bytes_of(std::string_view input) {
  return {reinterpret_cast<const std::uint8_t*>(input.data()), input.size()};
}

bool refuses_as_damage(const StoreError& error) {
  return error.kind() == StoreError::Kind::damaged;
}

}  // namespace

FUZZ_TARGET(packed_operations) {
  const OrderId order;
  try {
    const auto read = sqlite::decode_operations(order, bytes_of(input));
    const auto written = sqlite::encode_operations(read);
    must(sqlite::decode_operations(order, written) == read, "what is read can be written again");
  } catch (const StoreError& error) {
    must(refuses_as_damage(error), "what nobody has written is damage");
  }
}

// Every run of a row, and every event of it once more through a row of its own.
FUZZ_TARGET(packed_events) {
  const auto row = bytes_of(input);
  try {
    for (std::uint64_t at = 0; at < row.size();) {
      sqlite::RunReader run{row, at};
      while (run.has_next()) {
        const auto version = run.version();
        const auto event = run.next();
        sqlite::LogChunks log;
        const auto place = log.append(run.order(), version, event, [] { return 1; });
        must(place && place->offset == 0, "the first event of a row begins a run");
        sqlite::RunReader again{log.chunks().front().bytes, 0};
        must(again.order() == run.order() && again.version() == version && again.has_next() &&
                 again.next() == event,
             "what is read can be written again");
      }
      must(run.end() > at && run.end() <= row.size(), "a run ends behind its beginning");
      at = run.end();
    }
  } catch (const StoreError& error) {
    must(refuses_as_damage(error), "what nobody has written is damage");
  }
}

}  // namespace conveyor::fuzz
