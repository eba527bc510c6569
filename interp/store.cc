#include "interp/store.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/status_macros.h"
#include "base/str_cat.h"
#include "wasm/module.h"

namespace wasmd {
namespace {

constexpr uint64_t kMaxTable32Elements = 0xFFFFFFFF;

template <typename T>
uint32_t Count(const T& container) {
  return static_cast<uint32_t>(container.size());
}

}  // namespace

Store::Store(const StoreLimits& limits) : limits_(limits) {
  heap_.AddRootSource(&roots_);
}

Store::~Store() = default;

FuncAddr Store::AddHostFunction(const FunctionType& type,
                                std::unique_ptr<HostFunction> function,
                                HostFunctionInfo info) {
  const FuncAddr address = function_count();
  FunctionInstance instance;
  instance.type = types_.Intern(type);
  instance.host = function.get();
  functions_.push_back(instance);
  host_functions_.push_back(std::move(function));
  host_infos_.emplace_back(address, std::move(info));
  return address;
}

absl::StatusOr<MemAddr> Store::AddMemory(const MemoryType& type) {
  ASSIGN_OR_RETURN(std::unique_ptr<MemoryInstance> memory,
                   MemoryInstance::Create(type, limits_.max_memory_bytes));
  if (!HasMemoryFor(memory->size_bytes())) {
    return absl::ResourceExhaustedError(StrCat(
        "memory of at least ", type.limits.min, " pages is over the limit of ",
        limits_.max_all_memory_bytes, " bytes for all memories"));
  }
  memories_.push_back(std::move(memory));
  return memory_count() - 1;
}

bool Store::HasMemoryFor(uint64_t bytes) const {
  uint64_t left = limits_.max_all_memory_bytes;
  for (const auto& memory : memories_) {
    left -= std::min(left, memory->size_bytes());
  }
  return bytes <= left;
}

absl::Status Store::status() const {
  absl::Status status = heap_.status();
  for (const auto& memory : memories_) status.Update(memory->status());
  return status;
}

int64_t Store::GrowMemory(MemoryInstance& memory, uint64_t delta_pages) {
  // What is past the memory's own limit may be past 64 bits.
  const uint64_t room = memory.max_pages() - memory.size_pages();
  if (delta_pages <= room &&
      !HasMemoryFor(delta_pages << memory.type().page_size_log2)) {
    return -1;
  }
  return memory.Grow(delta_pages);
}

absl::Status Store::SetMemorySize(MemoryInstance& memory, uint64_t pages) {
  const uint64_t size = memory.size_pages();
  if (pages > size && pages <= memory.max_pages() &&
      !HasMemoryFor((pages - size) << memory.type().page_size_log2)) {
    return absl::ResourceExhaustedError(
        StrCat("memory of ", pages, " pages is over the limit of ",
               limits_.max_all_memory_bytes,
               " bytes for all memories; raise it to restore it"));
  }
  return memory.SetSizePages(pages);
}

absl::StatusOr<TableAddr> Store::AddTable(const TableType& type, Slot initial) {
  auto table = std::make_unique<TableInstance>();
  table->type = type;
  table->max_elements = limits_.max_table_elements;
  if (type.address == AddressType::kI32) {
    table->max_elements = std::min(table->max_elements, kMaxTable32Elements);
  }
  if (type.limits.max.has_value()) {
    table->max_elements = std::min(table->max_elements, *type.limits.max);
  }
  if (GrowTable(*table, type.limits.min, initial) < 0) {
    return absl::ResourceExhaustedError(
        StrCat("table of at least ", type.limits.min,
               " elements is over the limit of ", table->max_elements, " (",
               limits_.max_all_table_elements, " for all tables)"));
  }
  tables_.push_back(std::move(table));
  return table_count() - 1;
}

int64_t Store::GrowTable(TableInstance& table, uint64_t delta, Slot value) {
  const uint64_t size = table.elements.size();
  if (delta > table.max_elements - size ||
      delta > limits_.max_all_table_elements - table_elements_) {
    return -1;
  }
  table.elements.resize(size + delta, value);
  table_elements_ += delta;
  return static_cast<int64_t>(size);
}

GlobalAddr Store::AddGlobal(const GlobalType& type, const Value& value) {
  auto global = std::make_unique<GlobalInstance>();
  global->type = type;
  global->value[0] = value.low;
  global->value[1] = value.high;
  globals_.push_back(std::move(global));
  return global_count() - 1;
}

TagAddr Store::AddTag(TypeId type) {
  tags_.push_back(TagInstance{type});
  return tag_count() - 1;
}

const HostFunctionInfo& Store::host_info(FuncAddr a) const {
  const auto found = std::lower_bound(
      host_infos_.begin(), host_infos_.end(), a,
      [](const auto& info, FuncAddr address) { return info.first < address; });
  CHECK(found != host_infos_.end() && found->first == a);
  return found->second;
}

void Store::SetHostInfo(FuncAddr a, HostFunctionInfo info) {
  const_cast<HostFunctionInfo&>(host_info(a)) = std::move(info);
}

uint32_t Store::function_count() const { return Count(functions_); }
uint32_t Store::table_count() const { return Count(tables_); }
uint32_t Store::memory_count() const { return Count(memories_); }
uint32_t Store::global_count() const { return Count(globals_); }
uint32_t Store::tag_count() const { return Count(tags_); }
uint32_t Store::instance_count() const { return Count(instances_); }

bool Store::IsTraced(ValueType type) const {
  return type.is_ref() &&
         types_.TopOf(type.heap_type()) != AbstractHeapType::kFunc;
}

bool Store::IsValueOf(Slot value, ValueType type) const {
  CHECK(type.is_ref());
  const HeapType heap_type = type.heap_type();
  if (value == kNullReference) return type.is_nullable();
  const AbstractHeapType top = types_.TopOf(heap_type);
  if (top == AbstractHeapType::kFunc) {
    return value <= function_count() &&
           types_.IsSubtype(
               HeapType::Concrete(functions_[FunctionOf(value)].type),
               heap_type);
  }
  // Only one bit pattern stands for each value.
  if (IsI31(value) ? I31Reference(I31Unsigned(value)) != value
                   : !IsHostReference(value) && !heap_.IsObject(value)) {
    return false;
  }
  const bool is_exception =
      IsHeapReference(value) &&
      heap_.TypeOf(value).name.kind == ObjectKind::kException;
  return is_exception == (top == AbstractHeapType::kExn) &&
         heap_.Matches(value, heap_type);
}

void Store::Roots::VisitRoots(RootVisitor& visitor) {
  for (const auto& table : store_.tables_) {
    if (!store_.IsTraced(table->type.element)) continue;
    for (Slot& element : table->elements) visitor.Visit(element);
  }
  for (const auto& global : store_.globals_) {
    if (store_.IsTraced(global->type.value)) visitor.Visit(global->value[0]);
  }
  for (const auto& instance : store_.instances_) {
    for (size_t i = 0; i < instance->elements.size(); ++i) {
      std::vector<Slot>& elements = instance->elements[i];
      if (elements.empty()) continue;
      const ValueType type = instance->module->elements[i].type;
      if (!store_.IsTraced(Substitute(type, instance->types))) continue;
      for (Slot& element : elements) visitor.Visit(element);
    }
  }
}

}  // namespace wasmd
