#include "base/leb128.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace wasmd {
namespace {

using Bytes = std::vector<uint8_t>;

TEST(Leb128Test, UnsignedRoundTrip) {
  for (uint64_t value : {uint64_t{0}, uint64_t{127}, uint64_t{128},
                         uint64_t{624485}, ~uint64_t{0}}) {
    std::string out;
    AppendUnsignedLeb128(&out, value);
    auto read = ReadUnsignedLeb128<uint64_t>(AsBytes(out));
    EXPECT_EQ(read.error, Leb128Error::kNone);
    EXPECT_EQ(read.value, value);
    EXPECT_EQ(read.size_bytes, out.size());
  }
}

TEST(Leb128Test, SignedRoundTrip) {
  for (int64_t value :
       {int64_t{0}, int64_t{-1}, int64_t{63}, int64_t{64}, int64_t{-64},
        int64_t{-65}, std::numeric_limits<int64_t>::min(),
        std::numeric_limits<int64_t>::max()}) {
    std::string out;
    AppendSignedLeb128(&out, value);
    auto read = ReadSignedLeb128<int64_t>(AsBytes(out));
    EXPECT_EQ(read.error, Leb128Error::kNone);
    EXPECT_EQ(read.value, value);
    EXPECT_EQ(read.size_bytes, out.size());
  }
}

TEST(Leb128Test, PaddedEncodingsAreAccepted) {
  EXPECT_EQ(ReadUnsignedLeb128<uint32_t>(Bytes{0x80, 0x80, 0x80, 0x80, 0x00})
                .size_bytes,
            5u);
  EXPECT_EQ(
      ReadSignedLeb128<int32_t>(Bytes{0xFF, 0xFF, 0xFF, 0xFF, 0x7F}).value, -1);
}

TEST(Leb128Test, ErrorsAreToldApart) {
  EXPECT_EQ(ReadUnsignedLeb128<uint32_t>(Bytes{0x80}).error,
            Leb128Error::kTruncated);
  EXPECT_EQ(
      ReadUnsignedLeb128<uint32_t>(Bytes{0x80, 0x80, 0x80, 0x80, 0x10}).error,
      Leb128Error::kTooLarge);
  EXPECT_EQ(
      ReadUnsignedLeb128<uint32_t>(Bytes{0x80, 0x80, 0x80, 0x80, 0x80, 0x00})
          .error,
      Leb128Error::kTooLong);
  EXPECT_EQ(
      ReadSignedLeb128<int32_t>(Bytes{0x80, 0x80, 0x80, 0x80, 0x70}).error,
      Leb128Error::kTooLarge);
  EXPECT_EQ(
      ReadSignedLeb128<int32_t>(Bytes{0xFF, 0xFF, 0xFF, 0xFF, 0x0F}).error,
      Leb128Error::kTooLarge);
}

TEST(Leb128Test, BlockTypesAre33BitsWide) {
  auto index =
      ReadSignedLeb128<int64_t, 33>(Bytes{0xFF, 0xFF, 0xFF, 0xFF, 0x0F});
  EXPECT_EQ(index.error, Leb128Error::kNone);
  EXPECT_EQ(index.value, 0xFFFFFFFF);
  EXPECT_EQ((ReadSignedLeb128<int64_t, 33>(Bytes{0x40}).value), -64);
}

}  // namespace
}  // namespace wasmd
