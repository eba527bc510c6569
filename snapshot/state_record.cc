#include "snapshot/state_record.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <cstring>

#include "base/check.h"
#include "base/str_cat.h"

namespace wasmd {
namespace {

constexpr char kMagic[8] = {'W', 'A', 'S', 'M', 'D', 'S', 'N', 'P'};
constexpr size_t kVersionAt = 8;
constexpr size_t kSizeAt = 12;
constexpr size_t kChecksumAt = 16;

uint64_t Checksum(const uint8_t* record, size_t payload_bytes) {
  XXH3_state_t state;
  XXH3_64bits_reset(&state);
  XXH3_64bits_update(&state, record, kChecksumAt);
  XXH3_64bits_update(&state, record + kStateRecordHeaderBytes, payload_bytes);
  return XXH3_64bits_digest(&state);
}

}  // namespace

void SealStateRecord(std::string* payload, uint32_t version) {
  CHECK(payload->size() >= kStateRecordHeaderBytes);
  const size_t payload_bytes = payload->size() - kStateRecordHeaderBytes;
  CHECK(payload_bytes < size_t{1} << 31);
  char* record = payload->data();
  std::memcpy(record, kMagic, sizeof(kMagic));
  StoreLittle(record + kVersionAt, version);
  StoreLittle(record + kSizeAt, static_cast<uint32_t>(payload_bytes));
  StoreLittle(record + kChecksumAt,
              Checksum(AsBytes(*payload).data(), payload_bytes));
}

absl::StatusOr<StateRecord> OpenStateRecord(ByteSpan bytes) {
  if (bytes.size() < kStateRecordHeaderBytes ||
      std::memcmp(bytes.data(), kMagic, sizeof(kMagic)) != 0) {
    return absl::DataLossError("not a wasmd state record");
  }
  const auto version = LoadLittle<uint32_t>(bytes.data() + kVersionAt);
  const ByteSpan payload = bytes.subspan(kStateRecordHeaderBytes);
  if (payload.size() != LoadLittle<uint32_t>(bytes.data() + kSizeAt)) {
    return absl::DataLossError("state record is damaged: wrong size");
  }
  if (version == 0 || Checksum(bytes.data(), payload.size()) !=
                          LoadLittle<uint64_t>(bytes.data() + kChecksumAt)) {
    return absl::DataLossError("state record is damaged: wrong checksum");
  }
  if (version > kSnapshotFormatVersion) {
    return absl::UnimplementedError(StrCat(
        "snapshot has format version ", version, "; this wasmd reads up to ",
        kSnapshotFormatVersion, ": use a newer wasmd"));
  }
  return StateRecord{version, payload};
}

}  // namespace wasmd
