// Binary instructions with an operand in memory: a load and what is done with
// the value at once.

#ifndef WASMD_INTERP_EXEC_LOAD_BINARY_H_
#define WASMD_INTERP_EXEC_LOAD_BINARY_H_

#include <cstring>

#include "interp/exec/memory_access.h"
#include "interp/exec/operands.h"

namespace wasmd::WASMD_BACKEND {

// In memory an `Access`, as a value a `T`.
template <typename Access, typename T, auto kFunction, bool reversed,
          Destination destination, AddressKind address, OperandKind other>
WASMD_INLINE Op LoadBinaryBody(Registers& r) {
  constexpr uint32_t kAt = kFirstOperand<destination>;
  constexpr uint32_t kOther = kAt + kAddressUnits<address>;
  if (kOther - kF >= 2) ReadFieldPair(r);
  const uint64_t at = EffectiveAddress<address>(r, kAt);
  if (!InBounds<Access>(r, at)) [[unlikely]] {
    return TrapOp(TrapKind::kOutOfBoundsMemoryAccess);
  }
  Access access;
  std::memcpy(&access, r.mem + at, sizeof(access));
  const T loaded = static_cast<T>(access);
  const T value = Read<T, other>(r, kOther);
  return Finish<destination>(
      r, reversed ? kFunction(value, loaded) : kFunction(loaded, value),
      kOther + kFieldUnits<other, T>);
}

}  // namespace wasmd::WASMD_BACKEND

#endif  // WASMD_INTERP_EXEC_LOAD_BINARY_H_
