#include "interp/exec/dispatch.h"

#include <cstring>

#include "interp/exec/handlers.h"
#include "interp/exec/reload.h"

namespace wasmd::WASMD_BACKEND {
namespace {

#if WASMD_TAIL_CALLS

void Run(Context& context) {
  Registers r = LoadRegisters(context);
  const Op op = Dispatch(r);
  op.function(r.pc, r.fp, r.mem, r.ctx, r.lt, r.r0, r.csp, r.mem_limit, r.v0, 0,
              0, 0);
}

#else

Function HandlerAt(const CodeUnit* pc) {
  Function function;
  std::memcpy(&function, pc, sizeof(function));
  return function;
}

NextHandler RunCold(const CodeUnit*, Registers* r, Slot* fp) {
  return r->cold(r->pc, r, fp);
}
const Function kRunCold = RunCold;

void Run(Context& context) {
  Registers r = LoadRegisters(context);
  NextHandler next{r.pc, r.fp};
  do {
    next = HandlerAt(next.pc)(next.pc, &r, next.fp);
  } while (next.pc != nullptr);
}

#endif

}  // namespace

#if WASMD_TAIL_CALLS

__attribute__((preserve_none)) void Stop(const CodeUnit* pc, Slot* fp, uint8_t*,
                                         Context* ctx, const CodeUnit*,
                                         uint64_t r0, CallRecord* csp, int64_t,
                                         VectorRegister v0, Slot held0,
                                         Slot held1, Slot held2) {
  ctx->pc = pc;
  ctx->fp = fp;
  ctx->csp = csp;
  ctx->r0 = r0;
  ctx->v0 = v0;
  ctx->held[0] = held0;
  ctx->held[1] = held1;
  ctx->held[2] = held2;
}

#else

const CodeUnit* const kColdCode = reinterpret_cast<const CodeUnit*>(&kRunCold);

NextHandler Stop(const CodeUnit* pc, Registers* r, Slot* fp) {
  r->ctx->pc = pc;
  r->ctx->fp = fp;
  r->ctx->csp = r->csp;
  r->ctx->r0 = r->r0;
  r->ctx->v0 = r->v0;
  return {nullptr, nullptr};
}

#endif

const Backend& GetBackend() {
  static const Backend kBackend = {
      WASMD_TAIL_CALLS ? "tail calls" : "plain loop", &Handlers(), &Run};
  return kBackend;
}

}  // namespace wasmd::WASMD_BACKEND

namespace wasmd {

const Backend& WASMD_BACKEND_GETTER() { return WASMD_BACKEND::GetBackend(); }

}  // namespace wasmd
