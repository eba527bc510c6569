// What removing a process deletes.

#ifndef WASMD_STORE_PROCESS_REMOVAL_H_
#define WASMD_STORE_PROCESS_REMOVAL_H_

#include <cstdint>
#include <functional>

#include "absl/status/status.h"
#include "base/sha256.h"
#include "store/batch_writer.h"
#include "store/database.h"

namespace wasmd {

// Adds the deletion of all that belongs to a process, and of the modules that
// it alone uses, but for those that `is_pinned`. NotFound if there is no such
// process. A process whose record is damaged can be removed too; what belongs
// to it is then searched for in whole tables.
absl::Status AddRemoval(
    const Database& database, uint64_t process,
    const std::function<bool(const Sha256Digest&)>& is_pinned,
    BatchWriter* out);

}  // namespace wasmd

#endif  // WASMD_STORE_PROCESS_REMOVAL_H_
