#include "store/process_db.h"

#include <rocksdb/snapshot.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <atomic>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "base/status_macros.h"
#include "base/str_cat.h"
#include "store/batch_writer.h"
#include "store/commit_batch.h"
#include "store/database.h"
#include "store/database_holder.h"
#include "store/head_table.h"
#include "store/key.h"
#include "store/log_reader.h"
#include "store/module_table.h"
#include "store/page_levels.h"
#include "store/process_points.h"
#include "store/process_removal.h"
#include "store/redo_record.h"
#include "store/redo_tracker.h"
#include "store/store_directory.h"
#include "store/store_scan.h"
#include "store/timer_table.h"

namespace wasmd {
namespace {

// Head records remembered, so that a commit need not read the one before it.
constexpr size_t kRememberedHeads = 16384;
// Of what nobody needs any more, about so many keys are deleted at once.
constexpr size_t kGarbageOfWrite = 1000;

constexpr PageId kFirstPage = {.memory = 0, .page = 0};
constexpr PageId kLastPage = {.memory = std::numeric_limits<uint32_t>::max(),
                              .page = std::numeric_limits<uint64_t>::max()};

class LevelsReader : public PageReader {
 public:
  LevelsReader(DatabaseHolder* holder, std::vector<PageLevel> levels)
      : holder_(holder), levels_(std::move(levels)) {}

  absl::Status Read(uint32_t memory, uint64_t first_page, uint64_t count,
                    const Sink& sink) const override {
    if (count == 0) return absl::OkStatus();
    const uint64_t left = kLastPage.page - first_page;
    return ReadRange(
        {.memory = memory, .page = first_page},
        {.memory = memory, .page = first_page + std::min(count - 1, left)},
        [&sink](const PageId& page, ByteSpan bytes) {
          return sink(page.page, bytes);
        });
  }

  absl::Status ReadAll(const AllSink& sink) const override {
    return ReadRange(kFirstPage, kLastPage,
                     [&sink](const PageId& page, ByteSpan bytes) {
                       return sink(page.memory, page.page, bytes);
                     });
  }

 private:
  absl::Status ReadRange(
      const PageId& first, const PageId& last,
      const std::function<absl::Status(const PageId&, ByteSpan)>& sink) const {
    ASSIGN_OR_RETURN(const DatabaseHolder::Loan database, holder_->Borrow());
    rocksdb::ManagedSnapshot snapshot(&database->rocks());
    return ReadPages(*database, snapshot.snapshot(), levels_, first, last,
                     sink);
  }

  DatabaseHolder* const holder_;
  const std::vector<PageLevel> levels_;
};

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

  absl::StatusOr<std::vector<ProcessNumber>> DueProcesses(
      int64_t now_ns, size_t limit) override;

  absl::Status Sync() override;
  absl::StatusOr<StoreCensus> Check(
      const std::function<void(const StoreFinding&)>& found) override;
  absl::StatusOr<StoreUsage> Usage() override;
  StoreStatistics Statistics() const override;

