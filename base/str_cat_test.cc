#include "base/str_cat.h"

#include <gtest/gtest.h>

namespace wasmd {
namespace {

TEST(StrCatTest, JoinsEveryKindOfPiece) {
  std::string text = StrCat("at ", std::string_view("byte "), 7, " ",
                            std::string("of "), uint64_t{9});
  EXPECT_EQ(text, "at byte 7 of 9");
  StrAppend(&text, std::string_view("!"));
  EXPECT_EQ(text.back(), '!');
}

}  // namespace
}  // namespace wasmd
