#include "base/utf8.h"

#include <gtest/gtest.h>

namespace wasmd {
namespace {

TEST(Utf8Test, AcceptsEveryLength) {
  EXPECT_TRUE(IsValidUtf8(""));
  EXPECT_TRUE(IsValidUtf8("a\x7F"));
  EXPECT_TRUE(IsValidUtf8("\xC2\x80\xDF\xBF"));
  EXPECT_TRUE(IsValidUtf8("\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xEF\xBF\xBF"));
  EXPECT_TRUE(IsValidUtf8("\xF0\x90\x80\x80\xF4\x8F\xBF\xBF"));
  EXPECT_TRUE(IsValidUtf8(std::string_view("\0a", 2)));
}

TEST(Utf8Test, RefusesWhatIsNotAScalarValueInItsShortestForm) {
  for (const char* bad :
       {"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80",
        "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF"}) {
    EXPECT_FALSE(IsValidUtf8(bad));
  }
}

TEST(Utf8Test, RefusesTruncation) {
  for (const char* bad : {"\xC2", "\xE1\x80", "\xF1\x80\x80", "\xE1\x80z"}) {
    EXPECT_EQ(ValidUtf8Prefix(bad), 0u);
  }
  EXPECT_EQ(ValidUtf8Prefix("ab\xC2"), 2u);
}

TEST(Utf8Test, AppendsEveryLength) {
  std::string out;
  for (uint32_t code : {0x41u, 0x7FFu, 0xFFFDu, 0x10FFFFu}) {
    AppendUtf8(&out, code);
  }
  EXPECT_EQ(out, "A\xDF\xBF\xEF\xBF\xBD\xF4\x8F\xBF\xBF");
}

}  // namespace
}  // namespace wasmd
