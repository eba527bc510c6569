// What ProcessDb says about a whole store.

#ifndef WASMD_STORE_STORE_REPORT_H_
#define WASMD_STORE_STORE_REPORT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "base/sha256.h"

namespace wasmd {

// Something that is wrong with a store.
struct StoreFinding {
  uint64_t process = 0;  // 0: it is about no process, or about many
  std::string what;      // one line
};

// How much a check looked at.
struct StoreCensus {
  uint64_t processes = 0;
  uint64_t modules = 0;
  uint64_t pages = 0;
  uint64_t log_records = 0;
  uint64_t journal_blocks = 0;
  uint64_t points = 0;
  uint64_t old_pages = 0;  // kept for points and forks
  uint64_t findings = 0;
};

// What takes the space. Bytes of keys and values as they are stored, compressed
// where they are.
struct ProcessUsage {
  uint64_t process = 0;
  uint64_t page_count = 0;  // that have bytes; zeros are not counted
  uint64_t page_bytes = 0;
  uint64_t state_bytes = 0;
  uint64_t log_bytes = 0;  // with its index
  uint64_t journal_bytes = 0;
  uint64_t redo_bytes = 0;     // changes of pages and state since these
  uint64_t history_bytes = 0;  // kept points, and what forks share
  uint64_t other_bytes = 0;    // record, name, timer, uses of modules
  uint64_t total() const {
    return page_bytes + state_bytes + log_bytes + journal_bytes + redo_bytes +
           history_bytes + other_bytes;
  }
};

struct ModuleUsage {
  Sha256Digest hash = {};
  uint64_t bytes = 0;
  uint64_t users = 0;  // processes
};

struct StoreUsage {
  std::vector<ProcessUsage> processes;  // ascending
  std::vector<ModuleUsage> modules;     // ascending
  // Files on disk. They hold more than the above: what was overwritten or
  // removed and not yet compacted.
  uint64_t table_file_bytes = 0;
  uint64_t blob_file_bytes = 0;  // modules and large states
  uint64_t wal_bytes = 0;
  uint64_t other_file_bytes = 0;
};

}  // namespace wasmd

#endif  // WASMD_STORE_STORE_REPORT_H_
