// Moving processes between stores, in one file (`wasmd export`, `import`).

#ifndef WASMD_RUNTIME_PROCESS_TRANSFER_H_
#define WASMD_RUNTIME_PROCESS_TRANSFER_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/bytes.h"
#include "snapshot/process_file.h"
#include "store/process_db.h"

namespace wasmd {

// Everything of a process as of its last commit. Does not change it.
absl::Status ExportProcess(ProcessDb& db, ProcessNumber number,
                           const ByteSink& sink);

// A process of `db` from such a file, under `name` or, if that is empty, its
// old one. AlreadyExists if the name is taken; as ReadProcessFile for damage;
// InvalidArgument if a module in it is not valid. Nothing is left behind on an
// error. A process that was not finished is PAUSED.
absl::StatusOr<ProcessNumber> ImportProcess(ProcessDb& db, ByteSpan file,
                                            const std::string& name);

}  // namespace wasmd

#endif  // WASMD_RUNTIME_PROCESS_TRANSFER_H_
