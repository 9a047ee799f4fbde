// What a test must know of how it was built. Programs with sanitizers take several times as long
// and keep memory of their own (what was freed, shadows of all that was ever used): a test that
// waits waits longer then, and one that looks at the memory of a process does not judge it.
#pragma once

namespace conveyor::test {

#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
inline constexpr bool kIsSanitized = true;
#else
inline constexpr bool kIsSanitized = false;
#endif

/// Times whatever a test waits at most.
inline constexpr int kPatience = kIsSanitized ? 6 : 1;

}  // namespace conveyor::test
