#include "interp/code/sequence_fuser.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <string_view>
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

  void AddSequence(const std::vector<Handler>& ops, Handler whole,
                   std::string_view pattern = {}, bool loop = false) {
    index_.Add(ops, {.handler = whole, .pattern = pattern, .loop = loop});
  }
  // Ops with one field each.
  void AddOp(Handler handler, CodeUnit field = 7) {
    ops_.emplace_back(static_cast<uint32_t>(code_.size()), 0);
    code_.push_back(static_cast<CodeUnit>(handler));
    code_.push_back(static_cast<CodeUnit>(handler >> 32));
    code_.push_back(field);
  }
  std::vector<Handler> Fused() {
    SequenceFuser(handlers_, code_, ops_, static_cast<uint32_t>(ops_.size()))
        .Run();
    std::vector<Handler> result;
    for (const auto& [position, offset] : ops_) {
      result.push_back(code_[position] | Handler{code_[position + 1]} << 32);
    }
    return result;
  }
  size_t op_count() const { return ops_.size(); }
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

TEST_F(SequenceFuserTest, PatternWhereSlotsAreLikeIt) {
  AddSequence({kA, kB}, 12);
  AddSequence({kA, kB}, 99, "a a");
  AddOp(kA, 5);
  AddOp(kB, 5);
  AddOp(kA, 5);
  AddOp(kB, 6);
  EXPECT_EQ(Fused(), (std::vector<Handler>{99, kB, 12, kB}));
}

TEST_F(SequenceFuserTest, DifferentLettersAreDifferentSlots) {
  AddSequence({kA, kB, kC}, 99, "a b a");
  for (const CodeUnit field : {1u, 2u, 1u, 1u, 1u, 1u, 1u, 2u, 3u}) {
    AddOp(std::array{kA, kB, kC}[op_count() % 3], field);
  }
  EXPECT_EQ(Fused(),
            (std::vector<Handler>{99, kB, kC, kA, kB, kC, kA, kB, kC}));
}

TEST_F(SequenceFuserTest, DotIsAnyField) {
  AddSequence({kA, kB, kC}, 99, "a . b");
  for (const CodeUnit field : {1u, 2u, 3u, 1u, 1u, 3u, 1u, 2u, 1u}) {
    AddOp(std::array{kA, kB, kC}[op_count() % 3], field);
  }
  EXPECT_EQ(Fused(),
            (std::vector<Handler>{99, kB, kC, 99, kB, kC, kA, kB, kC}));
}

TEST_F(SequenceFuserTest, PatternOfOtherFieldsNeverFits) {
  AddSequence({kA, kB}, 98, "a ab");
  AddSequence({kA, kB}, 97, "a ");
  AddSequence({kA, kB}, 96, "ab a");
  AddSequence({kA, kB}, 95, "a a a");
  AddOp(kA);
  AddOp(kB);
  EXPECT_EQ(Fused(), (std::vector<Handler>{kA, kB}));
}

TEST_F(SequenceFuserTest, LongerSequenceBeatsPattern) {
  AddSequence({kA, kB}, 99, "a a");
  AddSequence({kA, kB, kC}, 123);
  AddOp(kA);
  AddOp(kB);
  AddOp(kC);
  EXPECT_EQ(Fused(), (std::vector<Handler>{123, kB, kC}));
}

TEST_F(SequenceFuserTest, LoopBeatsLongerSequence) {
  AddSequence({kA, kB}, 77, "a .", true);
  AddSequence({kA, kB, kC}, 123);
  AddOp(kA);
  AddOp(kB, static_cast<CodeUnit>(-3));  // back to A
  AddOp(kC);
  EXPECT_EQ(Fused(), (std::vector<Handler>{77, kB, kC}));
}

TEST_F(SequenceFuserTest, NoLoopToAnotherOp) {
  AddSequence({kA, kB}, 77, "a .", true);
  AddOp(kC);
  AddOp(kA);
  AddOp(kB, static_cast<CodeUnit>(-6));  // to C
  EXPECT_EQ(Fused(), (std::vector<Handler>{kC, kA, kB}));
}

// The positions of a loop's fields are known from its first op's.
TEST_F(SequenceFuserTest, NoLoopThroughABranch) {
  AddSequence({kA, kBranch, kB}, 77, "a . .", true);
  AddOp(kA);
  AddOp(kBranch, 6);
  AddOp(kC);
  AddOp(kB, static_cast<CodeUnit>(-9));
  EXPECT_EQ(Fused(), (std::vector<Handler>{kA, kBranch, kC, kB}));
}

}  // namespace
}  // namespace wasmd
