#include "runtime/state_diff.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "base/bytes.h"
#include "base/status_macros.h"
#include "base/str_cat.h"
#include "interp/module_instance.h"
#include "runtime/back_trace.h"
#include "runtime/symbols.h"
#include "runtime/value_text.h"
#include "wasm/names.h"

namespace wasmd {
namespace {

// Ranges with fewer equal bytes between them are one.
constexpr uint64_t kMergedGap = 8;
constexpr uint64_t kPieceBytes = uint64_t{1} << 20;
constexpr size_t kMaxFrames = 1000;

std::vector<uint8_t> FirstBytes(const MemoryInstance& memory, uint64_t address,
                                uint64_t size) {
  const absl::StatusOr<ByteSpan> bytes =
      memory.Bytes(address, std::min<uint64_t>(size, StateDiff::kShownBytes));
  if (!bytes.ok()) return {};
  return {bytes->begin(), bytes->end()};
}

// Finds the ranges of one memory, from its beginning on.
class RangeFinder {
 public:
  RangeFinder(const DiffSide& before, const DiffSide& after,
              MemoryDifference* found)
      : before_(before), after_(after), found_(found) {}

  absl::Status Find() {
    const uint64_t size = std::min(found_->bytes_before, found_->bytes_after);
    std::vector<uint8_t> before;
    std::vector<uint8_t> after;
    for (uint64_t at = 0; at < size; at += kPieceBytes) {
      const uint64_t piece = std::min(kPieceBytes, size - at);
      before.resize(piece);
      after.resize(piece);
      RETURN_IF_ERROR(before_.memory.Read(found_->memory, at, before));
      RETURN_IF_ERROR(after_.memory.Read(found_->memory, at, after));
      if (before == after) continue;
      for (uint64_t i = 0; i < piece; ++i) {
        if (before[i] != after[i]) Add(at + i);
      }
    }
    End();
    return absl::OkStatus();
  }

 private:
  void Add(uint64_t address) {
    ++found_->differing_bytes;
    if (size_ != 0 && address - (begin_ + size_) >= kMergedGap) End();
    if (size_ == 0) begin_ = address;
    size_ = address + 1 - begin_;
  }
  void End() {
    if (size_ == 0) return;
    ++found_->range_count;
    if (found_->ranges.size() < StateDiff::kMaxRanges) {
      found_->ranges.push_back(
          {.memory = found_->memory,
           .address = begin_,
           .size_bytes = size_,
           .before = FirstBytes(MemoryOf(before_), begin_, size_),
           .after = FirstBytes(MemoryOf(after_), begin_, size_)});
    }
    size_ = 0;
  }

  const MemoryInstance& MemoryOf(const DiffSide& side) const {
    return side.thread.store().memory(found_->memory);
  }

  const DiffSide& before_;
  const DiffSide& after_;
  MemoryDifference* const found_;
  uint64_t begin_ = 0;
  uint64_t size_ = 0;  // 0: there is no range yet
};

class Differ {
 public:
  Differ(const DiffSide& before, const DiffSide& after)
      : side_before_(before),
        side_after_(after),
        before_(before.thread.store()),
        after_(after.thread.store()),
        thread_before_(before.thread),
        thread_after_(after.thread) {}

  absl::StatusOr<StateDiff> Find() {
    RETURN_IF_ERROR(FindMemories());
    FindGlobals();
    FindTables();
    FindHeap();
    FindStack();
    FindLocals();
    RETURN_IF_ERROR(before_.status());
    RETURN_IF_ERROR(after_.status());
    diff_.cut_lists = cut_lists_.size();
    return std::move(diff_);
  }

 private:
  absl::Status FindMemories() {
    const uint32_t count =
        std::max(before_.memory_count(), after_.memory_count());
    for (MemAddr i = 0; i < count; ++i) {
      const MemoryInstance* const before =
          i < before_.memory_count() ? &before_.memory(i) : nullptr;
      const MemoryInstance* const after =
          i < after_.memory_count() ? &after_.memory(i) : nullptr;
      MemoryDifference found = {.memory = i};
      if (before != nullptr) found.bytes_before = before->size_bytes();
      if (after != nullptr) found.bytes_after = after->size_bytes();
      if (before != nullptr && after != nullptr) {
        RETURN_IF_ERROR(RangeFinder(side_before_, side_after_, &found).Find());
      }
      if (found.bytes_before != found.bytes_after || found.range_count != 0) {
        diff_.memories.push_back(std::move(found));
      }
    }
    return absl::OkStatus();
  }

  void Add(std::string name, std::string before, std::string after,
           std::vector<ValueDifference>* list) {
    if (list->size() >= StateDiff::kMaxValues) {
      cut_lists_.insert(list);
      return;
    }
    list->push_back({Printable(name), std::move(before), std::move(after)});
  }

  static std::map<GlobalAddr, std::string> GlobalNames(const Store& store) {
    std::map<GlobalAddr, std::string> names;
    for (InstanceAddr i = 0; i < store.instance_count(); ++i) {
      const ModuleInstance& instance = store.instance(i);
      for (const Export& exported : instance.module->exports) {
        if (exported.kind != ExternKind::kGlobal) continue;
        names[instance.global_addresses[exported.index]] = exported.name;
      }
    }
    return names;
  }

  static std::string GlobalText(const Store& store, GlobalAddr address) {
    if (address >= store.global_count()) return "";
    const GlobalInstance& global = store.global(address);
    return FormatValue({.type = global.type.value,
                        .low = global.value[0],
                        .high = global.value[1]});
  }

