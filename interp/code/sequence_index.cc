#include "interp/code/sequence_index.h"

#include <utility>

#include "base/check.h"

namespace wasmd {
namespace {

int Rank(const SequenceIndex::Whole& whole) {
  if (whole.loop) return 0;
  return whole.pattern.empty() ? 2 : 1;
}

}  // namespace

void SequenceIndex::Add(std::span<const Handler> ops, const Whole& whole) {
  uint32_t state = kStart;
  for (const Handler op : ops) state = StepOrAdd(state, op);
  Whole* before = nullptr;
  for (Whole* at = first_[state]; at != nullptr && Rank(*at) <= Rank(whole);
       at = at->next) {
    before = at;
  }
  CHECK(!whole.pattern.empty() || before == nullptr ||
        !before->pattern.empty());
  Whole& added = wholes_.emplace_back(whole);
  Whole*& link = before == nullptr ? first_[state] : before->next;
  added.next = std::exchange(link, &added);
}

uint32_t SequenceIndex::StepOrAdd(uint32_t state, Handler op) {
  if (4 * (edge_count_ + 1) > 3 * edges_.size()) Grow();
  Edge& edge = edges_[Find(state, op)];
  if (edge.next == kNone) {
    edge = {op, state, static_cast<uint32_t>(first_.size())};
    first_.push_back(nullptr);
    ++edge_count_;
  }
  return edge.next;
}

void SequenceIndex::Grow() {
  // Room for the sequences of a back end, and hardly more: it is built at every
  // start, and new memory costs more than what is done with it.
  constexpr size_t kSmallest = 4096;
  const size_t size = edges_.empty() ? kSmallest : 2 * edges_.size();
  const std::vector<Edge> old = std::exchange(edges_, std::vector<Edge>(size));
  first_.reserve(size / 4 * 3 + 1);
  for (const Edge& moved : old) {
    if (moved.next != kNone) edges_[Find(moved.state, moved.op)] = moved;
  }
}

}  // namespace wasmd
