#include "base/check.h"
#include "interp/thread_impl.h"

namespace wasmd {

FrameWalker::FrameWalker(const Context& context)
    : context_(context),
      frame_{context.instance, context.pc, context.fp, context.csp} {}

bool FrameWalker::Next() {
  if (started_) Pop();
  started_ = true;
  while (frame_.pc == context_.restore_code) {
    frame_.instance = reinterpret_cast<ModuleInstance*>(frame_.fp);
    Pop();
  }
  return frame_.pc != context_.exit_code;
}

void FrameWalker::Pop() {
  --frame_.csp;
  frame_.pc = frame_.csp->pc;
  frame_.fp = frame_.csp->fp;
}

FunctionCode& FunctionAt(const ModuleInstance& instance, const CodeUnit* pc) {
  FunctionCode* function = instance.code->Find(pc);
  CHECK(function != nullptr);
  return *function;
}

}  // namespace wasmd
