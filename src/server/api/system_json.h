// The pipeline and the services as the API shows them.
//
// Pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/engine.h"
#include "runtime/pipeline_meter.h"

namespace conveyor::api {

/// One setting of the server as it runs.
struct SettingValue {
  std::string name;
  std::string value;   ///< as it would be written behind its flag
  std::string unit;    ///< `ms`, `bytes`; empty: text or a count
  std::string origin;  ///< `default`, `flag --listen`, …
};

struct PipelineState {
  PipelineMeter::View view;  ///< at least kPipelineWindow, however little of it is shown
  Engine::ParticipantStates participants;
  Engine::StepCounts calls_in_flight;
  Timestamp now;
  std::int64_t shown;  ///< seconds, the last of the view: what the series are of
};
/// Sums of "the last minute" are over these.
inline constexpr std::int64_t kPipelineWindow = 60;
/// Series have one number per second, oldest first; a percentile of a second without calls is null.
std::string pipeline_json(const PipelineState& state);

struct QueueState {
  std::string_view name;
  std::size_t depth = 0;
  std::size_t limit = 0;
};
struct ServiceState {
  std::string_view version;
  Timestamp started_at;
  Timestamp now;
  std::vector<std::string> missing;  ///< empty: ready
  Engine::ParticipantStates participants;
  std::vector<QueueState> queues;
  DurationCounts commits;  ///< of the last 15 minutes, in units of 100 µs
  const std::vector<SettingValue>& settings;
};
std::string services_json(const ServiceState& state);

}  // namespace conveyor::api
