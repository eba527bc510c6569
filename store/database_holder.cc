#include "store/database_holder.h"

#include <rocksdb/env.h>
#include <rocksdb/write_batch.h>

#include <string_view>

#include "absl/time/clock.h"
#include "base/status_macros.h"
#include "base/str_cat.h"
#include "store/rocks_status.h"
#include "store/value.h"

namespace wasmd {
namespace {

// Recovery writes all memtables out: not more often than this while it fails.
constexpr absl::Duration kRecoverInterval = absl::Milliseconds(100);
// How long recovery waits for readers to finish before it gives up.
constexpr absl::Duration kReaderPatience = absl::Seconds(1);
constexpr size_t kProbeBytes = size_t{64} << 10;
constexpr std::string_view kProbeKey = "probe";

// Shows that the WAL can be written. Also leaves something in the memtables,
// so that the next failure can be dealt with without opening anew.
rocksdb::Status WriteProbe(const Database& database) {
  ValueSealer sealer;
  std::string value;
  for (const std::string_view part :
       sealer.Seal(Family::kMeta, kProbeKey, {}, Compression::kNone)) {
    value.append(part);
  }
  return database.rocks().Put({}, database.handle(Family::kMeta),
                              {kProbeKey.data(), kProbeKey.size()}, value);
}

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
    RETURN_IF_ERROR(Recover(failures_));
  }
}

void DatabaseHolder::Return() {
  absl::MutexLock lock(&loan_mutex_);
  --loans_;
}

absl::Status DatabaseHolder::Apply(const Write& write) {
  RETURN_IF_ERROR(EnsureWorks());
  rocksdb::Status written;
  {
    ASSIGN_OR_RETURN(const Loan database, Borrow());
    rocksdb::WriteBatch batch;
    RETURN_IF_ERROR(write.fill(*database, &batch));
    rocksdb::WriteOptions options;
    options.sync = write.sync;
    written = database->rocks().Write(options, &batch);
  }
  if (written.ok()) return absl::OkStatus();
  absl::Status error =
      FromRocksStatus(written, StrCat(write.doing, " in store ", directory_));
  if (!RecoverFromFailure().ok()) return error;
  ASSIGN_OR_RETURN(const Loan database, Borrow());
  ASSIGN_OR_RETURN(const bool happened, write.happened(*database));
  if (happened) return absl::OkStatus();
  return error;
}

absl::Status DatabaseHolder::Sync() {
  RETURN_IF_ERROR(EnsureWorks());
  const auto sync = [this]() -> absl::Status {
    ASSIGN_OR_RETURN(const Loan database, Borrow());
    return FromRocksStatus(database->rocks().SyncWAL(),
                           StrCat("cannot sync store ", directory_));
  };
  absl::Status synced = sync();
  if (synced.ok()) return synced;
  if (!RecoverFromFailure().ok()) return synced;
  return sync();
}

absl::Status DatabaseHolder::EnsureWorks() {
  const uint64_t failures = failures_;
  if (recovered_ >= failures) [[likely]]
    return absl::OkStatus();
  return Recover(failures);
}

absl::Status DatabaseHolder::RecoverFromFailure() {
  return Recover(++failures_);
}

absl::Status DatabaseHolder::Recover(uint64_t failure) {
  absl::MutexLock lock(&recover_mutex_);
  if (recovered_ >= failure) return absl::OkStatus();
  if (absl::Now() < next_attempt_) return last_error_;
  const uint64_t failures = failures_;
  last_error_ = RecoverNow();
  if (last_error_.ok()) {
    recovered_ = failures;
  } else {
    next_attempt_ = absl::Now() + kRecoverInterval;
  }
  return last_error_;
}

absl::Status DatabaseHolder::RecoverNow() {
  // Nobody else changes database_ while recover_mutex_ is held.
  if (database_ == nullptr) return Reopen();
  // Somebody else's recovery may have done it.
  if (WriteProbe(*database_).ok()) return absl::OkStatus();
  return database_->MemtablesAreEmpty() ? Reopen() : Resume();
}

absl::Status DatabaseHolder::Resume() {
  rocksdb::Status status = database_->rocks().Resume();
  if (status.ok()) status = WriteProbe(*database_);
  return FromRocksStatus(status, StrCat("cannot write to store ", directory_));
}

absl::Status DatabaseHolder::Reopen() {
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
  absl::StatusOr<std::unique_ptr<Database>> opened =
      Database::Open(directory_, options);
  if (opened.ok()) database_ = *std::move(opened);
  {
    absl::MutexLock lock(&loan_mutex_);
    reopening_ = false;
  }
  if (database_ == nullptr) return opened.status();
  return FromRocksStatus(WriteProbe(*database_),
                         StrCat("cannot write to store ", directory_));
}

absl::Status DatabaseHolder::ProbeDisk() {
  rocksdb::Env* env =
      options_.env != nullptr ? options_.env : rocksdb::Env::Default();
  const std::string path = directory_ + "/probe";
  const rocksdb::Status written = rocksdb::WriteStringToFile(
      env, std::string(kProbeBytes, 'x'), path, /*should_sync=*/true);
  (void)env->DeleteFile(path);
  return FromRocksStatus(written, StrCat("cannot write to store ", directory_));
}

}  // namespace wasmd
