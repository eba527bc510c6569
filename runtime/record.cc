#include "runtime/record.h"

#include <algorithm>

#include "absl/status/status.h"
#include "base/str_cat.h"

namespace wasmd {

bool HasFinished(ProcessStatus status) {
  return status == COMPLETED || status == FAILED || status == CANCELLED;
}

absl::StatusOr<Sha256Digest> ModuleHashOf(const ProcessRecord& record) {
  Sha256Digest hash;
  if (record.module_hash().size() != hash.size()) {
    return absl::DataLossError(
        StrCat("process ", record.name(), ": its module's hash is damaged"));
  }
  std::copy(record.module_hash().begin(), record.module_hash().end(),
            hash.begin());
  return hash;
}

}  // namespace wasmd
