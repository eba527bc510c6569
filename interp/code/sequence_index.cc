#include "interp/code/sequence_index.h"

#include <algorithm>
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
      next = static_cast<uint32_t>(wholes_.size());
      wholes_.emplace_back();
      Insert({op, state, next});
    }
    state = next;
  }
  std::vector<Whole>& wholes = wholes_[state];
  const auto at = std::find_if(
      wholes.begin(), wholes.end(),
      [&](const Whole& other) { return Rank(other) > Rank(whole); });
  CHECK(!whole.pattern.empty() || wholes.empty() ||
        !wholes.back().pattern.empty());
  wholes.insert(at, whole);
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
