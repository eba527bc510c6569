#include "tools/commands/flags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/testing/status_matchers.h"

namespace wasmd {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class FlagsTest : public ::testing::Test {
 protected:
  FlagsTest() {
    flags_.Add("--json", &json_);
    flags_.Add("--store", &store_);
    flags_.Add("--env", &env_);
  }

  absl::Status Parse(std::vector<std::string> arguments) {
    return flags_.Parse(arguments, &operands_);
  }

  Flags flags_;
  bool json_ = false;
  std::string store_;
  std::vector<std::string> env_;
  std::vector<std::string> operands_;
};

TEST_F(FlagsTest, TakesValuesInBothForms) {
  EXPECT_OK(Parse({"--store", "a", "--env=K=V", "--env", "L=", "--json"}));
  EXPECT_EQ(store_, "a");
  EXPECT_THAT(env_, ElementsAre("K=V", "L="));
  EXPECT_TRUE(json_);
  EXPECT_THAT(operands_, IsEmpty());
}

TEST_F(FlagsTest, TheLastOfARepeatedTextCounts) {
  EXPECT_OK(Parse({"--store=a", "--store=b"}));
  EXPECT_EQ(store_, "b");
}

TEST_F(FlagsTest, OptionsEndAtTheFirstOperand) {
  EXPECT_OK(Parse({"m.wasm", "--json", "--", "-x"}));
  EXPECT_FALSE(json_);
  EXPECT_THAT(operands_, ElementsAre("m.wasm", "--json", "--", "-x"));
}

TEST_F(FlagsTest, OptionsMayFollowOperandsWhereAllowed) {
  flags_.AllowAfterOperands();
  EXPECT_OK(Parse({"id", "--json", "other", "--", "--store"}));
  EXPECT_TRUE(json_);
  EXPECT_THAT(operands_, ElementsAre("id", "other", "--store"));
}

TEST_F(FlagsTest, TwoDashesEndOptions) {
  EXPECT_OK(Parse({"--json", "--", "--store", "x"}));
  EXPECT_THAT(operands_, ElementsAre("--store", "x"));
}

TEST_F(FlagsTest, ALoneDashIsAnOperand) {
  EXPECT_OK(Parse({"-"}));
  EXPECT_THAT(operands_, ElementsAre("-"));
}

TEST_F(FlagsTest, SaysWhatIsWrong) {
  EXPECT_THAT(std::string(Parse({"--stroe", "x"}).message()),
              HasSubstr("unknown option --stroe"));
  EXPECT_THAT(std::string(Parse({"--store"}).message()),
              HasSubstr("--store needs a value"));
  EXPECT_THAT(std::string(Parse({"--json=1"}).message()),
              HasSubstr("--json takes no value"));
  EXPECT_THAT(std::string(Parse({"-x"}).message()),
              HasSubstr("unknown option -x"));
}

}  // namespace
}  // namespace wasmd
