// The calling thread's name, for whoever looks at a running process: top -H, perf, a debugger.
#pragma once

#include <pthread.h>

namespace conveyor {

/// At most 15 bytes (pthread_setname_np(3)); a longer name is not taken.
inline void name_this_thread(const char* name) {
  ::pthread_setname_np(::pthread_self(), name);
}

}  // namespace conveyor
