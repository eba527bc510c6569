// The ProcessDb that is on disk. process_db.cc opens it and commits,
// process_db_lifecycle.cc has modules and the life of processes,
// process_db_points.cc points, forks and rewinding, process_db_input.cc input,
// process_db_reading.cc what only reads.

#ifndef WASMD_STORE_ROCKS_PROCESS_DB_H_
#define WASMD_STORE_ROCKS_PROCESS_DB_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "base/bytes.h"
#include "base/sha256.h"
#include "store/database.h"
#include "store/database_holder.h"
#include "store/head_table.h"
#include "store/process_db.h"
#include "store/redo_tracker.h"
#include "store/timer_table.h"

namespace wasmd {

// Thread-safe.
class RocksProcessDb : public ProcessDb {
 public:
  RocksProcessDb(const std::string& directory, const OpenOptions& options,
                 std::unique_ptr<Database> database)
      : read_only_(options.read_only),
        holder_(directory, options, std::move(database)),
        redo_budget_({.shadow_bytes = options.shadow_bytes,
                      .window_records = options.redo_window_records,
                      .window_bytes = options.redo_window_bytes}),
        heads_(kRememberedHeads) {}

  // What an owner does first.
  absl::Status Prepare();

  absl::Status PutModule(const Sha256Digest& hash, ByteSpan bytes) override;
  absl::StatusOr<std::vector<uint8_t>> GetModule(
      const Sha256Digest& hash) override;
  absl::StatusOr<bool> HasModule(const Sha256Digest& hash) override;

  absl::StatusOr<ProcessNumber> CreateProcess(
      const ProcessRecord& record) override;
  absl::StatusOr<ProcessNumber> FindProcess(std::string_view name) override;
  absl::StatusOr<ProcessRecord> GetRecord(ProcessNumber process) override;
  absl::Status ForEachProcess(
      const std::function<absl::Status(ProcessNumber, const ProcessRecord&)>&
          callback) override;
  absl::Status RemoveProcess(ProcessNumber process) override;

  absl::Status ApplyCommit(const Commit& commit, SyncMode sync) override {
    return ApplyAll({&commit, 1}, sync);
  }
  absl::Status ApplyCommits(const std::vector<Commit>& commits,
                            SyncMode sync) override {
    return ApplyAll(commits, sync);
  }

  void Forget(ProcessNumber process) override {
    heads_.Acquire({process}).head(0) = std::nullopt;
  }

  absl::StatusOr<std::string> GetState(ProcessNumber process) override;
  absl::StatusOr<std::unique_ptr<PageReader>> OpenPages(
      ProcessNumber process, std::optional<uint64_t> point) override;
  absl::Status ForEachPage(
      ProcessNumber process,
      const std::function<absl::Status(uint32_t memory, uint64_t page,
                                       ByteSpan bytes)>& callback) override;
  absl::Status ForEachLog(
      ProcessNumber process, uint32_t stream, uint64_t offset,
      const std::function<absl::Status(ByteSpan bytes)>& callback) override;
  absl::Status ForEachLogRecord(
      ProcessNumber process,
      const std::function<absl::Status(uint32_t stream, ByteSpan bytes)>&
          callback) override;
  absl::Status ForEachJournalBlock(
      ProcessNumber process, uint64_t from_event,
      const std::function<absl::Status(uint64_t first_event, ByteSpan bytes)>&
          callback) override;

  absl::StatusOr<std::vector<KeptPoint>> ListPoints(
      ProcessNumber process) override;
  absl::StatusOr<ProcessRecord> GetRecordAt(ProcessNumber process,
                                            uint64_t point) override;
  absl::StatusOr<std::string> GetStateAt(ProcessNumber process,
                                         uint64_t point) override;
  absl::StatusOr<uint64_t> LogBytesAt(ProcessNumber process, uint64_t point,
                                      uint32_t stream) override;
  absl::StatusOr<ProcessNumber> Fork(const ForkRequest& request) override;
  absl::Status Rewind(const RewindRequest& request) override;
  absl::Status DropPoints(ProcessNumber process,
                          const PointRetention& retention) override;

  absl::Status AppendInput(const InputWrite& write, SyncMode sync) override;
  absl::StatusOr<InputEnd> GetInputEnd(ProcessNumber process) override;
  absl::StatusOr<InputBytes> ReadInput(ProcessNumber process, uint64_t offset,
                                       size_t max_bytes) override;

