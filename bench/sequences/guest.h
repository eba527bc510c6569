// RunGuest: runs a WASI command to its end on a back end of one's choice, with
// nothing but the interpreter and WASI below it.

#ifndef WASMD_BENCH_SEQUENCES_GUEST_H_
#define WASMD_BENCH_SEQUENCES_GUEST_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "interp/exec/backend.h"
#include "interp/translated_module.h"
#include "wasi/wasi.h"

namespace wasmd {

struct Guest {
  std::vector<uint8_t> binary;
  wasi::Options options;
  const Backend* backend = nullptr;
  // Called when nothing of the module has run yet.
  std::function<void(const std::shared_ptr<TranslatedModule>&)> before_start;
};

// What it writes goes nowhere, and its input is empty. A trap is an error, an
// exit code is not.
absl::Status RunGuest(Guest guest);

}  // namespace wasmd

#endif  // WASMD_BENCH_SEQUENCES_GUEST_H_
