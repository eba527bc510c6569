#include "snapshot/process_file_sections.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "base/bytes.h"
#include "base/testing/status_matchers.h"

namespace wasmd {
namespace {

using ::testing::HasSubstr;
using testing::StatusIs;

size_t Unlimited(SectionKind) { return size_t{1} << 40; }
size_t TenBytes(SectionKind) { return 10; }

class SectionsTest : public ::testing::Test {
 protected:
  SectionsTest()
      : sink_([this](ByteSpan piece) {
          file_.insert(file_.end(), piece.begin(), piece.end());
          return absl::OkStatus();
        }),
        writer_(sink_) {
    EXPECT_OK(writer_.WriteHeader());
  }

  // Makes the checksums of header and trailer right again.
  void Reseal() {
    StoreLittle(&file_[12],
                static_cast<uint32_t>(XXH3_64bits(file_.data(), 12)));
    StoreLittle(&file_[file_.size() - 8],
                XXH3_64bits(file_.data(), file_.size() - 8));
  }

  std::vector<uint8_t> file_;
  ByteSink sink_;
  SectionWriter writer_;
};

TEST_F(SectionsTest, LongPartsAreCutAndJoined) {
  const std::string text(2 * kMaxSectionBytes + 3, 'x');
  ASSERT_OK(
      writer_.WritePart(SectionKind::kLog, AsBytes("prefix"), AsBytes(text)));
  ASSERT_OK(writer_.WriteTrailer());
  ASSERT_OK_AND_ASSIGN(SectionReader reader, SectionReader::Open(file_));
  ASSERT_OK_AND_ASSIGN(const auto part, reader.ReadPart(Unlimited));
  ASSERT_TRUE(part.has_value());
  EXPECT_EQ(part->kind, SectionKind::kLog);
  EXPECT_TRUE(part->bytes == "prefix" + text);
  ASSERT_OK_AND_ASSIGN(const auto end, reader.ReadPart(Unlimited));
  EXPECT_FALSE(end.has_value());
}

TEST_F(SectionsTest, PartsHaveALimit) {
  ASSERT_OK(writer_.WritePart(SectionKind::kState, {}, AsBytes("01234567890")));
  ASSERT_OK(writer_.WriteTrailer());
  ASSERT_OK_AND_ASSIGN(SectionReader reader, SectionReader::Open(file_));
  EXPECT_THAT(reader.ReadPart(TenBytes),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("longer")));
}

TEST_F(SectionsTest, NewerVersionsAreToldFromDamage) {
  ASSERT_OK(writer_.WriteTrailer());
  file_[8] = kProcessFileVersion + 1;
  Reseal();
  EXPECT_THAT(SectionReader::Open(file_),
              StatusIs(absl::StatusCode::kUnimplemented));
}

TEST_F(SectionsTest, SectionsHaveTheirOwnChecksum) {
  ASSERT_OK(writer_.WritePart(SectionKind::kState, {}, AsBytes("state")));
  ASSERT_OK(writer_.WriteTrailer());
  file_[16 + 24 + 9] ^= 1;  // in the section's zstd frame
  Reseal();
  ASSERT_OK_AND_ASSIGN(SectionReader reader, SectionReader::Open(file_));
  EXPECT_THAT(reader.ReadPart(Unlimited),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("checksum")));
}

TEST_F(SectionsTest, ARawSizeThatIsALieIsFound) {
  ASSERT_OK(writer_.WritePart(SectionKind::kState, {}, AsBytes("state")));
  ASSERT_OK(writer_.WriteTrailer());
  for (const uint32_t raw_bytes : {4u, 6u, 1u << 20, ~0u}) {
    uint8_t* section = &file_[16];
    StoreLittle(section + 8, raw_bytes);
    XXH3_state_t state;
    XXH3_64bits_reset(&state);
    XXH3_64bits_update(&state, section, 16);
    XXH3_64bits_update(&state, section + 24, LoadLittle<uint32_t>(section + 4));
    StoreLittle(section + 16, XXH3_64bits_digest(&state));
    Reseal();
    ASSERT_OK_AND_ASSIGN(SectionReader reader, SectionReader::Open(file_));
    EXPECT_THAT(reader.ReadPart(Unlimited),
                StatusIs(absl::StatusCode::kDataLoss))
        << raw_bytes;
  }
}

}  // namespace
}  // namespace wasmd
