// Backend: one way of dispatching handlers. All back ends are compiled from the
// same handler bodies; internal code made for one cannot be run by another.

#ifndef WASMD_INTERP_EXEC_BACKEND_H_
#define WASMD_INTERP_EXEC_BACKEND_H_

#include "interp/code/handler_set.h"

namespace wasmd {

struct Context;

struct Backend {
  const char* name;
  const HandlerSet* handlers;
  // Runs from the registers in the context until an ExitReason.
  void (*run)(Context& context);
};

// Tail calls where the compiler has them, else the plain loop.
const Backend& DefaultBackend();
// In //interp/exec:plain_loop, for tests and other compilers.
const Backend& PlainLoopBackend();

}  // namespace wasmd

#endif  // WASMD_INTERP_EXEC_BACKEND_H_
