// The files of a store as RocksDB sees them: those of an Env, without the ones
// that only cost time, and with a note of how much of its list of files is on
// disk (manifest_note.h).

#ifndef WASMD_STORE_STORE_FILE_SYSTEM_H_
#define WASMD_STORE_STORE_FILE_SYSTEM_H_

#include <rocksdb/env.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>

namespace wasmd {

// What RocksDB is told when it wants to write an OPTIONS file.
inline constexpr std::string_view kNoOptionsFile =
    "a store keeps no OPTIONS file";

// `base` in which no OPTIONS file can be made. RocksDB writes one at each start
// and each change of options, reads it again, and syncs it and the directory:
// a third of the time to open a store. Nothing reads them afterwards, since
// wasmd always says all options, and RocksDB goes on without. `newest_wal` is
// the number of the WAL file that was begun last. `base` must outlive the
// result.
std::unique_ptr<rocksdb::Env> MakeStoreEnv(
    rocksdb::Env* base, std::shared_ptr<std::atomic<uint64_t>> newest_wal);

}  // namespace wasmd

#endif  // WASMD_STORE_STORE_FILE_SYSTEM_H_
