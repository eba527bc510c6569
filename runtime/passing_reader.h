// PassingReader: reads the memories of a machine that is looked at past what
// the machine has loaded of them.

#ifndef WASMD_RUNTIME_PASSING_READER_H_
#define WASMD_RUNTIME_PASSING_READER_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "base/bytes.h"
#include "interp/store.h"
#include "snapshot/page_source.h"

namespace wasmd {

// Reads the memories of a machine that was restored from StoredPages, without
// making present what is not: so a memory of any size is read in pieces with no
// more memory than for one of them. Use:
//
//   PassingReader reader(pages);
//   ... restore from reader.watched(), at any time lazily ...
//   reader.Begin(store);
//   ... the machine may run, and load pages ...
//   reader.Read(memory, offset, piece);
//
// Confined to the thread of the machine, but for the restore.
class PassingReader {
 public:
  // Null: nothing can be read on demand, and everything is present.
  explicit PassingReader(std::shared_ptr<StoredPages> pages);
  ~PassingReader();
  PassingReader(const PassingReader&) = delete;
  PassingReader& operator=(const PassingReader&) = delete;

  // What the machine is restored from; null if `pages` was.
  std::shared_ptr<StoredPages> watched() const;
  // Right after the restore. `store` outlives this.
  void Begin(const Store& store);

  // Of a memory of the store: [offset, offset + to.size()) lies in it, and
  // `offset` is a multiple of kAlignment. Errors as Store::status, DataLoss for
  // pages that are damaged.
  static constexpr uint64_t kAlignment = uint64_t{64} << 10;
  absl::Status Read(MemAddr memory, uint64_t offset, MutableByteSpan to) const;

 private:
  class Watched;

  // Whether the bytes from there to the next multiple are not in memory.
  bool IsMissing(MemAddr memory, uint64_t offset) const;

  const std::shared_ptr<StoredPages> pages_;
  const std::shared_ptr<Watched> watched_;
  const Store* store_ = nullptr;
  std::vector<uint64_t> restored_bytes_;  // by memory
};

}  // namespace wasmd

#endif  // WASMD_RUNTIME_PASSING_READER_H_
