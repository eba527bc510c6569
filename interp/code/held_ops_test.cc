#include "interp/code/held_ops.h"

#include <gtest/gtest.h>

namespace wasmd {
namespace {

HeldOp::Handler Find(uint32_t key) { return 1000 + key; }

TEST(HeldOpsTest, FindsWhatWasAdded) {
  // Aligned, as handlers are; more than there is room for at first.
  constexpr HeldOps::Handler kOps = 10000;
  HeldOps ops;
  for (HeldOps::Handler op = 1; op <= kOps; ++op) {
    ops.Add(op * 64, {"wr.", op, &Find});
  }
  for (HeldOps::Handler op = 1; op <= kOps; ++op) {
    const HeldOp* held = ops.Find(op * 64);
    ASSERT_NE(held, nullptr) << op;
    EXPECT_EQ(held->unheld, op);
    EXPECT_EQ(ops.Find(op * 64 + 16), nullptr);
  }
}

TEST(HeldOpsTest, TheFirstOfTwoCounts) {
  HeldOps ops;
  ops.Add(64, {"r", 1, nullptr});
  ops.Add(64, {"w", 2, nullptr});
  EXPECT_EQ(ops.Find(64)->unheld, 1u);
}

TEST(HeldOpTest, HandlersByKey) {
  const HeldOp held = {"wr.b", 7, &Find};
  EXPECT_EQ(held.Find(0), 7u);
  EXPECT_EQ(held.Find(5), 1005u);
  EXPECT_EQ(held.letters(), "wr.b");
  const HeldOp unheld = {"wr.b", 7, nullptr};
  EXPECT_EQ(unheld.Find(0), 7u);
  EXPECT_EQ(unheld.Find(1), 0u);
}

}  // namespace
}  // namespace wasmd
