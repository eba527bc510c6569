#include "interp/exec/host_call.h"

#include <utility>

#include "interp/store.h"
#include "wasm/types.h"

namespace wasmd {

uint32_t SlotCount(const std::vector<ValueType>& types) {
  uint32_t slots = 0;
  for (const ValueType type : types) slots += type.slot_count();
  return slots;
}

HostResult RunHostFunction(Context& context, const FunctionInstance& callee,
                           Slot* arguments) {
  const FunctionType& type = context.store->types().Get(callee.type).function;
  const auto address = static_cast<FuncAddr>(&callee - context.functions);
  HostCall call{.store = *context.store,
                .thread = *context.thread,
                .caller = context.instance,
                .function = callee,
                .arguments = {arguments, SlotCount(type.params)},
                .results = {arguments, SlotCount(type.results)},
                .trap = {},
                .exception = 0};
  context.pending_function = address;
  context.pending_arguments = arguments;
  context.in_host_call = true;
  const HostResult result = callee.host->Call(call);
  context.in_host_call = false;
  // Functions may have been added, which moves the records.
  context.functions = context.store->function_data();
  switch (result) {
    case HostResult::kReturn:
      break;
    case HostResult::kSuspend:
      context.exit = ExitReason::kHostCall;
      break;
    case HostResult::kTrap:
      context.exit = ExitReason::kTrapped;
      context.trap = std::move(call.trap);
      break;
    case HostResult::kThrow:
      context.exit = ExitReason::kThrew;
      context.exception = call.exception;
      break;
  }
  return result;
}

bool MatchesType(const Context& context, const FunctionInstance& callee,
                 TypeId expected) {
  return callee.type == expected ||
         context.store->types().IsSubtype(callee.type, expected);
}

}  // namespace wasmd
