#include "runtime/record.h"

#include <algorithm>

#include "absl/status/status.h"
#include "base/str_cat.h"

namespace wasmd {

bool HasFinished(ProcessStatus status) {
  return status == COMPLETED || status == FAILED || status == CANCELLED;
}

absl::StatusOr<Sha256Digest> ModuleHashOf(const ProcessRecord& record) {
  return ToModuleHash(record, record.module_hash());
}

absl::StatusOr<Sha256Digest> ToModuleHash(const ProcessRecord& record,
                                          std::string_view bytes) {
  Sha256Digest hash;
  if (bytes.size() != hash.size()) {
    return absl::DataLossError(
        StrCat("process ", record.name(), ": a module's hash is damaged"));
  }
  std::copy(bytes.begin(), bytes.end(), hash.begin());
  return hash;
}

}  // namespace wasmd
