// ProcessDb: durable processes on RocksDB (design section 4;
// docs/store-format.md). Bytes in, bytes out: it knows nothing of WebAssembly.
// One ProcessDb owns a directory at a time.
//
// Thread-safe. Every method may block on disk.
//
// A program that uses one ignores SIGXFSZ: a file that may not grow is then an
// error like a full disk, not the end of the program.

#ifndef WASMD_STORE_PROCESS_DB_H_
#define WASMD_STORE_PROCESS_DB_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/bytes.h"
#include "base/sha256.h"
#include "store/commit.h"
#include "store/input.h"
#include "store/open_options.h"
#include "store/page_reader.h"
#include "store/process_record.pb.h"
#include "store/store_report.h"

namespace wasmd {

// What the store did since it was opened.
struct StoreStatistics {
  uint64_t commits = 0;
  uint64_t writes = 0;         // atomic writes of one or more commits
  uint64_t written_bytes = 0;  // of those writes, as given to the WAL
  // Spent on finding what changed, before anything is written.
  uint64_t prepare_ns = 0;
};

// A state of a process that is kept beside the last one (Commit::keep_point).
struct KeptPoint {
  uint64_t sequence = 0;
  // As of that commit.
  ProcessRecord record;
  uint64_t state_bytes = 0;
};

struct ForkRequest {
  ProcessNumber parent = 0;
  // A kept point of the parent; absent: its last commit.
  std::optional<uint64_t> point = {};
  // Of the child: sequence 0, a free name or none.
  ProcessRecord record = {};
  // The child gets the blocks of the parent's journal that begin at this event
  // or later; absent: none.
  std::optional<uint64_t> journal_from = {};
  // And what the parent has of its input from this offset on; absent: none.
  std::optional<uint64_t> input_from = {};
};

struct RewindRequest {
  ProcessNumber process = 0;
  uint64_t point = 0;
  // The new head record. As of a commit: `sequence` is the stored one plus one,
  // the name is the stored one.
  ProcessRecord record = {};
  // Blocks of the journal that begin at this event or later are removed;
  // absent: none are.
  std::optional<uint64_t> journal_end = {};
};

// Which kept points to drop.
struct PointRetention {
  // Older ones than the newest so many.
  std::optional<uint64_t> max_points = {};
  // Those of commits before this sequence.
  uint64_t min_sequence = 0;
};

class ProcessDb {
 public:
  // FailedPrecondition if another wasmd owns the directory (the message names
  // it), NotFound if there is no store and none may be made, Unimplemented if a
  // newer wasmd wrote it, DataLoss if it is damaged, Unavailable for I/O
  // errors, with the path.
  static absl::StatusOr<std::unique_ptr<ProcessDb>> Open(
      const std::string& directory, const OpenOptions& options = {});
  virtual ~ProcessDb() = default;

  // Errors that any method may give: DataLoss for damage, naming the process
  // and what of it is damaged; Unavailable for I/O errors, ResourceExhausted
  // for a full disk, with the path; FailedPrecondition for a change of a store
  // that is open for reading.
  //
  // After an error of a change nothing has changed: the store repairs itself,
  // and what is committed next stands. Only if that fails too (the disk stays
  // full) is it open whether the change will be found, as a whole, when the
  // store is opened next; it is never seen before.

  // Modules, kept once by hash. PutModule is durable when it returns and is a
  // no-op when the module is there; GetModule is NotFound if there is none and
  // DataLoss if the bytes do not have the hash. A module that was put is kept
  // until a process that uses it was created and removed again, or until the
  // store is opened next without one.
  virtual absl::Status PutModule(const Sha256Digest& hash, ByteSpan bytes) = 0;
  virtual absl::StatusOr<std::vector<uint8_t>> GetModule(
      const Sha256Digest& hash) = 0;
  // Without reading it.
  virtual absl::StatusOr<bool> HasModule(const Sha256Digest& hash) = 0;

  // Registers a process with this record (sequence 0), durably. AlreadyExists
  // if the name is taken, FailedPrecondition if a module it names is not there.
  virtual absl::StatusOr<ProcessNumber> CreateProcess(
      const ProcessRecord& record) = 0;
  virtual absl::StatusOr<ProcessNumber> FindProcess(std::string_view name) = 0;
  virtual absl::StatusOr<ProcessRecord> GetRecord(ProcessNumber process) = 0;
  // In order of creation. Goes on after a damaged record and returns the error
  // at the end.
  virtual absl::Status ForEachProcess(
      const std::function<absl::Status(ProcessNumber, const ProcessRecord&)>&
          callback) = 0;
  // Removes a process and all it alone uses, modules included. Durable. Works
  // for a damaged process too.
  virtual absl::Status RemoveProcess(ProcessNumber process) = 0;

  // All or nothing, atomically. After an error the process is as it was and
  // stays usable; FailedPrecondition when `record.sequence` does not fit.
  virtual absl::Status ApplyCommit(const Commit& commit, SyncMode sync) = 0;
  // The commits of many processes in one write and one sync; several of one
  // process in their order.
  virtual absl::Status ApplyCommits(const std::vector<Commit>& commits,
                                    SyncMode sync) = 0;

  // Callbacks below may call other methods; an error they return ends the walk
  // and is returned. Bytes are borrowed until the callback returns.

