// Entering functions, for the handlers of calls. A call inside one instance
// pushes one CallRecord; one to another instance pushes a second, which brings
// back the caller's instance; a host function is called with the registers
// stored, as if the guest were stopped.
//
// A tail call keeps the record of its frame's caller. When it leaves the
// instance that this record returns to, a second one goes on top as for a call;
// when it comes back there, that one goes. So tail calls take no room, however
// many there are.

#ifndef WASMD_INTERP_EXEC_CALLS_H_
#define WASMD_INTERP_EXEC_CALLS_H_

#include <cstring>

#include "interp/code/function_code.h"
#include "interp/exec/host_call.h"
#include "interp/exec/operands.h"
#include "interp/exec/reload.h"
#include "interp/exec/safepoint.h"
#include "interp/instances.h"
#include "interp/module_instance.h"

namespace wasmd::WASMD_BACKEND {

WASMD_INLINE void Push(Registers& r, const CodeUnit* pc, Slot* fp) {
  r.csp->pc = pc;
  r.csp->fp = fp;
  ++r.csp;
}

// Enters a function of the current instance; `units` is the size of the op.
WASMD_INLINE Op EnterCode(Registers& r, const FunctionCode* code, Slot* frame,
                          uint32_t units) {
  if (frame > r.ctx->stack_limit) [[unlikely]] {
    return TrapOp(TrapKind::kCallStackExhausted);
  }
  Push(r, r.pc + units, r.fp);
  r.fp = frame;
  r.pc = LoadPublished(code->entry);
  return PassSafepoint(r);
}

WASMD_INLINE Op CallOtherInstance(Registers& r, const FunctionInstance& callee,
                                  Slot* frame, uint32_t units) {
  if (frame > r.ctx->stack_limit) [[unlikely]] {
    return TrapOp(TrapKind::kCallStackExhausted);
  }
  Push(r, r.pc + units, r.fp);
  Push(r, r.ctx->restore_code, reinterpret_cast<Slot*>(r.ctx->instance));
  EnterInstance(*r.ctx, callee.instance);
  ReloadMemory(r);
  r.fp = frame;
  r.pc = LoadPublished(callee.code->entry);
  return PassSafepoint(r);
}

// Calls a host function that returns to `return_pc`. That is a safepoint like
// any other; it is counted when the call is made, so that it also is when the
// answer comes later.
WASMD_INLINE HostResult RunHost(Registers& r, const FunctionInstance& callee,
                                Slot* arguments, const CodeUnit* return_pc,
                                bool* out_of_fuel) {
  r.ctx->pc = return_pc;
  r.ctx->fp = r.fp;
  r.ctx->csp = r.csp;
  *out_of_fuel = __builtin_sub_overflow(r.ctx->fuel, uint64_t{1}, &r.ctx->fuel);
  return RunHostFunction(*r.ctx, callee, arguments);
}

// Goes on at r.pc, after the host function that was called did what it did.
WASMD_INLINE Op AfterHost(Registers& r, HostResult result, Slot* results,
                          bool out_of_fuel) {
  if (result != HostResult::kReturn) {
    r.ctx->pc_after_call = result != HostResult::kSuspend;
    return Op{Stop};
  }
  ReloadMemory(r);
  r.r0 = results[0];
  std::memcpy(&r.v0, results, sizeof(r.v0));
  if (out_of_fuel) [[unlikely]]
    return Op{&Entry<SafepointBody>};
  return Dispatch(r);
}

WASMD_INLINE Op CallHost(Registers& r, const FunctionInstance& callee,
                         Slot* arguments, uint32_t units) {
  bool out_of_fuel;
  const HostResult result =
      RunHost(r, callee, arguments, r.pc + units, &out_of_fuel);
  r.pc += units;
  return AfterHost(r, result, arguments, out_of_fuel);
}

// Any function, from a cold place.
WASMD_INLINE Op CallFunction(Registers& r, const FunctionInstance& callee,
                             Slot* frame, uint32_t units) {
  if (callee.host != nullptr) return CallHost(r, callee, frame, units);
  if (callee.instance == r.ctx->instance) {
    return EnterCode(r, callee.code, frame, units);
  }
  return CallOtherInstance(r, callee, frame, units);
}

// The arguments of a tail call go down to where the frame's own were.
WASMD_INLINE void MoveArguments(Registers& r, const Slot* from,
                                uint32_t count) {
  for (size_t i = 0; i < count; ++i) {
    r.fp[i] = from[i];
    Pin(i);  // not a call of memmove
  }
}

WASMD_INLINE Op TailCallCode(Registers& r, const FunctionCode* code,
                             const Slot* from, uint32_t count) {
  MoveArguments(r, from, count);
  r.pc = LoadPublished(code->entry);
  return PassSafepoint(r);
}

WASMD_INLINE Op TailCallOtherInstance(Registers& r,
                                      const FunctionInstance& callee,
                                      const Slot* from, uint32_t count) {
  MoveArguments(r, from, count);
  if (r.csp[-1].pc != r.ctx->restore_code) {
    Push(r, r.ctx->restore_code, reinterpret_cast<Slot*>(r.ctx->instance));
  } else if (r.csp[-1].fp == reinterpret_cast<Slot*>(callee.instance)) {
    --r.csp;
  }
  EnterInstance(*r.ctx, callee.instance);
  ReloadMemory(r);
  r.pc = LoadPublished(callee.code->entry);
  return PassSafepoint(r);
}

// The frame is gone before the host function runs, but the instance still is
// the one that made the call: a record that brings back another is what is
// returned to.
WASMD_INLINE Op TailCallHost(Registers& r, const FunctionInstance& callee,
                             const Slot* from, uint32_t count) {
  MoveArguments(r, from, count);
  Slot* const arguments = r.fp;
  --r.csp;
  r.pc = r.csp->pc;
  r.fp = r.csp->fp;
  bool out_of_fuel;
  const HostResult result = RunHost(r, callee, arguments, r.pc, &out_of_fuel);
  return AfterHost(r, result, arguments, out_of_fuel);
}

WASMD_INLINE Op TailCallFunction(Registers& r, const FunctionInstance& callee,
                                 const Slot* from, uint32_t count) {
  if (callee.host != nullptr) return TailCallHost(r, callee, from, count);
  if (callee.instance == r.ctx->instance) {
    return TailCallCode(r, callee.code, from, count);
  }
  return TailCallOtherInstance(r, callee, from, count);
}

}  // namespace wasmd::WASMD_BACKEND

#endif  // WASMD_INTERP_EXEC_CALLS_H_
