// The table of functions.def as data. Numbers of functions are their rows; they
// are of this build only and never saved (names are).

#ifndef WASMD_WASI_FUNCTION_TABLE_H_
#define WASMD_WASI_FUNCTION_TABLE_H_

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "interp/slot.h"
#include "wasi/wasi.h"
#include "wasm/types.h"

namespace wasmd::wasi {

class ContextImpl;
struct Caller;

enum class FunctionId : uint32_t {
#define WASI_FUNCTION(name, Implementation, durability, result, ...) name,
#include "wasi/functions.def"
};

// How the durability of a call follows from its arguments.
enum class DurabilityRule : uint8_t {
  kPure,
  kInput,
  kBlocking,
  // A descriptor that is not there: the call fails at once, which is pure.
  kFdInput,
  kFdEffect,      // of the descriptor or of a path below it
  kRead,          // of a file an input; of standard input it may wait
  kWrite,         // of a file an effect; of a standard stream an output
  kSeek,          // from the end of a file: an input
  kOpen,          // an effect if it may create or truncate
  kSymlink,       // as kFdEffect; the descriptor is the third argument
  kClose,         // of a connection an effect
  kRenumber,      // as kClose; the descriptor is the second argument
  kSocketInput,   // may wait
  kSocketEffect,  // of a connection
};

struct FunctionEntry {
  std::string_view name;
  FunctionType type;
  DurabilityRule durability;
  Outcome (*call)(ContextImpl& context, Caller& caller,
                  std::span<const Slot> arguments);
};

// In the order of FunctionId.
const std::vector<FunctionEntry>& Functions();

}  // namespace wasmd::wasi

#endif  // WASMD_WASI_FUNCTION_TABLE_H_
