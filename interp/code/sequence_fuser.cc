#include "interp/code/sequence_fuser.h"

namespace wasmd {

SequenceFuser::SequenceFuser(const HandlerSet& handlers,
                             std::span<CodeUnit> code,
                             std::span<const std::pair<uint32_t, uint32_t>> ops)
    : handlers_(handlers), code_(code), ops_(ops), op_at_(code.size()) {
  original_.reserve(ops.size());
  for (const auto& [position, offset] : ops) {
    op_at_[position] = static_cast<uint32_t>(original_.size());
    original_.push_back(code[position] | Handler{code[position + 1]} << 32);
  }
}

uint32_t SequenceFuser::After(uint32_t op) const {
  const Handler handler = original_[op];
  if (handler == handlers_.of(SimpleOp::kBranch) ||
      handler == handlers_.of(SimpleOp::kBranchBack)) {
    const uint32_t position = ops_[op].first;
    return op_at_[position + code_[position + kHandlerUnits]];
  }
  return op + 1 < original_.size() ? op + 1 : kNone;
}

void SequenceFuser::Run() {
  const SequenceIndex& sequences = *handlers_.sequences;
  for (uint32_t first = 0; first < original_.size(); ++first) {
    Handler longest = 0;
    uint32_t state = SequenceIndex::kStart;
    for (uint32_t op = first; op != kNone; op = After(op)) {
      state = sequences.Step(state, original_[op]);
      if (state == SequenceIndex::kNone) break;
      if (sequences.WholeAt(state) != 0) longest = sequences.WholeAt(state);
    }
    if (longest == 0) continue;
    const uint32_t position = ops_[first].first;
    code_[position] = static_cast<CodeUnit>(longest);
    code_[position + 1] = static_cast<CodeUnit>(longest >> 32);
  }
}

}  // namespace wasmd
