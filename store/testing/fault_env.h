// FaultEnv: a rocksdb::Env on the real file system whose disk fails on command
// and whose power can be cut.
//
// It follows what was synced. When the power comes back, what was not is lost,
// kept or torn, file by file as the seed decides. Nothing is really synced, so
// that tests are fast.
//
//   FaultEnv faults(/*seed=*/1);
//   OpenOptions options{.env = faults.env()};
//   ... use a store ...
//   faults.CutPower();   // every change fails from here on
//   db.reset();
//   faults.RestorePower();
//   ... open the store again ...
//
// Thread-safe.

#ifndef WASMD_STORE_TESTING_FAULT_ENV_H_
#define WASMD_STORE_TESTING_FAULT_ENV_H_

#include <rocksdb/env.h>

#include <cstdint>
#include <memory>
#include <string>

#include "store/testing/fault_plan.h"

namespace wasmd::testing {

class FaultFileSystem;

class FaultEnv {
 public:
  explicit FaultEnv(uint64_t seed);
  ~FaultEnv();
  FaultEnv(const FaultEnv&) = delete;
  FaultEnv& operator=(const FaultEnv&) = delete;

  rocksdb::Env* env() { return env_.get(); }

  void Inject(const Fault& fault);
  void ClearFaults();
  // From now on files of this env grow by so many bytes at most, all together;
  // what is deleted gives room back. An append beyond it writes what fits.
  void LimitRoom(uint64_t bytes);
  static constexpr uint64_t kUnlimited = FaultPlan::kUnlimited;

  // How many operations failed by a fault.
  uint64_t faults_met() const;

  // From now on, or after this many more changing operations.
  void CutPower(uint64_t after_operations = 0);
  bool power_is_cut() const;
  // Once everything that used the env is closed: decides what was lost.
  void RestorePower();

  // Changing operations so far.
  uint64_t operations() const;

 private:
  std::shared_ptr<FaultFileSystem> file_system_;
  std::unique_ptr<rocksdb::Env> env_;
};

// Changes one bit of a file on disk.
void FlipBit(const std::string& path, uint64_t bit);

}  // namespace wasmd::testing

#endif  // WASMD_STORE_TESTING_FAULT_ENV_H_
