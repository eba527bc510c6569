#include "interp/heap.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "base/check.h"
#include "base/status_macros.h"
#include "base/str_cat.h"

namespace wasmd {
namespace {

constexpr uint64_t kFirstObject = kObjectAlignment;
constexpr unsigned kGranuleLog2 = 3;  // of kObjectAlignment
// Bytes whose granules have one word of a bitmap.
constexpr uint64_t kBytesPerWord = uint64_t{64} << kGranuleLog2;

// The threshold of a small heap, and how far above the live objects it lies in
// a larger one.
constexpr uint64_t kFirstThreshold = uint64_t{1} << 20;
constexpr uint64_t kGrowthFactor = 2;
// A collection that leaves less than this part of the limit free counts as an
// exhausted heap: otherwise a full heap would collect at every allocation.
constexpr uint64_t kLeastFreePart = 64;

uint64_t RoundUpToPage(uint64_t bytes) {
  return (bytes + kCardPageBytes - 1) & ~(kCardPageBytes - 1);
}

// Sets bits [begin, begin + count).
void SetBits(std::vector<uint64_t>& bits, uint64_t begin, uint64_t count) {
  while (count > 0) {
    const uint64_t low = begin % 64;
    const uint64_t here = std::min(count, 64 - low);
    const uint64_t ones = here == 64 ? ~uint64_t{0} : (uint64_t{1} << here) - 1;
    bits[begin / 64] |= ones << low;
    begin += here;
    count -= here;
  }
}

bool GetBit(const std::vector<uint64_t>& bits, uint64_t index) {
  return bits[index / 64] >> (index % 64) & 1;
}

bool IsTraced(const TypeStore& types, ValueType type) {
  return type.is_ref() &&
         types.TopOf(type.heap_type()) != AbstractHeapType::kFunc;
}

}  // namespace

// One collection. Marks with a bit for every granule of every live object; then
// the new place of an object is the number of live granules in front of it,
// which a running count for each word of the bitmap gives in constant time.
// Forwarding needs no room in the objects.
class Heap::Collection {
 public:
  explicit Collection(Heap& heap)
      : heap_(heap), marks_((heap.used_ + kBytesPerWord - 1) / kBytesPerWord) {}

  void Run() {
    RootVisitor visitor;
    for (RootSource* source : heap_.root_sources_) source->VisitRoots(visitor);
    std::vector<Slot*>& roots = visitor.roots_;
    // A slot named twice must not be forwarded twice.
    if (!std::is_sorted(roots.begin(), roots.end())) {
      std::sort(roots.begin(), roots.end());
    }
    roots.erase(std::unique(roots.begin(), roots.end()), roots.end());
    for (Slot* root : roots) Mark(*root);
    while (!pending_.empty()) {
      const uint64_t offset = uint64_t{pending_.back()} << kGranuleLog2;
      pending_.pop_back();
      MarkReferencesOf(offset);
    }
    CountLiveGranules();
    for (Slot* root : roots) *root = Forward(*root);
    Slide();
  }

 private:
  void Mark(Slot reference) {
    const uint64_t granule = reference >> kGranuleLog2;
    DCHECK(IsHeapReference(reference) && reference < heap_.used_);
    if (GetBit(marks_, granule)) return;
    const ObjectType& type = heap_.TypeOf(reference);
    const uint32_t length = heap_.LengthOf(reference);
    SetBits(marks_, granule, SizeOf(type, length) >> kGranuleLog2);
    if (!type.traced_offsets.empty() || (type.traces_elements && length > 0)) {
      pending_.push_back(static_cast<uint32_t>(granule));
    }
  }

  uint64_t SizeAt(uint64_t offset) const {
    return SizeOf(heap_.TypeOf(offset), heap_.LengthOf(offset));
  }

  // Calls visit(address of the reference) for each traced field of an object.
  template <typename Visit>
  void ForEachReference(uint64_t offset, Visit visit) {
    const ObjectType& type = heap_.TypeOf(offset);
    uint8_t* object = heap_.data_ + offset;
    for (uint32_t field : type.traced_offsets) visit(object + field);
    if (!type.traces_elements) return;
    const uint64_t length = heap_.LengthOf(offset);
    for (uint64_t i = 0; i < length; ++i) {
      visit(object + kObjectHeaderBytes + i * sizeof(Slot));
    }
  }

