// TokenBucket: so many units a second, with a burst. Plain value; the time is given.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

#include "socketio/timers.h"

namespace conveyor::socketio {

/// Allows `per_second` on average and `burst` at once.
struct Rate {
  std::size_t per_second;
  std::size_t burst;
};

class TokenBucket {
 public:
  TokenBucket(Rate rate, Time now)
      : rate_(rate), tokens_(static_cast<double>(rate.burst)), filled_at_(now) {}

  /// False, and nothing is taken, if there are not so many.
  bool take(std::size_t count, Time now) {
    const std::chrono::duration<double> passed = now - filled_at_;
    filled_at_ = now;
    tokens_ = std::min(static_cast<double>(rate_.burst),
                       tokens_ + (passed.count() * static_cast<double>(rate_.per_second)));
    if (tokens_ < static_cast<double>(count)) return false;
    tokens_ -= static_cast<double>(count);
    return true;
  }

 private:
  Rate rate_;
  double tokens_;
  Time filled_at_;
};

}  // namespace conveyor::socketio
