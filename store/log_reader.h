// Reads the log of a process: what it wrote to its streams.

#ifndef WASMD_STORE_LOG_READER_H_
#define WASMD_STORE_LOG_READER_H_

#include <cstdint>
#include <functional>

#include "absl/status/status.h"
#include "base/bytes.h"
#include "store/database.h"

namespace wasmd {

// Bytes of one stream from `offset` on. What lies before it or belongs to other
// streams is skipped by the index, in pieces of kLogIndexInterval.
absl::Status ReadLogStream(
    const Database& database, uint64_t process, uint32_t stream,
    uint64_t offset, const std::function<absl::Status(ByteSpan)>& callback);

// All records of all streams, as written.
absl::Status ReadLogRecords(
    const Database& database, uint64_t process,
    const std::function<absl::Status(uint32_t stream, ByteSpan)>& callback);

}  // namespace wasmd

#endif  // WASMD_STORE_LOG_READER_H_
