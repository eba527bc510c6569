// Snapshot: the state of a Store and its Thread as bytes, and back (design
// section 3; docs/snapshot-format.md). No I/O: bytes go in and out.
//
// A snapshot is a state record plus the pages of its memories. The state record
// (snapshot.proto) has everything but page contents; it names modules by hash,
// host functions by import name, code positions in canonical form. Pages are 4
// KiB (kCardPageBytes). A page that is not given has the initial image's
// contents. A page that is like the image is not given, unless its contents
// were saved before.
//
// Capture changes nothing that the guest can see, and capturing what was
// restored under the same limits gives the same bytes. Restore trusts nothing.

#ifndef WASMD_SNAPSHOT_SNAPSHOT_H_
#define WASMD_SNAPSHOT_SNAPSHOT_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/bytes.h"
#include "base/sha256.h"
#include "interp/store.h"
#include "interp/thread.h"
#include "snapshot/page_source.h"

namespace wasmd {

// State that belongs to the hosts and is saved with the machine, by the name of
// the host module ("wasi_snapshot_preview1"). Opaque here.
using HostState = std::map<std::string, std::string>;

enum class PageSelection : uint8_t {
  kDirty,    // written since MemoryInstance::ClearDirty: for the next commit
  kChanged,  // all that differ from the initial image: for a whole snapshot
};

// What the heap of objects is called where pages name their memory: after all
// memories. It may have had more pages in the past than it has now; those past
// its present end mean nothing.
inline constexpr MemAddr kHeapMemory = 0xFFFFFFFF;

// One page; `bytes` borrows from the Store until the guest runs again. An empty
// span is a page of zeros.
struct PageContent {
  MemAddr memory = 0;
  uint64_t page = 0;
  ByteSpan bytes;
};

struct Capture {
  std::string state;               // serialised snapshot.proto State
  std::vector<PageContent> pages;  // ascending (memory, page)
};

// `thread` is in kRunnable, kHostCall or kFinished; null captures a Store at
// rest. Does not clear dirty marks: that is the caller's, once what was
// captured is safe. FailedPrecondition if a host callback is running on the
// Store, or if an instantiation trapped so early that values are missing.
// ResourceExhausted if the state is too much for a state record. The error of
// Store::status, if that has one. Of a Store that is loaded lazily, kDirty
// loads nothing and kChanged everything.
absl::StatusOr<Capture> CaptureSnapshot(const Store& store,
                                        const Thread* thread,
                                        const HostState& host_state,
                                        PageSelection pages);

// Forgets what is dirty in all memories and the heap: what was captured is
// safe, and the next capture of kDirty pages starts from here.
void ClearDirtyPages(Store& store);

// What restoring needs from outside.
struct RestoreContext {
  // The module with this hash, validated; an error if there is none.
  std::function<absl::StatusOr<std::shared_ptr<TranslatedModule>>(
      const Sha256Digest& hash)>
      find_module;
  // The implementation of a host function that the snapshot names.
  std::function<absl::StatusOr<std::unique_ptr<HostFunction>>(
      const HostFunctionInfo& info, const FunctionType& type)>
      bind_host;
  StoreLimits store_limits;
  ThreadLimits thread_limits;
  // If not null, pages come from here and not from `pages`. Memories of at
  // least `lazy_min_bytes` read them when the guest touches them, for as long
  // as the Store lives, and everything else at once. Where the system does not
  // have what it takes, or memories have pages of another size than 64 KiB,
  // everything is read at once. What lies past the end of a memory that is
  // loaded lazily is not noticed.
  std::shared_ptr<StoredPages> stored_pages;
  uint64_t lazy_min_bytes = uint64_t{4} << 20;
};

struct RestoredProcess {
  std::unique_ptr<Store> store;
  std::unique_ptr<Thread> thread;  // null if the snapshot has none
  HostState host_state;
};

// Errors: DataLoss for damage and for whatever does not fit the modules (one
// line that says what), Unimplemented for a newer format version,
// FailedPrecondition when a module or host function is missing or the limits of
// `context` are too low. Pages are left changed and not dirty.
absl::StatusOr<RestoredProcess> RestoreSnapshot(ByteSpan state,
                                                const PageSource& pages,
                                                const RestoreContext& context);

// What a snapshot needs, without restoring it: for `inspect` and `import`.
struct SnapshotSummary {
  uint32_t format_version = 0;
  std::vector<Sha256Digest> modules;
  std::vector<HostFunctionInfo> imports;
  // Those that were in force at the capture, so that the restored process can
  // be given the same.
  StoreLimits store_limits;
  ThreadLimits thread_limits;
};
absl::StatusOr<SnapshotSummary> SummarizeSnapshot(ByteSpan state);

}  // namespace wasmd

#endif  // WASMD_SNAPSHOT_SNAPSHOT_H_
