// DatabaseHolder: lends out the open Database of a store, and makes it work
// again after a failed write.
//
// RocksDB refuses all writes once one failed, since its WAL may end in half a
// record. Nothing acknowledged is lost by that: it is in the memtables. The
// holder writes the memtables to files and begins a new WAL, so that the failed
// write can not come back; or, when there is nothing in the memtables, which
// RocksDB 7.8 does not begin a new WAL for, closes and opens the database.
//
// Thread-safe.

#ifndef WASMD_STORE_DATABASE_HOLDER_H_
#define WASMD_STORE_DATABASE_HOLDER_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "store/database.h"
#include "store/open_options.h"

namespace rocksdb {
class WriteBatch;
}  // namespace rocksdb

namespace wasmd {

class DatabaseHolder {
 public:
  DatabaseHolder(std::string directory, const OpenOptions& options,
                 std::unique_ptr<Database> database);

  // Keeps the database open while it lives. Whoever has one must not wait for
  // somebody who writes.
  class Loan {
   public:
    Loan(Loan&& other) noexcept
        : holder_(std::exchange(other.holder_, nullptr)) {}
    Loan& operator=(Loan&&) = delete;
    ~Loan() {
      if (holder_ != nullptr) holder_->Return();
    }
    const Database& operator*() const { return *holder_->database_; }
    const Database* operator->() const { return holder_->database_.get(); }

   private:
    friend class DatabaseHolder;
    explicit Loan(DatabaseHolder* holder) : holder_(holder) {}
    DatabaseHolder* holder_;
  };

  // Unavailable if the database could not be opened again after an error.
  absl::StatusOr<Loan> Borrow();

  struct Write {
    // For messages: "cannot commit process 7".
    std::string doing;
    bool sync = true;
    // Fills the batch. An error ends the write with nothing changed.
    std::function<absl::Status(const Database&, rocksdb::WriteBatch*)> fill;
    // Whether the write is in the database: asked after it failed and the
    // database was opened anew, which may have found it in the WAL.
    std::function<absl::StatusOr<bool>(const Database&)> happened;
  };
  // All or nothing. After an error nothing of it is seen, now or later, unless
  // the store could not be made to work again either: then whoever opens it
  // next may find all of it or nothing.
  absl::Status Apply(const Write& write);

  // Makes everything written durable.
  absl::Status Sync();

  const std::string& directory() const { return directory_; }

 private:
  void Return();
  // Before a write: deals with an earlier failure first.
  absl::Status EnsureWorks();
  // Counts a failure and makes writing work again.
  absl::Status RecoverFromFailure();
  // Deals with all failures up to the given one.
  absl::Status Recover(uint64_t failure);
  absl::Status RecoverNow() ABSL_EXCLUSIVE_LOCKS_REQUIRED(recover_mutex_);
  absl::Status Resume() ABSL_EXCLUSIVE_LOCKS_REQUIRED(recover_mutex_);
  absl::Status Reopen() ABSL_EXCLUSIVE_LOCKS_REQUIRED(recover_mutex_);
  // That a file can be written and synced in the directory.
  absl::Status ProbeDisk();

  const std::string directory_;
  const OpenOptions options_;

  absl::Mutex loan_mutex_;
  uint64_t loans_ ABSL_GUARDED_BY(loan_mutex_) = 0;
  bool reopening_ ABSL_GUARDED_BY(loan_mutex_) = false;
  // Null after it could not be opened again. Changed only while reopening_ and
  // without loans, so those who have a loan need no lock.
  std::unique_ptr<Database> database_;

  // Acquired before loan_mutex_.
  absl::Mutex recover_mutex_;
  // Failures seen, and how many of them are dealt with.
  std::atomic<uint64_t> failures_ = 0;
  std::atomic<uint64_t> recovered_ = 0;
  absl::Status last_error_ ABSL_GUARDED_BY(recover_mutex_);
  absl::Time next_attempt_ ABSL_GUARDED_BY(recover_mutex_) =
      absl::InfinitePast();
};

}  // namespace wasmd

#endif  // WASMD_STORE_DATABASE_HOLDER_H_
