// How a store is opened.

#ifndef WASMD_STORE_OPEN_OPTIONS_H_
#define WASMD_STORE_OPEN_OPTIONS_H_

#include <cstddef>
#include <cstdint>
#include <optional>

#include "store/encryption_key.h"

namespace rocksdb {
class Env;
}  // namespace rocksdb

namespace wasmd {

struct OpenOptions {
  bool create_if_missing = true;
  // Does not take the lock and writes nothing; sees what was committed when it
  // was opened, whether or not another wasmd owns the store.
  bool read_only = false;
  // For readers: find acknowledged commits that are lost to damage of the WAL,
  // as an owner does before it opens a store. DataLoss then.
  bool check_wal = false;
  // Opens a store that has lost acknowledged commits to damage of its WAL, as
  // it was before the first of them. Without this, that is DataLoss.
  bool accept_loss = false;
  // Of an encrypted store; one that is made with a key is encrypted. Absent:
  // plain. FailedPrecondition for a store that is not made so.
  std::optional<EncryptionKey> key = {};
  // New pages are held in memory up to about this size before they are written
  // to files. Twice of it, in WAL, is the most to read again after a crash.
  size_t write_buffer_bytes = size_t{64} << 20;
  // Copies of pages that commits write again and again are held in memory, up
  // to about this size, so that only what changed in them is written.
  size_t shadow_bytes = size_t{256} << 20;
  // About how many redo records of a process, and how many bytes of them, a
  // reader may have to apply.
  uint64_t redo_window_records = 2048;
  uint64_t redo_window_bytes = uint64_t{2} << 20;
  // Not owned; null for the default. Tests put faults here.
  rocksdb::Env* env = nullptr;
};

}  // namespace wasmd

#endif  // WASMD_STORE_OPEN_OPTIONS_H_
