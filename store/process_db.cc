#include "store/process_db.h"

#include <rocksdb/write_batch.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/status_macros.h"
#include "base/str_cat.h"
#include "store/batch_writer.h"
#include "store/commit_batch.h"
#include "store/database.h"
#include "store/database_holder.h"
#include "store/head_table.h"
#include "store/key.h"
#include "store/module_table.h"
#include "store/redo_tracker.h"
#include "store/rocks_process_db.h"
#include "store/store_directory.h"
#include "store/store_scan.h"

namespace wasmd {
namespace {

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

}  // namespace

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
  std::chrono::nanoseconds prepare_time = {};
  RETURN_IF_ERROR(holder_.Apply(
      {.doing = StrCat("cannot commit process ", commits.front().process),
       .sync = sync == SyncMode::kSync,
       .fill = [&](const Database& database,
                   rocksdb::WriteBatch* batch) -> absl::Status {
         if (holder_.generation() != heads[0].generation) {
           return absl::AbortedError("the store was opened anew");
         }
         const auto begin = std::chrono::steady_clock::now();
         BatchWriter out(database, batch);
         std::vector<size_t> counts(heads.size());
         for (const Commit& commit : commits) {
           ++counts[claim->IndexOf(commit.process)];
         }
         std::vector<bool> begun(heads.size());
         std::vector<const ProcessRecord*> records(heads.size());
         for (const Commit& commit : commits) {
           const size_t i = claim->IndexOf(commit.process);
           RETURN_IF_ERROR(AddCommit(commit,
                                     {.database = database,
                                      .budget = &redo_budget_,
                                      .commits_of_process = counts[i],
                                      .is_first = !begun[i]},
                                     &heads[i], &out));
           if (ChangesMachine(commit)) begun[i] = true;
           records[i] = &commit.record;
         }
         // The last of each process, and all together: RocksDB inserts faster
         // next to what it inserted before.
         for (size_t i = 0; i < heads.size(); ++i) {
           PutRecord(claim->process(i), *records[i], heads[i], &out);
         }
         RETURN_IF_ERROR(out.status());
         batch_bytes = batch->GetDataSize();
         prepare_time = std::chrono::steady_clock::now() - begin;
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
  prepare_ns_ += static_cast<uint64_t>(prepare_time.count());
  return absl::OkStatus();
}

absl::StatusOr<bool> RocksProcessDb::HasCommit(const Database& database,
                                               ProcessNumber process,
                                               uint64_t sequence) {
  ASSIGN_OR_RETURN(const StoredProcess stored,
                   ReadStoredProcess(database, process));
  return stored.record().sequence() == sequence;
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
  return {.commits = commits_,
          .writes = writes_,
          .written_bytes = written_bytes_,
          .prepare_ns = prepare_ns_};
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
