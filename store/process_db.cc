#include "store/process_db.h"

#include <rocksdb/snapshot.h>

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

  // What a process that is being created has to itself meanwhile.
  struct Reservation {
    ProcessNumber process = 0;
    std::string name = {};
    std::vector<Sha256Digest> modules = {};
  };
  absl::StatusOr<Reservation> Reserve(const ProcessRecord& record);
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
    const ProcessRecord& record) {
  Reservation reservation{.name = record.name(), .modules = ModulesOf(record)};
  absl::MutexLock lock(&lifecycle_mutex_);
  ASSIGN_OR_RETURN(const DatabaseHolder::Loan database, holder_.Borrow());
  for (const Sha256Digest& hash : reservation.modules) UnpinPut(hash);
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
  ASSIGN_OR_RETURN(const Reservation reservation, Reserve(record));
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

absl::Status RocksProcessDb::RemoveProcess(ProcessNumber process) {
  RETURN_IF_ERROR(CheckWritable());
  HeadTable::Claim claim = heads_.Acquire({process});
  claim.head(0) = std::nullopt;
  absl::MutexLock lock(&lifecycle_mutex_);
  return holder_.Apply(
      {.doing = StrCat("cannot remove process ", process),
       .fill = [&](const Database& database, rocksdb::WriteBatch* batch)
                   ABSL_NO_THREAD_SAFETY_ANALYSIS -> absl::Status {
         BatchWriter out(database, batch);
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
           begun[i] = true;
         }
         batch_bytes = batch->GetDataSize();
         return absl::OkStatus();
       },
       .happened = [&](const Database& database) -> absl::StatusOr<bool> {
         ASSIGN_OR_RETURN(const StoredProcess stored,
                          ReadStoredProcess(database, claim->process(0)));
         return stored.record().sequence() == heads[0].sequence;
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

namespace {
absl::Status NotHere() {
  return absl::UnimplementedError("this store does not keep points");
}
}  // namespace

absl::StatusOr<std::unique_ptr<PageReader>> ProcessDb::OpenPages(
    ProcessNumber, std::optional<uint64_t>) {
  return NotHere();
}
absl::StatusOr<std::vector<KeptPoint>> ProcessDb::ListPoints(ProcessNumber) {
  return NotHere();
}
absl::StatusOr<ProcessRecord> ProcessDb::GetRecordAt(ProcessNumber, uint64_t) {
  return NotHere();
}
absl::StatusOr<std::string> ProcessDb::GetStateAt(ProcessNumber, uint64_t) {
  return NotHere();
}
absl::StatusOr<uint64_t> ProcessDb::LogBytesAt(ProcessNumber, uint64_t,
                                               uint32_t) {
  return NotHere();
}
absl::StatusOr<ProcessNumber> ProcessDb::Fork(const ForkRequest&) {
  return NotHere();
}
absl::Status ProcessDb::Rewind(const RewindRequest&) { return NotHere(); }
absl::Status ProcessDb::DropPoints(ProcessNumber, const PointRetention&) {
  return NotHere();
}

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
