// CONVEYOR_SABOTAGE(name): the condition of a fault inside production code that shows whether the
// simulator notices it. False, and gone without a trace, in everything but the simulator, which is
// built from the same sources with CONVEYOR_SABOTEURS and chooses one by name.
//
//   if (CONVEYOR_SABOTAGE(tombstone_skipped)) return undone(Effect::none);
//
// One line at the place where the mistake would be made; what each breaks is listed in
// sim/saboteurs.cpp. Threads: chosen per thread.
#pragma once

#ifdef CONVEYOR_SABOTEURS

#include <string_view>

namespace conveyor::sabotage {

/// The one that is at work on this thread; empty: none.
inline constinit thread_local std::string_view active;

inline bool is_active(std::string_view name) {
  return !active.empty() && active == name;
}

/// While it lives, no saboteur is at work: for those who check, which run the same code.
class Pause {
 public:
  Pause() : paused_(active) { active = {}; }
  ~Pause() { active = paused_; }
  Pause(const Pause&) = delete;
  Pause& operator=(const Pause&) = delete;

 private:
  std::string_view paused_;
};

}  // namespace conveyor::sabotage

#define CONVEYOR_SABOTAGE(name) ::conveyor::sabotage::is_active("sabotage:" #name)

#else

#define CONVEYOR_SABOTAGE(name) false

#endif
