// Store: all state of a running program that is not a Thread (core
// specification, exec/runtime, syntax-store). Everything in it has an address,
// a small integer in order of allocation; those addresses, not pointers, are
// what references and snapshots hold. Nothing is freed before the Store.
//
// Confined to one thread at a time. Different Stores are independent and may
// share TranslatedModules.

#ifndef WASMD_INTERP_STORE_H_
#define WASMD_INTERP_STORE_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "interp/heap.h"
#include "interp/host_function.h"
#include "interp/instances.h"
#include "interp/memory_instance.h"
#include "interp/module_instance.h"
#include "interp/trap.h"
#include "interp/type_store.h"
#include "interp/value.h"

namespace wasmd {

struct StoreLimits {
  uint64_t max_memory_bytes = uint64_t{4} << 30;       // each memory
  uint64_t max_table_elements = 10'000'000;            // each table
  uint64_t max_all_table_elements = 100'000'000;       // of all tables together
  uint64_t max_heap_bytes = uint64_t{1} << 30;         // GC objects
  uint64_t max_all_memory_bytes = uint64_t{16} << 30;  // of all memories
};

// A host function as an import: what the guest names it, and what it does.
struct HostFunctionInfo {
  std::string module;
  std::string name;
};

class Store {
 public:
  explicit Store(const StoreLimits& limits = {});
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  const StoreLimits& limits() const { return limits_; }
  TypeStore& types() { return types_; }
  const TypeStore& types() const { return types_; }
  Heap& heap() { return heap_; }
  const Heap& heap() const { return heap_; }

  // Allocation (spec: alloc-func and so on). Concrete types are TypeIds, but a
  // host function's type has none. ResourceExhausted when a minimum is past the
  // limits.
  FuncAddr AddHostFunction(const FunctionType& type,
                           std::unique_ptr<HostFunction> function,
                           HostFunctionInfo info);
  absl::StatusOr<MemAddr> AddMemory(const MemoryType& type);
  absl::StatusOr<TableAddr> AddTable(const TableType& type, Slot initial);
  GlobalAddr AddGlobal(const GlobalType& type, const Value& value);
  TagAddr AddTag(TypeId type);

  // table.grow: the old size, or -1 with the table unchanged. Fails only by the
  // limits, so that it is deterministic.
  int64_t GrowTable(TableInstance& table, uint64_t delta, Slot value);
  // memory.grow: the same, in pages.
  int64_t GrowMemory(MemoryInstance& memory, uint64_t delta_pages);
  // Restore: as MemoryInstance::SetSizePages, within the limit of all memories.
  absl::Status SetMemorySize(MemoryInstance& memory, uint64_t pages);

  FunctionInstance& function(FuncAddr a) { return functions_[a]; }
  TableInstance& table(TableAddr a) { return *tables_[a]; }
  MemoryInstance& memory(MemAddr a) { return *memories_[a]; }
  GlobalInstance& global(GlobalAddr a) { return *globals_[a]; }
  TagInstance& tag(TagAddr a) { return tags_[a]; }
  ModuleInstance& instance(InstanceAddr a) { return *instances_[a]; }
  const FunctionInstance& function(FuncAddr a) const { return functions_[a]; }
  const TableInstance& table(TableAddr a) const { return *tables_[a]; }
  const MemoryInstance& memory(MemAddr a) const { return *memories_[a]; }
  const GlobalInstance& global(GlobalAddr a) const { return *globals_[a]; }
  const TagInstance& tag(TagAddr a) const { return tags_[a]; }
  const ModuleInstance& instance(InstanceAddr a) const {
    return *instances_[a];
  }
  const HostFunctionInfo& host_info(FuncAddr a) const;  // of a host function
  // For an embedder that learns the name when the function is first imported.
  void SetHostInfo(FuncAddr a, HostFunctionInfo info);

  uint32_t function_count() const;
  uint32_t table_count() const;
  uint32_t memory_count() const;
  uint32_t global_count() const;
  uint32_t tag_count() const;
  uint32_t instance_count() const;

  // Not OK once a memory or the heap could not be loaded, or could not grow for
  // want of memory of the machine. Whoever runs a Thread looks before anything
  // of what it did is let out or saved.
  absl::Status status() const;

  // True if `value` can be a value of the reference type `type`, whose concrete
  // type is a TypeId: null where allowed, and in range, and of that type. For
  // references that come from outside: an embedder, a snapshot.
  bool IsValueOf(Slot value, ValueType type) const;

  // Threads of this Store that are inside Thread::Run, which counts them; not 0
  // only while a host function is being called. Such a Store cannot be
  // captured.
  uint32_t running_threads() const { return running_threads_; }

  // Base of the function records, for the handlers; moves when functions are
  // added, which happens only while no Thread of this Store runs code.
  FunctionInstance* function_data() { return functions_.data(); }

 private:
  friend class Instantiator;
  friend class StoreRestorer;
  friend class Thread;

  // The references in tables, globals and element segments.
  class Roots : public RootSource {
   public:
    explicit Roots(Store& store) : store_(store) {}
    void VisitRoots(RootVisitor& visitor) override;

   private:
    Store& store_;
  };
  // True if values of this type may be objects of the heap.
  bool IsTraced(ValueType type) const;
  // Whether the memories may have this many bytes more.
  bool HasMemoryFor(uint64_t bytes) const;

  StoreLimits limits_;
  TypeStore types_;
  Heap heap_{types_, limits_.max_heap_bytes};
  Roots roots_{*this};
  std::vector<FunctionInstance> functions_;
  std::vector<std::unique_ptr<HostFunction>> host_functions_;
  std::vector<std::pair<FuncAddr, HostFunctionInfo>> host_infos_;
  std::vector<std::unique_ptr<TableInstance>> tables_;
  std::vector<std::unique_ptr<MemoryInstance>> memories_;
  std::vector<std::unique_ptr<GlobalInstance>> globals_;
  std::vector<TagInstance> tags_;
  std::vector<std::unique_ptr<ModuleInstance>> instances_;
  uint64_t table_elements_ = 0;  // of all tables
  uint32_t running_threads_ = 0;
};

}  // namespace wasmd

#endif  // WASMD_INTERP_STORE_H_
