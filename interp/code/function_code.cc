#include "interp/code/function_code.h"

#include <algorithm>
#include <iterator>

#include "base/check.h"

namespace wasmd {

size_t Translation::bytes() const {
  const auto size_of = [](const auto& vector) {
    return vector.size() * sizeof(vector[0]);
  };
  return code_units * sizeof(CodeUnit) + size_of(safepoints) +
         size_of(operands) + size_of(collection_points) +
         size_of(traced_locals) + size_of(try_regions) + size_of(handlers) +
         size_of(held_loops) + sizeof(*this);
}

const Safepoint* Translation::Find(uint32_t position, bool after_call) const {
  auto it = std::lower_bound(
      safepoints.begin(), safepoints.end(), position,
      [](const Safepoint& s, uint32_t at) { return s.position < at; });
  for (; it != safepoints.end() && it->position == position; ++it) {
    if ((it->kind == SafepointKind::kAfterCall) == after_call) return &*it;
  }
  return nullptr;
}

const Safepoint* Translation::FindOffset(uint32_t code_offset) const {
  // Code offsets ascend with positions: code is laid out in reading order.
  auto it = std::lower_bound(
      safepoints.begin(), safepoints.end(), code_offset,
      [](const Safepoint& s, uint32_t at) { return s.code_offset < at; });
  if (it == safepoints.end() || it->code_offset != code_offset) return nullptr;
  return &*it;
}

const CollectionPoint& Translation::CollectionPointAt(uint32_t position) const {
  const auto it = std::lower_bound(
      collection_points.begin(), collection_points.end(), position,
      [](const CollectionPoint& p, uint32_t at) { return p.position < at; });
  CHECK(it != collection_points.end() && it->position == position);
  return *it;
}

const HeldLoop* Translation::HeldLoopAt(uint32_t position) const {
  const auto after = std::upper_bound(
      held_loops.begin(), held_loops.end(), position,
      [](uint32_t at, const HeldLoop& loop) { return at < loop.begin; });
  if (after == held_loops.begin()) return nullptr;
  const HeldLoop& loop = *std::prev(after);
  return position < loop.end ? &loop : nullptr;
}

uint32_t Translation::TryRegionAt(uint32_t position) const {
  // The last region that begins at or before it, or one of those around that.
  const auto after = std::upper_bound(
      try_regions.begin(), try_regions.end(), position,
      [](uint32_t at, const TryRegion& region) { return at < region.begin; });
  if (after == try_regions.begin()) return TryRegion::kNone;
  auto region = static_cast<uint32_t>(after - try_regions.begin() - 1);
  while (region != TryRegion::kNone && try_regions[region].end <= position) {
    region = try_regions[region].parent;
  }
  return region;
}

uint32_t Translation::EndOfOperands(const Safepoint& safepoint) const {
  if (safepoint.operands == 0) return local_slots;
  const OperandNode& top = operands[safepoint.operands];
  return top.slot + top.type.slot_count();
}

std::vector<OperandNode> Translation::Operands(
    const Safepoint& safepoint) const {
  std::vector<OperandNode> list;
  for (uint32_t at = safepoint.operands; at != 0; at = operands[at].below) {
    list.push_back(operands[at]);
  }
  std::reverse(list.begin(), list.end());
  return list;
}

FunctionCode* FunctionCode::OfStub(const CodeUnit* stub) {
  // The handlers see code positions only. FunctionCode is standard layout in
  // every respect that matters here: no bases, no virtual functions.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Winvalid-offsetof"
  constexpr size_t kOffset = offsetof(FunctionCode, stub);
#pragma GCC diagnostic pop
  return reinterpret_cast<FunctionCode*>(
      const_cast<char*>(reinterpret_cast<const char*>(stub)) - kOffset);
}

}  // namespace wasmd
