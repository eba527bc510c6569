// Constant expressions (core specification, valid/instructions "Constant
// expressions"): the initialisers of globals, tables and segments.

#ifndef WASMD_INTERP_CONSTANT_EXPRESSION_H_
#define WASMD_INTERP_CONSTANT_EXPRESSION_H_

#include <optional>

#include "interp/module_instance.h"
#include "interp/slot.h"
#include "interp/store.h"
#include "interp/trap.h"
#include "wasm/module.h"

namespace wasmd {

// Evaluates a constant expression of the instance's module, which has been
// validated, into `result` (two slots for a v128, else only the first is
// written). The globals it names must be in the instance already. May allocate
// objects, and collect, but traps only when the heap is exhausted; nothing is
// written then.
std::optional<Trap> EvaluateConstant(Store& store,
                                     const ModuleInstance& instance,
                                     const ConstantExpression& expression,
                                     Slot result[2]);

}  // namespace wasmd

#endif  // WASMD_INTERP_CONSTANT_EXPRESSION_H_
