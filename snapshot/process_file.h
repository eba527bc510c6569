// ProcessFile: a whole process in one file, for `wasmd export` and `import`:
// state record, pages, modules, and the runtime's own record. Checksummed as a
// whole and by section (docs/snapshot-format.md). No I/O: streams of bytes.

#ifndef WASMD_SNAPSHOT_PROCESS_FILE_H_
#define WASMD_SNAPSHOT_PROCESS_FILE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/bytes.h"
#include "base/sha256.h"
#include "snapshot/snapshot.h"

namespace wasmd {

// Takes the next piece of the file; what it returns ends the writing.
using ByteSink = std::function<absl::Status(ByteSpan bytes)>;

struct ProcessFileContents {
  std::string process_record;  // the runtime's own; opaque here
  std::string state;           // as Capture::state
  std::map<Sha256Digest, std::vector<uint8_t>> modules;
  // Log text by stream number, as the store keeps it.
  std::map<uint32_t, std::string> logs;
};

absl::Status WriteProcessFile(const ProcessFileContents& contents,
                              const PageSource& pages, const ByteSink& sink);

// `pages` gets every page before this returns. DataLoss for damage or a module
// whose bytes do not have its hash; Unimplemented for a newer version.
absl::StatusOr<ProcessFileContents> ReadProcessFile(ByteSpan file,
                                                    const PageSink& pages);

}  // namespace wasmd

#endif  // WASMD_SNAPSHOT_PROCESS_FILE_H_
