// OpMap: the ops of a module's internal code, found by their positions. Takes
// functions apart when control first comes to them. Confined to one thread.

#ifndef WASMD_BENCH_SEQUENCES_OP_MAP_H_
#define WASMD_BENCH_SEQUENCES_OP_MAP_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "interp/code/function_code.h"
#include "interp/code/handler_set.h"
#include "interp/exec/backend.h"
#include "interp/translated_module.h"

namespace wasmd {

class OpMap {
 public:
  struct Op {
    const CodeUnit* at = nullptr;
    uint32_t function = 0;  // index
    uint32_t position = 0;  // in its code
    uint32_t units = 0;     // with the handler
    // The op that is always the next one after this one, unless this one
    // branches; null for the last op of a function.
    const Op* after = nullptr;

    Handler handler() const { return at[0] | Handler{at[1]} << 32; }
  };

  explicit OpMap(std::shared_ptr<TranslatedModule> module)
      : module_(std::move(module)) {}

  // Null if no op of the module begins here: a stub, an op of the machine.
  const Op* Find(const CodeUnit* at);
  // As Op::after, or the target of an unconditional branch.
  const Op* After(const Op& op);

  // Appends the code of all functions that were taken apart:
  //   kind KIND NAME             what ops do: their handler's name
  //   function INDEX
  //   op POSITION KIND FIELDS... each op of the function, in order
  // Equal for equal runs, but for fields of calls that are addresses.
  void AppendText(std::string* text) const;

 private:
  void TakeApart(const FunctionCode& function);
  bool IsBranch(const Op& op) const;

  std::shared_ptr<TranslatedModule> module_;
  std::map<uint32_t, std::vector<Op>> functions_;  // by index
  std::unordered_map<const CodeUnit*, const Op*> by_position_;
};

}  // namespace wasmd

#endif  // WASMD_BENCH_SEQUENCES_OP_MAP_H_
