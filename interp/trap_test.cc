#include "interp/trap.h"

#include <gtest/gtest.h>

namespace wasmd {
namespace {

TEST(TrapTest, HasNameAndMessage) {
  EXPECT_EQ(Name(TrapKind::kIntegerDivideByZero), "IntegerDivideByZero");
  EXPECT_EQ(Message(TrapKind::kIntegerDivideByZero), "integer divide by zero");
  EXPECT_EQ(ToString(Trap{TrapKind::kUnreachable, ""}), "unreachable");
  EXPECT_EQ(ToString(Trap{TrapKind::kHost, "disk gone"}),
            "host function failed: disk gone");
}

}  // namespace
}  // namespace wasmd
