#include "interp/code/sequence_index.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

namespace wasmd {
namespace {

using Ops = std::vector<uint64_t>;

// The handler for the longest sequence that begins `ops`; 0 if there is none.
uint64_t Longest(const SequenceIndex& index, const Ops& ops) {
  uint64_t longest = 0;
  uint32_t state = SequenceIndex::kStart;
  for (const uint64_t op : ops) {
    state = index.Step(state, op);
    if (state == SequenceIndex::kNone) break;
    const SequenceIndex::Whole* whole = index.FirstAt(state);
    if (whole != nullptr) longest = whole->handler;
  }
  return longest;
}

TEST(SequenceIndexTest, EmptyFindsNothing) {
  const SequenceIndex index;
  EXPECT_EQ(index.Step(SequenceIndex::kStart, 0x1000), SequenceIndex::kNone);
}

TEST(SequenceIndexTest, LongestWins) {
  SequenceIndex index;
  index.Add(Ops{1, 2}, {12, {}});
  index.Add(Ops{1, 2, 3, 4}, {1234, {}});
  index.Add(Ops{2, 3}, {23, {}});
  EXPECT_EQ(Longest(index, {1, 2}), 12u);
  EXPECT_EQ(Longest(index, {1, 2, 3}), 12u);
  EXPECT_EQ(Longest(index, {1, 2, 3, 4, 5}), 1234u);
  EXPECT_EQ(Longest(index, {2, 3, 4}), 23u);
  EXPECT_EQ(Longest(index, {1, 3}), 0u);
  EXPECT_EQ(Longest(index, {3}), 0u);
}

TEST(SequenceIndexTest, LoopsThenPatternsThenAnySlots) {
  SequenceIndex index;
  index.Add(Ops{1}, {10, {}});
  index.Add(Ops{1}, {11, "a"});
  index.Add(Ops{1}, {12, "b"});
  index.Add(Ops{1}, {13, "c", true});
  std::vector<uint64_t> order;
  for (const SequenceIndex::Whole* whole =
           index.FirstAt(index.Step(SequenceIndex::kStart, 1));
       whole != nullptr; whole = whole->next) {
    order.push_back(whole->handler);
  }
  EXPECT_EQ(order, (std::vector<uint64_t>{13, 11, 12, 10}));
}

TEST(SequenceIndexTest, ManySequences) {
  SequenceIndex index;
  constexpr uint64_t kCount = 3000;
  for (uint64_t i = 1; i <= kCount; ++i) {
    index.Add(Ops{64 * i, 64 * (i % 7), 64 * i + 64}, {i, {}});
  }
  for (uint64_t i = 1; i <= kCount; ++i) {
    EXPECT_EQ(Longest(index, {64 * i, 64 * (i % 7), 64 * i + 64}), i);
    EXPECT_EQ(Longest(index, {64 * i, 64 * (i % 7), 64 * i}), 0u);
  }
}

}  // namespace
}  // namespace wasmd
