// ProcessDb: durable processes on RocksDB (design section 4;
// docs/store-format.md). Bytes in, bytes out: it knows nothing of WebAssembly.
// One ProcessDb owns a directory at a time.
//
// Thread-safe. Every method may block on disk.

#ifndef WASMD_STORE_PROCESS_DB_H_
#define WASMD_STORE_PROCESS_DB_H_

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
#include "store/process_record.pb.h"

namespace rocksdb {
class Env;
}  // namespace rocksdb

namespace wasmd {

// Number of a process in its store; never reused. Names are for people and are
// unique among the processes that exist.
using ProcessNumber = uint64_t;

enum class SyncMode : uint8_t {
  kSync,    // on disk when Commit returns
  kNoSync,  // survives the end of this program, not of the machine
};

// A page of 4096 bytes of a memory. Empty bytes: all zeros.
struct PageWrite {
  uint32_t memory = 0;
  uint64_t page = 0;
  ByteSpan bytes;
};

struct LogWrite {
  uint32_t stream = 0;  // 1 stdout, 2 stderr
  std::string_view bytes;
};

// Everything that changes in one step of a process. Borrowed until Commit
// returns.
struct Commit {
  ProcessNumber process = 0;
  // The new head record; its `sequence` must be the stored one plus one.
  ProcessRecord record;
  // The new state record; absent: unchanged.
  std::optional<ByteSpan> state;
  std::vector<PageWrite> pages;
  std::vector<LogWrite> log;
};

struct OpenOptions {
  bool create_if_missing = true;
  bool read_only =
      false;  // does not take the lock; sees the last flush and WAL
  // Not owned; null for the default. Tests put faults here.
  rocksdb::Env* env = nullptr;
};

class ProcessDb {
 public:
  // FailedPrecondition if another wasmd owns the directory (the message names
  // it), Unimplemented if a newer wasmd wrote it, DataLoss if it is damaged,
  // Unavailable for I/O errors, with the path.
  static absl::StatusOr<std::unique_ptr<ProcessDb>> Open(
      const std::string& directory, const OpenOptions& options = {});
  virtual ~ProcessDb() = default;

  // Modules, kept once by hash. PutModule is durable when it returns and is a
  // no-op when the module is there; GetModule is NotFound if there is none and
  // DataLoss if the bytes do not have the hash.
  virtual absl::Status PutModule(const Sha256Digest& hash, ByteSpan bytes) = 0;
  virtual absl::StatusOr<std::vector<uint8_t>> GetModule(
      const Sha256Digest& hash) = 0;

  // Registers a process with this record (sequence 0), durably. AlreadyExists
  // if the name is taken.
  virtual absl::StatusOr<ProcessNumber> CreateProcess(
      const ProcessRecord& record) = 0;
  virtual absl::StatusOr<ProcessNumber> FindProcess(std::string_view name) = 0;
  virtual absl::StatusOr<ProcessRecord> GetRecord(ProcessNumber process) = 0;
  // In order of creation.
  virtual absl::Status ForEachProcess(
      const std::function<absl::Status(ProcessNumber, const ProcessRecord&)>&
          callback) = 0;
  // Removes a process and all it alone uses, modules included. Durable.
  virtual absl::Status RemoveProcess(ProcessNumber process) = 0;

  // All or nothing, atomically. After an error the process is as it was and
  // stays usable; FailedPrecondition when `record.sequence` does not fit.
  virtual absl::Status ApplyCommit(const Commit& commit, SyncMode sync) = 0;
  // The commits of many processes in one write and one sync.
  virtual absl::Status ApplyCommits(const std::vector<Commit>& commits,
                                    SyncMode sync) = 0;

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

  // Processes whose record has wake_time_ns <= now, earliest first.
  virtual absl::StatusOr<std::vector<ProcessNumber>> DueProcesses(
      int64_t now_ns, size_t limit) = 0;

  // Makes everything committed so far durable, whatever its SyncMode.
  virtual absl::Status Sync() = 0;
};

}  // namespace wasmd

#endif  // WASMD_STORE_PROCESS_DB_H_
