// clock_*.

#include "wasi/context_impl.h"

namespace wasmd::wasi {

Errno ContextImpl::ClockResGet(Caller& caller, uint32_t clock,
                               uint32_t resolution_at) {
  const bool is_cpu =
      clock == clock_id::kProcessCpu || clock == clock_id::kThreadCpu;
  if (clock > clock_id::kThreadCpu || (is_cpu && !clocks_.Cpu())) {
    return Errno::kInval;
  }
  return caller.memory.Store<uint64_t>(resolution_at, 1);
}

Errno ContextImpl::ClockTimeGet(Caller& caller, uint32_t clock,
                                uint64_t precision, uint32_t time_at) {
  RETURN_IF_ERRNO(caller.memory.Check(time_at, sizeof(uint64_t)));
  int64_t now = 0;
  switch (clock) {
    case clock_id::kRealtime:
      now = clocks_.Realtime();
      break;
    case clock_id::kMonotonic:
      now = clocks_.Monotonic();
      break;
    case clock_id::kProcessCpu:
    case clock_id::kThreadCpu: {
      const std::optional<int64_t> cpu = clocks_.Cpu();
      if (!cpu.has_value()) return Errno::kInval;
      now = *cpu;
      break;
    }
    default:
      return Errno::kInval;
  }
  return caller.memory.Store<uint64_t>(time_at, static_cast<uint64_t>(now));
}

}  // namespace wasmd::wasi
