// Exceptions: from where one was thrown to the handler that takes it (core
// specification, exec/instructions, "throw_ref"). A loop over the frames of the
// machine; handlers are found by the position of the code, so that nothing is
// kept while a try_table is open.

#include "interp/exec/fuel.h"
#include "interp/gc_operations.h"
#include "interp/thread_impl.h"

namespace wasmd {
namespace {

const ExceptionHandler* FindHandler(const ModuleInstance& instance,
                                    const Translation& translation,
                                    uint32_t position, TagAddr tag) {
  for (uint32_t at = translation.TryRegionAt(position); at != TryRegion::kNone;
       at = translation.try_regions[at].parent) {
    const TryRegion& region = translation.try_regions[at];
    for (uint32_t i = 0; i < region.handler_count; ++i) {
      const ExceptionHandler& handler =
          translation.handlers[region.first_handler + i];
      if (handler.catches_all || instance.tags[handler.tag] == tag) {
        return &handler;
      }
    }
  }
  return nullptr;
}

}  // namespace

bool Thread::Impl::Unwind() {
  const TagAddr tag = ExceptionTag(store, context.exception);
  // A call's position is after it, and the call in front of that.
  bool after_call = context.pc_after_call;
  for (FrameWalker walker(context); walker.Next(); after_call = true) {
    const MachineFrame& frame = walker.frame();
    const Translation& translation = *walker.function().translation;
    const auto position =
        static_cast<uint32_t>(frame.pc - translation.code.get());
    const ExceptionHandler* handler =
        FindHandler(*frame.instance, translation,
                    after_call ? position - 1 : position, tag);
    if (handler == nullptr) continue;
    Slot* at = frame.fp + handler->slot;
    if (!handler->catches_all) {
      ExceptionArguments(store, context.exception, at);
      at += ExceptionArgumentSlots(store, context.exception);
    }
    if (handler->passes_reference) *at = context.exception;
    context.pc = translation.code.get() + handler->position;
    context.fp = frame.fp;
    context.csp = frame.csp;
    context.pc_after_call = false;
    EnterInstance(context, frame.instance);
    return true;
  }
  return false;
}

bool Thread::Impl::UnwindRunning() {
  if (!Unwind()) return false;
  // The handler is a safepoint: a loop may consist of throws alone.
  if (context.fuel == ~uint64_t{0}) {
    // The call of the host function that threw was what found no fuel.
    ++context.fuel_used;
    return !MustStop(context);
  }
  return !__builtin_sub_overflow(context.fuel, uint64_t{1}, &context.fuel) ||
         !MustStop(context);
}

}  // namespace wasmd
