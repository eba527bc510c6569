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
  for (const Handler op : ops) {
    uint32_t next = Step(state, op);
    if (next == kNone) {
      next = static_cast<uint32_t>(first_.size());
      first_.push_back(nullptr);
      Insert({op, state, next});
    }
    state = next;
  }
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

void SequenceIndex::Insert(const Edge& edge) {
  if (2 * (edge_count_ + 1) > edges_.size()) {
    // Room for the sequences of a back end: it is built at every start.
    constexpr size_t kSmallest = 8192;
    const size_t size = edges_.empty() ? kSmallest : 2 * edges_.size();
    const std::vector<Edge> old =
        std::exchange(edges_, std::vector<Edge>(size));
    edge_count_ = 0;
    for (const Edge& moved : old) {
      if (moved.next != kNone) Insert(moved);
    }
  }
  size_t at = Hash(edge.state, edge.op);
  while (edges_[at & (edges_.size() - 1)].next != kNone) ++at;
  edges_[at & (edges_.size() - 1)] = edge;
  ++edge_count_;
}

}  // namespace wasmd
