// The directory of a store, before and around RocksDB.

#ifndef WASMD_STORE_STORE_DIRECTORY_H_
#define WASMD_STORE_STORE_DIRECTORY_H_

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "store/store_report.h"

namespace rocksdb {
class Env;
class FileLock;
class Status;
}  // namespace rocksdb

namespace wasmd {

// Whether RocksDB has files there; changes nothing. Unimplemented when a newer
// wasmd wrote them, FailedPrecondition when another program did, as far as that
// shows before they are opened; DataLoss when the first of them is missing.
absl::StatusOr<bool> HasDatabase(rocksdb::Env* env,
                                 const std::string& directory);

// With its parents, on disk when this returns; for its owner's eyes only.
absl::Status CreateDirectory(rocksdb::Env* env, const std::string& directory);

// RocksDB's own lock on a database, for work on its files while it is closed.
class StoreLock {
 public:
  // FailedPrecondition if somebody has it.
  static absl::StatusOr<StoreLock> Acquire(rocksdb::Env* env,
                                           const std::string& directory);
  StoreLock(StoreLock&& other) noexcept
      : env_(other.env_), lock_(std::exchange(other.lock_, nullptr)) {}
  StoreLock& operator=(StoreLock&&) = delete;
  ~StoreLock();

 private:
  StoreLock(rocksdb::Env* env, rocksdb::FileLock* lock)
      : env_(env), lock_(lock) {}
  rocksdb::Env* env_;
  rocksdb::FileLock* lock_;
};

// Makes the files of the WAL durable. RocksDB does not when it opens them, and
// what it adds after them can be synced and yet be lost, if a power cut then
// takes the end of the older file.
absl::Status SyncWalFiles(rocksdb::Env* env, const std::string& directory);

// Names and sizes of the files that tell one state of the database from the
// next; equal when it did not change its set of files in between.
absl::StatusOr<std::string> FilesOf(rocksdb::Env* env,
                                    const std::string& directory);

// Fills in the sizes of files.
absl::Status MeasureFiles(rocksdb::Env* env, const std::string& directory,
                          StoreUsage* usage);

// FailedPrecondition: there is a database, and it is not ours.
absl::Status NotAStore(const std::string& directory);

// Why RocksDB could not be opened; FailedPrecondition, with the process id of
// the owner, when it is open already.
absl::Status OpenError(const rocksdb::Status& status,
                       const std::string& directory);
// Whether `status` of an opening says that it is open already.
bool IsInUse(const absl::Status& status);

}  // namespace wasmd

#endif  // WASMD_STORE_STORE_DIRECTORY_H_
