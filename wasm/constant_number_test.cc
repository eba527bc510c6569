#include "wasm/constant_number.h"

#include <vector>

#include "gtest/gtest.h"

namespace wasmd {
namespace {

std::optional<ConstantNumber> Read(const std::vector<uint8_t>& bytes) {
  return ReadConstantNumber(bytes);
}

TEST(ConstantNumberTest, I32) {
  const auto number = Read({0x41, 0x80, 0x01, 0x0B});
  ASSERT_TRUE(number.has_value());
  EXPECT_EQ(number->type, kI32Type);
  EXPECT_EQ(number->bits, 128u);
  EXPECT_EQ(number->size_bytes, 4u);
  // Zero-extended, and what follows does not matter.
  const auto negative = Read({0x41, 0x7F, 0x0B, 0x41});
  ASSERT_TRUE(negative.has_value());
  EXPECT_EQ(negative->bits, 0xFFFFFFFFu);
  EXPECT_EQ(negative->size_bytes, 3u);
}

TEST(ConstantNumberTest, I64) {
  const auto number = Read({0x42, 0x7E, 0x0B});
  ASSERT_TRUE(number.has_value());
  EXPECT_EQ(number->type, kI64Type);
  EXPECT_EQ(number->bits, ~uint64_t{1});
}

TEST(ConstantNumberTest, OthersAreLeftAlone) {
  EXPECT_FALSE(Read({}).has_value());
  EXPECT_FALSE(Read({0x41}).has_value());
  EXPECT_FALSE(Read({0x41, 0x00}).has_value()) << "no end";
  EXPECT_FALSE(Read({0x41, 0x80, 0x0B}).has_value()) << "inside the number";
  EXPECT_FALSE(Read({0x41, 0x00, 0x41, 0x00, 0x6A, 0x0B}).has_value())
      << "extended";
  EXPECT_FALSE(Read({0x41, 0xFF, 0xFF, 0xFF, 0xFF, 0x1F, 0x0B}).has_value())
      << "too large";
  EXPECT_FALSE(Read({0x23, 0x00, 0x0B}).has_value()) << "global.get";
  EXPECT_FALSE(Read({0x43, 0x00, 0x00, 0x00, 0x00, 0x0B}).has_value())
      << "f32.const";
}

}  // namespace
}  // namespace wasmd
