// RocksDB's log of itself.
//
// Not RocksDB's own: that uses its file on after a write of it failed, and
// Debian's build, with assertions, aborts on that. A full disk must not.

#ifndef WASMD_STORE_INFO_LOG_H_
#define WASMD_STORE_INFO_LOG_H_

#include <cstdint>
#include <memory>
#include <string>

namespace rocksdb {
class Logger;
}  // namespace rocksdb

namespace wasmd {

inline constexpr uint64_t kMaxInfoLogBytes = uint64_t{1} << 20;

// Appends warnings and errors to the file LOG in the directory of a store,
// which is made with the first of them. What cannot be written is dropped; of
// older lines about kMaxInfoLogBytes are kept, in LOG and LOG.old. Thread-safe.
std::shared_ptr<rocksdb::Logger> MakeInfoLog(const std::string& directory);

// For readers, which may write nothing.
std::shared_ptr<rocksdb::Logger> MakeSilentLog();

}  // namespace wasmd

#endif  // WASMD_STORE_INFO_LOG_H_
