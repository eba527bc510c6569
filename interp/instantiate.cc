#include "interp/instantiate.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/check.h"
#include "base/status_macros.h"
#include "base/str_cat.h"
#include "interp/constant_expression.h"
#include "interp/import_matching.h"
#include "interp/memory_image.h"
#include "interp/memory_instance.h"
#include "interp/reference.h"
#include "interp/translated_module.h"
#include "interp/value.h"

namespace wasmd {
namespace {

// Has the system make the pages that large pieces lie in, all at once: else
// each is a page fault when it is first written.
void Populate(const MemoryInstance& memory,
              const std::vector<ImagePiece>& pieces) {
#ifdef MADV_POPULATE_WRITE
  constexpr uint64_t kPage = 4096;
  constexpr uint64_t kWorthACall = 16 * kPage;
  const uint64_t limit = memory.size_bytes() & ~(kPage - 1);
  uint64_t begin = 0;
  uint64_t end = 0;
  const auto populate = [&] {
    if (end < begin + kWorthACall) return;
    // Where it cannot be done, the pages come when they are written.
    (void)madvise(memory.data() + begin, end - begin, MADV_POPULATE_WRITE);
  };
  for (const ImagePiece& piece : pieces) {
    const uint64_t first = piece.offset & ~(kPage - 1);
    const uint64_t last = std::min(
        (piece.offset + piece.bytes.size() + kPage - 1) & ~(kPage - 1), limit);
    if (first > end || first < begin) {
      populate();
      begin = first;
      end = last;
    }
    end = std::max(end, last);
  }
  populate();
#endif
}

}  // namespace

// One instantiation. Everything that can fail comes before anything that others
// can see: types, imports, then memories and tables, which are taken back when
// one of them cannot be had.
class Instantiator {
 public:
  Instantiator(Store& store, std::shared_ptr<TranslatedModule> code)
      : store_(store),
        module_(code->module()),
        owned_(std::make_unique<ModuleInstance>()),
        instance_(*owned_) {
    instance_.code = std::move(code);
    instance_.module = &module_;
    instance_.address = store.instance_count();
  }

  absl::StatusOr<InstantiateOutcome> Run(
      const std::vector<ExternValue>& imports) {
    ASSIGN_OR_RETURN(instance_.types, store_.types_.Intern(module_));
    RETURN_IF_ERROR(MatchImports(imports));
    for (size_t i = 0; i < imports.size(); ++i) Bind(imports[i]);
    RETURN_IF_ERROR(AllocateMemoriesAndTables());
    AllocateTagsAndFunctions();
    store_.instances_.push_back(std::move(owned_));

    InstantiateOutcome outcome;
    outcome.instance = &instance_;
    outcome.trap = Initialize();
    if (!outcome.trap.has_value() && module_.start.has_value()) {
      outcome.start = instance_.functions[*module_.start];
    }
    return outcome;
  }

 private:
  using MaybeTrap = std::optional<Trap>;

  absl::Status MatchImports(const std::vector<ExternValue>& imports) {
    for (size_t i = 0; i < module_.imports.size(); ++i) {
      const Import& import = module_.imports[i];
      if (i >= imports.size()) {
        return absl::FailedPreconditionError(
            StrCat("unknown import ", import.module, ".", import.name));
      }
      RETURN_IF_ERROR(
          MatchImport(store_, module_, instance_.types, import, imports[i]));
    }
    if (imports.size() > module_.imports.size()) {
      return absl::FailedPreconditionError(
          StrCat(imports.size(), " imports given, but the module has ",
                 module_.imports.size()));
    }
    return absl::OkStatus();
  }

  void Bind(const ExternValue& import) {
    switch (import.kind) {
      case ExternKind::kFunction:
        instance_.functions.push_back(import.address);
        break;
      case ExternKind::kTable:
        AddTable(import.address);
        break;
      case ExternKind::kMemory:
        AddMemory(import.address);
        break;
      case ExternKind::kGlobal:
        AddGlobal(import.address);
        break;
      case ExternKind::kTag:
        instance_.tags.push_back(import.address);
        break;
    }
  }

