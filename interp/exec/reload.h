// Loads registers for a run, and brings them up to date after C++ code ran that
// may have changed what they mirror.

#ifndef WASMD_INTERP_EXEC_RELOAD_H_
#define WASMD_INTERP_EXEC_RELOAD_H_

#include "interp/exec/dispatch.h"
#include "interp/memory_instance.h"

namespace wasmd::WASMD_BACKEND {

WASMD_INLINE void ReloadMemory(Registers& r) {
  const MemoryInstance* memory = r.ctx->memory0;
  r.mem = memory != nullptr ? memory->data() : nullptr;
  const uint64_t size = memory != nullptr ? memory->size_bytes() : 0;
  r.mem_limit = static_cast<int64_t>(size) - kLimitBytes;
}

// What a run begins with.
WASMD_INLINE Registers LoadRegisters(Context& context) {
  Registers r{.pc = context.pc,
              .fp = context.fp,
              .mem = nullptr,
              .ctx = &context,
              .lt = context.pc,
              .r0 = context.r0,
              .csp = context.csp,
              .mem_limit = 0,
              .v0 = context.v0};
  ReloadMemory(r);
  return r;
}

}  // namespace wasmd::WASMD_BACKEND

#endif  // WASMD_INTERP_EXEC_RELOAD_H_
