// Modules, and how processes come and go.

#include <rocksdb/write_batch.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

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
#include "store/module_table.h"
#include "store/process_points.h"
#include "store/process_removal.h"
#include "store/rocks_process_db.h"

namespace wasmd {

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
  const absl::Status created =
      holder_.Apply({.doing = StrCat("cannot create process ", process),
                     .fill = [&](const Database& database,
                                 rocksdb::WriteBatch* batch) -> absl::Status {
                       BatchWriter out(database, batch);
                       head = AddNewProcess(process, record, &out);
                       return out.status();
                     },
                     .happened =
                         [process](const Database& database) {
                           return HasProcess(database, process);
                         }});
  EndReservation(reservation);
  RETURN_IF_ERROR(created);
  if (head.wake_time_ns.has_value()) timers_.Added(*head.wake_time_ns);
  return process;
}

absl::StatusOr<bool> RocksProcessDb::HasProcess(const Database& database,
                                                ProcessNumber process) {
  ASSIGN_OR_RETURN(
      const std::optional<std::string> stored,
      database.Read(MakeProcessKey(Table::kProcess, process).view()));
  return stored.has_value();
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

}  // namespace wasmd
