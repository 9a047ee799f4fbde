// How the scheduler treats the calling thread.
#pragma once

namespace conveyor {

/// For threads that do little at a time and that somebody waits for. Asks for slices of 0.1 ms, so
/// that Linux lets the thread go first whenever it wakes beside threads that compute for long
/// (Linux 6.12 and newer, whose slice is sched_attr::sched_runtime: sched_setattr(2),
/// Documentation/scheduler/sched-eevdf.rst), and for a nice value that is lower by `nicer`, so that
/// it does also when it has run much, and gets more than its share then (CAP_SYS_NICE or
/// RLIMIT_NICE, see setrlimit(2)). What is not allowed or not known is left as it was.
void let_this_thread_go_first(int nicer = 0);

}  // namespace conveyor
