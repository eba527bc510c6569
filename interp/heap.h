// Heap: the structs, arrays and exceptions of a Store (core specification,
// syntax/aggrinst and exninst). Objects lie one after another in one
// CardedRegion and are named by their offset in it, so that the used part of it
// is saved page by page like a memory. Layout: object_layout.h. Why it is a
// sliding mark-compact heap: docs/decisions/0003-gc-heap.md.
//
// A new object is taken from the end of the used part. When the next one would
// end past a threshold, the allocation fails until MakeRoom has collected:
// objects that cannot be reached from the roots go, the others slide down, and
// every reference to them is rewritten. Where the threshold lies depends on the
// allocations so far and the limit alone, never on snapshots or time, so two
// runs with the same inputs have the same heap byte for byte.
//
// Roots are precise: RootSources name every slot that holds a reference of a
// hierarchy other than func (function references have the same bits as objects
// but other meanings).
//
// Confined to one thread at a time.

#ifndef WASMD_INTERP_HEAP_H_
#define WASMD_INTERP_HEAP_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "base/bytes.h"
#include "interp/carded_region.h"
#include "interp/object_layout.h"
#include "interp/reference.h"
#include "interp/slot.h"
#include "interp/type_store.h"

namespace wasmd {

// What a collection asks for the slots that hold references.
class RootVisitor {
 public:
  // `slot` has a value of a reference type whose hierarchy is any, extern or
  // exn; it may be rewritten until the collection is over.
  void Visit(Slot& slot) {
    if (IsHeapReference(slot)) roots_.push_back(&slot);
  }

 private:
  friend class Heap;
  std::vector<Slot*> roots_;
};

class RootSource {
 public:
  virtual ~RootSource() = default;
  virtual void VisitRoots(RootVisitor& visitor) = 0;
};

enum class ObjectKind : uint8_t { kStruct, kArray, kException };

// What an object's header names: dense, in order of first allocation, part of
// the saved state. (A TypeId may be numbered anew by a restore.)
using ObjectTypeIndex = uint32_t;

// The saved part of an object type.
struct ObjectTypeName {
  ObjectKind kind = ObjectKind::kStruct;
  // kStruct, kArray: a module instance and a type index of its module that
  // means this type.
  InstanceAddr instance = 0;
  uint32_t type_index = 0;
  TagAddr tag = 0;  // kException

  friend bool operator==(const ObjectTypeName&,
                         const ObjectTypeName&) = default;
};

struct ObjectType {
  ObjectTypeName name;
  TypeId type = 0;      // for an exception, that of its tag: a function type
  StructLayout layout;  // kStruct, kException
  FieldStorage element = FieldStorage::k64;  // kArray
  // kArray: elements are references to be traced.
  bool traces_elements = false;
  // kStruct, kException: offsets of the fields that are.
  std::vector<uint32_t> traced_offsets;
};

struct HeapStatistics {
  uint64_t collections = 0;
  uint64_t allocated_bytes = 0;  // since the Store was made or restored
  uint64_t live_bytes = 0;       // that the last collection found
};

// All of a heap's state but its pages.
struct HeapState {
  uint64_t used_bytes = 0;
  uint64_t threshold_bytes = 0;
  std::vector<ObjectTypeName> types;
};

// The most a heap can be configured to.
inline constexpr uint64_t kMaxHeapBytes = uint64_t{16} << 30;

class Heap {
 public:
  // `types` outlives the heap. Takes no address space before it is needed.
  Heap(const TypeStore& types, uint64_t max_bytes);
  ~Heap();
  Heap(const Heap&) = delete;
  Heap& operator=(const Heap&) = delete;

  // The object type for structs or arrays of type `id`, which is type
  // `type_index` of `instance`; adds it if it is new.
  ObjectTypeIndex TypeFor(TypeId id, InstanceAddr instance,
                          uint32_t type_index) {
    if (id < by_type_id_.size() && by_type_id_[id] != 0) {
      return by_type_id_[id] - 1;
    }
    return AddType(id, {KindOf(id), instance, type_index, 0});
  }
  // The same for exceptions with this tag, whose type is `id`.
  ObjectTypeIndex TypeForException(TagAddr tag, TypeId id);
  const ObjectType& type(ObjectTypeIndex index) const { return *types_[index]; }
  uint32_t type_count() const { return static_cast<uint32_t>(types_.size()); }

  // A new object, all zero but for its header, its pages dirty; or null if
  // MakeRoom must come first; wanted_bytes() is then its size. `length` is 0
  // when not an array. Collects nothing.
  Slot TryAllocate(ObjectTypeIndex type, uint32_t length) {
    const uint64_t size = SizeOf(*types_[type], length);
    if (size > threshold_ - used_) [[unlikely]] {
      wanted_ = size;
      return kNullReference;
    }
    const uint64_t offset = used_;
    used_ += size;
    StoreLittle(data_ + offset, type | uint64_t{length} << 32);
    region_->MarkDirty(offset, size);
    return offset;
  }

