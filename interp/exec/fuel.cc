#include "interp/exec/fuel.h"

#include <algorithm>
#include <atomic>

namespace wasmd {

bool MustStop(Context& context) {
  // The safepoint that found no fuel counts too.
  context.fuel_used += context.slice + 1;
  context.slice = 0;
  context.fuel = 0;
  if (context.budget == 0) {
    context.exit = ExitReason::kFuelExhausted;
    return true;
  }
  if (context.interrupt.exchange(false, std::memory_order_relaxed)) {
    context.exit = ExitReason::kInterrupted;
    return true;
  }
  if (context.budget != kNoFuelLimit) {
    --context.budget;
    context.slice = std::min(context.budget, kFuelSlice);
    context.budget -= context.slice;
  } else {
    context.slice = kFuelSlice;
  }
  context.fuel = context.slice;
  return false;
}

void ChargeFuelSlow(Context& context, uint64_t fuel) {
  const uint64_t beyond = fuel - context.fuel;
  context.fuel = 0;
  context.fuel_used += beyond;
  if (context.budget != kNoFuelLimit) {
    context.budget -= std::min(context.budget, beyond);
  }
}

}  // namespace wasmd
