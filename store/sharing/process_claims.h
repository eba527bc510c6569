// ProcessClaims: who may change a process of a store. A wasmd that runs one, or
// changes it in several steps, has its claim; nobody else then does. The claims
// are locks on a file of the store, so they end with the program that has them
// and do not depend on which wasmd owns the store.

#ifndef WASMD_STORE_SHARING_PROCESS_CLAIMS_H_
#define WASMD_STORE_SHARING_PROCESS_CLAIMS_H_

#include <functional>
#include <memory>
#include <set>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "base/owned_fd.h"
#include "store/commit.h"

namespace wasmd {

// Thread-safe.
class ProcessClaims {
 public:
  // Unavailable, with the path, if the file cannot be used.
  static absl::StatusOr<std::unique_ptr<ProcessClaims>> Open(
      const std::string& directory);
  // Ends all claims.
  ~ProcessClaims() = default;

  // No-op when this has it. FailedPrecondition when another has it.
  absl::Status Acquire(ProcessNumber process);
  // No-op when this does not have it.
  void Release(ProcessNumber process);
  bool Has(ProcessNumber process) const;

  // Acquires what `create` gives, a new process: no other wasmd gets it first.
  absl::StatusOr<ProcessNumber> AcquireNew(
      const std::function<absl::StatusOr<ProcessNumber>()>& create);

 private:
  ProcessClaims(std::string path, OwnedFd file)
      : path_(std::move(path)), file_(std::move(file)) {}

  // False: another has a lock there that excludes this one.
  absl::StatusOr<bool> TryLock(ProcessNumber at, short type)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status LockGate(short type) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Unlock(ProcessNumber at) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::string path_;
  const OwnedFd file_;
  mutable absl::Mutex mutex_;
  std::set<ProcessNumber> claimed_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace wasmd

#endif  // WASMD_STORE_SHARING_PROCESS_CLAIMS_H_
