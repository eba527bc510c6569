// The slow path of counting fuel, the same for all back ends.

#ifndef WASMD_INTERP_EXEC_FUEL_H_
#define WASMD_INTERP_EXEC_FUEL_H_

#include <cstdint>

#include "interp/exec/context.h"

namespace wasmd {

// At a safepoint that found no fuel: looks at the budget and the interrupt flag
// and refills the fuel; true if the thread has to stop, with context.exit set.
[[gnu::noinline, gnu::cold]] bool MustStop(Context& context);

// What a long instruction costs besides the safepoint it may be: as much as a
// call for every kBytesPerFuel bytes that it goes through. It is not
// interrupted; a budget that this exceeds is found to be used up at the next
// safepoint.
inline constexpr uint64_t kBytesPerFuel = 256;
void ChargeFuelSlow(Context& context, uint64_t fuel);
inline void ChargeBytes(Context& context, uint64_t bytes) {
  const uint64_t fuel = bytes / kBytesPerFuel;
  if (fuel > context.fuel) [[unlikely]] {
    return ChargeFuelSlow(context, fuel);
  }
  context.fuel -= fuel;
}

}  // namespace wasmd

#endif  // WASMD_INTERP_EXEC_FUEL_H_