  void AddTable(TableAddr address) {
    instance_.tables.push_back(&store_.table(address));
    instance_.table_addresses.push_back(address);
  }
  void AddMemory(MemAddr address) {
    instance_.memories.push_back(&store_.memory(address));
    instance_.memory_addresses.push_back(address);
  }
  void AddGlobal(GlobalAddr address) {
    instance_.globals.push_back(&store_.global(address));
    instance_.global_addresses.push_back(address);
  }

  absl::Status AllocateMemoriesAndTables() {
    const size_t memories = store_.memories_.size();
    const size_t tables = store_.tables_.size();
    const uint64_t table_elements = store_.table_elements_;
    absl::Status status = AddMemoriesAndTables();
    if (status.ok()) return status;
    store_.memories_.resize(memories);
    store_.tables_.resize(tables);
    store_.table_elements_ = table_elements;
    return status;
  }

  absl::Status AddMemoriesAndTables() {
    for (size_t i = module_.imported_memories; i < module_.memories.size();
         ++i) {
      ASSIGN_OR_RETURN(MemAddr address,
                       store_.AddMemory(module_.memories[i].type));
      AddMemory(address);
    }
    for (size_t i = module_.imported_tables; i < module_.tables.size(); ++i) {
      TableType type = module_.tables[i].type;
      type.element = Substitute(type.element, instance_.types);
      // Until InitializeTables, even elements that must not be null.
      ASSIGN_OR_RETURN(TableAddr address,
                       store_.AddTable(type, kNullReference));
      AddTable(address);
    }
    return absl::OkStatus();
  }

  void AllocateTagsAndFunctions() {
    for (size_t i = module_.imported_tags; i < module_.tags.size(); ++i) {
      instance_.tags.push_back(
          store_.AddTag(instance_.types[module_.tags[i].type.type_index]));
    }
    for (size_t i = module_.imported_functions; i < module_.functions.size();
         ++i) {
      FunctionInstance function;
      function.type = instance_.types[module_.functions[i].type_index];
      function.function_index = static_cast<uint32_t>(i);
      function.instance = &instance_;
      function.code = instance_.code->function(function.function_index);
      instance_.functions.push_back(store_.function_count());
      store_.functions_.push_back(function);
    }
    instance_.elements.resize(module_.elements.size());
    instance_.data_dropped.resize(module_.data.size());
  }

  // Allocated, not yet initialised globals are not needed: an initialiser names
  // only earlier ones. After a trap the rest are there all the same, as zeros,
  // so that every index of the module means something.
  MaybeTrap Initialize() {
    MaybeTrap trap;
    for (size_t i = module_.imported_globals; i < module_.globals.size(); ++i) {
      GlobalType type = module_.globals[i].type;
      type.value = Substitute(type.value, instance_.types);
      Slot value[2] = {0, 0};
      if (!trap.has_value()) {
        trap = Evaluate(module_.globals[i].initializer, value);
      }
      AddGlobal(store_.AddGlobal(type, Value{type.value, value[0], value[1]}));
    }
    if (!trap.has_value()) trap = InitializeTables();
    if (!trap.has_value()) trap = EvaluateElements();
    if (!trap.has_value()) trap = CopyActiveElements();
    if (!trap.has_value()) trap = CopyActiveData();
    if (trap.has_value()) return trap;
    ExtendImages();
    return std::nullopt;
  }

  // What the segments copied is what memories begin with, not a change.
  void ExtendImages() {
    for (size_t i = module_.imported_memories; i < module_.memories.size();
         ++i) {
      MemoryInstance& memory = *instance_.memories[i];
      memory.MarkInitialImage(copied_[&memory]);
      copied_.erase(&memory);
    }
    for (const auto& [memory, pieces] : copied_) {
      memory->ExtendImage(instance_.address, pieces);
    }
  }

  MaybeTrap Evaluate(const ConstantExpression& expression, Slot value[2]) {
    return EvaluateConstant(store_, instance_, expression, value);
  }

  MaybeTrap InitializeTables() {
    for (size_t i = module_.imported_tables; i < module_.tables.size(); ++i) {
      const std::optional<ConstantExpression>& initializer =
          module_.tables[i].initializer;
      if (!initializer.has_value()) continue;
      Slot value[2];
      MaybeTrap trap = Evaluate(*initializer, value);
      if (trap.has_value()) return trap;
      std::vector<Slot>& elements = instance_.tables[i]->elements;
      elements.assign(elements.size(), value[0]);
    }
    return std::nullopt;
  }

