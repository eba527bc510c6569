// Commit: what changes in one step of a process.

#ifndef WASMD_STORE_COMMIT_H_
#define WASMD_STORE_COMMIT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "store/process_record.pb.h"

namespace wasmd {

// Number of a process in its store; never reused. Names are for people and are
// unique among the processes that exist.
using ProcessNumber = uint64_t;

enum class SyncMode : uint8_t {
  kSync,    // on disk when Commit returns
  kNoSync,  // survives the end of this program, not of the machine
};

inline constexpr size_t kPageBytes = 4096;

// A page of a memory: 4096 bytes, or fewer where the memory ends in it. Empty
// bytes: all zeros.
struct PageWrite {
  uint32_t memory = 0;
  uint64_t page = 0;
  ByteSpan bytes = {};
};

struct LogWrite {
  uint32_t stream = 0;  // 1 stdout, 2 stderr
  std::string_view bytes = {};
};

// A block of the journal: what it says of the events from `first_event` on, up
// to the next block. Opaque here.
struct JournalWrite {
  uint64_t first_event = 0;
  ByteSpan bytes = {};
};

// Everything that changes in one step of a process. Borrowed until the commit
// returns.
struct Commit {
  ProcessNumber process = 0;
  // The new head record; its `sequence` must be the stored one plus one. Its
  // name must be the stored one.
  ProcessRecord record = {};
  // The new state record; absent: unchanged.
  std::optional<ByteSpan> state = {};
  std::vector<PageWrite> pages = {};
  std::vector<LogWrite> log = {};
  // Keeps what this commit makes of the process as a point that can be read,
  // forked and rewound to (ProcessDb::ListPoints), until it is dropped. Needs
  // `state`.
  bool keep_point = false;
  std::vector<JournalWrite> journal = {};
  // First events of blocks to be removed.
  std::vector<uint64_t> journal_trim = {};
  // Input before this offset (store/input.h) is not needed any more.
  std::optional<uint64_t> input_read = {};
};

}  // namespace wasmd

#endif  // WASMD_STORE_COMMIT_H_
