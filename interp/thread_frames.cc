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

FunctionCode& FrameWalker::function() {
  const auto is_in = [this](const FunctionCode& function) {
    if (!function.translated()) return false;
    const CodeUnit* begin = function.translation->code.get();
    // One past the end is the position after a call that ends the function.
    return frame_.pc >= begin &&
           frame_.pc <= begin + function.translation->code_units;
  };
  if (function_ == nullptr || !is_in(*function_)) {
    function_ = frame_.instance->code->Find(frame_.pc);
    CHECK(function_ != nullptr);
  }
  return *function_;
}

}  // namespace wasmd