  void MarkReferencesOf(uint64_t offset) {
    ForEachReference(offset, [&](const uint8_t* at) {
      const Slot reference = LoadLittle<Slot>(at);
      if (IsHeapReference(reference)) Mark(reference);
    });
  }

  void CountLiveGranules() {
    live_before_.resize(marks_.size());
    uint32_t count = 0;
    for (size_t i = 0; i < marks_.size(); ++i) {
      live_before_[i] = count;
      count += static_cast<uint32_t>(std::popcount(marks_[i]));
    }
    live_granules_ = count;
  }

  // Where the object at `reference`, which is live, goes.
  Slot Forward(Slot reference) const {
    const uint64_t granule = reference >> kGranuleLog2;
    const uint64_t below = (uint64_t{1} << (granule % 64)) - 1;
    const auto in_word =
        static_cast<uint64_t>(std::popcount(marks_[granule / 64] & below));
    return kFirstObject +
           ((live_before_[granule / 64] + in_word) << kGranuleLog2);
  }

  // The first marked granule at or after `granule`, or none.
  std::optional<uint64_t> NextMarked(uint64_t granule) const {
    size_t word = granule / 64;
    if (word >= marks_.size()) return std::nullopt;
    uint64_t bits = marks_[word] & ~uint64_t{0} << (granule % 64);
    while (bits == 0) {
      if (++word == marks_.size()) return std::nullopt;
      bits = marks_[word];
    }
    return word * 64 + static_cast<uint64_t>(std::countr_zero(bits));
  }

  // Rewrites the references of every live object and moves it down, lowest
  // first, so that nothing is overwritten before it has moved.
  void Slide() {
    uint64_t end = kFirstObject;
    for (auto granule = NextMarked(0); granule.has_value();
         granule = NextMarked(*granule)) {
      const uint64_t offset = *granule << kGranuleLog2;
      const uint64_t size = SizeAt(offset);
      *granule += size >> kGranuleLog2;
      ForEachReference(offset, [&](uint8_t* at) {
        const Slot reference = LoadLittle<Slot>(at);
        if (!IsHeapReference(reference)) return;
        const Slot forwarded = Forward(reference);
        if (forwarded == reference) return;
        StoreLittle(at, forwarded);
        heap_.MarkDirty(static_cast<uint64_t>(at - heap_.data_), sizeof(Slot));
      });
      if (offset != end) {
        std::memmove(heap_.data_ + end, heap_.data_ + offset, size);
        heap_.MarkDirty(end, size);
      }
      end += size;
    }
    CHECK(end == kFirstObject + (uint64_t{live_granules_} << kGranuleLog2));
    if (end == heap_.used_) return;
    heap_.reclaimed_ += heap_.used_ - end;
    std::memset(heap_.data_ + end, 0, heap_.used_ - end);
    heap_.used_ = end;
    // The last page is shorter than it was.
    heap_.MarkDirty(end - 1, 1);
  }

