// How the scheduler treats the calling thread.
#pragma once

namespace conveyor {

/// For threads that do little at a time and that somebody waits for: asks for slices of 0.1 ms, so
/// that Linux lets the thread go first whenever it wakes beside threads that compute for long; its
/// share of the processor stays the same. Linux 6.12 and newer, whose slice is
/// sched_attr::sched_runtime (sched_setattr(2), Documentation/scheduler/sched-eevdf.rst); elsewhere
/// nothing happens.
void run_this_thread_in_short_slices();

}  // namespace conveyor
