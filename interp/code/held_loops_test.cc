#include "interp/code/held_loops.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <utility>
#include <vector>

#include "interp/code/code_buffer.h"
#include "interp/code/handler_set.h"
#include "interp/code/held_ops.h"
#include "interp/code/sequence_index.h"

namespace wasmd {
namespace {

// Made-up handlers. In a loop that holds locals a handler is `unheld`, or for a
// key that plus the key.
constexpr Handler kAdd = 0xA0;    // slot, slot read
constexpr Handler kRead = 0xB0;   // slot read
constexpr Handler kJump = 0xC0;   // branches if something holds
constexpr Handler kOther = 0xD0;  // cannot be in such a loop
constexpr Handler kRare = 0xE0;   // slot read, that cannot be held
constexpr Handler kEnter = 0x1;
constexpr Handler kLeave = 0x2;
constexpr Handler kBranch = 0x5;
constexpr Handler kHeld = 0x1000;

template <Handler handler>
Handler FindHandler(uint32_t key) {
  return kHeld + (handler << 16) + key;
}
template <Handler handler>
constexpr HeldOp Op(const char* shape) {
  return {shape, kHeld + (handler << 16), &FindHandler<handler>};
}

class HeldLoopsTest : public ::testing::Test {
 protected:
  HeldLoopsTest() {
    held_.Add(kAdd, Op<kAdd>("ur"));
    held_.Add(kRead, Op<kRead>("r"));
    held_.Add(kJump, Op<kJump>("b"));
    held_.Add(kRare, {"r", kHeld + (kRare << 16), nullptr});
    handlers_.held = &held_;
    handlers_.sequences = &sequences_;
    const auto set = [&](SimpleOp op, Handler handler) {
      handlers_.simple[static_cast<size_t>(op)] = handler;
    };
    set(SimpleOp::kEnterHeld, kEnter);
    set(SimpleOp::kLeaveHeld1, kLeave);
    set(SimpleOp::kLeaveHeld2, kLeave + 1);
    set(SimpleOp::kLeaveHeld3, kLeave + 2);
    set(SimpleOp::kBranch, kBranch);
  }

  void AddOp(Handler handler, const std::vector<int>& fields) {
    ops_.emplace_back(code_.position(), 1000 + code_.position());
    code_.Put64(handler);
    for (const int field : fields) code_.Put(static_cast<CodeUnit>(field));
  }
  Handler HandlerAt(uint32_t position) const { return code_.Get64(position); }
  std::vector<HeldLoop> Run(uint32_t begin, uint32_t end) {
    HeldLoops loops(handlers_, code_, ops_);
    loops.Add(begin, end);
    all_ops_.assign(loops.ops().begin(), loops.ops().end());
    return loops.Take();
  }

