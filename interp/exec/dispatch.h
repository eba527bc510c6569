// Registers, and how one handler gets to the next: the only file that knows the
// compiler. A handler body is `Op Body(Registers&)`: it works on the machine's
// registers and returns what to run next, normally Next(r, units). It is always
// inlined into Entry<Body>, which is
//   - with tail calls: a function that takes the registers as arguments, in
//     machine registers (preserve_none), and jumps to the next handler;
//   - in the plain loop: a function that takes them from memory, puts back
//     those it changed and returns the next handler.

#ifndef WASMD_INTERP_EXEC_DISPATCH_H_
#define WASMD_INTERP_EXEC_DISPATCH_H_

#include <atomic>
#include <cstdint>
#include <cstring>

#include "interp/code/held_ops.h"
#include "interp/exec/backend.h"
#include "interp/exec/context.h"
#include "interp/exec/slot_cache.h"
#include "interp/slot.h"

#if defined(WASMD_PLAIN_LOOP)
#define WASMD_BACKEND plain_loop
#define WASMD_BACKEND_GETTER PlainLoopBackend
#else
#define WASMD_BACKEND default_loop
#define WASMD_BACKEND_GETTER DefaultBackend
#endif

#if !defined(WASMD_PLAIN_LOOP) && defined(__clang__) && __clang_major__ >= 19
#define WASMD_TAIL_CALLS 1
#else
#define WASMD_TAIL_CALLS 0
#endif

#define WASMD_INLINE [[gnu::always_inline]] inline

// A condition that is to choose a value without a branch, also in a loop.
#if defined(__clang__)
#define WASMD_UNPREDICTABLE(condition) __builtin_unpredictable(condition)
#else
#define WASMD_UNPREDICTABLE(condition) \
  __builtin_expect_with_probability(condition, 1, 0.5)
#endif