  void FindGlobals() {
    const std::map<GlobalAddr, std::string> names = GlobalNames(after_);
    const uint32_t count =
        std::max(before_.global_count(), after_.global_count());
    for (GlobalAddr i = 0; i < count; ++i) {
      std::string before = GlobalText(before_, i);
      std::string after = GlobalText(after_, i);
      if (before == after) continue;
      std::string name = StrCat("global ", i);
      const auto known = names.find(i);
      if (known != names.end()) StrAppend(&name, " (", known->second, ")");
      Add(std::move(name), std::move(before), std::move(after), &diff_.globals);
    }
  }

  static std::string ElementText(const TableInstance& table, uint64_t index) {
    if (index >= table.elements.size()) return "";
    const Slot reference = table.elements[static_cast<size_t>(index)];
    return reference == kNullReference ? "null" : StrCat(reference);
  }

  void FindTables() {
    const uint32_t count =
        std::min(before_.table_count(), after_.table_count());
    for (TableAddr i = 0; i < count; ++i) {
      const TableInstance& before = before_.table(i);
      const TableInstance& after = after_.table(i);
      const size_t size =
          std::max(before.elements.size(), after.elements.size());
      for (size_t at = 0; at < size; ++at) {
        std::string text_before = ElementText(before, at);
        std::string text_after = ElementText(after, at);
        if (text_before == text_after) continue;
        Add(StrCat("table ", i, " [", at, "]"), std::move(text_before),
            std::move(text_after), &diff_.tables);
      }
    }
  }

  void FindHeap() {
    const Heap& before = before_.heap();
    const Heap& after = after_.heap();
    diff_.heap_bytes_before = before.used_bytes();
    diff_.heap_bytes_after = after.used_bytes();
    diff_.heap_differs = before.used_bytes() != after.used_bytes();
    const uint64_t pages =
        (before.used_bytes() + kCardPageBytes - 1) / kCardPageBytes;
    for (uint64_t i = 0; i < pages && !diff_.heap_differs; ++i) {
      const ByteSpan was = before.Page(i);
      const ByteSpan is = after.Page(i);
      diff_.heap_differs = !std::equal(was.begin(), was.end(), is.begin());
    }
  }

  static bool HasFrames(const Thread& thread) {
    return thread.state() == ThreadState::kRunnable ||
           thread.state() == ThreadState::kHostCall;
  }

  static std::vector<std::string> TraceOf(const Thread& thread) {
    return HasFrames(thread) ? BackTrace(thread, kMaxFrames)
                             : std::vector<std::string>();
  }

  // "#3 main at 0x1a" without the number, which depends on what is inside.
  static std::string_view WithoutDepth(std::string_view line) {
    return line.starts_with('#') ? line.substr(line.find(' ') + 1) : line;
  }

  void FindStack() {
    diff_.stack_before = TraceOf(thread_before_);
    diff_.stack_after = TraceOf(thread_after_);
    while (!diff_.stack_before.empty() && !diff_.stack_after.empty() &&
           WithoutDepth(diff_.stack_before.back()) ==
               WithoutDepth(diff_.stack_after.back())) {
      diff_.stack_before.pop_back();
      diff_.stack_after.pop_back();
    }
  }

  const NameSection& NamesOf(const Module& module) {
    const auto [entry, is_new] = names_.try_emplace(&module);
    if (is_new) entry->second = ReadNames(module);
    return entry->second;
  }

  std::string LocalName(const Frame& frame, size_t local) {
    const Module& module = *after_.instance(frame.instance).module;
    const NameSection& names = NamesOf(module);
    std::string name =
        Demangled({FunctionName(module, names, frame.function_index)})[0];
    const auto function = names.locals.find(frame.function_index);
    if (function != names.locals.end()) {
      const auto known = function->second.find(static_cast<uint32_t>(local));
      if (known != function->second.end()) {
        return StrCat(name, ": ", known->second);
      }
    }
    return StrCat(name, ": local ", local);
  }

  void FindLocals() {
    if (!HasFrames(thread_before_) || !HasFrames(thread_after_)) return;
    const std::vector<Frame> before = thread_before_.CaptureFrames();
    const std::vector<Frame> after = thread_after_.CaptureFrames();
    const size_t depth = std::min(before.size(), after.size());
    for (size_t i = 0; i < depth; ++i) {
      if (before[i].instance != after[i].instance ||
          before[i].function_index != after[i].function_index ||
          before[i].locals.size() != after[i].locals.size()) {
        return;
      }
      for (size_t local = 0; local < after[i].locals.size(); ++local) {
        const Value& was = before[i].locals[local];
        const Value& is = after[i].locals[local];
        if (was == is) continue;
        Add(LocalName(after[i], local), FormatValue(was), FormatValue(is),
            &diff_.locals);
      }
    }
  }

  const DiffSide& side_before_;
  const DiffSide& side_after_;
  const Store& before_;
  const Store& after_;
  const Thread& thread_before_;
  const Thread& thread_after_;
  std::map<const Module*, NameSection> names_;
  std::set<const void*> cut_lists_;
  StateDiff diff_;
};

}  // namespace

absl::StatusOr<StateDiff> DiffStates(const DiffSide& before,
                                     const DiffSide& after) {
  return Differ(before, after).Find();
}

}  // namespace wasmd
