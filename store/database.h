// Database: the open RocksDB of a store, with its tables. Knows keys and sealed
// values, not what they mean.
//
// Thread-safe. Every method may block on disk.

#ifndef WASMD_STORE_DATABASE_H_
#define WASMD_STORE_DATABASE_H_

#include <rocksdb/db.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/bytes.h"
#include "store/key.h"
#include "store/open_options.h"
#include "store/value.h"

namespace wasmd {

// The version of all that docs/store-format.md says. A store with a greater one
// is refused. 1: tables and values of the first release.
inline constexpr uint64_t kFormatVersion = 1;

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
  rocksdb::ColumnFamilyHandle* handle(Family family) const {
    return handles_[static_cast<size_t>(family)];
  }

  // What was sealed under the key, nullopt if there is nothing. DataLoss for
  // damage, naming what the key stands for.
  absl::StatusOr<std::optional<std::string>> Read(
      Family family, std::string_view key,
      size_t max_bytes = kMaxValueBytes) const;

  // True when no table has data that is not in a file yet.
  bool MemtablesAreEmpty() const;

 private:
  Database() = default;
  static absl::StatusOr<std::unique_ptr<Database>> OpenOwned(
      const std::string& directory, const OpenOptions& options);
  static absl::StatusOr<std::unique_ptr<Database>> OpenReadOnly(
      const std::string& directory, const OpenOptions& options);
  static absl::StatusOr<std::unique_ptr<Database>> TryOpenReadOnly(
      const std::string& directory, const OpenOptions& options);

  void TakeHandles(const std::vector<rocksdb::ColumnFamilyHandle*>& handles);
  // Reads the version; gives an empty new store one.
  absl::Status CheckFormat(const std::string& directory, bool read_only);
  absl::StatusOr<bool> HasNoKeys() const;
  absl::Status WriteFormat();

  std::unique_ptr<rocksdb::DB> rocks_;
  std::array<rocksdb::ColumnFamilyHandle*, kFamilies.size() + 1> handles_{};
};

// Walks the keys of a table in a range. The range ends before `upper`. Confined
// to one thread; the Database and the bounds outlive it.
class Cursor {
 public:
  // `snapshot` may be null: what is there now.
  Cursor(const Database& database, Family family, std::string_view lower,
         std::string_view upper, const rocksdb::Snapshot* snapshot = nullptr);

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
  Family family_;
  rocksdb::Slice lower_;
  rocksdb::Slice upper_;
  std::unique_ptr<rocksdb::Iterator> iterator_;
  std::string buffer_;
};

}  // namespace wasmd

#endif  // WASMD_STORE_DATABASE_H_
