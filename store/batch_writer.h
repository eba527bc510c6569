// BatchWriter: seals values and puts them into a RocksDB batch.

#ifndef WASMD_STORE_BATCH_WRITER_H_
#define WASMD_STORE_BATCH_WRITER_H_

#include <rocksdb/write_batch.h>

#include <cstddef>
#include <string_view>

#include "absl/status/status.h"
#include "base/bytes.h"
#include "store/database.h"
#include "store/key.h"
#include "store/value.h"

namespace wasmd {

// The first error sticks: make all calls, then ask status(). Confined to one
// thread.
class BatchWriter {
 public:
  // Both outlive this.
  BatchWriter(const Database& database, rocksdb::WriteBatch* batch)
      : database_(database), batch_(batch), sealer_(database.cipher()) {}

  void Put(std::string_view key, ByteSpan payload,
           Compression compression = Compression::kNone);
  void Delete(std::string_view key);
  // All keys from `lower` up to, not including, `upper`.
  void DeleteRange(std::string_view lower, std::string_view upper);
  // As DeleteRange, and reads first: a few keys are deleted one by one, which
  // costs later readers less, none cost nothing.
  void DeleteSparseRange(std::string_view lower, std::string_view upper);

  // ResourceExhausted when the batch is larger than RocksDB can take.
  const absl::Status& status() const { return status_; }

 private:
  void Note(const rocksdb::Status& status);
  // False, and an error, when the batch can not take `more` bytes.
  bool HasRoomFor(size_t more);

  const Database& database_;
  rocksdb::WriteBatch* batch_;
  ValueSealer sealer_;
  absl::Status status_;
};

}  // namespace wasmd

#endif  // WASMD_STORE_BATCH_WRITER_H_
