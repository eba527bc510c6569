// SyncNote: how far the WAL was synced, in a small file beside it.
//
// Marks in the WAL (wal_audit.h) say of each sync that something came after it
// was done; of the last sync nothing in the WAL does. So it is noted here once
// it returned. The note itself is not synced, which would cost as much as the
// commit did: the end of the program leaves it as it is, and the end of the
// machine what it was some seconds before. It never promises what was not on
// disk.
//
// The file is SYNCED, a plain value (value.h) as if under the key "SYNCED",
// whose payload is the number of a WAL file and a sequence number of RocksDB (8
// bytes each, little-endian): everything up to that was on disk, in that file
// or those after it. It is written over in place; what cannot be read is none.

#ifndef WASMD_STORE_SYNC_NOTE_H_
#define WASMD_STORE_SYNC_NOTE_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace rocksdb {
class Env;
class RandomRWFile;
}  // namespace rocksdb

namespace wasmd {

// Thread-safe.
class SyncNote {
 public:
  struct Promise {
    uint64_t wal = 0;  // number of a file
    uint64_t sequence = 0;
  };

  // What the note of a directory says; nothing if there is none that is whole.
  static Promise Read(rocksdb::Env* env, const std::string& directory);

  // Null where files cannot be written in place: a store does without.
  static std::unique_ptr<SyncNote> Open(rocksdb::Env* env,
                                        const std::string& directory);
  ~SyncNote();

  // Notes a sync that returned, unless a later one is noted. What cannot be
  // written is forgotten: the note promises less then.
  void Write(const Promise& promise);
  // Promises nothing any more.
  void Clear();

 private:
  explicit SyncNote(std::unique_ptr<rocksdb::RandomRWFile> file);
  bool Overwrite(const Promise& promise) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  absl::Mutex mutex_;
  const std::unique_ptr<rocksdb::RandomRWFile> file_;
  uint64_t sequence_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace wasmd

#endif  // WASMD_STORE_SYNC_NOTE_H_
