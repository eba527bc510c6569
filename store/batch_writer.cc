#include "store/batch_writer.h"

#include <rocksdb/slice.h>

#include <array>
#include <string>
#include <vector>

#include "base/str_cat.h"
#include "store/rocks_status.h"

namespace wasmd {
namespace {

// RocksDB's own limit is 4 GiB; a batch is held in memory several times.
constexpr size_t kMaxBatchBytes = size_t{1} << 30;
// From here on one range tombstone is cheaper than this many.
constexpr size_t kMaxPointDeletes = 32;

rocksdb::Slice ToSlice(std::string_view text) {
  return {text.data(), text.size()};
}

}  // namespace

void BatchWriter::Note(const rocksdb::Status& status) {
  if (status.ok() || !status_.ok()) return;
  status_ = FromRocksStatus(status, "cannot prepare a write");
}

bool BatchWriter::HasRoomFor(size_t more) {
  if (!status_.ok()) return false;
  if (batch_->GetDataSize() + more <= kMaxBatchBytes) return true;
  status_ = absl::ResourceExhaustedError(
      StrCat("a write of more than ", kMaxBatchBytes >> 20,
             " MiB at once is not possible: commit more often"));
  return false;
}

void BatchWriter::Put(std::string_view key, ByteSpan payload,
                      Compression compression) {
  static_assert(kMaxValueBytes <= kMaxBatchBytes);
  if (payload.size() > kMaxValueBytes && !HasRoomFor(payload.size())) return;
  const ValueSealer::Parts parts = sealer_.Seal(key, payload, compression);
  if (!HasRoomFor(parts[1].size())) return;
  const rocksdb::Slice key_slice = ToSlice(key);
  const std::array<rocksdb::Slice, 3> values = {
      ToSlice(parts[0]), ToSlice(parts[1]), ToSlice(parts[2])};
  Note(batch_->Put(rocksdb::SliceParts(&key_slice, 1),
                   rocksdb::SliceParts(values.data(), 3)));
}

void BatchWriter::Delete(std::string_view key) {
  Note(batch_->Delete(ToSlice(key)));
}

void BatchWriter::DeleteRange(std::string_view lower, std::string_view upper) {
  Note(batch_->DeleteRange(ToSlice(lower), ToSlice(upper)));
}

void BatchWriter::DeleteSparseRange(std::string_view lower,
                                    std::string_view upper) {
  std::vector<std::string> keys;
  Cursor cursor(database_, lower, upper);
  for (cursor.SeekToFirst(); cursor.Valid(); cursor.Next()) {
    if (keys.size() == kMaxPointDeletes) {
      DeleteRange(lower, upper);
      return;
    }
    keys.emplace_back(cursor.key());
  }
  if (!cursor.status("").ok()) {
    // What is damaged can be deleted all the same.
    DeleteRange(lower, upper);
    return;
  }
  for (const std::string& key : keys) Delete(key);
}

}  // namespace wasmd
