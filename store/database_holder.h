// DatabaseHolder: lends out the open Database of a store, and opens it anew
// after a write failed.
//
// RocksDB refuses all writes once one failed, since its WAL may end in half a
// record. It can go on by itself in some of these cases (DB::Resume), but not
// in all of them, and 7.8 with assertions, as Debian builds it, aborts in
// others. Opening anew is what happens after a crash, so it is sure to work,
// and it tells whether the write that failed is in the WAL all the same.
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
class Env;
class WriteBatch;
}  // namespace rocksdb

namespace wasmd {

class DatabaseHolder {
 public:
  DatabaseHolder(std::string directory, const OpenOptions& options,
                 std::unique_ptr<Database> database);

  // Keeps the database open while it lives. Whoever has one must not wait for
  // somebody who writes: that one may be waiting for the loan to end.
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

  // An error if the database could not be opened anew after a failure.
  absl::StatusOr<Loan> Borrow();

  struct Write {
    // For messages: "cannot commit process 7".
    std::string doing;
    bool sync = true;
    // Fills the batch. An error ends the write with nothing changed.
    std::function<absl::Status(const Database&, rocksdb::WriteBatch*)> fill;
    // Whether the write is in the database: asked after it failed and the
    // database was opened anew.
    std::function<absl::StatusOr<bool>(const Database&)> happened;
  };
  // All or nothing. After an error nothing of it is seen, now or later, unless
  // the database could not be opened anew either: then it may be found, whole,
  // when that succeeds.
  absl::Status Apply(const Write& write);

  // Makes everything written durable.
  absl::Status Sync();

  const std::string& directory() const { return directory_; }
  rocksdb::Env* env() const;

  // How often the database was opened anew; stays while there is a loan. What
  // was known of its contents before is not to be relied on after: a change
  // that failed may be there, and one that was not synced may not.
  uint64_t generation() const { return generation_; }

 private:
  void Return();
  // Before a write: deals with an earlier failure first.
  absl::Status EnsureWorks();
  // Deals with a failure of the database of this generation.
  absl::Status Recover(uint64_t generation);
  absl::Status Reopen() ABSL_EXCLUSIVE_LOCKS_REQUIRED(recover_mutex_);
  // That a file can be written and synced in the directory.
  absl::Status ProbeDisk();

  const std::string directory_;
  const OpenOptions options_;

  absl::Mutex loan_mutex_;
  uint64_t loans_ ABSL_GUARDED_BY(loan_mutex_) = 0;
  bool reopening_ ABSL_GUARDED_BY(loan_mutex_) = false;
  // Null after it could not be opened anew. Changed only while reopening_ and
  // without loans, so those who have a loan need no lock.
  std::unique_ptr<Database> database_;
  // Changes as database_ does.
  std::atomic<uint64_t> generation_ = 0;

  // Acquired before loan_mutex_.
  absl::Mutex recover_mutex_;
  // Greater than generation_ while the database must be opened anew.
  std::atomic<uint64_t> wanted_generation_ = 0;
  absl::Status last_error_ ABSL_GUARDED_BY(recover_mutex_);
  absl::Time next_attempt_ ABSL_GUARDED_BY(recover_mutex_) =
      absl::InfinitePast();
};

}  // namespace wasmd

#endif  // WASMD_STORE_DATABASE_HOLDER_H_
