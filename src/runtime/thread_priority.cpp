#include "runtime/thread_priority.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>

namespace conveyor {
namespace {

/// Version 0 of the kernel's struct (linux/sched/types.h), which cannot be included beside sched.h.
struct SchedAttr {
  std::uint32_t size = sizeof(SchedAttr);
  std::uint32_t policy = 0;  // SCHED_OTHER
  std::uint64_t flags = 0;
  std::int32_t nice = 0;
  std::uint32_t priority = 0;
  std::uint64_t runtime_ns = 0;
  std::uint64_t deadline_ns = 0;
  std::uint64_t period_ns = 0;
};
static_assert(sizeof(SchedAttr) == 48);

constexpr std::uint64_t kShortSliceNs = 100'000;  // the shortest that Linux takes
constexpr std::int32_t kLowestNice = -20;

}  // namespace

void let_this_thread_go_first(int nicer) {
  SchedAttr attributes;
  if (::syscall(SYS_sched_getattr, 0, &attributes, sizeof attributes, 0) != 0) return;
  if (attributes.policy != 0) return;  // somebody has chosen another one
  const auto nice = attributes.nice;
  attributes.runtime_ns = kShortSliceNs;
  attributes.nice = std::max(nice - nicer, kLowestNice);
  if (::syscall(SYS_sched_setattr, 0, &attributes, 0) == 0) return;
  attributes.nice = nice;  // another one is not allowed
  ::syscall(SYS_sched_setattr, 0, &attributes, 0);
}

}  // namespace conveyor
