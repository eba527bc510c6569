#include "interp/code/sequence_fuser.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <utility>
#include <vector>

#include "interp/code/handler_set.h"
#include "interp/code/sequence_index.h"

namespace wasmd {
namespace {

// Made-up handlers; the branches' are looked at.
constexpr Handler kA = 0xA0'0000'0001;
constexpr Handler kB = 0xB0'0000'0002;
constexpr Handler kC = 0xC0'0000'0003;
constexpr Handler kBranch = 0xD0;
constexpr Handler kBack = 0xE0;

class SequenceFuserTest : public ::testing::Test {
 protected:
  SequenceFuserTest() {
    handlers_.simple[static_cast<size_t>(SimpleOp::kBranch)] = kBranch;
    handlers_.simple[static_cast<size_t>(SimpleOp::kBranchBack)] = kBack;
    handlers_.sequences = &index_;
  }

  void AddSequence(const std::vector<Handler>& ops, Handler whole) {
    index_.Add(ops, whole);
  }
  // Ops with one field each.
  void AddOp(Handler handler, CodeUnit field = 7) {
    ops_.emplace_back(static_cast<uint32_t>(code_.size()), 0);
    code_.push_back(static_cast<CodeUnit>(handler));
    code_.push_back(static_cast<CodeUnit>(handler >> 32));
    code_.push_back(field);
  }
  std::vector<Handler> Fused() {
    SequenceFuser(handlers_, code_, ops_).Run();
    std::vector<Handler> result;
    for (const auto& [position, offset] : ops_) {
      result.push_back(code_[position] | Handler{code_[position + 1]} << 32);
    }
    return result;
  }
  CodeUnit Field(size_t op) const { return code_[ops_[op].first + 2]; }

 private:
  SequenceIndex index_;
  HandlerSet handlers_{};
  std::vector<CodeUnit> code_;
  std::vector<std::pair<uint32_t, uint32_t>> ops_;
};

TEST_F(SequenceFuserTest, EveryOpBeginsItsLongestSequence) {
  AddSequence({kA, kB}, 12);
  AddSequence({kA, kB, kC}, 123);
  AddSequence({kB, kC}, 23);
  for (const Handler handler : {kA, kB, kC, kA, kB, kA}) AddOp(handler);
  EXPECT_EQ(Fused(), (std::vector<Handler>{123, 23, kC, 12, kB, kA}));
  EXPECT_EQ(Field(0), 7u);
}

TEST_F(SequenceFuserTest, ThroughBranches) {
  AddSequence({kA, kBranch, kC}, 143);
  AddSequence({kB, kBack, kA}, 251);
  AddOp(kA);
  AddOp(kBranch, 9);  // to C, three ops further
  AddOp(kB);
  AddOp(kBack, static_cast<CodeUnit>(-9));  // to A
  AddOp(kC);
  EXPECT_EQ(Fused(), (std::vector<Handler>{143, kBranch, 251, kBack, kC}));
}

TEST_F(SequenceFuserTest, EndlessLoopOfBranches) {
  AddSequence({kBack, kBack, kBack}, 444);
  AddOp(kBack, 0);
  EXPECT_EQ(Fused(), (std::vector<Handler>{444}));
}

TEST_F(SequenceFuserTest, NoSequencePastTheEnd) {
  AddSequence({kA, kB}, 12);
  AddOp(kA);
  EXPECT_EQ(Fused(), (std::vector<Handler>{kA}));
}

}  // namespace
}  // namespace wasmd
