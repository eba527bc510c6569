#include "store/database_holder.h"

#include <rocksdb/env.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <cstddef>

#include "absl/time/clock.h"
#include "base/status_macros.h"
#include "base/str_cat.h"
#include "store/rocks_env.h"
#include "store/rocks_status.h"

namespace wasmd {
namespace {

// While it fails, opening anew is not tried more often than this.
constexpr absl::Duration kRecoverInterval = absl::Milliseconds(100);
// How long it waits for readers to finish before it gives up.
constexpr absl::Duration kReaderPatience = absl::Seconds(1);
constexpr size_t kProbeBytes = size_t{256} << 10;

}  // namespace

DatabaseHolder::DatabaseHolder(std::string directory,
                               const OpenOptions& options,
                               std::unique_ptr<Database> database)
    : directory_(std::move(directory)),
      options_(options),
      database_(std::move(database)) {}

absl::StatusOr<DatabaseHolder::Loan> DatabaseHolder::Borrow() {
  for (int attempt = 0;; ++attempt) {
    {
      absl::MutexLock lock(&loan_mutex_);
      const auto settled = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(loan_mutex_) {
        return !reopening_;
      };
      loan_mutex_.Await(absl::Condition(&settled));
      if (database_ != nullptr) {
        ++loans_;
        return Loan(this);
      }
    }
    if (attempt > 0) {
      return absl::UnavailableError(
          StrCat("store ", directory_, " closed after an error: try again"));
    }
    RETURN_IF_ERROR(EnsureWorks());
  }
}

void DatabaseHolder::Return() {
  absl::MutexLock lock(&loan_mutex_);
  --loans_;
}

absl::Status DatabaseHolder::Apply(const Write& write) {
  RETURN_IF_ERROR(EnsureWorks());
  rocksdb::Status written;
  uint64_t generation;
  {
    ASSIGN_OR_RETURN(const Loan database, Borrow());
    generation = generation_;
    rocksdb::WriteBatch batch;
    database->BeginBatch(&batch);
    RETURN_IF_ERROR(write.fill(*database, &batch));
    written = database->Write(&batch, write.sync);
  }
  if (written.ok()) return absl::OkStatus();
  absl::Status error =
      FromRocksStatus(written, StrCat(write.doing, " in store ", directory_));
  // Damage found by a compaction stays there; opening anew would hide it.
  if (written.IsCorruption() || !Recover(generation).ok()) return error;
  ASSIGN_OR_RETURN(const Loan database, Borrow());
  ASSIGN_OR_RETURN(const bool happened, write.happened(*database));
  if (happened) return absl::OkStatus();
  return error;
}

absl::Status DatabaseHolder::Sync() {
  RETURN_IF_ERROR(EnsureWorks());
  rocksdb::Status synced;
  uint64_t generation;
  {
    ASSIGN_OR_RETURN(const Loan database, Borrow());
    generation = generation_;
    synced = database->Sync();
  }
  if (synced.ok()) return absl::OkStatus();
  // Opening anew syncs what it finds. What was written before may be lost by
  // then, if the system dropped it after the failure: so this is an error.
  (void)Recover(generation);
  return FromRocksStatus(synced, StrCat("cannot sync store ", directory_));
}

absl::Status DatabaseHolder::EnsureWorks() {
  const uint64_t wanted = wanted_generation_;
  if (generation_ >= wanted) [[likely]]
    return absl::OkStatus();
  return Recover(wanted - 1);
}

absl::Status DatabaseHolder::Recover(uint64_t generation) {
  absl::MutexLock lock(&recover_mutex_);
  if (generation_ > generation) return absl::OkStatus();
  wanted_generation_ = generation_ + 1;
  if (absl::Now() < next_attempt_) return last_error_;
  last_error_ = Reopen();
  if (!last_error_.ok()) next_attempt_ = absl::Now() + kRecoverInterval;
  return last_error_;
}

absl::Status DatabaseHolder::Reopen() {
  // While it is open it can at least be read.
  RETURN_IF_ERROR(ProbeDisk());
  {
    absl::MutexLock lock(&loan_mutex_);
    reopening_ = true;
    const auto unused = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(loan_mutex_) {
      return loans_ == 0;
    };
    if (!loan_mutex_.AwaitWithTimeout(absl::Condition(&unused),
                                      kReaderPatience)) {
      reopening_ = false;
      return absl::UnavailableError(
          StrCat("store ", directory_,
                 " must be opened anew after an error, and is being read: try "
                 "again"));
    }
  }
  database_.reset();
  OpenOptions options = options_;
  options.create_if_missing = false;
  options.accept_loss = false;
  absl::StatusOr<std::unique_ptr<Database>> opened =
      Database::Open(directory_, options);
  if (opened.ok()) {
    database_ = *std::move(opened);
    ++generation_;
  }
  absl::MutexLock lock(&loan_mutex_);
  reopening_ = false;
  return opened.status();
}

rocksdb::Env* DatabaseHolder::env() const { return RocksEnv(options_); }

absl::Status DatabaseHolder::ProbeDisk() {
  const std::string path = directory_ + "/probe";
  const rocksdb::Status written = rocksdb::WriteStringToFile(
      env(), std::string(kProbeBytes, 'x'), path, /*should_sync=*/true);
  (void)env()->DeleteFile(path);
  return FromRocksStatus(written, StrCat("cannot write to store ", directory_));
}

}  // namespace wasmd
