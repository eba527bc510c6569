// What a commit writes, table by table.

#ifndef WASMD_STORE_COMMIT_BATCH_H_
#define WASMD_STORE_COMMIT_BATCH_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/bytes.h"
#include "base/sha256.h"
#include "store/batch_writer.h"
#include "store/commit.h"
#include "store/database.h"
#include "store/head_table.h"
#include "store/process_record.pb.h"
#include "store/redo_tracker.h"

namespace rocksdb {
class Snapshot;
}  // namespace rocksdb

namespace wasmd {

// Log records of a stream lie within this many bytes of log (of all streams)
// after a record that the index knows. Persisted by what it leaves on disk:
// readers rely on it, so it may not grow.
inline constexpr uint64_t kLogIndexInterval = uint64_t{64} << 10;

// InvalidArgument for what can not be stored: hashes, names and pages of a
// wrong size.
absl::Status CheckRecord(const ProcessRecord& record);
absl::Status CheckCommit(const Commit& commit);

// Of a record that passed CheckRecord; ascending, each once.
std::vector<Sha256Digest> ModulesOf(const ProcessRecord& record);

// NotFound if there is no such process.
absl::StatusOr<StoredProcess> ReadStoredProcess(
    const Database& database, uint64_t process,
    const rocksdb::Snapshot* snapshot = nullptr);
absl::Status NoSuchProcess(uint64_t process);
ProcessHead HeadOf(const StoredProcess& stored);

// The number of a process as a value.
std::string EncodeProcessNumber(uint64_t process);
std::optional<uint64_t> ParseProcessNumber(ByteSpan bytes);

// Whose pages a new process shares; 0: nobody's.
struct ParentPoint {
  uint64_t process = 0;
  uint64_t sequence = 0;
};
// Adds the first record of a process.
ProcessHead AddNewProcess(uint64_t process, const ProcessRecord& record,
                          BatchWriter* out, const ParentPoint& parent = {});

// Whether it writes pages or state.
inline bool ChangesMachine(const Commit& commit) {
  return commit.state.has_value() || !commit.pages.empty();
}

// A commit among others of one batch.
struct CommitContext {
  const Database& database;
  RedoBudget* budget = nullptr;
  // Of the same process in the batch: how many there are, and whether this is
  // the first that ChangesMachine.
  size_t commits_of_process = 1;
  bool is_first = true;
};

// Adds a commit that passed CheckCommit, but for its record, and brings `head`,
// which is that of the commit before, up to date. FailedPrecondition, with
// nothing added, if it does not follow.
absl::Status AddCommit(const Commit& commit, const CommitContext& context,
                       ProcessHead* head, BatchWriter* out);

// Writes the record that belongs to `head` anew.
void PutRecord(uint64_t process, const ProcessRecord& record,
               const ProcessHead& head, BatchWriter* out);
// The record of a process as stored.
StoredProcess MakeStored(const ProcessRecord& record, const ProcessHead& head);
// FailedPrecondition if the record is not that of the next commit.
absl::Status CheckFollows(uint64_t process, const ProcessRecord& record,
                          const ProcessHead& head);
// Brings `head` up to date with the record, and what refers to the process.
// PutRecord comes after.
void FollowRecord(uint64_t process, const ProcessRecord& record,
                  ProcessHead* head, BatchWriter* out);

// A record of the log as stored: LEB128 stream, LEB128 offset of its first byte
// in the stream, bytes.
struct StoredLog {
  uint32_t stream = 0;
  uint64_t offset = 0;
  ByteSpan bytes;
};
// DataLoss if it is malformed.
absl::StatusOr<StoredLog> ParseStoredLog(std::string_view key,
                                         ByteSpan payload);

}  // namespace wasmd

#endif  // WASMD_STORE_COMMIT_BATCH_H_
