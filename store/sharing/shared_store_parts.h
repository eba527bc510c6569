// What is inside SharedStore, for the files that implement it.

#ifndef WASMD_STORE_SHARING_SHARED_STORE_PARTS_H_
#define WASMD_STORE_SHARING_SHARED_STORE_PARTS_H_

#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/status_macros.h"
#include "store/process_db.h"
#include "store/sharing/owner_service.h"
#include "store/sharing/process_claims.h"
#include "store/sharing/remote_db.h"
#include "store/sharing/shared_store.h"

namespace wasmd {

// One way to the store: through its owner, or as its owner.
struct SharedStore::Access {
  std::unique_ptr<RemoteDb> remote;
  std::unique_ptr<ProcessDb> own;
  std::unique_ptr<OwnerService> service;  // null: it could not be started

  ProcessDb& db() const {
    if (remote != nullptr) return *remote;
    return *own;
  }
};

// What is not claimed, while this lives.
class SharedStore::ClaimForNow {
 public:
  explicit ClaimForNow(ProcessClaims& claims) : claims_(claims) {}
  ~ClaimForNow() {
    for (const ProcessNumber process : taken_) claims_.Release(process);
  }
  ClaimForNow(const ClaimForNow&) = delete;
  ClaimForNow& operator=(const ClaimForNow&) = delete;

  absl::Status Add(ProcessNumber process) {
    if (claims_.Has(process)) return absl::OkStatus();
    RETURN_IF_ERROR(claims_.Acquire(process));
    taken_.push_back(process);
    return absl::OkStatus();
  }

 private:
  ProcessClaims& claims_;
  std::vector<ProcessNumber> taken_;
};

inline const absl::Status& StatusOf(const absl::Status& status) {
  return status;
}
template <typename T>
const absl::Status& StatusOf(const absl::StatusOr<T>& result) {
  return result.status();
}

template <typename Call>
auto SharedStore::WithDb(const Call& call)
    -> decltype(call(std::declval<ProcessDb&>(), false)) {
  // Owners that one call may lose: many in a row are short runs of programs.
  constexpr int kMaxOwners = 100;
  for (int owners = 1;; ++owners) {
    const std::shared_ptr<Access> at = access();
    auto result = call(at->db(), /*is_repeated=*/owners > 1);
    const absl::Status& status = StatusOf(result);
    if (!IsOwnerLost(status)) return result;
    // Without the mark of a lost owner: who sees it gives up.
    if (owners == kMaxOwners) {
      return absl::Status(status.code(), status.message());
    }
    RETURN_IF_ERROR(Replace(at));
  }
}

}  // namespace wasmd

#endif  // WASMD_STORE_SHARING_SHARED_STORE_PARTS_H_
