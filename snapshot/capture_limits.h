// What a snapshot may hold, checked when one is captured and again when one is
// restored, so that a small hostile record cannot ask for unbounded memory.

#ifndef WASMD_SNAPSHOT_CAPTURE_LIMITS_H_
#define WASMD_SNAPSHOT_CAPTURE_LIMITS_H_

#include <cstddef>
#include <cstdint>

#include "wasm/module.h"

namespace wasmd {

// Cells of all module instances together. A cell is about 8 bytes: an entry of
// an index space or element segment, 8 bytes of a memory's initial image. (What
// tables hold is bounded by StoreLimits.)
inline constexpr uint64_t kMaxSnapshotCells = uint64_t{1} << 28;

// The limit of all memories together in version 1, which does not name it.
inline constexpr uint64_t kVersion1AllMemoryBytes = uint64_t{16} << 30;

// Bytes of a serialised State: what a protobuf message may have.
inline constexpr size_t kMaxStateBytes = (size_t{1} << 31) - 1024;

// Cells that each instance of `module` takes.
uint64_t InstanceCells(const Module& module);

}  // namespace wasmd

#endif  // WASMD_SNAPSHOT_CAPTURE_LIMITS_H_
