// Traced: a context that tells of every call that is made of it.

#ifndef WASMD_WASI_CALL_TRACE_H_
#define WASMD_WASI_CALL_TRACE_H_

#include <functional>
#include <memory>
#include <string>

#include "wasi/environment.h"
#include "wasi/wasi.h"

namespace wasmd::wasi {

// Takes a line, without its end.
using CallSink = std::function<void(const std::string& line)>;

// As `context`, and after each call gives `sink` a line such as
//
//   fd_write(fd=1, iovs=["hello\n"], nwritten=6) = 0 <0.000007>
//
// The time in brackets is what it took, in seconds of `clock`, waiting
// included. A call that waits is told of when it begins to wait, too; one that
// is repeated because it may have happened before is marked. `clock` outlives
// the context.
std::unique_ptr<Context> Traced(std::unique_ptr<Context> context,
                                Environment* clock, CallSink sink);

}  // namespace wasmd::wasi

#endif  // WASMD_WASI_CALL_TRACE_H_
