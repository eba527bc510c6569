// ObservedBackend: a back end that shows every op to an observer before it
// runs: for tools that count and trace. Its code has no sequences, so that an
// op is what the translator made. The handlers are those of the plain loop, the
// loop is one of its own: the product has no trace of it.

#ifndef WASMD_INTERP_EXEC_OBSERVED_LOOP_H_
#define WASMD_INTERP_EXEC_OBSERVED_LOOP_H_

#include "interp/code/handler_set.h"
#include "interp/code/sequence_index.h"
#include "interp/exec/backend.h"

namespace wasmd {

class OpObserver {
 public:
  virtual ~OpObserver() = default;
  // `op`: its position in internal code, or in a stub of the machine.
  virtual void Before(const CodeUnit* op) = 0;
};

// All modules of a Store are translated for it, and it outlives them. Confined
// to one thread at a time, as the observer is, which outlives it too.
class ObservedBackend : public Backend {
 public:
  explicit ObservedBackend(OpObserver& observer);
  ObservedBackend(const ObservedBackend&) = delete;
  ObservedBackend& operator=(const ObservedBackend&) = delete;

 private:
  static void Run(Context& context);

  OpObserver& observer_;
  SequenceIndex no_sequences_;
  HandlerSet handler_set_;
};

}  // namespace wasmd

#endif  // WASMD_INTERP_EXEC_OBSERVED_LOOP_H_
