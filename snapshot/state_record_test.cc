#include "snapshot/state_record.h"

#include <string>

#include "absl/status/status.h"
#include "base/bytes.h"
#include "base/testing/status_matchers.h"

namespace wasmd {
namespace {

using ::testing::HasSubstr;
using testing::StatusIs;

std::string Sealed(std::string_view payload,
                   uint32_t version = kSnapshotFormatVersion) {
  std::string record(kStateRecordHeaderBytes, '\0');
  record += payload;
  SealStateRecord(&record, version);
  return record;
}

TEST(StateRecordTest, GivesBackThePayload) {
  const std::string record = Sealed("payload");
  ASSERT_OK_AND_ASSIGN(const StateRecord opened,
                       OpenStateRecord(AsBytes(record)));
  EXPECT_EQ(opened.version, kSnapshotFormatVersion);
  EXPECT_EQ(AsText(opened.payload), "payload");
}

TEST(StateRecordTest, TheEnvelopeIsAsDocumented) {
  EXPECT_EQ(Sealed("").substr(0, 16),
            std::string("WASMDSNP\x02\0\0\0\0\0\0\0", 16));
  EXPECT_EQ(Sealed("abc").substr(8, 8), std::string("\x02\0\0\0\3\0\0\0", 8));
}

TEST(StateRecordTest, FindsEveryFlippedBit) {
  const std::string record = Sealed("some payload");
  for (size_t i = 0; i < record.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string damaged = record;
      damaged[i] = static_cast<char>(damaged[i] ^ (1 << bit));
      EXPECT_THAT(OpenStateRecord(AsBytes(damaged)),
                  StatusIs(absl::StatusCode::kDataLoss))
          << "bit " << bit << " of byte " << i;
    }
  }
}

TEST(StateRecordTest, FindsEveryTruncation) {
  const std::string record = Sealed("some payload");
  for (size_t size = 0; size < record.size(); ++size) {
    EXPECT_THAT(OpenStateRecord(AsBytes(record.substr(0, size))),
                StatusIs(absl::StatusCode::kDataLoss))
        << size << " bytes";
  }
  EXPECT_THAT(OpenStateRecord(AsBytes(record + "x")),
              StatusIs(absl::StatusCode::kDataLoss));
}

TEST(StateRecordTest, TellsANewerVersionFromDamage) {
  EXPECT_THAT(
      OpenStateRecord(AsBytes(Sealed("x", kSnapshotFormatVersion + 1))),
      StatusIs(absl::StatusCode::kUnimplemented, HasSubstr("newer wasmd")));
  EXPECT_THAT(OpenStateRecord(AsBytes(Sealed("x", 0))),
              StatusIs(absl::StatusCode::kDataLoss));
}

}  // namespace
}  // namespace wasmd
