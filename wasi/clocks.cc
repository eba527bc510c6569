#include "wasi/clocks.h"

#include <algorithm>
#include <limits>

namespace wasmd::wasi {
namespace {

// Where the monotonic clock starts: not at 0, which some guests take for "not
// set".
constexpr int64_t kMonotonicStartNs = 1'000'000'000;

}  // namespace

GuestClocks::GuestClocks(Environment* environment, const State& state)
    : environment_(environment), state_(state) {
  cpu_shift_ = state_.cpu_ns - environment_->CpuNow().value_or(0);
}

GuestClocks GuestClocks::Start(Environment* environment) {
  State state;
  state.monotonic_ns = kMonotonicStartNs;
  state.monotonic_at_realtime_ns = environment->RealtimeNow();
  GuestClocks clocks(environment, state);
  clocks.monotonic_shift_ = kMonotonicStartNs - environment->MonotonicNow();
  return clocks;
}

GuestClocks GuestClocks::Resume(Environment* environment, const State& state) {
  GuestClocks clocks(environment, state);
  const int64_t away_ns = std::max<int64_t>(
      0, environment->RealtimeNow() - state.monotonic_at_realtime_ns);
  clocks.monotonic_shift_ =
      SaturatingAdd(state.monotonic_ns, away_ns) - environment->MonotonicNow();
  return clocks;
}

int64_t GuestClocks::Realtime() {
  state_.realtime_ns =
      std::max(state_.realtime_ns, environment_->RealtimeNow());
  return state_.realtime_ns;
}

int64_t GuestClocks::Monotonic() {
  state_.monotonic_ns = std::max(
      state_.monotonic_ns, environment_->MonotonicNow() + monotonic_shift_);
  state_.monotonic_at_realtime_ns = environment_->RealtimeNow();
  return state_.monotonic_ns;
}

std::optional<int64_t> GuestClocks::Cpu() {
  const std::optional<int64_t> now = environment_->CpuNow();
  if (!now.has_value()) return std::nullopt;
  state_.cpu_ns = std::max(state_.cpu_ns, *now + cpu_shift_);
  return state_.cpu_ns;
}

void GuestClocks::AdvanceMonotonicTo(int64_t time_ns) {
  const int64_t missing_ns = time_ns - Monotonic();
  if (missing_ns <= 0) return;
  monotonic_shift_ += missing_ns;
  state_.monotonic_ns = time_ns;
}

int64_t SaturatingAdd(int64_t a, int64_t b) {
  int64_t sum;
  if (__builtin_add_overflow(a, b, &sum)) {
    return std::numeric_limits<int64_t>::max();
  }
  return sum;
}

int64_t ToNanoseconds(uint64_t guest_ns) {
  return static_cast<int64_t>(std::min<uint64_t>(
      guest_ns, static_cast<uint64_t>(std::numeric_limits<int64_t>::max())));
}

}  // namespace wasmd::wasi
