#include "wasm/binary_reader.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <vector>

#include "base/bytes.h"
#include "base/testing/status_matchers.h"

namespace wasmd {
namespace {

using ::testing::StartsWith;
using testing::StatusIs;

using Bytes = std::vector<uint8_t>;

TEST(BinaryReaderTest, IntegersOfEverySize) {
  const Bytes bytes = {0x7F, 0x40, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0x80, 0x80,
                       0x80, 0x80, 0x78, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F};
  BinaryReader reader(bytes, 100);
  uint32_t u32 = 0;
  int32_t s32 = 0;
  int64_t s33 = 0;
  ASSERT_TRUE(reader.ReadU32(&u32));
  EXPECT_EQ(u32, 127u);
  ASSERT_TRUE(reader.ReadS32(&s32));
  EXPECT_EQ(s32, -64);
  ASSERT_TRUE(reader.ReadU32(&u32));
  EXPECT_EQ(u32, std::numeric_limits<uint32_t>::max());
  ASSERT_TRUE(reader.ReadS32(&s32));
  EXPECT_EQ(s32, std::numeric_limits<int32_t>::min());
  ASSERT_TRUE(reader.ReadS33(&s33));
  EXPECT_EQ(s33, int64_t{0xFFFFFFFF});
  EXPECT_TRUE(reader.AtEnd());
  EXPECT_EQ(reader.offset(), 100 + bytes.size());
}

TEST(BinaryReaderTest, BadIntegersSayWhy) {
  struct Case {
    Bytes bytes;
    const char* message;
  };
  const Case cases[] = {
      {{}, "unexpected end"},
      {{0x80}, "unexpected end"},
      {{0x80, 0x80, 0x80, 0x80, 0x10}, "integer too large"},
      {{0x80, 0x80, 0x80, 0x80, 0x80, 0x00}, "integer representation too long"},
  };
  for (const Case& test : cases) {
    BinaryReader reader(test.bytes, 7);
    uint32_t value = 0;
    EXPECT_FALSE(reader.ReadU32(&value));
    EXPECT_EQ(reader.error().message, test.message);
    EXPECT_THAT(
        ToStatus(reader.error()),
        StatusIs(absl::StatusCode::kInvalidArgument, StartsWith(test.message)));
  }
}

TEST(BinaryReaderTest, LimitsHideWhatFollows) {
  const Bytes bytes = {1, 2, 3};
  BinaryReader reader(bytes, 0);
  uint8_t byte = 0;
  const uint8_t* const outer = reader.Limit(1);
  EXPECT_TRUE(reader.ReadByte(&byte));
  EXPECT_TRUE(reader.AtEnd());
  EXPECT_FALSE(reader.ReadByte(&byte));
  EXPECT_EQ(reader.error().message, "unexpected end of section or function");
  reader.RemoveLimit(outer);
  EXPECT_TRUE(reader.ReadByte(&byte));
  EXPECT_EQ(byte, 2);
}

TEST(BinaryReaderTest, CountsAndNamesFitWhatIsLeft) {
  uint32_t count = 0;
  std::string_view name;
  {
    const Bytes bytes = {2, 0};
    BinaryReader reader(bytes, 0);
    EXPECT_FALSE(reader.ReadCount(&count));
    EXPECT_EQ(reader.error().message, "length out of bounds");
  }
  {
    const Bytes bytes = {3, 'a', 0xC3, 0xA9, 9};
    BinaryReader reader(bytes, 0);
    ASSERT_TRUE(reader.ReadName(&name));
    EXPECT_EQ(name, "a\xC3\xA9");
    EXPECT_EQ(reader.offset(), 4u);
  }
  {
    const Bytes bytes = {3, 'a', 0xC3, 'b'};
    BinaryReader reader(bytes, 0);
    EXPECT_FALSE(reader.ReadName(&name));
    EXPECT_EQ(reader.error().message, "malformed UTF-8 encoding");
    EXPECT_EQ(reader.error().offset, 2u);
  }
}

std::string ReadType(const Bytes& bytes) {
  BinaryReader reader(bytes, 0);
  ValueType type;
  if (!reader.ReadValueType(&type)) return reader.error().message;
  EXPECT_TRUE(reader.AtEnd());
  return ToString(type);
}

TEST(BinaryReaderTest, ValueTypes) {
  EXPECT_EQ(ReadType({0x7F}), "i32");
  EXPECT_EQ(ReadType({0x7E}), "i64");
  EXPECT_EQ(ReadType({0x7D}), "f32");
  EXPECT_EQ(ReadType({0x7C}), "f64");
  EXPECT_EQ(ReadType({0x7B}), "v128");
  const char* const kReferences[] = {
      "exnref",  "arrayref",      "structref",   "i31ref",
      "eqref",   "anyref",        "externref",   "funcref",
      "nullref", "nullexternref", "nullfuncref", "nullexnref"};
  for (uint8_t i = 0; i < 12; ++i) {
    EXPECT_EQ(ReadType({static_cast<uint8_t>(0x69 + i)}), kReferences[i]);
  }
  EXPECT_EQ(ReadType({0x63, 0x05}), "(ref null 5)");
  EXPECT_EQ(ReadType({0x64, 0x85, 0x01}), "(ref 133)");
  EXPECT_EQ(ReadType({0x64, 0x6E}), "(ref any)");
  EXPECT_EQ(ReadType({0x63, 0x70}), "funcref");
}

TEST(BinaryReaderTest, MalformedValueTypes) {
  EXPECT_EQ(ReadType({}), "unexpected end");
  EXPECT_EQ(ReadType({0x40}), "malformed value type");
  EXPECT_EQ(ReadType({0x78}), "malformed value type");
  EXPECT_EQ(ReadType({0x00}), "malformed value type");
  EXPECT_EQ(ReadType({0x80}), "malformed value type");
  EXPECT_EQ(ReadType({0x64}), "unexpected end");
  EXPECT_EQ(ReadType({0x64, 0x7F}), "malformed heap type");
  EXPECT_EQ(ReadType({0x64, 0x64}), "malformed heap type");
  // An abstract heap type is one byte: a padded one is a negative index.
  EXPECT_EQ(ReadType({0x64, 0xF0, 0x7F}), "malformed heap type");
  EXPECT_EQ(ReadType({0x64, 0x80, 0x80, 0x80, 0x80, 0x20}),
            "integer too large");
}

TEST(BinaryReaderTest, HugeTypeIndicesAreKeptInRange) {
  const Bytes bytes = {0xFF, 0xFF, 0xFF, 0xFF, 0x0F};
  BinaryReader reader(bytes, 0);
  HeapType type = AbstractHeapType::kAny;
  ASSERT_TRUE(reader.ReadHeapType(&type));
  EXPECT_EQ(type.type_index(), HeapType::kMaxTypeIndex);
}

}  // namespace
}  // namespace wasmd
