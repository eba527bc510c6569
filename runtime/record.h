// Questions that a ProcessRecord answers.

#ifndef WASMD_RUNTIME_RECORD_H_
#define WASMD_RUNTIME_RECORD_H_

#include <string_view>

#include "absl/status/statusor.h"
#include "base/sha256.h"
#include "store/process_record.pb.h"

namespace wasmd {

// Will it never run again?
bool HasFinished(ProcessStatus status);

// The hash of its main module. DataLoss if the record is damaged.
absl::StatusOr<Sha256Digest> ModuleHashOf(const ProcessRecord& record);

// One that is kept with the process in these bytes.
absl::StatusOr<Sha256Digest> ToModuleHash(const ProcessRecord& record,
                                          std::string_view bytes);

}  // namespace wasmd

#endif  // WASMD_RUNTIME_RECORD_H_
