// ProcessStore: where durable processes of the C API are kept. Bytes in, bytes
// out.

#ifndef WASMD_CAPI_PROCESS_STORE_H_
#define WASMD_CAPI_PROCESS_STORE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/bytes.h"
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
};

}  // namespace wasmd::capi

struct wasmd_db_t {
  std::unique_ptr<wasmd::capi::ProcessStore> store;
};

#endif  // WASMD_CAPI_PROCESS_STORE_H_
