// Loads from memory 0 with 32-bit addresses.

#ifndef WASMD_INTERP_EXEC_LOAD_H_
#define WASMD_INTERP_EXEC_LOAD_H_

#include <cstring>

#include "interp/exec/memory_access.h"
#include "interp/exec/operands.h"

namespace wasmd::WASMD_BACKEND {

// In memory an `Access`, as a value a `T`.
template <typename Access, typename T, Destination destination,
          AddressKind address>
WASMD_INLINE Op LoadBody(Registers& r) {
  constexpr uint32_t kAt = kFirstOperand<destination>;
  if (kAt + kAddressUnits<address> - kF >= 2) ReadFieldPair(r);
  const uint64_t at = EffectiveAddress<address>(r, kAt);
  if (!InBounds<Access>(r, at)) [[unlikely]] {
    return TrapOp(TrapKind::kOutOfBoundsMemoryAccess);
  }
  Access value;
  std::memcpy(&value, r.mem + at, sizeof(value));
  return Finish<destination>(r, static_cast<T>(value),
                             kAt + kAddressUnits<address>);
}

}  // namespace wasmd::WASMD_BACKEND

#endif  // WASMD_INTERP_EXEC_LOAD_H_
