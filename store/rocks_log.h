// Files in RocksDB's log format, which its WAL and its list of files (MANIFEST)
// have, read past what is damaged.

#ifndef WASMD_STORE_ROCKS_LOG_H_
#define WASMD_STORE_ROCKS_LOG_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/bytes.h"

namespace rocksdb {
class Env;
}  // namespace rocksdb

namespace wasmd {

// How much of a beginning of a record is looked at.
inline constexpr size_t kLogPrefixBytes = 32;

// A record that is whole.
struct LogRecord {
  ByteSpan prefix;  // at most kLogPrefixBytes; valid during the call
  // All that is before it is whole too.
  bool is_sound = false;
};

struct LogFileSize {
  uint64_t sound_bytes = 0;  // up to the end of the last sound record
  uint64_t size_bytes = 0;   // more than sound_bytes: damage
};

// Calls `on_record` for each record; what that refuses is damaged. The errors
// are those of reading the file.
absl::StatusOr<LogFileSize> ReadLogFile(
    rocksdb::Env* env, const std::string& path,
    const std::function<bool(const LogRecord&)>& on_record);

// Leaves `size` bytes of a file that has more, durably.
absl::Status CutLogFile(rocksdb::Env* env, const std::string& path,
                        uint64_t size);

}  // namespace wasmd

#endif  // WASMD_STORE_ROCKS_LOG_H_
