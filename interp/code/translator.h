// Translator: the internal code of one function of a validated module, in one
// pass and in time linear in the function's size. Deterministic: the same
// function always gives the same code, so that what is not kept (the offset of
// every single op) can be had again by translating once more.

#ifndef WASMD_INTERP_CODE_TRANSLATOR_H_
#define WASMD_INTERP_CODE_TRANSLATOR_H_

#include <cstdint>
#include <memory>

#include "interp/code/function_code.h"
#include "interp/code/handler_set.h"
#include "interp/object_layout.h"
#include "wasm/module.h"

namespace wasmd {

struct TranslateContext {
  const Module& module;
  const HandlerSet& handlers;
  // The records of the functions that are not imported, in order.
  FunctionCode* functions;
  // By type index; empty for what is not a struct.
  const std::vector<StructLayout>& layouts;
};

// Never fails: a valid function that cannot be run (too many locals, a frame
// larger than any stack) becomes code that traps.
std::unique_ptr<const Translation> Translate(const TranslateContext& context,
                                             uint32_t function_index);

// The byte offset in the module's binary of the instruction that the op at
// `position` executes.
uint32_t FindCodeOffset(const TranslateContext& context,
                        uint32_t function_index, uint32_t position);

// Whether values of a type may be objects of the heap: references of any
// hierarchy but func. Concrete types are indices of the module; without one
// there are none.
bool HoldsObject(const Module& module, ValueType type);
bool HoldsObject(ValueType type);

// The types of all locals of a function, parameters first; only the first
// kMaxLocals + 1 if there are more.
std::vector<ValueType> ReadLocalTypes(const Module& module,
                                      uint32_t function_index);

}  // namespace wasmd

#endif  // WASMD_INTERP_CODE_TRANSLATOR_H_
