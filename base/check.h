// CHECK(condition): an invariant of our own code. When it does not hold, the
// process prints one line to stderr and aborts, in every build mode: wrong
// state must never reach the store. Never use it for input that a user, a
// guest or a file controls; those get an absl::Status.
// DCHECK is the same in builds without NDEBUG and costs nothing otherwise.

#ifndef WASMD_BASE_CHECK_H_
#define WASMD_BASE_CHECK_H_

#include <cstdio>
#include <cstdlib>

namespace wasmd {

[[noreturn, gnu::cold, gnu::noinline]] inline void CheckFailed(
    const char* file, int line, const char* condition) {
  std::fprintf(stderr, "wasmd: internal error: %s:%d: CHECK(%s) failed\n", file,
               line, condition);
  std::abort();
}

}  // namespace wasmd

#define CHECK(condition)                                    \
  do {                                                      \
    if (!(condition)) [[unlikely]] {                        \
      ::wasmd::CheckFailed(__FILE__, __LINE__, #condition); \
    }                                                       \
  } while (false)

#ifdef NDEBUG
#define DCHECK(condition) static_cast<void>(sizeof((condition) ? 1 : 0))
#else
#define DCHECK(condition) CHECK(condition)
#endif

#endif  // WASMD_BASE_CHECK_H_
