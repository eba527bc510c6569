// LazyPages: a range of zeroed memory whose contents come when they are first
// touched. Nothing else about it differs: reads and writes by code of this
// program just work, at the price of a fault for each chunk of 64 KiB (up to
// 1 MiB where faults go through the memory in order).
//
// How: the range is registered with userfaultfd for faults of user mode, which
// needs no privilege; a touch of what is not there raises SIGBUS on the thread
// that touches, whose handler loads the chunk and goes back. Nothing is seen of
// a chunk before all of it is there. A system call that is handed a range that
// is not there fails with EFAULT: EnsurePresent first.
//
// A handler for SIGBUS is installed by the first LazyPages of the program.
// Faults elsewhere go to the handler that was there before; whoever installs
// one later passes on what is not its own.
//
// Marks no cards: loading is not writing.
//
// Confined to one thread at a time.

#ifndef WASMD_INTERP_LAZY_PAGES_H_
#define WASMD_INTERP_LAZY_PAGES_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "base/bytes.h"

namespace wasmd {

// Unit of dirty tracking and of saved pages; not the 64 KiB page of the spec.
inline constexpr uint64_t kCardPageBytes = 4096;
inline constexpr unsigned kCardPageLog2 = 12;

// Where contents come from.
class PageLoader {
 public:
  virtual ~PageLoader() = default;

  // Fills `to`, which is all zero, with what pages of kCardPageBytes have from
  // `first_page` on, a whole number of them. Sets those of `is_stored`, as many
  // as there are pages and all false, whose contents are kept outside.
  //
  // Called on the thread that touches the memory, in the middle of whatever
  // touched it: it must not touch the memory itself nor need a lock that
  // somebody holds who touches it.
  virtual absl::Status Load(uint64_t first_page, MutableByteSpan to,
                            std::vector<bool>* is_stored) = 0;
};

class LazyPages {
 public:
  // [begin, begin + size) is private anonymous memory of which nothing was
  // touched; both are multiples of kCardPageBytes. Null where the system does
  // not have what it takes: then the caller loads everything now.
  static std::unique_ptr<LazyPages> Create(uint8_t* begin, uint64_t size,
                                           std::unique_ptr<PageLoader> loader);
  // The memory is unmapped next, and not touched in between.
  ~LazyPages();
  LazyPages(const LazyPages&) = delete;
  LazyPages& operator=(const LazyPages&) = delete;

  // Loads what is missing of [offset, offset + length); what lies beyond the
  // range is there.
  void EnsurePresent(uint64_t offset, uint64_t length);
  void LoadAll() { EnsurePresent(0, size_); }
  bool is_all_present() const { return missing_chunks_ == 0; }

  // Not OK once contents could not be loaded: from then on all that was missing
  // reads as zeros, and nothing computed from it may be let out.
  const absl::Status& status() const { return status_; }
  // Called when that happens, on the thread that touched the memory.
  void set_on_failure(std::function<void()> on_failure) {
    on_failure_ = std::move(on_failure);
  }

  // A bit for each page: it is present and the loader said that it is stored.
  const std::vector<uint64_t>& stored_bits() const { return stored_bits_; }
  bool IsStored(uint64_t page) const {
    return (stored_bits_[page / 64] >> (page % 64) & 1) != 0;
  }

 private:
  friend class FaultRanges;

  LazyPages(uint8_t* begin, uint64_t size, std::unique_ptr<PageLoader> loader);
  // False if nothing is missing there.
  bool OnFault(uint64_t offset);
  void LoadChunks(uint64_t first, uint64_t count);
  absl::Status Install(uint64_t offset, ByteSpan bytes);
  void Fail(absl::Status status);
  void Finish();

  uint8_t* const begin_;
  const uint64_t size_;
  std::unique_ptr<PageLoader> loader_;
  std::vector<bool> is_present_;  // by chunk
  uint64_t missing_chunks_;
  std::vector<uint64_t> stored_bits_;
  // Where the last load ended, and how many chunks a fault there loads.
  uint64_t next_chunk_ = 0;
  uint64_t window_ = 1;
  std::vector<uint8_t> staging_;
  absl::Status status_;
  std::function<void()> on_failure_;
};

}  // namespace wasmd

#endif  // WASMD_INTERP_LAZY_PAGES_H_
