// GuestClocks: the clocks that a guest sees. None of them ever answers less
// than it did before, over a resume on another machine too. The monotonic clock
// counts the time a process was away as well (as the realtime clock measures
// it), so that it agrees with deadlines that passed meanwhile.
//
// Confined to one thread at a time.

#ifndef WASMD_WASI_CLOCKS_H_
#define WASMD_WASI_CLOCKS_H_

#include <cstdint>
#include <optional>

#include "wasi/environment.h"

namespace wasmd::wasi {

class GuestClocks {
 public:
  // What is kept of the clocks; all in nanoseconds.
  struct State {
    int64_t realtime_ns = 0;   // last answer
    int64_t monotonic_ns = 0;  // last answer
    // The realtime clock of the host at that answer of the monotonic one.
    int64_t monotonic_at_realtime_ns = 0;
    int64_t cpu_ns = 0;  // last answer
  };

  // `environment` outlives this.
  static GuestClocks Start(Environment* environment);
  static GuestClocks Resume(Environment* environment, const State& state);

  int64_t Realtime();
  int64_t Monotonic();
  std::optional<int64_t> Cpu();
  // From now on the monotonic clock answers at least this.
  void AdvanceMonotonicTo(int64_t time_ns);

  const State& state() const { return state_; }

 private:
  GuestClocks(Environment* environment, const State& state);

  Environment* environment_;
  State state_;
  // Guest time minus the environment's time, for this stretch of the run.
  int64_t monotonic_shift_ = 0;
  int64_t cpu_shift_ = 0;
};

// a + b, or the largest number if that is past it; neither is negative.
int64_t SaturatingAdd(int64_t a, int64_t b);
// An unsigned number of nanoseconds as the guest gives it, at most the largest.
int64_t ToNanoseconds(uint64_t guest_ns);

}  // namespace wasmd::wasi

#endif  // WASMD_WASI_CLOCKS_H_