  // NotFound if no commit had a state yet. DataLoss if its checksum is wrong.
  virtual absl::StatusOr<std::string> GetState(ProcessNumber process) = 0;
  // Every stored page, ascending (memory, page); empty bytes: all zeros.
  virtual absl::Status ForEachPage(
      ProcessNumber process,
      const std::function<absl::Status(uint32_t memory, uint64_t page,
                                       ByteSpan bytes)>& callback) = 0;
  // Log bytes from `offset` of a stream on, in pieces.
  virtual absl::Status ForEachLog(
      ProcessNumber process, uint32_t stream, uint64_t offset,
      const std::function<absl::Status(ByteSpan bytes)>& callback) = 0;
  // Both streams as written, in order of their commits.
  virtual absl::Status ForEachLogRecord(
      ProcessNumber process,
      const std::function<absl::Status(uint32_t stream, ByteSpan bytes)>&
          callback) = 0;

  // The process was let go of, or failed: drops what is held in memory to make
  // its commits cheap (about as much as the pages that it changes again and
  // again). Never changes what is stored; without it, memory is bounded by
  // OpenOptions::shadow_bytes all the same.
  virtual void Forget(ProcessNumber process) {}

  // The pages of the last commit, or of a kept point, for reading on demand.
  // NotFound if there is no such process or point.
  virtual absl::StatusOr<std::unique_ptr<PageReader>> OpenPages(
      ProcessNumber process, std::optional<uint64_t> point = {});

  // Kept points: commits with `keep_point`. What they hold costs a copy of the
  // state, the bytes that each later commit changes, and of each page that is
  // written whole later one copy for all points before that.

  // Ascending sequences.
  virtual absl::StatusOr<std::vector<KeptPoint>> ListPoints(
      ProcessNumber process);
  // State and record as of a kept point. NotFound if it is not kept. Its pages:
  // OpenPages. Its log is the beginning of the log: as long as
  // LogBytesAt says; its journal that of the process before its event.
  virtual absl::StatusOr<ProcessRecord> GetRecordAt(ProcessNumber process,
                                                    uint64_t point);
  virtual absl::StatusOr<std::string> GetStateAt(ProcessNumber process,
                                                 uint64_t point);
  virtual absl::StatusOr<uint64_t> LogBytesAt(ProcessNumber process,
                                              uint64_t point, uint32_t stream);

  // A new process with the state and the pages of the parent. Durable when it
  // returns; costs a copy of the state, whatever the size of the memories: the
  // pages are shared until parent or child write them. The child's log begins
  // empty. NotFound if there is no such process or point, FailedPrecondition if
  // the parent has no state; else errors as CreateProcess.
  //
  // What a child shares is kept: a parent can not be removed before its
  // children (RemoveProcess: FailedPrecondition, naming them), while dropping
  // its points and rewinding it leave its children as they are.
  virtual absl::StatusOr<ProcessNumber> Fork(const ForkRequest& request);

  // Makes a kept point the last state again, durably and all at once: pages,
  // state, log, and the record that is given. Points after it are dropped; fork
  // first to keep them. Costs a write of each page that changed since.
  // FailedPrecondition when `record.sequence` does not fit. ResourceExhausted
  // beyond 1 GiB of such pages.
  virtual absl::Status Rewind(const RewindRequest& request);

  // Drops points, durably, and then what only they held, in small writes. If
  // that is cut off, the next call goes on with it.
  virtual absl::Status DropPoints(ProcessNumber process,
                                  const PointRetention& retention);
  // The blocks of the journal, ascending, from the one that begins at or before
  // `from_event` on.
  virtual absl::Status ForEachJournalBlock(
      ProcessNumber process, uint64_t from_event,
      const std::function<absl::Status(uint64_t first_event, ByteSpan bytes)>&
          callback) = 0;

  // Input (store/input.h). Appending is durable when it returns, with kSync;
  // NotFound if there is no such process, FailedPrecondition if its input is
  // closed, Aborted if it does not end where `write` says, InvalidArgument for
  // more than kMaxInputWriteBytes, or nothing that does not close it either.
  // What a commit says was read (Commit::input_read) is gone.
  virtual absl::Status AppendInput(const InputWrite& write, SyncMode sync);
  virtual absl::StatusOr<InputEnd> GetInputEnd(ProcessNumber process);
  // At most `max_bytes` from `offset` on, perhaps fewer than there are.
  virtual absl::StatusOr<InputBytes> ReadInput(ProcessNumber process,
                                               uint64_t offset,
                                               size_t max_bytes);

  // Processes that are WAITING with a wake_time_ns, not 0, that is <= now,
  // earliest first.
  virtual absl::StatusOr<std::vector<ProcessNumber>> DueProcesses(
      int64_t now_ns, size_t limit) = 0;

  // Makes everything committed so far durable, whatever its SyncMode.
  virtual absl::Status Sync() = 0;

  // Reads everything there is, of one moment, and calls `found` for all that is
  // wrong: damage, and keys that do not agree with each other. What the bytes
  // of a process mean is for others to check. Acknowledged commits that are
  // lost with the end of the WAL are an error of opening, not a finding.
  virtual absl::StatusOr<StoreCensus> Check(
      const std::function<void(const StoreFinding&)>& found) = 0;
  // What takes the space. Reads everything.
  virtual absl::StatusOr<StoreUsage> Usage() = 0;

  virtual StoreStatistics Statistics() const { return {}; }
};

}  // namespace wasmd

#endif  // WASMD_STORE_PROCESS_DB_H_
