// Finds and cuts off what a power cut left of RocksDB's list of files
// (MANIFEST) behind what was synced of it, before RocksDB reads it:
// manifest_note.h says why.

#ifndef WASMD_STORE_MANIFEST_AUDIT_H_
#define WASMD_STORE_MANIFEST_AUDIT_H_

#include <rocksdb/env.h>

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace wasmd {

// What there is of the list that CURRENT names.
struct ManifestVerdict {
  std::string path = {};        // empty: nothing is known of it
  uint64_t promised_bytes = 0;  // which are on disk, by the note
  uint64_t sound_bytes = 0;
  uint64_t size_bytes = 0;

  bool has_loss() const { return sound_bytes < promised_bytes; }
  // What is behind the promised is not whole, and nothing relies on it.
  bool has_torn_end() const { return !has_loss() && sound_bytes < size_bytes; }
};

// Changes nothing. An error is one of reading.
absl::StatusOr<ManifestVerdict> AuditManifest(rocksdb::Env* env,
                                              const std::string& directory);

// DataLoss: the list has lost what was on disk.
absl::Status LostFiles(const std::string& directory,
                       const ManifestVerdict& verdict);

// Cuts off a torn end, durably. FailedPrecondition if the store is in use by
// somebody who is about to write it; DataLoss as above, unless `accept_loss`.
absl::Status RepairManifest(rocksdb::Env* env, const std::string& directory,
                            bool accept_loss);

// `base` in which the list seems to be without its torn end: for who may not
// change it. `base` must outlive the result.
std::unique_ptr<rocksdb::Env> WithoutTornEnd(rocksdb::Env* base,
                                             const ManifestVerdict& verdict);

}  // namespace wasmd

#endif  // WASMD_STORE_MANIFEST_AUDIT_H_
