#include "interp/code/sequence_fuser.h"

#include <array>

namespace wasmd {

SequenceFuser::SequenceFuser(const HandlerSet& handlers,
                             std::span<CodeUnit> code,
                             std::span<const std::pair<uint32_t, uint32_t>> ops,
                             uint32_t first_held)
    : handlers_(handlers),
      code_(code),
      ops_(ops),
      first_held_(first_held),
      op_at_(code.size()) {
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

uint32_t SequenceFuser::EndOf(uint32_t op) const {
  return op + 1 < ops_.size() ? ops_[op + 1].first
                              : static_cast<uint32_t>(code_.size());
}

bool SequenceFuser::IsLoop() const {
  for (size_t i = 1; i < path_.size(); ++i) {
    if (path_[i] != path_[i - 1] + 1) return false;
  }
  // The offset of a branch is its last field.
  const CodeUnit offset = code_[EndOf(path_.back()) - 1];
  return ops_[path_.back()].first + offset == ops_[path_.front()].first;
}

bool SequenceFuser::Fits(const SequenceIndex::Whole& whole) const {
  if (whole.pattern.empty()) return true;
  constexpr size_t kLetters = 'z' - 'a' + 1;
  std::array<CodeUnit, kLetters> slots;
  uint32_t known = 0;  // letters that were met
  const char* letter = whole.pattern.data();
  const char* const end = letter + whole.pattern.size();
  for (const uint32_t op : path_) {
    for (uint32_t at = ops_[op].first + kHandlerUnits; at < EndOf(op); ++at) {
      if (letter == end || *letter == ' ') return false;
      const int number = *letter++ - 'a';
      if (number < 0) continue;
      if ((known >> number & 1) != 0) {
        if (slots[number] != code_[at]) return false;
        continue;
      }
      // Letters appear in the order of the alphabet.
      for (int other = 0; other < number; ++other) {
        if (slots[other] == code_[at]) return false;
      }
      slots[number] = code_[at];
      known |= uint32_t{1} << number;
    }
    if (letter != end && *letter++ != ' ') return false;
  }
  return letter == end && (!whole.loop || IsLoop());
}

SequenceFuser::Found SequenceFuser::Find(uint32_t first) {
  const SequenceIndex& sequences = *handlers_.sequences;
  Found best;
  uint32_t state = SequenceIndex::kStart;
  path_.clear();
  for (uint32_t op = first; op != kNone; op = After(op)) {
    state = sequences.Step(state, original_[op]);
    if (state == SequenceIndex::kNone) break;
    path_.push_back(op);
    const SequenceIndex::Whole* whole = sequences.FirstAt(state);
    while (
        whole != nullptr &&
        ((first >= first_held_ && !whole->pattern.empty()) || !Fits(*whole))) {
      whole = whole->next;
    }
    if (whole == nullptr) continue;
    best = {whole->handler, static_cast<uint32_t>(path_.size()), whole->loop};
    // A loop that needs no more dispatch beats any longer sequence.
    if (whole->loop) break;
  }
  return best;
}

void SequenceFuser::Run() {
  for (uint32_t first = 0; first < original_.size(); ++first) {
    const Handler whole = Find(first).handler;
    if (whole == 0) continue;
    const uint32_t position = ops_[first].first;
    code_[position] = static_cast<CodeUnit>(whole);
    code_[position + 1] = static_cast<CodeUnit>(whole >> 32);
  }
}

}  // namespace wasmd
