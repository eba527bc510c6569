// Trap: why and where a guest computation was aborted (core specification,
// exec/runtime, "trap"). A value, not an error of the host.

#ifndef WASMD_INTERP_TRAP_H_
#define WASMD_INTERP_TRAP_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace wasmd {

enum class TrapKind : uint8_t {
#define TRAP(name, message) k##name,
#include "interp/traps.def"
};

std::string_view Message(TrapKind kind);  // "integer divide by zero"
std::string_view Name(TrapKind kind);     // "IntegerDivideByZero"

struct Trap {
  TrapKind kind = TrapKind::kUnreachable;
  std::string detail;  // only kHost: what the host function reported
};

// The message, with the detail where there is one.
std::string ToString(const Trap& trap);

}  // namespace wasmd

#endif  // WASMD_INTERP_TRAP_H_
