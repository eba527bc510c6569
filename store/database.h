// Database: the open RocksDB of a store. Knows keys and sealed values, not what
// they mean.
//
// All tables are in RocksDB's one default column family, told apart by the
// first byte of their keys: docs/store-format.md says why.
//
// Thread-safe. Every method may block on disk.

#ifndef WASMD_STORE_DATABASE_H_
#define WASMD_STORE_DATABASE_H_

#include <rocksdb/db.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/bytes.h"
#include "store/key.h"
#include "store/open_options.h"
#include "store/sync_note.h"
#include "store/value.h"
#include "store/value_cipher.h"

namespace wasmd {

// The version of all that docs/store-format.md says. A store with a greater one
// is refused; one with a smaller one gets this when an owner opens it. 1:
// tables and values of the first release. 2: tables 11 and 12, without which a
// process is not what it was at its last commit. 3: the same, encrypted; plain
// stores stay at 2.
inline constexpr uint64_t kFormatVersion = 3;
inline constexpr uint64_t kPlainFormatVersion = 2;

class Database {
 public:
  // Errors as ProcessDb::Open. A new store has its format version on disk when
  // this returns.
  static absl::StatusOr<std::unique_ptr<Database>> Open(
      const std::string& directory, const OpenOptions& options);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  rocksdb::DB& rocks() const { return *rocks_; }
  // Of its values; null: they are plain.
  const ValueCipher* cipher() const { return cipher_.get(); }

  // Writes a batch that was begun by BeginBatch.
  rocksdb::Status Write(rocksdb::WriteBatch* batch, bool sync) const;
  void BeginBatch(rocksdb::WriteBatch* batch) const;
  // Makes all that was written durable.
  rocksdb::Status Sync() const;

  // What was sealed under the key, nullopt if there is nothing. DataLoss for
  // damage, naming what the key stands for. `snapshot` may be null: what is
  // there now.
  absl::StatusOr<std::optional<std::string>> Read(
      std::string_view key, size_t max_bytes = kMaxValueBytes,
      const rocksdb::Snapshot* snapshot = nullptr) const;
  // The same for each of a few keys, which ascend, in their order. What lies
  // side by side in a file is read at once.
  absl::StatusOr<std::vector<std::optional<std::string>>> ReadMany(
      std::span<const Key> keys, size_t max_bytes,
      const rocksdb::Snapshot* snapshot) const;

 private:
  // The next to open would read the whole WAL, a module of many megabytes in it
  // perhaps, or many files of it.
  void MoveOutOfWal();

  // Compactions begin with a write after which there is, or was when the store
  // was opened, something to do for them. Not before: to start them is a synced
  // write of its own, most lives of a store are short, and a process that is
  // resumed reads its first pages from the same disk.
  rocksdb::Status StartCompactions() const;
  void NoteWritten(size_t bytes) const;

  struct Parts {
    std::unique_ptr<rocksdb::Env> env;  // null: that of the options
    // The number of the WAL file begun last; null: nothing is written.
    std::shared_ptr<std::atomic<uint64_t>> newest_wal = {};
    std::unique_ptr<SyncNote> note = {};  // null: there is none
    std::unique_ptr<ValueCipher> cipher;  // null: plain
    std::unique_ptr<rocksdb::DB> rocks;
    bool read_only = false;
    size_t wal_files = 0;
    // What is written before compactions start.
    size_t bytes_before_compactions = 0;
  };
  explicit Database(Parts parts);
  static absl::StatusOr<std::unique_ptr<Database>> OpenOwned(
      const std::string& directory, const OpenOptions& options);
  static absl::StatusOr<std::unique_ptr<Database>> OpenReadOnly(
      const std::string& directory, const OpenOptions& options);
  static absl::StatusOr<std::unique_ptr<Database>> TryOpenReadOnly(
      const std::string& directory, const OpenOptions& options);

  // Reads the version; gives a new or older store this one's, durably.
  absl::Status CheckFormat(const std::string& directory, bool read_only);
  absl::Status WriteFormat(const std::string& directory);
  // What `value`, under `key`, was before it was sealed.
  absl::StatusOr<std::string> UnsealText(std::string_view key,
                                         const rocksdb::Slice& value,
                                         size_t max_bytes) const;
  absl::Status CheckIsEncrypted(const std::string& directory,
                                bool is_encrypted) const;

  const std::unique_ptr<rocksdb::Env> env_;  // outlives rocks_
  const std::shared_ptr<std::atomic<uint64_t>> newest_wal_;
  const std::unique_ptr<SyncNote> note_;
  const std::unique_ptr<ValueCipher> cipher_;
  const std::unique_ptr<rocksdb::DB> rocks_;
  const bool read_only_;
  const size_t wal_files_;  // when it was opened, with the one begun then
  const size_t bytes_before_compactions_;
  mutable std::atomic<size_t> written_bytes_ = 0;
  mutable std::atomic<bool> compactions_started_ = false;
  mutable std::atomic<bool> is_priority_denied_ = false;
  // Everything up to this of RocksDB's sequence numbers is on disk.
  mutable std::atomic<uint64_t> durable_sequence_;
  // About the last that was written into the WAL as a mark.
  mutable std::atomic<uint64_t> marked_sequence_;
};

// Walks the keys of a range. Confined to one thread; the Database outlives it.
class Cursor {
 public:
  // From `lower` up to, not including, `upper`. `snapshot` may be null: what is
  // there now.
  Cursor(const Database& database, std::string_view lower,
         std::string_view upper, const rocksdb::Snapshot* snapshot = nullptr);
  // All of a table.
  Cursor(const Database& database, Table table)
      : Cursor(database, TableBegin(table).view(), TableEnd(table).view()) {}

  void SeekToFirst() { iterator_->SeekToFirst(); }
  void SeekToLast() { iterator_->SeekToLast(); }
  void Seek(std::string_view key) { iterator_->Seek({key.data(), key.size()}); }
  void SeekForPrev(std::string_view key) {
    iterator_->SeekForPrev({key.data(), key.size()});
  }
  void Next() { iterator_->Next(); }
  bool Valid() const { return iterator_->Valid(); }
  // Views are valid until the cursor moves.
  std::string_view key() const {
    return {iterator_->key().data(), iterator_->key().size()};
  }
  absl::StatusOr<ByteSpan> Payload(size_t max_bytes = kMaxValueBytes);
  // When !Valid(): OK at the end, else the error. `reading` says what was read:
  // "the pages of process 7".
  absl::Status status(std::string_view reading) const;

 private:
  const std::string lower_;
  const std::string upper_;
  const rocksdb::Slice lower_slice_;
  const rocksdb::Slice upper_slice_;
  const ValueCipher* const cipher_;
  std::unique_ptr<rocksdb::Iterator> iterator_;
  std::string buffer_;
};

}  // namespace wasmd

#endif  // WASMD_STORE_DATABASE_H_
