// SequenceIndex: the sequences of ops for which there is one handler, as an
// automaton that reads the handlers of ops one after the other. Built once for
// a back end, then immutable and thread-safe.

#ifndef WASMD_INTERP_CODE_SEQUENCE_INDEX_H_
#define WASMD_INTERP_CODE_SEQUENCE_INDEX_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string_view>
#include <vector>

namespace wasmd {

class SequenceIndex {
 public:
  using Handler = uint64_t;
  static constexpr uint32_t kStart = 0;
  static constexpr uint32_t kNone = ~uint32_t{0};

  // A handler that does what the ops of a sequence do one after the other.
  struct Whole {
    Handler handler;
    // Which fields of the ops name the same slot, if the handler depends on it:
    // for each op a letter for each of its units after the handler, the ops
    // separated by blanks. Equal letters are equal fields, different letters
    // are different ones; a dot is any field. Empty: any slots. Outlives the
    // index.
    std::string_view pattern;
    // It also depends on the last op branching back to the first, each of the
    // others being followed by the next.
    bool loop = false;
    // The next one of the same sequence, set by Add; null after the last.
    Whole* next = nullptr;
  };

  SequenceIndex() = default;
  SequenceIndex(SequenceIndex&&) = default;  // the addresses stay
  SequenceIndex& operator=(SequenceIndex&&) = default;

  // For each sequence at most one without a pattern.
  void Add(std::span<const Handler> ops, const Whole& whole);

  // Where one more op leads; kNone if no sequence goes on like this.
  uint32_t Step(uint32_t state, Handler op) const {
    return edges_.empty() ? kNone : edges_[Find(state, op)].next;
  }
  // The first of the handlers of the sequence read so far, null if it is none:
  // loops first, then those with a pattern in the order they were added, then
  // the one for any slots.
  const Whole* FirstAt(uint32_t state) const { return first_[state]; }

 private:
  struct Edge {
    Handler op = 0;
    uint32_t state = 0;
    uint32_t next = kNone;
  };

  static size_t Hash(uint32_t state, Handler op) {
    // Handlers are aligned, so their lowest bits say nothing.
    return static_cast<size_t>(
        ((op >> 4) + state * 0x51ED27ull) * 0x9E3779B97F4A7C15ull >> 40);
  }
  // Where the edge is, or the free place for it.
  size_t Find(uint32_t state, Handler op) const {
    for (size_t at = Hash(state, op);; ++at) {
      at &= edges_.size() - 1;
      const Edge& edge = edges_[at];
      if (edge.next == kNone || (edge.op == op && edge.state == state)) {
        return at;
      }
    }
  }
  uint32_t StepOrAdd(uint32_t state, Handler op);
  void Grow();

  // Open addressing; a power of two, at most three quarters full.
  std::vector<Edge> edges_;
  size_t edge_count_ = 0;
  std::deque<Whole> wholes_;
  std::vector<Whole*> first_{nullptr};  // by state
};

}  // namespace wasmd

#endif  // WASMD_INTERP_CODE_SEQUENCE_INDEX_H_
