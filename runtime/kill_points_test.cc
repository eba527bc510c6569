#include "runtime/kill_points.h"

#include <gtest/gtest.h>
#include <signal.h>

#include "base/str_cat.h"
#include "base/testing/status_matchers.h"

namespace wasmd {
namespace {

TEST(KillPointsTest, EmptyNeverKills) {
  ASSERT_OK_AND_ASSIGN(KillPoints points, KillPoints::Parse(""));
  for (int i = 0; i < 100; ++i) points.Pass(KillPoint::kCreated);
}

TEST(KillPointsTest, RefusesWhatItDoesNotKnow) {
  for (const char* text :
       {"x", "nowhere:1", "created", "created:", "created:0", "created:-1",
        "created:1x", "created:99999999999999999999", ":1"}) {
    EXPECT_EQ(KillPoints::Parse(text).status().code(),
              absl::StatusCode::kInvalidArgument)
        << text;
  }
}

TEST(KillPointsDeathTest, KillsAtTheNthPass) {
  EXPECT_EXIT(
      {
        KillPoints points = *KillPoints::Parse("after_effect:2");
        points.Pass(KillPoint::kAfterEffect);
        points.Pass(KillPoint::kBeforeEffect);
        points.Pass(KillPoint::kAfterEffect);
        exit(0);
      },
      ::testing::KilledBySignal(SIGKILL), "");
  EXPECT_EXIT(
      {
        KillPoints points = *KillPoints::Parse("after_effect:2");
        points.Pass(KillPoint::kAfterEffect);
        points.Pass(KillPoint::kBeforeEffect);
        exit(0);
      },
      ::testing::ExitedWithCode(0), "");
}

TEST(KillPointsDeathTest, EveryNameIsAPoint) {
  for (size_t i = 0; i < kKillPointNames.size(); ++i) {
    EXPECT_EXIT(
        {
          KillPoints points =
              *KillPoints::Parse(StrCat(kKillPointNames[i], ":1"));
          points.Pass(static_cast<KillPoint>(i));
          exit(0);
        },
        ::testing::KilledBySignal(SIGKILL), "")
        << kKillPointNames[i];
  }
}

}  // namespace
}  // namespace wasmd