  HeldOps held_;
  SequenceIndex sequences_;
  HandlerSet handlers_{};
  CodeBuffer code_;
  std::vector<HeldLoops::OpAt> ops_;
  std::vector<HeldLoops::OpAt> all_ops_;
};

constexpr uint32_t kFirst = 3;  // position after one op with one field

TEST_F(HeldLoopsTest, CopiesALoop) {
  AddOp(kRead, {9});
  AddOp(kAdd, {5, 6});  // at 3
  AddOp(kJump, {20});   // at 7, out of the loop
  AddOp(kRead, {5});    // at 10
  AddOp(kJump, {-10});  // at 13, to 3
  AddOp(kRead, {5});    // at 16
  AddOp(kOther, {1, 2, 3});
  const std::vector<HeldLoop> loops = Run(kFirst, 16);
  ASSERT_EQ(loops.size(), 1u);
  const HeldLoop& loop = loops[0];
  EXPECT_EQ(loop.origin, kFirst);
  EXPECT_EQ(loop.end - loop.begin, 13u);
  EXPECT_EQ(loop.written, 1u);
  EXPECT_EQ(loop.slots[0], 5u);  // written, so it comes first
  EXPECT_EQ(loop.slots[1], 6u);
  // The header leads to the slots, after which the copy begins.
  EXPECT_EQ(HandlerAt(kFirst), kEnter);
  EXPECT_EQ(kFirst + code_.Get(kFirst + 2), loop.begin - kHeldLocals);
  EXPECT_EQ(code_.Get(loop.begin - kHeldLocals), 5u);
  EXPECT_EQ(code_.Get(loop.begin - kHeldLocals + 1), 6u);
  // Slot 5 is in the first register, 6 in the second.
  EXPECT_EQ(HandlerAt(loop.begin), FindHandler<kAdd>(0b1001));
  EXPECT_EQ(HandlerAt(loop.begin + 7), FindHandler<kRead>(0b1));
  EXPECT_EQ(HandlerAt(loop.begin + 10), FindHandler<kJump>(0));
  EXPECT_EQ(static_cast<int>(code_.Get(loop.begin + 12)), -10);
  // Where the loop ends: the first register is stored, then control goes on
  // after the loop.
  EXPECT_EQ(HandlerAt(loop.end), kLeave);
  EXPECT_EQ(code_.Get(loop.end + 2), 5u);
  EXPECT_EQ(loop.end + code_.Get(loop.end + 3), 16u);
  // The same on the way out of its middle.
  const uint32_t jump = loop.begin + 4;
  const uint32_t exit = jump + code_.Get(jump + 2);
  EXPECT_EQ(HandlerAt(exit), kLeave);
  EXPECT_EQ(exit + code_.Get(exit + 3), 27u);
  // All of it is known, in order, and belongs to what it was copied from.
  ASSERT_EQ(all_ops_.size(), ops_.size() + 6);
  for (size_t i = 1; i < all_ops_.size(); ++i) {
    EXPECT_LT(all_ops_[i - 1].first, all_ops_[i].first);
  }
  EXPECT_EQ(all_ops_[ops_.size()],
            (HeldLoops::OpAt{loop.begin, 1000 + kFirst}));
}

TEST_F(HeldLoopsTest, NothingToStoreWhereNothingIsWritten) {
  AddOp(kRead, {9});
  AddOp(kRead, {5});   // at 3
  AddOp(kRead, {5});   // at 6
  AddOp(kJump, {-6});  // at 9, to 3
  AddOp(kOther, {});   // at 12
  const std::vector<HeldLoop> loops = Run(kFirst, 12);
  ASSERT_EQ(loops.size(), 1u);
  EXPECT_EQ(loops[0].written, 0u);
  EXPECT_EQ(HandlerAt(loops[0].end), kBranch);
  EXPECT_EQ(loops[0].end + code_.Get(loops[0].end + 2), 12u);
}

TEST_F(HeldLoopsTest, EndsBeforeAnOpThatCannotBeThere) {
  AddOp(kRead, {9});
  AddOp(kAdd, {5, 6});  // at 3
  AddOp(kJump, {-4});   // at 7, to 3
  AddOp(kOther, {});    // at 10
  AddOp(kJump, {-9});   // at 12, to 3
  const std::vector<HeldLoop> loops = Run(kFirst, 15);
  ASSERT_EQ(loops.size(), 1u);
  EXPECT_EQ(loops[0].end - loops[0].begin, 7u);
  EXPECT_EQ(loops[0].end + code_.Get(loops[0].end + 3), 10u);
}

TEST_F(HeldLoopsTest, HoldsNoSlotOfAnOpWithoutHandlers) {
  AddOp(kRead, {9});
  AddOp(kAdd, {5, 6});  // at 3
  AddOp(kRare, {5});    // at 7
  AddOp(kRead, {6});    // at 10
  AddOp(kJump, {-10});  // at 13, to 3
  const std::vector<HeldLoop> loops = Run(kFirst, 16);
  ASSERT_EQ(loops.size(), 1u);
  EXPECT_EQ(loops[0].slots[0], 6u);
  EXPECT_EQ(HandlerAt(loops[0].begin), FindHandler<kAdd>(0b0100));
}

TEST_F(HeldLoopsTest, NotWhereItWouldCostMore) {
  const std::vector<Handler> both = {kAdd, kJump};
  sequences_.Add(both, {.handler = 77, .pattern = "", .loop = true});
  AddOp(kRead, {9});
  AddOp(kAdd, {5, 6});  // at 3
  AddOp(kJump, {-4});   // at 7, to 3: the whole loop is one op
  AddOp(kAdd, {1, 2});  // at 10
  AddOp(kOther, {});
  const uint32_t size = code_.position();
  EXPECT_TRUE(Run(kFirst, 10).empty());
  EXPECT_EQ(code_.position(), size);
  EXPECT_EQ(HandlerAt(kFirst), kAdd);
  EXPECT_EQ(all_ops_, ops_);
}

TEST_F(HeldLoopsTest, NoLoopBeforeSuchAnOp) {
  AddOp(kRead, {9});
  AddOp(kOther, {5, 6});  // at 3
  AddOp(kJump, {-4});
  EXPECT_TRUE(Run(kFirst, 10).empty());
  EXPECT_EQ(HandlerAt(kFirst), kOther);
}

TEST(TranslationTest, FindsTheLoopOfAPosition) {
  Translation translation;
  EXPECT_EQ(translation.HeldLoopAt(0), nullptr);
  translation.held_loops = {{.begin = 10, .end = 20}, {.begin = 25, .end = 30}};
  EXPECT_EQ(translation.HeldLoopAt(9), nullptr);
  EXPECT_EQ(translation.HeldLoopAt(10), &translation.held_loops[0]);
  EXPECT_EQ(translation.HeldLoopAt(19), &translation.held_loops[0]);
  EXPECT_EQ(translation.HeldLoopAt(20), nullptr);
  EXPECT_EQ(translation.HeldLoopAt(29), &translation.held_loops[1]);
  EXPECT_EQ(translation.HeldLoopAt(30), nullptr);
}

}  // namespace
}  // namespace wasmd
