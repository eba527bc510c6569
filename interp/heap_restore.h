// Restoring a Store's heap from what was saved of it, which is not trusted:
// afterwards every header, size and reference in it is as if the guest had made
// it. In this order: functions, tags and instances of the Store; RestoreHeap;
// the pages, through Heap::RestoredPage; VerifyHeap; then whatever holds
// references, each checked with Store::IsValueOf.

#ifndef WASMD_INTERP_HEAP_RESTORE_H_
#define WASMD_INTERP_HEAP_RESTORE_H_

#include "absl/status/status.h"
#include "interp/heap.h"
#include "interp/store.h"

namespace wasmd {

// Sets size, threshold and object types; the objects are zeros until their
// pages are written. DataLoss if a type names an instance, type index or tag
// that the Store has not, or of another kind, or if sizes make no sense;
// ResourceExhausted if the heap is over the Store's limit.
absl::Status RestoreHeap(Store& store, const HeapState& state);

// DataLoss, naming the offset, unless the used part of the heap is a sequence
// of objects of known types, all of whose references are null where that is
// allowed or of their field's type.
absl::Status VerifyHeap(const Store& store);

}  // namespace wasmd

#endif  // WASMD_INTERP_HEAP_RESTORE_H_
