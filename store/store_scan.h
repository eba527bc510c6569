// Reads all of a database, to check it or to see what takes the space.

#ifndef WASMD_STORE_STORE_SCAN_H_
#define WASMD_STORE_STORE_SCAN_H_

#include <functional>

#include "absl/status/statusor.h"
#include "store/database.h"
#include "store/store_report.h"

namespace wasmd {

// Calls `found` for everything that is wrong: checksums of files and values,
// references from one key to another. An error of reading is a finding too.
StoreCensus CheckDatabase(
    const Database& database,
    const std::function<void(const StoreFinding&)>& found);

// All of StoreUsage but the files. DataLoss or Unavailable if not everything
// could be read.
absl::StatusOr<StoreUsage> MeasureDatabase(const Database& database);

}  // namespace wasmd

#endif  // WASMD_STORE_STORE_SCAN_H_
