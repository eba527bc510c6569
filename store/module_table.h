// Modules in the store: kept once by hash, in chunks, as long as a process uses
// them.
//
// Uses are keys (module, process), written and deleted in the same batch as the
// record of the process, so they can not drift from it as a counter could. A
// module without uses is dropped with the process that used it last; one whose
// process never came to be is dropped when the store is opened next.

#ifndef WASMD_STORE_MODULE_TABLE_H_
#define WASMD_STORE_MODULE_TABLE_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/bytes.h"
#include "base/sha256.h"
#include "store/batch_writer.h"
#include "store/database.h"

namespace wasmd {

void AddModule(const Sha256Digest& hash, ByteSpan bytes, BatchWriter* out);
void AddModuleRemoval(const Sha256Digest& hash, BatchWriter* out);

absl::StatusOr<bool> HasModule(const Database& database,
                               const Sha256Digest& hash);
// NotFound if there is none, DataLoss if its bytes do not have the hash.
absl::StatusOr<std::vector<uint8_t>> ReadModule(const Database& database,
                                                const Sha256Digest& hash);

// The processes that use a module, at most `limit` of them.
absl::StatusOr<std::vector<uint64_t>> ModuleUsers(const Database& database,
                                                  const Sha256Digest& hash,
                                                  size_t limit);
// Modules that no process uses. Reads keys only.
absl::StatusOr<std::vector<Sha256Digest>> UnusedModules(
    const Database& database);

}  // namespace wasmd

#endif  // WASMD_STORE_MODULE_TABLE_H_
