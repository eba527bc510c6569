// FaultPlan: which file operations of a FaultEnv fail.
//
// Thread-safe.

#ifndef WASMD_STORE_TESTING_FAULT_PLAN_H_
#define WASMD_STORE_TESTING_FAULT_PLAN_H_

#include <rocksdb/io_status.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace wasmd::testing {

enum class FileOperation : uint8_t {
  kCreate,
  kAppend,
  kOverwrite,
  kSync,
  kTruncate,
  kRename,
  kDelete,
  kSyncDirectory,
  kRead,
};

// The nth operation of a kind, counted from when the fault is injected, fails,
// and `times` - 1 more after it. An append that fails has written a part.
struct Fault {
  FileOperation operation = FileOperation::kAppend;
  uint64_t nth = 1;
  uint64_t times = 1;
  bool disk_full = false;   // else an I/O error
  std::string suffix = {};  // only files whose names end so
  std::string part = {};    // only files whose paths have this in them
  bool cuts_power = false;  // and so do all changes after it
  static constexpr uint64_t kAlways = std::numeric_limits<uint64_t>::max();
};

class FaultPlan {
 public:
  explicit FaultPlan(uint64_t seed) : random_(seed) {}

  void Inject(const Fault& fault);
  void ClearFaults();
  // So many bytes are free from now on.
  void LimitRoom(uint64_t bytes);
  static constexpr uint64_t kUnlimited = std::numeric_limits<uint64_t>::max();
  // How many of `bytes` there is room for; they are taken.
  size_t TakeRoom(size_t bytes);
  void GiveRoom(uint64_t bytes);

  // How many operations failed by a fault.
  uint64_t faults_met() const;

  // From now on, or after this many more changing operations, all of them fail.
  void CutPower(uint64_t after_operations);
  bool power_is_cut() const;
  // Forgets the faults too.
  void RestorePower();

  // Changing operations so far.
  uint64_t operations() const;

  // Whether an operation that begins now may happen.
  rocksdb::IOStatus Begin(FileOperation operation, const std::string& path);
  // Below `bound`, or 0.
  size_t RandomBelow(size_t bound);

 private:
  mutable absl::Mutex mutex_;
  std::mt19937_64 random_ ABSL_GUARDED_BY(mutex_);
  std::vector<Fault> faults_ ABSL_GUARDED_BY(mutex_);
  uint64_t faults_met_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t room_ ABSL_GUARDED_BY(mutex_) = kUnlimited;
  uint64_t operations_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t power_ends_at_ ABSL_GUARDED_BY(mutex_) =
      std::numeric_limits<uint64_t>::max();
  bool power_is_cut_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace wasmd::testing

#endif  // WASMD_STORE_TESTING_FAULT_PLAN_H_
