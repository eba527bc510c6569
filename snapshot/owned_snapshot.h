// OwnedSnapshot: a captured state with its pages copied, as bytes at rest are:
// for tests, and for whoever keeps snapshots in memory.

#ifndef WASMD_SNAPSHOT_OWNED_SNAPSHOT_H_
#define WASMD_SNAPSHOT_OWNED_SNAPSHOT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "snapshot/snapshot.h"

namespace wasmd {

struct OwnedPage {
  MemAddr memory = 0;
  uint64_t page = 0;
  std::string bytes;  // empty: a page of zeros
  friend bool operator==(const OwnedPage&, const OwnedPage&) = default;
};

struct OwnedSnapshot {
  std::string state;
  std::vector<OwnedPage> pages;
  friend bool operator==(const OwnedSnapshot&, const OwnedSnapshot&) = default;
};

OwnedSnapshot Own(const Capture& capture);

// Gives the pages of `snapshot`, which outlives what is returned.
PageSource PagesOf(const OwnedSnapshot& snapshot);

// Everything that a process is, in and out of the forms of snapshot.h.
absl::StatusOr<OwnedSnapshot> CaptureAll(const RestoredProcess& process);

// What restoring a snapshot of `process` needs but for `bind_host`: its own
// modules and limits.
RestoreContext ContextOf(const RestoredProcess& process);

// Captures the process, destroys it, restores it from the bytes and captures it
// again: Internal if the second capture is not identical to the first. The rest
// as RestoreSnapshot. Whatever pointed into the old Store is invalid; addresses
// are the same.
absl::StatusOr<RestoredProcess> RoundTrip(RestoredProcess process,
                                          const RestoreContext& context);

}  // namespace wasmd

#endif  // WASMD_SNAPSHOT_OWNED_SNAPSHOT_H_