  MaybeTrap EvaluateElements() {
    for (size_t i = 0; i < module_.elements.size(); ++i) {
      const ElementSegment& segment = module_.elements[i];
      // Only functions can be declared, and nothing reads the segment.
      if (segment.mode == SegmentMode::kDeclarative) continue;
      // Of its final size at once: an evaluation may collect, and what is there
      // already are roots.
      std::vector<Slot>& references = instance_.elements[i];
      references.resize(segment.size());
      for (size_t j = 0; j < references.size(); ++j) {
        if (!segment.has_expressions) {
          references[j] =
              FunctionReference(instance_.functions[segment.functions[j]]);
          continue;
        }
        Slot value[2];
        MaybeTrap trap = Evaluate(segment.expressions[j], value);
        if (trap.has_value()) return trap;
        references[j] = value[0];
      }
    }
    return std::nullopt;
  }

  MaybeTrap CopyActiveElements() {
    for (size_t i = 0; i < module_.elements.size(); ++i) {
      const ElementSegment& segment = module_.elements[i];
      if (segment.mode != SegmentMode::kActive) continue;
      Slot offset[2];
      MaybeTrap trap = Evaluate(segment.offset, offset);
      if (trap.has_value()) return trap;
      std::vector<Slot>& to = instance_.tables[segment.table_index]->elements;
      std::vector<Slot>& from = instance_.elements[i];
      if (from.size() > to.size() || offset[0] > to.size() - from.size()) {
        return Trap{TrapKind::kOutOfBoundsTableAccess, ""};
      }
      std::copy(from.begin(), from.end(),
                to.begin() + static_cast<ptrdiff_t>(offset[0]));
      from = {};
    }
    return std::nullopt;
  }

  // Marks nothing, unless it traps: then the segments before the one that is
  // out of bounds are copied.
  MaybeTrap CopyActiveData() {
    const MaybeTrap trap = PlaceActiveSegments();
    for (const auto& [memory, pieces] : copied_) {
      Populate(*memory, pieces);
      for (const ImagePiece& piece : pieces) {
        std::memcpy(memory->data() + piece.offset, piece.bytes.data(),
                    piece.bytes.size());
        if (trap.has_value()) {
          memory->MarkDirty(piece.offset, piece.bytes.size());
        }
      }
    }
    return trap;
  }

  MaybeTrap PlaceActiveSegments() {
    for (size_t i = 0; i < module_.data.size(); ++i) {
      const DataSegment& segment = module_.data[i];
      if (segment.mode != SegmentMode::kActive) continue;
      Slot offset[2];
      MaybeTrap trap = Evaluate(segment.offset, offset);
      if (trap.has_value()) return trap;
      MemoryInstance& memory = *instance_.memories[segment.memory_index];
      const ByteSpan bytes = module_.Bytes(segment.bytes);
      if (!memory.InBounds(offset[0], bytes.size())) {
        return Trap{TrapKind::kOutOfBoundsMemoryAccess, ""};
      }
      if (!bytes.empty()) {
        copied_[&memory].push_back({offset[0], bytes});
      }
      instance_.data_dropped[i] = true;
    }
    return std::nullopt;
  }

  Store& store_;
  const Module& module_;
  std::unique_ptr<ModuleInstance> owned_;  // until the Store has it
  ModuleInstance& instance_;
  std::map<MemoryInstance*, std::vector<ImagePiece>> copied_;
};

absl::StatusOr<InstantiateOutcome> Instantiate(
    Store& store, std::shared_ptr<TranslatedModule> module,
    const std::vector<ExternValue>& imports) {
  return Instantiator(store, std::move(module)).Run(imports);
}

absl::StatusOr<InstantiateOutcome> Instantiate(
    Store& store, std::shared_ptr<TranslatedModule> module,
    const ImportResolver& resolve) {
  std::vector<ExternValue> imports;
  for (const Import& import : module->module().imports) {
    std::optional<ExternValue> value = resolve(import);
    if (!value.has_value()) {
      return absl::FailedPreconditionError(
          StrCat("unknown import ", import.module, ".", import.name));
    }
    imports.push_back(*value);
  }
  return Instantiate(store, std::move(module), imports);
}

}  // namespace wasmd
