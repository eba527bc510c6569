// proc_*, sched_yield.

#include "wasi/context_impl.h"

namespace wasmd::wasi {
namespace {

// typenames.witx, "signal".
constexpr uint32_t kNoSignal = 0;
constexpr uint32_t kChld = 16;
constexpr uint32_t kCont = 17;
constexpr uint32_t kStop = 18;
constexpr uint32_t kTtou = 21;
constexpr uint32_t kUrg = 22;
constexpr uint32_t kWinch = 27;
constexpr uint32_t kLastSignal = 30;
// What shells add to the number of a signal that ended a program.
constexpr uint32_t kSignalExit = 128;

}  // namespace

Outcome ContextImpl::ProcExit(Caller& caller, uint32_t code) {
  Outcome outcome;
  outcome.kind = Outcome::Kind::kExit;
  outcome.exit_code = code;
  return outcome;
}

Outcome ContextImpl::ProcRaise(Caller& caller, uint32_t signal) {
  Outcome outcome;
  if (signal > kLastSignal) {
    outcome.errno_value = static_cast<uint16_t>(Errno::kInval);
  } else if (signal >= kStop && signal <= kTtou) {
    // To stop is for the owner of the process (wasmd pause).
    outcome.errno_value = static_cast<uint16_t>(Errno::kNotsup);
  } else if (signal != kNoSignal && signal != kChld && signal != kCont &&
             signal != kUrg && signal != kWinch) {
    // WASI has no handlers: the default action, which is to end.
    outcome.kind = Outcome::Kind::kExit;
    outcome.exit_code = kSignalExit + signal;
  }
  return outcome;
}

Errno ContextImpl::SchedYield(Caller& caller) { return Errno::kSuccess; }

}  // namespace wasmd::wasi
