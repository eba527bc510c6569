#include "interp/code/held_loops.h"

#include <algorithm>
#include <tuple>

namespace wasmd {
namespace {

// Longer ones would take much code for what three registers give.
constexpr uint32_t kMostOps = 120;

// What a dispatch costs, in uses of slots: measured (decision 0011).
constexpr uint32_t kUsesOfADispatch = 4;

}  // namespace

HeldLoops::HeldLoops(const HandlerSet& handlers, CodeBuffer& code,
                     const std::vector<OpAt>& ops)
    : handlers_(handlers), code_(code), ops_(ops) {}

void HeldLoops::Add(uint32_t begin, uint32_t end) {
  if (handlers_.held == nullptr || !FindBody(begin, end)) return;
  if (ChooseSlots() && PaysOff()) Copy();
}

uint32_t HeldLoops::EndOf(uint32_t op) const {
  return op + 1 < ops_.size() ? ops_[op + 1].first : body_.end;
}

uint32_t HeldLoops::TargetOf(uint32_t op) const {
  return ops_[op].first + code_.Get(EndOf(op) - 1);
}

// It ends with the last op that branches back to the header, before any that
// cannot be in a loop that holds locals. What comes after that, even if it
// branches back too, is as good as outside.
bool HeldLoops::FindBody(uint32_t begin, uint32_t end) {
  const auto first = std::lower_bound(ops_.begin(), ops_.end(), OpAt{begin, 0});
  body_.first = static_cast<uint32_t>(first - ops_.begin());
  body_.begin = begin;
  body_.end = end;
  body_.ops.clear();
  size_t count = 0;
  for (uint32_t op = body_.first; op < ops_.size() && ops_[op].first < end;
       ++op) {
    const HeldOp* held = handlers_.held->Find(code_.Get64(ops_[op].first));
    if (held == nullptr || body_.ops.size() == kMostOps) break;
    if (EndOf(op) - ops_[op].first != kHandlerUnits + held->letters().size())
      break;
    body_.ops.push_back(held);
    if (held->letters().ends_with('b') && TargetOf(op) == begin) {
      count = body_.ops.size();
    }
  }
  if (count == 0) return false;
  body_.ops.resize(count);
  body_.end = EndOf(body_.end_op() - 1);
  // What the header's op becomes has a field.
  return EndOf(body_.first) - begin > kHandlerUnits;
}

template <typename Visit>
void HeldLoops::ForEachSlot(uint32_t op, Visit visit) const {
  const char* shape = body_.at(op).shape;
  const uint32_t fields = ops_[op].first + kHandlerUnits;
  uint32_t shift = 0;
  for (uint32_t at = 0; shape[at] != 0; ++at) {
    if (!IsHeldSlot(shape[at])) continue;
    visit(shape[at], code_.Get(fields + at), shift);
    shift += HeldOp::kKeyBits;
  }
}

void HeldLoops::CountUses() {
  uses_.clear();
  for (uint32_t op = body_.first; op < body_.end_op(); ++op) {
    ForEachSlot(op, [&](char letter, uint32_t slot, uint32_t shift) {
      Use& use = UseOf(slot);
      use.count += letter == 'u' ? 2 : 1;
      use.written |= letter != 'r';
      use.held &= body_.at(op).Find(uint32_t{1} << shift) != 0;
    });
  }
  std::erase_if(uses_, [](const Use& use) { return !use.held; });
}

HeldLoops::Use& HeldLoops::UseOf(uint32_t slot) {
  const auto use = std::find_if(uses_.begin(), uses_.end(),
                                [&](const Use& u) { return u.slot == slot; });
  return use != uses_.end() ? *use : uses_.emplace_back(Use{.slot = slot});
}

// The slots that are named most often, as many as there are registers and
// handlers for.
bool HeldLoops::ChooseSlots() {
  CountUses();
  std::sort(uses_.begin(), uses_.end(), [](const Use& a, const Use& b) {
    return std::tie(b.count, a.slot) < std::tie(a.count, b.slot);
  });
  if (uses_.size() > kHeldLocals) uses_.resize(kHeldLocals);
  for (; !uses_.empty(); uses_.pop_back()) {
    HoldUses();
    if (HasHandlers()) return true;
  }
  return false;
}

// Those that are written come first. Registers that are left get any slot.
void HeldLoops::HoldUses() {
  held_ = HeldLoop{};
  held_.slots.fill(uses_[0].slot);
  held_count_ = 0;
  for (const bool written : {true, false}) {
    for (const Use& use : uses_) {
      if (use.written == written) held_.slots[held_count_++] = use.slot;
    }
    if (written) held_.written = held_count_;
  }
}

uint32_t HeldLoops::KeyOf(uint32_t op) const {
  uint32_t key = 0;
  ForEachSlot(op, [&](char, uint32_t slot, uint32_t shift) {
    for (uint32_t i = 0; i < held_count_; ++i) {
      if (held_.slots[i] == slot) key |= (i + 1) << shift;
    }
  });
  return key;
}

bool HeldLoops::HasHandlers() const {
  for (uint32_t op = body_.first; op < body_.end_op(); ++op) {
    if (body_.at(op).Find(KeyOf(op)) == 0) return false;
  }
  return true;
}

// Sequences (sequence_fuser.h) save dispatches, and a loop that is one op all
// of them; where ops hold locals there are none.
bool HeldLoops::PaysOff() {
  uint32_t saved = 0;
  for (const Use& use : uses_) saved += use.count;
  if (!sequences_.has_value()) {
    first_code_ = code_.Copy();
    sequences_.emplace(handlers_,
                       std::span(first_code_.get(), code_.position()), ops_,
                       static_cast<uint32_t>(ops_.size()));
  }
  uint32_t lost = 0;
  for (uint32_t op = body_.first; op < body_.end_op();) {
    const SequenceFuser::Found found = sequences_->Find(op);
    if (found.loop) return false;
    const uint32_t count = std::min(found.ops, body_.end_op() - op);
    lost += count - 1;
    op += count;
  }
  return saved > kUsesOfADispatch * lost;
}

void HeldLoops::PutOp(Handler handler, uint32_t code_offset) {
  all_.push_back({code_.position(), code_offset});
  code_.Put64(handler);
}

uint32_t HeldLoops::PutExit(uint32_t target) {
  const uint32_t position = code_.position();
  const uint32_t offset = ops_[body_.first].second;
  if (held_.written == 0) {
    PutOp(handlers_.of(SimpleOp::kBranch), offset);
  } else {
    constexpr std::array kLeave = {SimpleOp::kLeaveHeld1, SimpleOp::kLeaveHeld2,
                                   SimpleOp::kLeaveHeld3};
    static_assert(kLeave.size() == kHeldLocals);
    PutOp(handlers_.of(kLeave[held_.written - 1]), offset);
    for (uint32_t i = 0; i < held_.written; ++i) code_.Put(held_.slots[i]);
  }
  code_.Put(target - position);
  return position;
}

void HeldLoops::CopyOp(uint32_t op, uint32_t to) {
  const HeldOp& held = body_.at(op);
  code_.Set64(to, held.Find(KeyOf(op)));
  if (!held.letters().ends_with('b')) return;
  const uint32_t target = TargetOf(op);
  if (target >= body_.begin && target < body_.end) return;
  const uint32_t exit = held_.written == 0 ? target : PutExit(target);
  code_.Set(
      to + kHandlerUnits + static_cast<uint32_t>(held.letters().size()) - 1,
      exit - to);
}

void HeldLoops::Copy() {
  if (all_.empty()) all_ = ops_;
  const uint32_t entry = code_.position();
  for (const uint32_t slot : held_.slots) code_.Put(slot);
  held_.origin = body_.begin;
  held_.begin = code_.position();
  held_.end = held_.begin + body_.end - body_.begin;
  const uint32_t delta = held_.begin - body_.begin;
  for (uint32_t op = body_.first; op < body_.end_op(); ++op) {
    const auto [position, offset] = ops_[op];
    all_.push_back({position + delta, offset});
  }
  for (uint32_t at = body_.begin; at < body_.end; ++at) {
    code_.Put(code_.Get(at));
  }
  PutExit(body_.end);
  for (uint32_t op = body_.first; op < body_.end_op(); ++op) {
    CopyOp(op, ops_[op].first + delta);
  }
  code_.Set64(body_.begin, handlers_.of(SimpleOp::kEnterHeld));
  code_.Set(body_.begin + kHandlerUnits, entry - body_.begin);
  loops_.push_back(held_);
}

}  // namespace wasmd