namespace wasmd::WASMD_BACKEND {

// What most accesses to memory need at most: the bounds check of one that needs
// as much is a comparison with Registers::mem_limit.
inline constexpr int64_t kLimitBytes = 8;

// Whether sequences have patterns. Without optimization nothing of a SlotCache
// is resolved, and such handlers take minutes to compile with sanitizers.
#if defined(__OPTIMIZE__) && defined(NDEBUG)
inline constexpr bool kHasSlotCache = true;
#else
inline constexpr bool kHasSlotCache = false;
#endif

#if !WASMD_TAIL_CALLS

struct Registers;

// A handler returns where the next one is, and the frame; a null pc ends the
// run. The other registers are in memory between handlers: a handler works on
// copies, which are in machine registers, and what it changed is all that it
// stores.
struct NextHandler {
  const CodeUnit* pc;
  Slot* fp;
};
using Function = NextHandler (*)(const CodeUnit*, Registers*, Slot*);

#endif

struct Registers {
  const CodeUnit* pc;  // of the current op
  Slot* fp;            // of the current frame
  uint8_t* mem;        // memory 0 of the current instance
  Context* ctx;
  // The target of the last taken back-edge: a prediction, see JumpBack.
  const CodeUnit* lt;
  uint64_t r0;      // integer accumulator
  CallRecord* csp;  // one past the innermost call record
  // The last address of memory 0 where kLimitBytes bytes fit; negative where
  // there is none.
  int64_t mem_limit;
  VectorRegister v0;  // float accumulator
  // In a loop that holds locals in registers, those locals (held.h); of no
  // meaning elsewhere.
  Slot held[kHeldLocals] = {};
  // The first two fields of the current op, if it has them (ReadFieldPair).
  uint64_t field_pair = 0;
  bool has_field_pair = false;
  // Of the running handler only (sequence.h).
  SlotCache cache{};
  const CodeUnit* loop = nullptr;  // its own op, if it is a loop
  bool closes_loop = false;        // and its last body runs
#if !WASMD_TAIL_CALLS
  Function cold = nullptr;  // the next handler, if it is not in code
#endif
};

#if WASMD_TAIL_CALLS

using Function = void(__attribute__((preserve_none)) *)(
    const CodeUnit*, Slot*, uint8_t*, Context*, const CodeUnit*, uint64_t,
    CallRecord*, int64_t, VectorRegister, Slot, Slot, Slot);

// What a body returns. The alignment makes it one that is returned in memory:
// as a pair of registers the optimizer would not see through `goes_on`.
struct alignas(32) Op {
  Function function;
  // It is what the op at r.pc begins with: the one that follows, or the target
  // of an unconditional branch (sequence.h).
  bool goes_on = false;
  // It is what the op at r.loop begins with, after a back-edge to there.
  bool repeats = false;
};

// Of a loop that holds locals: what of `held` the body changes, the next
// handler gets.
template <Op (*Body)(Registers&)>
__attribute__((preserve_none)) void HeldEntry(
    const CodeUnit* pc, Slot* fp, uint8_t* mem, Context* ctx,
    const CodeUnit* lt, uint64_t r0, CallRecord* csp, int64_t mem_limit,
    VectorRegister v0, Slot held0, Slot held1, Slot held2) {
  Registers r{.pc = pc,
              .fp = fp,
              .mem = mem,
              .ctx = ctx,
              .lt = lt,
              .r0 = r0,
              .csp = csp,
              .mem_limit = mem_limit,
              .v0 = v0,
              .held = {held0, held1, held2}};
  const Op next = Body(r);
  [[clang::musttail]] return next.function(r.pc, r.fp, r.mem, r.ctx, r.lt, r.r0,
                                           r.csp, r.mem_limit, r.v0, r.held[0],
                                           r.held[1], r.held[2]);
}

// Of all other code, in which the registers of `held` are free.
template <Op (*Body)(Registers&)>
__attribute__((preserve_none)) void Entry(const CodeUnit* pc, Slot* fp,
                                          uint8_t* mem, Context* ctx,
                                          const CodeUnit* lt, uint64_t r0,
                                          CallRecord* csp, int64_t mem_limit,
                                          VectorRegister v0, Slot, Slot, Slot) {
  Registers r{.pc = pc,
              .fp = fp,
              .mem = mem,
              .ctx = ctx,
              .lt = lt,
              .r0 = r0,
              .csp = csp,
              .mem_limit = mem_limit,
              .v0 = v0};
  const Op next = Body(r);
  // Whatever is in them.
  Slot held0, held1, held2;
  asm("" : "=r"(held0), "=r"(held1), "=r"(held2));
  [[clang::musttail]] return next.function(r.pc, r.fp, r.mem, r.ctx, r.lt, r.r0,
                                           r.csp, r.mem_limit, r.v0, held0,
                                           held1, held2);
}

// Ends the run: stores the registers and returns to the driver.
__attribute__((preserve_none)) void Stop(const CodeUnit* pc, Slot* fp, uint8_t*,
                                         Context* ctx, const CodeUnit*,
                                         uint64_t r0, CallRecord* csp, int64_t,
                                         VectorRegister v0, Slot held0,
                                         Slot held1, Slot held2);

#else

// As above. Of these fields gcc keeps nothing in memory. Null is the handler of
// the op at r.pc.
struct Op {
  Function function = nullptr;
  uint32_t goes_on = false;
  uint32_t repeats = false;
};

// Code that runs the cold handler.
extern const CodeUnit* const kColdCode;

template <Op (*Body)(Registers&)>
NextHandler Entry(const CodeUnit* pc, Registers* __restrict registers,
                  Slot* fp) {
  Registers r{.pc = pc,
              .fp = fp,
              .mem = registers->mem,
              .ctx = registers->ctx,
              .lt = registers->lt,
              .r0 = registers->r0,
              .csp = registers->csp,
              .mem_limit = registers->mem_limit,
              .v0 = registers->v0};
  const Op next = Body(r);
  registers->mem = r.mem;
  registers->lt = r.lt;
  registers->r0 = r.r0;
  registers->csp = r.csp;
  registers->mem_limit = r.mem_limit;
  registers->v0 = r.v0;
  if (next.function == nullptr) return {r.pc, r.fp};
  registers->pc = r.pc;
  registers->cold = next.function;
  return {kColdCode, r.fp};
}

NextHandler Stop(const CodeUnit* pc, Registers* registers, Slot* fp);

// No loop holds locals.
template <Op (*Body)(Registers&)>
NextHandler HeldEntry(const CodeUnit* pc, Registers* __restrict registers,
                      Slot* fp) {
  return Entry<Body>(pc, registers, fp);
}

#endif

// The handler of the op at r.pc.
WASMD_INLINE Op Dispatch(const Registers& r) {
  Op op{};
#if WASMD_TAIL_CALLS
  std::memcpy(&op.function, r.pc, sizeof(op.function));
#endif
  return op;
}

// Goes on with the op at r.pc, which is always the same one after this op.
WASMD_INLINE Op GoOn(Registers& r) {
  Op op = Dispatch(r);
  op.goes_on = true;
  return op;
}

// Goes on with the op `units` further.
WASMD_INLINE Op Next(Registers& r, uint32_t units) {
  r.pc += units;
  return GoOn(r);
}

// A pointer that other threads publish with release. What is read through it
// depends on it, which no CPU we build for reorders, so that gcc can do with
// one plain load: it takes an atomic one for a change of any memory, and stores
// all registers after it.
template <typename T>
WASMD_INLINE T* LoadPublished(const std::atomic<T*>& pointer) {
#if defined(__clang__) || defined(__SANITIZE_THREAD__)
  return pointer.load(std::memory_order_acquire);
#else
  static_assert(std::atomic<T*>::is_always_lock_free &&
                sizeof(pointer) == sizeof(T*));
  return *reinterpret_cast<T* const volatile*>(&pointer);
#endif
}

// Hides where a value comes from, so that the compiler keeps it as it is.
template <typename T>
WASMD_INLINE void Pin(T& value) {
  asm("" : "+r"(value));
}

}  // namespace wasmd::WASMD_BACKEND

#endif  // WASMD_INTERP_EXEC_DISPATCH_H_
