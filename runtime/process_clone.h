// Clones: new processes that go on from where another one is, each by itself.

#ifndef WASMD_RUNTIME_PROCESS_CLONE_H_
#define WASMD_RUNTIME_PROCESS_CLONE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "store/process_db.h"

namespace wasmd {

// A new process, PAUSED, with the memory, the call stack, the open files and
// the arguments of `parent` as it is parked; its log is empty. Nothing of its
// memory is copied: both share the pages until one of them writes to them.
// What the clone asks of the outside from now on (clocks, random numbers,
// input) it gets for itself; what the parent made of earlier answers, such as
// the seed of its generator of random numbers, is part of its memory and so of
// the clone's.
//
// `name`: empty for one made from the parent's. FailedPrecondition if the
// parent is not parked or has finished, AlreadyExists if the name is taken.
absl::StatusOr<ProcessNumber> CloneProcess(ProcessDb& db, ProcessNumber parent,
                                           const std::string& name,
                                           int64_t now_ns);

// Forks with `request.record` made that of a new process, PAUSED, that has
// written nothing. `name`: empty for one made from that of the record.
// Otherwise as ProcessDb::Fork.
absl::StatusOr<ProcessNumber> ForkAs(ProcessDb& db, ForkRequest request,
                                     const std::string& name, int64_t now_ns);

}  // namespace wasmd

#endif  // WASMD_RUNTIME_PROCESS_CLONE_H_