  Heap& heap_;
  std::vector<uint64_t> marks_;        // a bit for each granule
  std::vector<uint32_t> live_before_;  // for each word of marks_
  uint32_t live_granules_ = 0;
  std::vector<uint32_t> pending_;  // granules of marked objects to be scanned
};

Heap::Heap(const TypeStore& types, uint64_t max_bytes)
    : type_store_(types),
      max_bytes_(std::min(max_bytes, kMaxHeapBytes) & ~(kCardPageBytes - 1)) {}

Heap::~Heap() = default;

ObjectKind Heap::KindOf(TypeId id) const {
  const CompositeKind kind = type_store_.Get(id).kind;
  CHECK(kind != CompositeKind::kFunction);
  return kind == CompositeKind::kStruct ? ObjectKind::kStruct
                                        : ObjectKind::kArray;
}

ObjectTypeIndex Heap::TypeForException(TagAddr tag, TypeId id) {
  const auto found = by_tag_.find(tag);
  if (found != by_tag_.end()) return found->second;
  return AddType(id, {ObjectKind::kException, 0, 0, tag});
}

ObjectTypeIndex Heap::AddType(TypeId id, const ObjectTypeName& name) {
  auto type = std::make_unique<ObjectType>();
  type->name = name;
  type->type = id;
  const SubType& definition = type_store_.Get(id);
  const ObjectTypeIndex index = type_count();
  if (name.kind == ObjectKind::kArray) {
    type->element = StorageOf(definition.fields[0]);
    type->traces_elements = IsTraced(type_store_, definition.fields[0].value);
  } else {
    std::vector<FieldType> fields = definition.fields;
    if (name.kind == ObjectKind::kException) {
      fields.clear();
      for (ValueType param : definition.function.params) {
        fields.push_back(FieldType{param});
      }
    }
    type->layout = LayOutStruct(fields);
    for (size_t i = 0; i < fields.size(); ++i) {
      if (!IsTraced(type_store_, fields[i].value)) continue;
      type->traced_offsets.push_back(type->layout.fields[i].offset);
    }
  }
  types_.push_back(std::move(type));
  if (name.kind == ObjectKind::kException) {
    by_tag_.emplace(name.tag, index);
  } else {
    if (by_type_id_.size() <= id) by_type_id_.resize(id + 1);
    by_type_id_[id] = index + 1;
  }
  return index;
}

bool Heap::Matches(Slot reference, HeapType type) const {
  using enum AbstractHeapType;
  if (type.is_concrete()) {
    return IsHeapReference(reference) &&
           type_store_.IsSubtype(TypeOf(reference).type, type.type_index());
  }
  switch (type.abstract()) {
    case kAny:
    case kExtern:
    case kExn:
      return true;
    case kEq:
      return !IsHostReference(reference);
    case kI31:
      return IsI31(reference);
    case kStruct:
      return IsHeapReference(reference) &&
             TypeOf(reference).name.kind == ObjectKind::kStruct;
    case kArray:
      return IsHeapReference(reference) &&
             TypeOf(reference).name.kind == ObjectKind::kArray;
    default:  // the bottoms have no values but null
      return false;
  }
}

bool Heap::EnsureRegion() {
  if (region_.has_value()) return true;
  absl::StatusOr<CardedRegion> region = CardedRegion::Create(max_bytes_);
  const uint64_t first = std::min(kFirstThreshold, max_bytes_);
  if (!region.ok() || !region->SetSize(first)) {
    failure_ = region.ok() ? region->status() : region.status();
    return false;
  }
  region_ = *std::move(region);
  data_ = region_->data();
  used_ = kFirstObject;
  threshold_ = first;
  return true;
}

bool Heap::SetThreshold(uint64_t threshold) {
  if (!region_->SetSize(threshold)) return false;
  threshold_ = threshold;
  return true;
}

absl::Status Heap::status() const {
  return region_.has_value() ? region_->status() : failure_;
}

bool Heap::MakeRoom() {
  const uint64_t wanted = wanted_;
  // Nothing that is live can make this fit; do not even look.
  if (max_bytes_ < kCardPageBytes || wanted > max_bytes_ - kFirstObject) {
    return false;
  }
  if (!EnsureRegion()) return false;
  if (wanted <= threshold_ - used_) return true;
  if (used_ > kFirstObject) Collect();
  live_ = used_ - kFirstObject;
  const uint64_t free = max_bytes_ - used_;
  if (wanted > free) return false;
  if (free < max_bytes_ / kLeastFreePart) return false;
  const uint64_t threshold = RoundUpToPage(
      std::max({kFirstThreshold, kGrowthFactor * used_, used_ + wanted}));
  return SetThreshold(std::min(threshold, max_bytes_));
}

void Heap::Collect() {
  Collection(*this).Run();
  ++collections_;
}

void Heap::AddRootSource(RootSource* source) {
  root_sources_.push_back(source);
}

void Heap::RemoveRootSource(RootSource* source) {
  const auto found =
      std::find(root_sources_.begin(), root_sources_.end(), source);
  CHECK(found != root_sources_.end());
  root_sources_.erase(found);
}

HeapStatistics Heap::statistics() const {
  const uint64_t present = used_ == 0 ? 0 : used_ - kFirstObject;
  return {collections_, present + reclaimed_, live_};
}

HeapState Heap::state() const {
  HeapState state;
  state.used_bytes = used_;
  state.threshold_bytes = threshold_;
  for (const auto& type : types_) state.types.push_back(type->name);
  return state;
}

namespace {

// Pages past the used part may be marked, but have nothing to be saved.
std::vector<uint64_t> Below(std::vector<uint64_t> pages, uint64_t used) {
  const uint64_t count = RoundUpToPage(used) >> kCardPageLog2;
  pages.erase(std::lower_bound(pages.begin(), pages.end(), count), pages.end());
  return pages;
}

}  // namespace

std::vector<uint64_t> Heap::DirtyPages() const {
  if (!region_.has_value()) return {};
  return Below(region_->DirtyPages(), used_);
}

std::vector<uint64_t> Heap::ChangedPages() const {
  if (!region_.has_value()) return {};
  return Below(region_->ChangedPages(), used_);
}

void Heap::ClearDirty() {
  if (region_.has_value()) region_->ClearDirty();
}

ByteSpan Heap::Page(uint64_t page) const {
  const uint64_t begin = page << kCardPageLog2;
  CHECK(begin < used_);
  return ByteSpan(data_ + begin, std::min(kCardPageBytes, used_ - begin));
}

absl::Status Heap::RestoreTypes(const HeapState& state,
                                std::span<const TypeId> ids) {
  for (size_t i = 0; i < ids.size(); ++i) {
    const ObjectTypeName& name = state.types[i];
    const bool is_new =
        name.kind == ObjectKind::kException
            ? !by_tag_.contains(name.tag)
            : by_type_id_.size() <= ids[i] || by_type_id_[ids[i]] == 0;
    if (!is_new) {
      return absl::DataLossError(StrCat("heap object type ", i, " is twice"));
    }
    AddType(ids[i], name);
  }
  return absl::OkStatus();
}

absl::Status Heap::Restore(const HeapState& state,
                           std::span<const TypeId> ids) {
  CHECK(!region_.has_value() && types_.empty());
  CHECK(ids.size() == state.types.size());
  RETURN_IF_ERROR(RestoreTypes(state, ids));
  if (state.used_bytes == 0 && state.threshold_bytes == 0) {
    return absl::OkStatus();
  }
  if (state.used_bytes < kFirstObject ||
      state.used_bytes % kObjectAlignment != 0 ||
      state.used_bytes > state.threshold_bytes ||
      state.threshold_bytes % kCardPageBytes != 0) {
    return absl::DataLossError(
        StrCat("heap sizes make no sense: ", state.used_bytes, " of ",
               state.threshold_bytes, " bytes used"));
  }
  if (state.used_bytes > max_bytes_) {
    return absl::ResourceExhaustedError(
        StrCat("heap of ", state.used_bytes, " bytes is over the limit of ",
               max_bytes_, " bytes; raise the heap limit to restore it"));
  }
  if (!EnsureRegion()) {
    return absl::ResourceExhaustedError(
        StrCat("no room for the heap: ", ToStd(failure_.message())));
  }
  used_ = state.used_bytes;
  return SetThreshold(std::min(state.threshold_bytes, max_bytes_))
             ? absl::OkStatus()
             : region_->status();
}

MutableByteSpan Heap::RestoredPage(uint64_t page) {
  const ByteSpan bytes = Page(page);
  const uint64_t begin = page << kCardPageLog2;
  region_->MarkDirty(begin, bytes.size());
  return MutableByteSpan(data_ + begin, bytes.size());
}

bool Heap::IsObject(Slot reference) const {
  if (!IsHeapReference(reference) || reference >= used_) return false;
  if (starts_used_ != used_ || starts_collections_ != collections_) {
    starts_.assign((used_ + kBytesPerWord - 1) / kBytesPerWord, 0);
    for (uint64_t offset = kFirstObject; offset < used_;
         offset += SizeOf(TypeOf(offset), LengthOf(offset))) {
      SetBits(starts_, offset >> kGranuleLog2, 1);
    }
    starts_used_ = used_;
    starts_collections_ = collections_;
  }
  return GetBit(starts_, reference >> kGranuleLog2);
}

}  // namespace wasmd
