// The call of a host function, with the guest's registers stored in the
// context; and other questions of calls that need more than the context. The
// same for all back ends.

#ifndef WASMD_INTERP_EXEC_HOST_CALL_H_
#define WASMD_INTERP_EXEC_HOST_CALL_H_

#include "interp/exec/context.h"
#include "interp/host_function.h"
#include "interp/instances.h"

namespace wasmd {

// Calls `callee` with arguments in the slots from `arguments` on, where it
// leaves its results. For anything but kReturn, sets context.exit and what
// belongs to it.
HostResult RunHostFunction(Context& context, const FunctionInstance& callee,
                           Slot* arguments);

// Whether the function's type is `expected` or a subtype of it.
bool MatchesType(const Context& context, const FunctionInstance& callee,
                 TypeId expected);

// Slots that values of these types take.
uint32_t SlotCount(const std::vector<ValueType>& types);

}  // namespace wasmd

#endif  // WASMD_INTERP_EXEC_HOST_CALL_H_
