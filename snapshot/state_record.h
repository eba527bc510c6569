// The envelope of a state record: what every version of the format has in
// front, so that a reader of any release can tell what it is given before it
// reads the rest (docs/snapshot-format.md). It is the same in every version.
//
//   offset  size
//        0     8  magic "WASMDSNP"
//        8     4  format version, little-endian as all that follows
//       12     4  size of the payload in bytes
//       16     8  xxh3-64 (seed 0) of bytes 0 to 15 and the payload
//       24        payload: a snapshot.proto State

#ifndef WASMD_SNAPSHOT_STATE_RECORD_H_
#define WASMD_SNAPSHOT_STATE_RECORD_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "base/bytes.h"

namespace wasmd {

// The newest format: written always, and the newest that is read.
// 1: the first.
// 2: images of memories that several instances initialise; the limit of all
//    memories together; pages that are like the image are left out.
inline constexpr uint32_t kSnapshotFormatVersion = 2;

inline constexpr size_t kStateRecordHeaderBytes = 24;

struct StateRecord {
  uint32_t version = 0;
  ByteSpan payload;  // of the bytes that were unwrapped
};

// `payload` starts with kStateRecordHeaderBytes of anything, which become the
// header: so the payload need not be copied. It is below 2 GiB.
void SealStateRecord(std::string* payload,
                     uint32_t version = kSnapshotFormatVersion);

// DataLoss if this is no state record or a damaged one, Unimplemented if the
// version is newer than kSnapshotFormatVersion.
absl::StatusOr<StateRecord> OpenStateRecord(ByteSpan bytes);

}  // namespace wasmd

#endif  // WASMD_SNAPSHOT_STATE_RECORD_H_