  absl::StatusOr<std::vector<ProcessNumber>> DueProcesses(
      int64_t now_ns, size_t limit) override;

  absl::Status Sync() override;
  absl::StatusOr<StoreCensus> Check(
      const std::function<void(const StoreFinding&)>& found) override;
  absl::StatusOr<StoreUsage> Usage() override;
  StoreStatistics Statistics() const override;

 private:
  // Head records remembered, so that a commit need not read the one before it.
  static constexpr size_t kRememberedHeads = 16384;

  absl::Status CheckWritable() const;

  absl::Status ApplyAll(std::span<const Commit> commits, SyncMode sync);
  // The heads of the claimed processes, taken out of the claim or read; all of
  // one generation.
  absl::StatusOr<std::vector<ProcessHead>> TakeHeads(HeadTable::Claim* claim);
  // Aborted, with nothing changed, if the heads are of an older generation.
  absl::Status ApplyClaimed(std::span<const Commit> commits, SyncMode sync,
                            HeadTable::Claim* claim,
                            std::vector<ProcessHead> heads);
  absl::Status ApplyWithModules(std::span<const Commit> commits, SyncMode sync,
                                HeadTable::Claim* claim,
                                std::vector<ProcessHead> heads);

  // The parent of a process, 0 for none; also if its record is damaged.
  struct Lineage {
    ProcessNumber parent = 0;
    uint64_t sequence = 0;
  };
  absl::StatusOr<Lineage> FindParent(ProcessNumber process);
  absl::Status RemoveClaimed(ProcessNumber process, const Lineage& lineage);
  absl::StatusOr<ProcessNumber> ForkClaimed(const ForkRequest& request,
                                            HeadTable::Claim* claim);
  absl::Status RewindClaimed(const RewindRequest& request,
                             HeadTable::Claim* claim);
  absl::Status DropClaimed(ProcessNumber process,
                           const PointRetention& retention,
                           HeadTable::Claim* claim);
  // Whether there is a record of the process, DataLoss if it is damaged.
  static absl::StatusOr<bool> HasProcess(const Database& database,
                                         ProcessNumber process);
  // Whether the record of a process is that of this commit.
  static absl::StatusOr<bool> HasCommit(const Database& database,
                                        ProcessNumber process,
                                        uint64_t sequence);
  // Removes what no point and no fork needs, in small writes.
  absl::Status CollectHistory(ProcessNumber process);

  // What a process that is being created has to itself meanwhile.
  struct Reservation {
    ProcessNumber process = 0;
    std::string name = {};
    std::vector<Sha256Digest> modules = {};
  };
  // `is_put`: its modules were put for it.
  absl::StatusOr<Reservation> Reserve(const ProcessRecord& record, bool is_put);
  void EndReservation(const Reservation& reservation);
  absl::Status CheckModulesExist(const Database& database,
                                 const std::vector<Sha256Digest>& modules);
  // One use of PutModule is over: its process is created, or never will be.
  void UnpinPut(const Sha256Digest& hash)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(lifecycle_mutex_);

  const bool read_only_;
  DatabaseHolder holder_;
  RedoBudget redo_budget_;  // outlives what is in heads_
  // A claim comes before lifecycle_mutex_, that before the locks of holder_.
  HeadTable heads_;
  TimerTable timers_;

  // Held by whoever takes names or modules away, or decides that they are
  // there. Creating processes only look in under it and write outside of it.
  absl::Mutex lifecycle_mutex_;
  ProcessNumber next_process_ ABSL_GUARDED_BY(lifecycle_mutex_) = 1;
  std::set<std::string, std::less<>> reserved_names_
      ABSL_GUARDED_BY(lifecycle_mutex_);
  // Modules that must not be dropped for want of users: how often put without
  // a process being created after, and by how many processes that are just
  // being created.
  std::map<Sha256Digest, uint64_t> put_ ABSL_GUARDED_BY(lifecycle_mutex_);
  std::multiset<Sha256Digest> creating_ ABSL_GUARDED_BY(lifecycle_mutex_);

  std::atomic<uint64_t> commits_ = 0;
  std::atomic<uint64_t> writes_ = 0;
  std::atomic<uint64_t> written_bytes_ = 0;
  std::atomic<uint64_t> prepare_ns_ = 0;
};

}  // namespace wasmd

#endif  // WASMD_STORE_ROCKS_PROCESS_DB_H_
