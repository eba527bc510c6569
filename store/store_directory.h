// The directory of a store, before and around RocksDB.

#ifndef WASMD_STORE_STORE_DIRECTORY_H_
#define WASMD_STORE_STORE_DIRECTORY_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace rocksdb {
class Env;
class Logger;
class Status;
}  // namespace rocksdb

namespace wasmd {

struct StoreDirectory {
  bool exists = false;  // holds a database
  std::vector<std::string> families;
};

// Looks without changing anything. Unimplemented when there are tables that
// this wasmd does not know, FailedPrecondition when another program's database
// is there, DataLoss when the database has lost its beginning.
absl::StatusOr<StoreDirectory> ExamineDirectory(rocksdb::Env* env,
                                                const std::string& directory);

// With its parents, on disk when this returns; for its owner's eyes only.
absl::Status CreateDirectory(rocksdb::Env* env, const std::string& directory);

// Names and sizes of the files that tell one state of the database from the
// next; equal when it did not change its set of files in between.
absl::StatusOr<std::string> FilesOf(rocksdb::Env* env,
                                    const std::string& directory);

// FailedPrecondition: this directory belongs to another program.
absl::Status NotAStore(const std::string& directory);

// Why RocksDB could not be opened; FailedPrecondition, with the process id of
// the owner, when it is open already.
absl::Status OpenError(const rocksdb::Status& status,
                       const std::string& directory);

// RocksDB's log of itself, for readers that may write nothing.
std::shared_ptr<rocksdb::Logger> MakeSilentLogger();

}  // namespace wasmd

#endif  // WASMD_STORE_STORE_DIRECTORY_H_