  uint64_t wanted_bytes() const { return wanted_; }

  // After TryAllocate returned null: collects if there is anything to collect,
  // after which the same TryAllocate succeeds. False if the heap's limit stands
  // against it: the trap HeapExhausted. Every reference that is not in a root
  // is invalid afterwards.
  bool MakeRoom();

  // An object's header.
  ObjectTypeIndex TypeIndexOf(Slot reference) const {
    return LoadLittle<uint32_t>(data_ + reference);
  }
  const ObjectType& TypeOf(Slot reference) const {
    return *types_[TypeIndexOf(reference)];
  }
  uint32_t LengthOf(Slot array) const {
    return LoadLittle<uint32_t>(data_ + array + 4);
  }

  // True if `reference`, which is not null and of the hierarchy any, extern or
  // exn, is of `type`, whose concrete type is a TypeId.
  bool Matches(Slot reference, HeapType type) const;

  // The bytes of the heap; null before the first MakeRoom, and never moves
  // after it.
  uint8_t* data() const { return data_; }
  // Marks [offset, offset + length), after a field was written there.
  void MarkDirty(uint64_t offset, uint64_t length) {
    region_->MarkDirty(offset, length);
  }

  // `source` is asked in every collection until it is removed. Sources are
  // asked in the order they were added.
  void AddRootSource(RootSource* source);
  void RemoveRootSource(RootSource* source);

  uint64_t max_bytes() const { return max_bytes_; }
  HeapStatistics statistics() const;

  // Saving. Only the used part has pages; the last may be short. Dirty and
  // changed are as for memories, with an initial image that is empty.
  HeapState state() const;
  uint64_t used_bytes() const { return used_; }
  std::vector<uint64_t> DirtyPages() const;
  std::vector<uint64_t> ChangedPages() const;
  void ClearDirty();
  ByteSpan Page(uint64_t page) const;

  // Restoring (heap_restore.h), into a heap that nothing was allocated in: the
  // size and the types, then every page by writing RestoredPage(page).
  // ResourceExhausted when the heap is larger than the limit, DataLoss when
  // sizes or types make no sense. `ids[i]` is the TypeId that state.types[i]
  // names here; it is of that kind.
  absl::Status Restore(const HeapState& state, std::span<const TypeId> ids);
  MutableByteSpan RestoredPage(uint64_t page);  // marks it dirty

  // Not OK once the heap failed for want of memory of this machine
  // (carded_region.h).
  absl::Status status() const;

  // The size of an object.
  static uint64_t SizeOf(const ObjectType& type, uint32_t length) {
    return type.name.kind == ObjectKind::kArray
               ? ArraySizeBytes(type.element, length)
               : type.layout.size_bytes;
  }

  // True if an object starts at `reference`; for references that cannot be
  // trusted. Reads the whole heap the first time after it changed. The headers
  // are valid (heap_restore.h).
  bool IsObject(Slot reference) const;

 private:
  class Collection;

  ObjectKind KindOf(TypeId id) const;
  ObjectTypeIndex AddType(TypeId id, const ObjectTypeName& name);
  absl::Status RestoreTypes(const HeapState& state,
                            std::span<const TypeId> ids);
  bool EnsureRegion();
  void Collect();
  bool SetThreshold(uint64_t threshold);  // false: see status()

  const TypeStore& type_store_;
  const uint64_t max_bytes_;
  std::optional<CardedRegion> region_;  // once MakeRoom was called
  absl::Status failure_;                // why there is no region_
  uint8_t* data_ = nullptr;
  // [0, kObjectAlignment) is not used, so that no object has offset 0.
  uint64_t used_ = 0;
  uint64_t threshold_ = 0;  // the region's size; used_ is at most this
  uint64_t wanted_ = 0;     // by the last TryAllocate that failed

  std::vector<std::unique_ptr<ObjectType>> types_;
  std::vector<ObjectTypeIndex> by_type_id_;  // + 1; 0 is none
  absl::flat_hash_map<TagAddr, ObjectTypeIndex> by_tag_;
  std::vector<RootSource*> root_sources_;

  uint64_t collections_ = 0;
  uint64_t reclaimed_ = 0;
  uint64_t live_ = 0;

  // Bits of the granules where objects start, as of these two.
  mutable std::vector<uint64_t> starts_;
  mutable uint64_t starts_used_ = 0;
  mutable uint64_t starts_collections_ = 0;
};

}  // namespace wasmd

#endif  // WASMD_INTERP_HEAP_H_
