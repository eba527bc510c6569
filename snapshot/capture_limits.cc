#include "snapshot/capture_limits.h"

namespace wasmd {

uint64_t InstanceCells(const Module& module) {
  // A function instance is some 40 bytes, the others' records somewhat more.
  constexpr uint64_t kCellsPerRecord = 8;
  uint64_t cells = module.types.size() + module.data.size();
  cells +=
      kCellsPerRecord * (1 + module.functions.size() + module.tables.size() +
                         module.memories.size() + module.globals.size() +
                         module.tags.size() + module.elements.size());
  for (const ElementSegment& segment : module.elements) cells += segment.size();
  for (const DataSegment& segment : module.data) {
    if (segment.mode == SegmentMode::kActive) cells += segment.bytes.size() / 8;
  }
  return cells;
}

}  // namespace wasmd
