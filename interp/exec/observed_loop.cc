#include "interp/exec/observed_loop.h"

#include <cstring>

#include "interp/exec/dispatch.h"
#include "interp/exec/reload.h"
#include "interp/module_instance.h"
#include "interp/translated_module.h"

namespace wasmd {

ObservedBackend::ObservedBackend(OpObserver& observer)
    : Backend{"observed", &handler_set_, &Run},
      observer_(observer),
      handler_set_(*PlainLoopBackend().handlers) {
  handler_set_.sequences = &no_sequences_;
}

void ObservedBackend::Run(Context& context) {
  using plain_loop::NextHandler;
  plain_loop::Registers r = plain_loop::LoadRegisters(context);
  // Only code of a module runs.
  const Backend& backend = context.instance->code->backend();
  OpObserver& observer = static_cast<const ObservedBackend&>(backend).observer_;
  NextHandler next{r.pc, r.fp};
  do {
    if (next.pc != plain_loop::kColdCode) observer.Before(next.pc);
    plain_loop::Function handler;
    std::memcpy(&handler, next.pc, sizeof(handler));
    next = handler(next.pc, &r, next.fp);
  } while (next.pc != nullptr);
}

}  // namespace wasmd
