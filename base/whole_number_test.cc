#include "base/whole_number.h"

#include <gtest/gtest.h>

namespace wasmd {
namespace {

TEST(WholeNumberTest, AllOfIt) {
  EXPECT_EQ(ParseWholeNumber("0"), 0u);
  EXPECT_EQ(ParseWholeNumber("0042"), 42u);
  EXPECT_EQ(ParseWholeNumber("18446744073709551615"), ~uint64_t{0});
  for (const char* text : {"", "18446744073709551616", "-1", "+1", " 1", "1 ",
                           "1K", "0x10", "1.5", "a"}) {
    EXPECT_EQ(ParseWholeNumber(text), std::nullopt) << text;
  }
}

TEST(WholeNumberTest, WhatItBeginsWith) {
  std::string_view text = "64M";
  EXPECT_EQ(TakeWholeNumber(&text), 64u);
  EXPECT_EQ(text, "M");
  EXPECT_EQ(TakeWholeNumber(&text), std::nullopt);
  EXPECT_EQ(text, "M");
  text = "99999999999999999999d";
  EXPECT_EQ(TakeWholeNumber(&text), std::nullopt);
  EXPECT_EQ(text, "99999999999999999999d");
}

}  // namespace
}  // namespace wasmd
