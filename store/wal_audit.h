// Finds and cuts off what is wrong with RocksDB's WAL, before RocksDB reads it.
//
// After a crash the WAL ends in whatever was being written. RocksDB stops
// there, but: it cannot tell that end from damage to records that were synced
// long before, and drops all that follows with no error; and it skips a stretch
// of zeros, as a file system may leave in what was not synced, and goes on
// behind it with a hole in history.
//
// So every batch of ours says which sequence number is known to be durable (its
// mark). If a mark anywhere in the WAL promises more than can be read,
// acknowledged commits are lost, and that is an error. Else what cannot be read
// was never acknowledged as synced, and it is cut off with all that follows.
//
// Of the very last sync of a store that was not closed properly no mark tells:
// SyncNote does.

#ifndef WASMD_STORE_WAL_AUDIT_H_
#define WASMD_STORE_WAL_AUDIT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace rocksdb {
class Env;
class WriteBatch;
}  // namespace rocksdb

namespace wasmd {

// Puts the mark into an empty batch: everything up to this sequence number of
// RocksDB is on disk.
void AddDurableMark(uint64_t sequence, rocksdb::WriteBatch* batch);

// "000012.log" is 12; nullopt: no name of a WAL file.
std::optional<uint64_t> WalNumber(std::string_view name);

// What one file of the WAL holds.
struct WalFile {
  uint64_t number = 0;
  std::string path = {};
  // Of the records from the first on that are whole and follow each other.
  bool has_records = false;
  uint64_t first_sequence = 0;
  uint64_t last_sequence = 0;
  uint64_t sound_bytes = 0;  // their end
  uint64_t size_bytes = 0;   // of the file; more than sound_bytes: damage
  // The greatest that a mark promises, anywhere in the file.
  uint64_t promised = 0;
};

// Reads all files of the WAL, in order of their numbers. Changes nothing.
absl::StatusOr<std::vector<WalFile>> ReadWal(rocksdb::Env* env,
                                             const std::string& directory);

// How far the WAL can be read, of files that RocksDB still needs.
struct WalVerdict {
  uint64_t readable = 0;  // the last sequence number; 0: no record
  uint64_t promised = 0;  // the greatest mark
  // The files before this one are sound; of it, so many bytes are.
  size_t sound_files = 0;
  uint64_t sound_bytes = 0;
  // Where reading ends early: "/store/000012.log at byte 345"; empty: it does
  // not.
  std::string damage = {};
};
WalVerdict JudgeWal(const std::vector<WalFile>& files);

// Cuts off what is not readable, durably.
absl::Status CutWal(rocksdb::Env* env, const std::vector<WalFile>& files,
                    const WalVerdict& verdict);

}  // namespace wasmd

#endif  // WASMD_STORE_WAL_AUDIT_H_
