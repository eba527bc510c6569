// Stores to memory 0 with 32-bit addresses.

#ifndef WASMD_INTERP_EXEC_STORE_H_
#define WASMD_INTERP_EXEC_STORE_H_

#include <cstring>

#include "interp/exec/memory_access.h"
#include "interp/exec/operands.h"

namespace wasmd::WASMD_BACKEND {

// In memory an `Access`, as a value a `T`.
template <typename Access, typename T, AddressKind address, OperandKind value>
WASMD_INLINE Op StoreBody(Registers& r) {
  constexpr uint32_t kAt = kHandlerUnits;
  constexpr uint32_t kValueAt = kAt + kAddressUnits<address>;
  if (kValueAt - kF >= 2 || value == kSlotKind) ReadFieldPair(r);
  const uint64_t at = EffectiveAddress<address>(r, kAt);
  if (!InBounds<Access>(r, at)) [[unlikely]] {
    return TrapOp(TrapKind::kOutOfBoundsMemoryAccess);
  }
  const Access bytes = static_cast<Access>(Read<T, value>(r, kValueAt));
  std::memcpy(r.mem + at, &bytes, sizeof(bytes));
  MarkDirty<Access>(r, at);
  return Next(r, kValueAt + kFieldUnits<value, T>);
}

}  // namespace wasmd::WASMD_BACKEND

#endif  // WASMD_INTERP_EXEC_STORE_H_
