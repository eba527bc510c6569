// ManifestNote: how much of RocksDB's list of files (MANIFEST) is on disk, in a
// small file beside it.
//
// RocksDB appends a change to its list, syncs that and acts on it: it deletes
// files that are not needed any more. A power cut before the sync returned can
// leave some sectors of what was appended and not others; RocksDB takes that
// for damage and does not open the list, or skips a stretch of zeros and goes
// on behind it. What it had synced before is whole then, and all that it acted
// on. The list alone does not tell where that ends.
//
// So this is noted, durably, before the first change is appended to a list, and
// whenever another was synced, before RocksDB hears of it. While it is written
// the list has nothing that is not synced, and a note that was torn is not
// needed. A list of which there is no note has only what it was begun with,
// which was synced before the file CURRENT named it.
//
// The file is LISTED, a plain value (value.h) as if under the key "LISTED",
// whose payload is the number of the MANIFEST and its bytes that are on disk (8
// bytes each, little-endian). What cannot be read is no note.

#ifndef WASMD_STORE_MANIFEST_NOTE_H_
#define WASMD_STORE_MANIFEST_NOTE_H_

#include <rocksdb/status.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace rocksdb {
class Env;
class RandomRWFile;
}  // namespace rocksdb

namespace wasmd {

// "MANIFEST-000012" is 12; nullopt: no name of a list.
std::optional<uint64_t> ManifestNumber(std::string_view name);

// Confined to one thread at a time, as RocksDB writes its list.
class ManifestNote {
 public:
  struct Promise {
    uint64_t manifest = 0;  // number of the file; 0: nothing is promised
    uint64_t bytes = 0;
  };

  // What the note of a directory says; nothing if there is none that is whole.
  static Promise Read(rocksdb::Env* env, const std::string& directory);

  // `env` must outlive it. Makes no file before there is something to note.
  ManifestNote(rocksdb::Env* env, std::string directory);
  ~ManifestNote();

  // On disk when it returns OK; else it may or may not be.
  rocksdb::Status Write(const Promise& promise);

 private:
  rocksdb::Status OpenFile();

  rocksdb::Env* const env_;
  const std::string directory_;
  std::unique_ptr<rocksdb::RandomRWFile> file_;
};

}  // namespace wasmd

#endif  // WASMD_STORE_MANIFEST_NOTE_H_