 private:
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
};

absl::StatusOr<ProcessNumber> ReadNextProcess(const Database& database) {
  ProcessNumber next = 1;
  ASSIGN_OR_RETURN(const std::optional<std::string> stored,
                   database.Read(MakeMetaKey(kNextProcessFact)));
  if (stored.has_value()) {
    const std::optional<uint64_t> number = ParseProcessNumber(AsBytes(*stored));
    if (!number.has_value()) {
      return DamagedValue(MakeMetaKey(kNextProcessFact), "it is malformed");
    }
    next = std::max(next, *number);
  }
  Cursor cursor(database, Table::kProcess);
  cursor.SeekToLast();
  if (cursor.Valid()) {
    const std::optional<uint64_t> last =
        ParseProcessKey(Table::kProcess, cursor.key());
    if (!last.has_value()) {
      return DamagedValue(cursor.key(), "its key is malformed");
    }
    next = std::max(next, *last + 1);
  }
  RETURN_IF_ERROR(cursor.status("the processes"));
  return next;
}

absl::Status RocksProcessDb::Prepare() {
  std::vector<Sha256Digest> unused;
  {
    ASSIGN_OR_RETURN(const DatabaseHolder::Loan database, holder_.Borrow());
    absl::MutexLock lock(&lifecycle_mutex_);
    ASSIGN_OR_RETURN(next_process_, ReadNextProcess(*database));
    ASSIGN_OR_RETURN(unused, UnusedModules(*database));
  }
  if (unused.empty()) return absl::OkStatus();
  return holder_.Apply(
      {.doing = "cannot drop modules that no process uses",
       .fill = [&](const Database& database,
                   rocksdb::WriteBatch* batch) -> absl::Status {
         BatchWriter out(database, batch);
         for (const Sha256Digest& hash : unused) AddModuleRemoval(hash, &out);
         return out.status();
       },
       .happened = [](const Database&) -> absl::StatusOr<bool> {
         return false;
       }});
}

absl::Status RocksProcessDb::CheckWritable() const {
  if (!read_only_) return absl::OkStatus();
  return absl::FailedPreconditionError(
      StrCat("store ", holder_.directory(), " is open for reading only"));
}

// Modules.

absl::Status RocksProcessDb::PutModule(const Sha256Digest& hash,
                                       ByteSpan bytes) {
  RETURN_IF_ERROR(CheckWritable());
  {
    // From here on nobody drops it.
    absl::MutexLock lock(&lifecycle_mutex_);
    ++put_[hash];
  }
  const auto is_there = [&hash](const Database& database) {
    return wasmd::HasModule(database, hash);
  };
  const absl::StatusOr<bool> there = [&]() -> absl::StatusOr<bool> {
    ASSIGN_OR_RETURN(const DatabaseHolder::Loan database, holder_.Borrow());
    return is_there(*database);
  }();
  absl::Status put = there.status();
  if (there.ok() && !*there) {
    put =
        holder_.Apply({.doing = StrCat("cannot keep module ", ToHex(hash)),
                       .fill = [&](const Database& database,
                                   rocksdb::WriteBatch* batch) -> absl::Status {
                         BatchWriter out(database, batch);
                         AddModule(hash, bytes, &out);
                         return out.status();
                       },
                       .happened = is_there});
  }
  if (!put.ok()) {
    absl::MutexLock lock(&lifecycle_mutex_);
    UnpinPut(hash);
  }
  return put;
}

absl::StatusOr<std::vector<uint8_t>> RocksProcessDb::GetModule(
    const Sha256Digest& hash) {
  ASSIGN_OR_RETURN(const DatabaseHolder::Loan database, holder_.Borrow());
  return ReadModule(*database, hash);
}

absl::StatusOr<bool> RocksProcessDb::HasModule(const Sha256Digest& hash) {
  ASSIGN_OR_RETURN(const DatabaseHolder::Loan database, holder_.Borrow());
  return wasmd::HasModule(*database, hash);
}

absl::Status RocksProcessDb::CheckModulesExist(
    const Database& database, const std::vector<Sha256Digest>& modules) {
  for (const Sha256Digest& hash : modules) {
    ASSIGN_OR_RETURN(const bool there, wasmd::HasModule(database, hash));
    if (there) continue;
    return absl::FailedPreconditionError(
        StrCat("module ", ToHex(hash), " is not in store ", holder_.directory(),
               ": put it there first"));
  }
  return absl::OkStatus();
}

void RocksProcessDb::UnpinPut(const Sha256Digest& hash) {
  const auto put = put_.find(hash);
  if (put != put_.end() && --put->second == 0) put_.erase(put);
}

// The life of processes.

absl::StatusOr<RocksProcessDb::Reservation> RocksProcessDb::Reserve(
    const ProcessRecord& record, bool is_put) {
  Reservation reservation{.name = record.name(), .modules = ModulesOf(record)};
  absl::MutexLock lock(&lifecycle_mutex_);
  ASSIGN_OR_RETURN(const DatabaseHolder::Loan database, holder_.Borrow());
  if (is_put) {
    for (const Sha256Digest& hash : reservation.modules) UnpinPut(hash);
  }
  RETURN_IF_ERROR(CheckModulesExist(*database, reservation.modules));
  if (!reservation.name.empty()) {
    ASSIGN_OR_RETURN(const std::optional<std::string> taken,
                     database->Read(MakeNameKey(reservation.name)));
    if (taken.has_value() || reserved_names_.contains(reservation.name)) {
      return absl::AlreadyExistsError(
          StrCat("there is a process named \"", reservation.name,
                 "\" already: choose another name"));
    }
    reserved_names_.insert(reservation.name);
  }
  creating_.insert(reservation.modules.begin(), reservation.modules.end());
  reservation.process = next_process_++;
  return reservation;
}

void RocksProcessDb::EndReservation(const Reservation& reservation) {
  absl::MutexLock lock(&lifecycle_mutex_);
  reserved_names_.erase(reservation.name);
  for (const Sha256Digest& hash : reservation.modules) {
    creating_.erase(creating_.find(hash));
  }
}

absl::StatusOr<ProcessNumber> RocksProcessDb::CreateProcess(
    const ProcessRecord& record) {
  RETURN_IF_ERROR(CheckWritable());
  RETURN_IF_ERROR(CheckRecord(record));
  if (record.sequence() != 0) {
    return absl::InvalidArgumentError(StrCat(
        "a new process begins with sequence 0, not ", record.sequence()));
  }
  ASSIGN_OR_RETURN(const Reservation reservation,
                   Reserve(record, /*is_put=*/true));
  const ProcessNumber process = reservation.process;
  ProcessHead head;
  const absl::Status created = holder_.Apply(
      {.doing = StrCat("cannot create process ", process),
       .fill = [&](const Database& database,
                   rocksdb::WriteBatch* batch) -> absl::Status {
         BatchWriter out(database, batch);
         head = AddNewProcess(process, record, &out);
         return out.status();
       },
       .happened = [process](const Database& database) -> absl::StatusOr<bool> {
         ASSIGN_OR_RETURN(
             const std::optional<std::string> stored,
             database.Read(MakeProcessKey(Table::kProcess, process).view()));
         return stored.has_value();
       }});
  EndReservation(reservation);
  RETURN_IF_ERROR(created);
  if (head.wake_time_ns.has_value()) timers_.Added(*head.wake_time_ns);
  return process;
}

absl::StatusOr<ProcessNumber> RocksProcessDb::FindProcess(
    std::string_view name) {
  ASSIGN_OR_RETURN(const DatabaseHolder::Loan database, holder_.Borrow());
  ASSIGN_OR_RETURN(const std::optional<std::string> stored,
                   database->Read(MakeNameKey(name)));
  if (!stored.has_value()) {
    return absl::NotFoundError(
        StrCat("there is no process named \"", name, "\""));
  }
  const std::optional<uint64_t> process = ParseProcessNumber(AsBytes(*stored));
  if (!process.has_value()) {
    return DamagedValue(MakeNameKey(name), "it is malformed");
  }
  return *process;
}

absl::StatusOr<ProcessRecord> RocksProcessDb::GetRecord(ProcessNumber process) {
  ASSIGN_OR_RETURN(const DatabaseHolder::Loan database, holder_.Borrow());
  ASSIGN_OR_RETURN(StoredProcess stored, ReadStoredProcess(*database, process));
  return std::move(*stored.mutable_record());
}

absl::Status RocksProcessDb::ForEachProcess(
    const std::function<absl::Status(ProcessNumber, const ProcessRecord&)>&
        callback) {
  ASSIGN_OR_RETURN(const DatabaseHolder::Loan database, holder_.Borrow());
  Cursor cursor(*database, Table::kProcess);
  absl::Status damage;
  for (cursor.SeekToFirst(); cursor.Valid(); cursor.Next()) {
    const std::optional<uint64_t> process =
        ParseProcessKey(Table::kProcess, cursor.key());
    const absl::StatusOr<ByteSpan> payload = cursor.Payload();
    StoredProcess stored;
    if (!process.has_value() || !payload.ok() ||
        !stored.ParseFromArray(payload->data(),
                               static_cast<int>(payload->size()))) {
      if (damage.ok()) {
        damage = !payload.ok() ? payload.status()
                               : DamagedValue(cursor.key(), "it is malformed");
      }
      continue;
    }
    RETURN_IF_ERROR(callback(*process, stored.record()));
  }
  RETURN_IF_ERROR(cursor.status("the processes"));
  return damage;
}

absl::StatusOr<RocksProcessDb::Lineage> RocksProcessDb::FindParent(
    ProcessNumber process) {
  ASSIGN_OR_RETURN(const DatabaseHolder::Loan database, holder_.Borrow());
  const absl::StatusOr<StoredProcess> stored =
      ReadStoredProcess(*database, process);
  if (stored.ok()) {
    return Lineage{.parent = stored->parent(),
                   .sequence = stored->parent_sequence()};
  }
  if (!absl::IsDataLoss(stored.status())) return stored.status();
  Cursor cursor(*database, Table::kFork);
  for (cursor.SeekToFirst(); cursor.Valid(); cursor.Next()) {
    const std::optional<ForkKey> fork = ParseForkKey(cursor.key());
    if (fork.has_value() && fork->child == process) {
      return Lineage{.parent = fork->parent, .sequence = fork->sequence};
    }
  }
  return Lineage();
}

absl::Status RocksProcessDb::RemoveProcess(ProcessNumber process) {
  RETURN_IF_ERROR(CheckWritable());
  ASSIGN_OR_RETURN(const Lineage lineage, FindParent(process));
  RETURN_IF_ERROR(RemoveClaimed(process, lineage));
  // What this can not do now, the next call does.
  if (lineage.parent != 0) CollectHistory(lineage.parent).IgnoreError();
  return absl::OkStatus();
}

absl::Status RocksProcessDb::RemoveClaimed(ProcessNumber process,
                                           const Lineage& lineage) {
  std::vector<ProcessNumber> processes = {process};
  if (lineage.parent != 0) processes.push_back(lineage.parent);
  HeadTable::Claim claim = heads_.Acquire(std::move(processes));
  claim.head(claim.IndexOf(process)) = std::nullopt;
  absl::MutexLock lock(&lifecycle_mutex_);
  return holder_.Apply(
      {.doing = StrCat("cannot remove process ", process),
       .fill = [&](const Database& database, rocksdb::WriteBatch* batch)
                   ABSL_NO_THREAD_SAFETY_ANALYSIS -> absl::Status {
         BatchWriter out(database, batch);
         RETURN_IF_ERROR(AddForkRemoval(database, process, lineage.parent,
                                        lineage.sequence, &out));
         RETURN_IF_ERROR(AddRemoval(
             database, process,
             [this](const Sha256Digest& hash) ABSL_NO_THREAD_SAFETY_ANALYSIS {
               return put_.contains(hash) || creating_.contains(hash);
             },
             &out));
         // With the process goes what shows that its number was used.
         out.Put(MakeMetaKey(kNextProcessFact),
                 AsBytes(EncodeProcessNumber(next_process_)));
         return out.status();
       },
       .happened = [process](const Database& database) -> absl::StatusOr<bool> {
         ASSIGN_OR_RETURN(
             const std::optional<std::string> stored,
             database.Read(MakeProcessKey(Table::kProcess, process).view()));
         return !stored.has_value();
       }});
}

// Commits.

absl::Status RocksProcessDb::ApplyAll(std::span<const Commit> commits,
                                      SyncMode sync) {
  RETURN_IF_ERROR(CheckWritable());
  if (commits.empty()) return absl::OkStatus();
  std::vector<ProcessNumber> processes;
  processes.reserve(commits.size());
  for (const Commit& commit : commits) {
    RETURN_IF_ERROR(CheckCommit(commit));
    processes.push_back(commit.process);
  }
  HeadTable::Claim claim = heads_.Acquire(std::move(processes));
  for (;;) {
    ASSIGN_OR_RETURN(std::vector<ProcessHead> heads, TakeHeads(&claim));
    const bool changes_modules =
        std::any_of(commits.begin(), commits.end(), [&](const Commit& commit) {
          return ModulesOf(commit.record) !=
                 heads[claim.IndexOf(commit.process)].modules;
        });
    absl::Status applied =
        changes_modules
            ? ApplyWithModules(commits, sync, &claim, std::move(heads))
            : ApplyClaimed(commits, sync, &claim, std::move(heads));
    if (!absl::IsAborted(applied)) return applied;
  }
}

absl::Status RocksProcessDb::ApplyWithModules(std::span<const Commit> commits,
                                              SyncMode sync,
                                              HeadTable::Claim* claim,
                                              std::vector<ProcessHead> heads) {
  absl::MutexLock lock(&lifecycle_mutex_);
  {
    ASSIGN_OR_RETURN(const DatabaseHolder::Loan database, holder_.Borrow());
    for (const Commit& commit : commits) {
      RETURN_IF_ERROR(CheckModulesExist(*database, ModulesOf(commit.record)));
    }
  }
  return ApplyClaimed(commits, sync, claim, std::move(heads));
}

absl::StatusOr<std::vector<ProcessHead>> RocksProcessDb::TakeHeads(
    HeadTable::Claim* claim) {
  ASSIGN_OR_RETURN(const DatabaseHolder::Loan database, holder_.Borrow());
  const uint64_t generation = holder_.generation();
  std::vector<ProcessHead> heads;
  heads.reserve(claim->size());
  for (size_t i = 0; i < claim->size(); ++i) {
    std::optional<ProcessHead> known =
        std::exchange(claim->head(i), std::nullopt);
    if (known.has_value() && known->generation == generation) {
      heads.push_back(*std::move(known));
      continue;
    }
    ASSIGN_OR_RETURN(const StoredProcess stored,
                     ReadStoredProcess(*database, claim->process(i)));
    heads.push_back(HeadOf(stored));
    heads.back().generation = generation;
  }
  return heads;
}

absl::Status RocksProcessDb::ApplyClaimed(std::span<const Commit> commits,
                                          SyncMode sync,
                                          HeadTable::Claim* claim,
                                          std::vector<ProcessHead> heads) {
  size_t batch_bytes = 0;
  RETURN_IF_ERROR(holder_.Apply(
      {.doing = StrCat("cannot commit process ", commits.front().process),
       .sync = sync == SyncMode::kSync,
       .fill = [&](const Database& database,
                   rocksdb::WriteBatch* batch) -> absl::Status {
         if (holder_.generation() != heads[0].generation) {
           return absl::AbortedError("the store was opened anew");
         }
         BatchWriter out(database, batch);
         std::vector<size_t> counts(heads.size());
         for (const Commit& commit : commits) {
           ++counts[claim->IndexOf(commit.process)];
         }
         std::vector<bool> begun(heads.size());
         for (const Commit& commit : commits) {
           const size_t i = claim->IndexOf(commit.process);
           RETURN_IF_ERROR(AddCommit(commit,
                                     {.database = database,
                                      .budget = &redo_budget_,
                                      .commits_of_process = counts[i],
                                      .is_first = !begun[i]},
                                     &heads[i], &out));
           if (ChangesMachine(commit)) begun[i] = true;
         }
         batch_bytes = batch->GetDataSize();
         return absl::OkStatus();
       },
       .happened = [&](const Database& database) -> absl::StatusOr<bool> {
         return HasCommit(database, claim->process(0), heads[0].sequence);
       }}));
  for (size_t i = 0; i < heads.size(); ++i) {
    if (heads[i].wake_time_ns.has_value()) {
      timers_.Added(*heads[i].wake_time_ns);
    }
    claim->head(i) = std::move(heads[i]);
  }
  commits_ += commits.size();
  ++writes_;
  written_bytes_ += batch_bytes;
  return absl::OkStatus();
}

absl::StatusOr<bool> RocksProcessDb::HasCommit(const Database& database,
                                               ProcessNumber process,
                                               uint64_t sequence) {
  ASSIGN_OR_RETURN(const StoredProcess stored,
                   ReadStoredProcess(database, process));
  return stored.record().sequence() == sequence;
}

// Points and forks.

absl::StatusOr<std::vector<KeptPoint>> RocksProcessDb::ListPoints(
    ProcessNumber process) {
  ASSIGN_OR_RETURN(const DatabaseHolder::Loan database, holder_.Borrow());
  RETURN_IF_ERROR(ReadStoredProcess(*database, process).status());
  ASSIGN_OR_RETURN(auto points, ReadPoints(*database, nullptr, process));
  std::vector<KeptPoint> kept;
  for (auto& [sequence, point] : points) {
    if (!point.is_kept()) continue;
    kept.push_back(
        {.sequence = sequence,
         .record = std::move(*point.mutable_process()->mutable_record()),
         .state_bytes = point.state_bytes()});
  }
  return kept;
}

absl::StatusOr<ProcessRecord> RocksProcessDb::GetRecordAt(ProcessNumber process,
                                                          uint64_t point) {
  ASSIGN_OR_RETURN(const DatabaseHolder::Loan database, holder_.Borrow());
  ASSIGN_OR_RETURN(StoredPoint stored,
                   ReadKeptPoint(*database, process, point, nullptr));
  return std::move(*stored.mutable_process()->mutable_record());
}

absl::StatusOr<std::string> RocksProcessDb::GetStateAt(ProcessNumber process,
                                                       uint64_t point) {
  ASSIGN_OR_RETURN(const DatabaseHolder::Loan database, holder_.Borrow());
  rocksdb::ManagedSnapshot snapshot(&database->rocks());
  return ReadState(*database, snapshot.snapshot(), process, point);
}

absl::StatusOr<uint64_t> RocksProcessDb::LogBytesAt(ProcessNumber process,
                                                    uint64_t point,
                                                    uint32_t stream) {
  ASSIGN_OR_RETURN(const DatabaseHolder::Loan database, holder_.Borrow());
  ASSIGN_OR_RETURN(const StoredPoint stored,
                   ReadKeptPoint(*database, process, point, nullptr));
  for (const LogStream& log : stored.process().log_streams()) {
    if (log.stream() == stream) return log.bytes();
  }
  return uint64_t{0};
}

absl::StatusOr<ProcessNumber> RocksProcessDb::Fork(const ForkRequest& request) {
  RETURN_IF_ERROR(CheckWritable());
  RETURN_IF_ERROR(CheckRecord(request.record));
  if (request.record.sequence() != 0) {
    return absl::InvalidArgumentError(
        StrCat("a new process begins with sequence 0, not ",
               request.record.sequence()));
  }
  HeadTable::Claim claim = heads_.Acquire({request.parent});
  for (;;) {
    absl::StatusOr<ProcessNumber> child = ForkClaimed(request, &claim);
    if (!absl::IsAborted(child.status())) return child;
  }
}

absl::StatusOr<ProcessNumber> RocksProcessDb::ForkClaimed(
    const ForkRequest& request, HeadTable::Claim* claim) {
  ASSIGN_OR_RETURN(std::vector<ProcessHead> heads, TakeHeads(claim));
  ASSIGN_OR_RETURN(const Reservation reservation,
                   Reserve(request.record, /*is_put=*/false));
  const ProcessNumber child = reservation.process;
  const absl::Status forked = holder_.Apply(
      {.doing = StrCat("cannot fork process ", request.parent),
       .fill = [&](const Database& database,
                   rocksdb::WriteBatch* batch) -> absl::Status {
         if (holder_.generation() != heads[0].generation) {
           return absl::AbortedError("the store was opened anew");
         }
         BatchWriter out(database, batch);
         return AddFork(database,
                        {.parent = request.parent,
                         .point = request.point,
                         .child = child,
                         .journal_from = request.journal_from},
                        request.record, &heads[0], &out);
       },
       .happened = [child](const Database& database) -> absl::StatusOr<bool> {
         ASSIGN_OR_RETURN(
             const std::optional<std::string> stored,
             database.Read(MakeProcessKey(Table::kProcess, child).view()));
         return stored.has_value();
       }});
  EndReservation(reservation);
  RETURN_IF_ERROR(forked);
  claim->head(0) = std::move(heads[0]);
  if (request.record.status() == WAITING) {
    timers_.Added(request.record.wake_time_ns());
  }
  return child;
}

absl::Status RocksProcessDb::Rewind(const RewindRequest& request) {
  RETURN_IF_ERROR(CheckWritable());
  RETURN_IF_ERROR(CheckRecord(request.record));
  {
    HeadTable::Claim claim = heads_.Acquire({request.process});
    absl::Status rewound;
    do {
      rewound = RewindClaimed(request, &claim);
    } while (absl::IsAborted(rewound));
    RETURN_IF_ERROR(rewound);
  }
  // What this can not do now, the next call does.
  CollectHistory(request.process).IgnoreError();
  return absl::OkStatus();
}

absl::Status RocksProcessDb::RewindClaimed(const RewindRequest& request,
                                           HeadTable::Claim* claim) {
  ASSIGN_OR_RETURN(std::vector<ProcessHead> heads, TakeHeads(claim));
  ProcessHead& head = heads[0];
  absl::MutexLock lock(&lifecycle_mutex_);
  {
    ASSIGN_OR_RETURN(const DatabaseHolder::Loan database, holder_.Borrow());
    RETURN_IF_ERROR(CheckModulesExist(*database, ModulesOf(request.record)));
  }
  RETURN_IF_ERROR(
      holder_.Apply({.doing = StrCat("cannot rewind process ", request.process),
                     .fill = [&](const Database& database,
                                 rocksdb::WriteBatch* batch) -> absl::Status {
                       if (holder_.generation() != head.generation) {
                         return absl::AbortedError("the store was opened anew");
                       }
                       BatchWriter out(database, batch);
                       return AddRewind(database,
                                        {.process = request.process,
                                         .point = request.point,
                                         .journal_end = request.journal_end},
                                        request.record, &head, &out);
                     },
                     .happened =
                         [&](const Database& database) {
                           return HasCommit(database, request.process,
                                            request.record.sequence());
                         }}));
  if (head.wake_time_ns.has_value()) timers_.Added(*head.wake_time_ns);
  claim->head(0) = std::move(head);
  return absl::OkStatus();
}

absl::Status RocksProcessDb::DropPoints(ProcessNumber process,
                                        const PointRetention& retention) {
  RETURN_IF_ERROR(CheckWritable());
  {
    HeadTable::Claim claim = heads_.Acquire({process});
    absl::Status dropped;
    do {
      dropped = DropClaimed(process, retention, &claim);
    } while (absl::IsAborted(dropped));
    RETURN_IF_ERROR(dropped);
  }
  return CollectHistory(process);
}

absl::Status RocksProcessDb::DropClaimed(ProcessNumber process,
                                         const PointRetention& retention,
                                         HeadTable::Claim* claim) {
  ASSIGN_OR_RETURN(std::vector<ProcessHead> heads, TakeHeads(claim));
  ProcessHead& head = heads[0];
  bool is_changed = false;
  const absl::Status dropped = holder_.Apply(
      {.doing = StrCat("cannot drop points of process ", process),
       .fill = [&](const Database& database,
                   rocksdb::WriteBatch* batch) -> absl::Status {
         if (holder_.generation() != head.generation) {
           return absl::AbortedError("the store was opened anew");
         }
         BatchWriter out(database, batch);
         ASSIGN_OR_RETURN(
             is_changed,
             AddPointRemoval(database, process, retention.min_sequence,
                             retention.max_points, &head, &out));
         // Nothing to write.
         return is_changed ? absl::OkStatus() : absl::CancelledError();
       },
       .happened = [&](const Database& database) -> absl::StatusOr<bool> {
         // If nothing would be left to do.
         rocksdb::WriteBatch none;
         BatchWriter out(database, &none);
         ProcessHead same = head;
         ASSIGN_OR_RETURN(
             const bool is_left,
             AddPointRemoval(database, process, retention.min_sequence,
                             retention.max_points, &same, &out));
         return !is_left;
       }});
  if (!dropped.ok() && (is_changed || !absl::IsCancelled(dropped))) {
    return dropped;
  }
  claim->head(0) = std::move(head);
  return absl::OkStatus();
}

absl::Status RocksProcessDb::CollectHistory(ProcessNumber process) {
  std::string from;
  for (;;) {
    std::vector<std::string> garbage;
    {
      ASSIGN_OR_RETURN(const DatabaseHolder::Loan database, holder_.Borrow());
      ASSIGN_OR_RETURN(garbage, FindHistoryGarbage(*database, process,
                                                   kGarbageOfWrite, &from));
    }
    if (garbage.empty()) return absl::OkStatus();
    RETURN_IF_ERROR(holder_.Apply(
        {.doing = StrCat("cannot drop what process ", process, " kept"),
         .sync = false,
         .fill = [&](const Database& database,
                     rocksdb::WriteBatch* batch) -> absl::Status {
           BatchWriter out(database, batch);
           for (const std::string& key : garbage) out.Delete(key);
           return out.status();
         },
         .happened = [](const Database&) -> absl::StatusOr<bool> {
           return false;
         }}));
    if (from.empty()) return absl::OkStatus();
  }
}

// What a process consists of.

absl::StatusOr<std::string> RocksProcessDb::GetState(ProcessNumber process) {
  ASSIGN_OR_RETURN(const DatabaseHolder::Loan database, holder_.Borrow());
  rocksdb::ManagedSnapshot snapshot(&database->rocks());
  return ReadState(*database, snapshot.snapshot(), process, std::nullopt);
}

absl::Status RocksProcessDb::ForEachPage(
    ProcessNumber process,
    const std::function<absl::Status(uint32_t memory, uint64_t page,
                                     ByteSpan bytes)>& callback) {
  ASSIGN_OR_RETURN(const DatabaseHolder::Loan database, holder_.Borrow());
  rocksdb::ManagedSnapshot snapshot(&database->rocks());
  ASSIGN_OR_RETURN(
      const std::vector<PageLevel> levels,
      LoadPageLevels(*database, snapshot.snapshot(), process, std::nullopt));
  return ReadPages(*database, snapshot.snapshot(), levels, kFirstPage,
                   kLastPage, [&](const PageId& page, ByteSpan bytes) {
                     return callback(page.memory, page.page, bytes);
                   });
}

absl::StatusOr<std::unique_ptr<PageReader>> RocksProcessDb::OpenPages(
    ProcessNumber process, std::optional<uint64_t> point) {
  ASSIGN_OR_RETURN(const DatabaseHolder::Loan database, holder_.Borrow());
  rocksdb::ManagedSnapshot snapshot(&database->rocks());
  ASSIGN_OR_RETURN(
      std::vector<PageLevel> levels,
      LoadPageLevels(*database, snapshot.snapshot(), process, point));
  return std::make_unique<LevelsReader>(&holder_, std::move(levels));
}

absl::Status RocksProcessDb::ForEachLog(
    ProcessNumber process, uint32_t stream, uint64_t offset,
    const std::function<absl::Status(ByteSpan bytes)>& callback) {
  ASSIGN_OR_RETURN(const DatabaseHolder::Loan database, holder_.Borrow());
  RETURN_IF_ERROR(ReadStoredProcess(*database, process).status());
  return ReadLogStream(*database, process, stream, offset, callback);
}

absl::Status RocksProcessDb::ForEachLogRecord(
    ProcessNumber process,
    const std::function<absl::Status(uint32_t stream, ByteSpan bytes)>&
        callback) {
  ASSIGN_OR_RETURN(const DatabaseHolder::Loan database, holder_.Borrow());
  RETURN_IF_ERROR(ReadStoredProcess(*database, process).status());
  return ReadLogRecords(*database, process, callback);
}

absl::Status RocksProcessDb::ForEachJournalBlock(
    ProcessNumber process, uint64_t from_event,
    const std::function<absl::Status(uint64_t first_event, ByteSpan bytes)>&
        callback) {
  ASSIGN_OR_RETURN(const DatabaseHolder::Loan database, holder_.Borrow());
  RETURN_IF_ERROR(ReadStoredProcess(*database, process).status());
  const Key lower = MakeProcessKey(Table::kJournal, process);
  const Key upper = MakeProcessKey(Table::kJournal, process + 1);
  Cursor cursor(*database, lower.view(), upper.view());
  cursor.SeekForPrev(
      MakeJournalKey({.process = process, .first_event = from_event}).view());
  if (!cursor.Valid()) cursor.SeekToFirst();
  for (; cursor.Valid(); cursor.Next()) {
    const std::optional<JournalKey> key = ParseJournalKey(cursor.key());
    ASSIGN_OR_RETURN(const ByteSpan bytes, cursor.Payload());
    if (!key.has_value()) return DamagedValue(cursor.key(), "it is malformed");
    RETURN_IF_ERROR(callback(key->first_event, bytes));
  }
  return cursor.status(StrCat("the journal of process ", process));
}

absl::StatusOr<std::vector<ProcessNumber>> RocksProcessDb::DueProcesses(
    int64_t now_ns, size_t limit) {
  ASSIGN_OR_RETURN(const DatabaseHolder::Loan database, holder_.Borrow());
  return timers_.Due(*database, holder_.generation(), now_ns, limit);
}

absl::Status RocksProcessDb::Sync() {
  RETURN_IF_ERROR(CheckWritable());
  return holder_.Sync();
}

absl::StatusOr<StoreCensus> RocksProcessDb::Check(
    const std::function<void(const StoreFinding&)>& found) {
  ASSIGN_OR_RETURN(const DatabaseHolder::Loan database, holder_.Borrow());
  return CheckDatabase(*database, found);
}

absl::StatusOr<StoreUsage> RocksProcessDb::Usage() {
  ASSIGN_OR_RETURN(const DatabaseHolder::Loan database, holder_.Borrow());
  ASSIGN_OR_RETURN(StoreUsage usage, MeasureDatabase(*database));
  RETURN_IF_ERROR(MeasureFiles(holder_.env(), holder_.directory(), &usage));
  return usage;
}

StoreStatistics RocksProcessDb::Statistics() const {
  return {
      .commits = commits_, .writes = writes_, .written_bytes = written_bytes_};
}

}  // namespace

absl::StatusOr<std::unique_ptr<ProcessDb>> ProcessDb::Open(
    const std::string& directory, const OpenOptions& options) {
  ASSIGN_OR_RETURN(std::unique_ptr<Database> database,
                   Database::Open(directory, options));
  auto db =
      std::make_unique<RocksProcessDb>(directory, options, std::move(database));
  if (!options.read_only) RETURN_IF_ERROR(db->Prepare());
  return db;
}

}  // namespace wasmd
