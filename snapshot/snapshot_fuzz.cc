// libFuzzer target: `bazel build --config=fuzz //snapshot:snapshot_fuzz`. The
// first byte of an input picks a good snapshot; the rest is the payload of its
// state record or, where the bit 0x80 is set, its first page of the heap.
// Invariants: testing/restore_fuzzer.h.

#include <cstdint>

#include "snapshot/state_record.h"
#include "snapshot/testing/restore_fuzzer.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const wasmd::testing::RestoreFuzzer fuzzer;
  if (size == 0) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data) + 1,
                              size - 1);
  wasmd::OwnedSnapshot snapshot =
      fuzzer.seeds()[(data[0] & 0x7F) % fuzzer.seeds().size()];
  if (!(data[0] & 0x80)) {
    snapshot.state.resize(wasmd::kStateRecordHeaderBytes);
    snapshot.state += rest;
  } else {
    for (wasmd::OwnedPage& page : snapshot.pages) {
      if (page.memory != wasmd::kHeapMemory) continue;
      page.bytes.replace(0, std::min(rest.size(), page.bytes.size()),
                         rest.substr(0, page.bytes.size()));
    }
  }
  fuzzer.Try(std::move(snapshot));
  return 0;
}
