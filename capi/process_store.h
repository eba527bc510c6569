// ProcessStore: where durable processes of the C API are kept. Bytes in, bytes
// out.

#ifndef WASMD_CAPI_PROCESS_STORE_H_
#define WASMD_CAPI_PROCESS_STORE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/bytes.h"
#include "base/mutex.h"
#include "base/sha256.h"
#include "capi/include/wasmd_process.h"
#include "snapshot/snapshot.h"

namespace wasmd::capi {

// A module that a process uses.
struct UsedModule {
  Sha256Digest hash{};
  ByteSpan binary;
};

// One process of a ProcessStore, to be committed to.
class KeptProcess {
 public:
  virtual ~KeptProcess() = default;
  // All or nothing. `modules` are all that the state names; those that were
  // given before cost nothing.
  virtual absl::Status Commit(const Capture& capture,
                              const std::vector<UsedModule>& modules,
                              bool sync) = 0;
};

// Thread-safe.
class ProcessStore {
 public:
  virtual ~ProcessStore() = default;

  // AlreadyExists if the name is taken. Nothing is kept before its first
  // commit.
  virtual absl::StatusOr<std::unique_ptr<KeptProcess>> Create(
      const std::string& name) = 0;
  // NotFound if there is none.
  virtual absl::StatusOr<std::unique_ptr<KeptProcess>> Find(
      const std::string& name) = 0;
  virtual absl::Status Remove(const std::string& name) = 0;
  virtual absl::Status List(
      const std::function<absl::Status(const std::string& name)>& give) = 0;

  virtual absl::StatusOr<std::string> ReadState(const std::string& name) = 0;
  virtual absl::Status ReadPages(const std::string& name,
                                 const PageSink& sink) = 0;
  // FailedPrecondition if it is not there.
  virtual absl::StatusOr<std::vector<uint8_t>> ReadModule(
      const Sha256Digest& hash) = 0;

  // Makes everything committed so far safe.
  virtual absl::Status Sync() = 0;
};

// A ProcessStore, for as long as anything uses it, and who does. Thread-safe.
class SharedProcessStore {
 public:
  explicit SharedProcessStore(std::unique_ptr<ProcessStore> store)
      : store_(std::move(store)) {}

  ProcessStore& store() { return *store_; }
  // FailedPrecondition if somebody has it already.
  absl::Status Acquire(const std::string& name);
  void Release(const std::string& name);

 private:
  const std::unique_ptr<ProcessStore> store_;
  Mutex mutex_;
  std::set<std::string> names_ ABSL_GUARDED_BY(mutex_);
};

// The only use of the process with this name, until it is destroyed.
class ProcessLease {
 public:
  static absl::StatusOr<ProcessLease> Take(
      std::shared_ptr<SharedProcessStore> store, const std::string& name);
  ProcessLease(ProcessLease&&) = default;
  ProcessLease& operator=(ProcessLease&&) = delete;
  ~ProcessLease() {
    if (store_ != nullptr) store_->Release(name_);
  }
  ProcessStore& store() { return store_->store(); }

 private:
  ProcessLease(std::shared_ptr<SharedProcessStore> store, std::string name)
      : store_(std::move(store)), name_(std::move(name)) {}

  std::shared_ptr<SharedProcessStore> store_;
  std::string name_;
};

}  // namespace wasmd::capi

struct wasmd_db_t {
  explicit wasmd_db_t(std::unique_ptr<wasmd::capi::ProcessStore> store)
      : shared(std::make_shared<wasmd::capi::SharedProcessStore>(
            std::move(store))) {}
  const std::shared_ptr<wasmd::capi::SharedProcessStore> shared;
};

#endif  // WASMD_CAPI_PROCESS_STORE_H_
