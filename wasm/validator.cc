#include "wasm/validator.h"

#include <algorithm>
#include <atomic>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/str_cat.h"
#include "wasm/body_checker.h"
#include "wasm/function_validator.h"
#include "wasm/instruction_reader.h"
#include "wasm/type_validator.h"
#include "wasm/validation_error.h"

namespace wasmd {
namespace {

// Functions that a thread takes at a time.
constexpr uint32_t kFunctionsPerTurn = 16;

// The functions that may be named by ref.func: those that occur in the module
// outside of function bodies and the start section.
std::vector<bool> FindDeclaredFunctions(const Module& module) {
  std::vector<bool> declared(module.functions.size());
  const auto declare = [&declared](uint32_t index) {
    if (index < declared.size()) declared[index] = true;
  };
  Instruction instruction;
  const auto declare_in = [&](ConstantExpression expression) {
    InstructionReader reader(module.Bytes(expression), expression.begin);
    while (!reader.AtEnd() && reader.TryRead(&instruction)) {
      if (instruction.opcode == Opcode::kRefFunc) declare(instruction.index);
    }
  };
  for (const Export& entry : module.exports) {
    if (entry.kind == ExternKind::kFunction) declare(entry.index);
  }
  for (const Global& global : module.globals) declare_in(global.initializer);
  for (const Table& table : module.tables) {
    if (table.initializer) declare_in(*table.initializer);
  }
  for (const ElementSegment& segment : module.elements) {
    declare_in(segment.offset);
    for (const uint32_t index : segment.functions) declare(index);
    for (const ConstantExpression& item : segment.expressions) declare_in(item);
  }
  return declared;
}

// Checks sections in the order of the binary, so that the first error is that
// of the lowest offset. Checks of one section may rely on those before it.
class ModuleValidator {
 public:
  ModuleValidator(const Module& module, const ValidateOptions& options)
      : module_(module),
        options_(options),
        types_(module, options.features),
        context_{module, options.features, FindDeclaredFunctions(module)},
        expressions_(context_) {}

  absl::Status Validate() {
    if (CheckModule()) return absl::OkStatus();
    const auto malformed = FindMalformedBody(module_, options_.features);
    return ToStatus(malformed ? *malformed : error_);
  }

 private:
  bool CheckModule() {
    return CheckTypes() && CheckImports() && CheckFunctions() &&
           CheckTables() && CheckMemories() && CheckTags() && CheckGlobals() &&
           CheckExports() && CheckStart() && CheckElements() && CheckBodies() &&
           CheckData();
  }

  bool CheckTypes();
  bool CheckImports();
  std::string CheckImport(const Import& entry) const;
  bool CheckFunctions();
  bool CheckTables();
  bool CheckMemories();
  bool CheckTags();
  bool CheckGlobals();
  bool CheckExports();
  bool CheckExportNames();
  bool CheckStart();
  bool CheckElements();
  bool CheckElementSegment(const ElementSegment& segment, uint32_t index);
  bool CheckBodies();
  bool CheckData();

  bool CheckExpression(ConstantExpression expression, ValueType expected,
                       size_t visible_globals) {
    if (expressions_.ValidateConstant(expression, expected,
                                      static_cast<uint32_t>(visible_globals))) {
      return true;
    }
    error_ = expressions_.error();
    return false;
  }

  // Notes an error of a section that the module's representation has no offsets
  // of. Says false.
  bool Fail(uint8_t section_id, std::string message) {
    error_ = {};
    error_.message = std::move(message);
    for (const Section& section : module_.sections) {
      if (section.id == section_id) error_.offset = section.contents.begin;
    }
    return false;
  }
  // The same for entry `index` of an index space or list.
  bool FailEntry(uint8_t section_id, std::string_view entry, size_t index,
                 std::string_view message) {
    return Fail(section_id, StrCat(message, " in ", entry, " ", index));
  }

  const Module& module_;
  const ValidateOptions& options_;
  TypeValidator types_;
  ValidationContext context_;
  FunctionValidator expressions_;
  ValidationError error_;
};

bool ModuleValidator::CheckTypes() {
  TypeProblem problem = types_.CheckDefinitions();
  if (problem.message.empty()) return true;
  Fail(1, std::move(problem.message));
  if (problem.is_limit) error_.kind = ValidationError::Kind::kLimit;
  return false;
}

std::string ModuleValidator::CheckImport(const Import& entry) const {
  switch (entry.kind) {
    case ExternKind::kFunction:
      return types_.CheckFunctionType(
          module_.functions[entry.index].type_index);
    case ExternKind::kTable:
      return types_.CheckTable(module_.tables[entry.index].type);
    case ExternKind::kMemory:
      return types_.CheckMemory(module_.memories[entry.index].type);
    case ExternKind::kGlobal:
      return types_.CheckValueType(module_.globals[entry.index].type.value);
    case ExternKind::kTag:
      return types_.CheckTag(module_.tags[entry.index].type);
  }
  return "";
}

bool ModuleValidator::CheckImports() {
  for (size_t i = 0; i < module_.imports.size(); ++i) {
    const std::string message = CheckImport(module_.imports[i]);
    if (!message.empty()) return FailEntry(2, "import", i, message);
  }
  return true;
}

bool ModuleValidator::CheckFunctions() {
  for (size_t i = module_.imported_functions; i < module_.functions.size();
       ++i) {
    const std::string message =
        types_.CheckFunctionType(module_.functions[i].type_index);
    if (!message.empty()) return FailEntry(3, "function", i, message);
  }
  return true;
}

bool ModuleValidator::CheckTables() {
  if (module_.tables.size() > 1 && !options_.features.Has(Feature::kWasm2)) {
    return Fail(4, "multiple tables");
  }
  for (size_t i = module_.imported_tables; i < module_.tables.size(); ++i) {
    const Table& table = module_.tables[i];
    const std::string message = types_.CheckTable(table.type);
    if (!message.empty()) return FailEntry(4, "table", i, message);
    if (table.initializer) {
      if (!CheckExpression(*table.initializer, table.type.element,
                           module_.imported_globals)) {
        return false;
      }
    } else if (!table.type.element.is_nullable()) {
      return FailEntry(
          4, "table", i,
          StrCat("type mismatch: elements of type ",
                 ToString(table.type.element), " need an initializer"));
    }
  }
  return true;
}

bool ModuleValidator::CheckMemories() {
  if (module_.memories.size() > 1 &&
      !options_.features.Has(Feature::kMultiMemory)) {
    return Fail(5, "multiple memories");
  }
  for (size_t i = module_.imported_memories; i < module_.memories.size(); ++i) {
    const std::string message = types_.CheckMemory(module_.memories[i].type);
    if (!message.empty()) return FailEntry(5, "memory", i, message);
  }
  return true;
}

bool ModuleValidator::CheckTags() {
  for (size_t i = module_.imported_tags; i < module_.tags.size(); ++i) {
    const std::string message = types_.CheckTag(module_.tags[i].type);
    if (!message.empty()) return FailEntry(13, "tag", i, message);
  }
  return true;
}

bool ModuleValidator::CheckGlobals() {
  for (size_t i = module_.imported_globals; i < module_.globals.size(); ++i) {
    const Global& global = module_.globals[i];
    const std::string message = types_.CheckValueType(global.type.value);
    if (!message.empty()) return FailEntry(6, "global", i, message);
    // It sees the globals before it.
    if (!CheckExpression(global.initializer, global.type.value, i)) {
      return false;
    }
  }
  return true;
}

bool ModuleValidator::CheckExports() {
  const size_t sizes[] = {module_.functions.size(), module_.tables.size(),
                          module_.memories.size(), module_.globals.size(),
                          module_.tags.size()};
  for (size_t i = 0; i < module_.exports.size(); ++i) {
    const Export& entry = module_.exports[i];
    if (entry.index >= sizes[static_cast<size_t>(entry.kind)]) {
      return FailEntry(
          7, "export", i,
          StrCat("unknown ", ToString(entry.kind), " ", entry.index));
    }
  }
  return CheckExportNames();
}

bool ModuleValidator::CheckExportNames() {
  const std::vector<uint32_t>& order = module_.exports_by_name;
  std::optional<uint32_t> first_twin;
  for (size_t i = 1; i < order.size(); ++i) {
    if (module_.exports[order[i - 1]].name != module_.exports[order[i]].name) {
      continue;
    }
    first_twin = std::min(order[i], first_twin.value_or(order[i]));
  }
  return !first_twin ||
         FailEntry(7, "export", *first_twin, "duplicate export name");
}

bool ModuleValidator::CheckStart() {
  if (!module_.start) return true;
  if (*module_.start >= module_.functions.size()) {
    return Fail(8, StrCat("unknown function ", *module_.start));
  }
  const FunctionType& type = module_.TypeOfFunction(*module_.start);
  if (!type.params.empty() || !type.results.empty()) {
    return Fail(8, StrCat("start function must not have parameters or results, "
                          "it is ",
                          ToString(type)));
  }
  return true;
}

bool ModuleValidator::CheckElements() {
  for (size_t i = 0; i < module_.elements.size(); ++i) {
    if (!CheckElementSegment(module_.elements[i], static_cast<uint32_t>(i))) {
      return false;
    }
  }
  return true;
}

bool ModuleValidator::CheckElementSegment(const ElementSegment& segment,
                                          uint32_t index) {
  const auto fail = [&](std::string_view message) {
    return FailEntry(9, "element segment", index, message);
  };
  if (segment.has_expressions) {
    const std::string message = types_.CheckValueType(segment.type);
    if (!message.empty()) return fail(message);
  }
  if (segment.mode == SegmentMode::kActive) {
    if (segment.table_index >= module_.tables.size()) {
      return fail(StrCat("unknown table ", segment.table_index));
    }
    const TableType& table = module_.tables[segment.table_index].type;
    if (!IsSubtype(module_, segment.type, table.element)) {
      return fail(StrCat("type mismatch: segment of ", ToString(segment.type),
                         ", table of ", ToString(table.element)));
    }
    if (!CheckExpression(segment.offset, ToValueType(table.address),
                         module_.globals.size())) {
      return false;
    }
  }
  for (const uint32_t function : segment.functions) {
    if (function >= module_.functions.size()) {
      return fail(StrCat("unknown function ", function));
    }
  }
  for (const ConstantExpression& item : segment.expressions) {
    if (!CheckExpression(item, segment.type, module_.globals.size())) {
      return false;
    }
  }
  return true;
}

bool ModuleValidator::CheckBodies() {
  const uint32_t end = static_cast<uint32_t>(module_.functions.size());
  std::atomic<uint32_t> next{module_.imported_functions};
  // The lowest function known to be wrong; later ones need no look.
  std::atomic<uint32_t> first_bad{end};
  const auto work = [&](FunctionValidator* validator,
                        std::optional<ValidationError>* error) {
    while (true) {
      const uint32_t turn = next.fetch_add(kFunctionsPerTurn);
      if (turn >= first_bad.load()) return;
      const uint32_t turn_end =
          std::min({turn + kFunctionsPerTurn, first_bad.load(), end});
      for (uint32_t i = turn; i < turn_end; ++i) {
        if (validator->ValidateFunction(i)) continue;
        *error = validator->error();
        uint32_t known = first_bad.load();
        while (i < known && !first_bad.compare_exchange_weak(known, i)) {
        }
        return;
      }
    }
  };

  const uint32_t turns =
      (end - module_.imported_functions) / kFunctionsPerTurn + 1;
  const uint32_t wanted =
      options_.threads > 0 ? static_cast<uint32_t>(options_.threads)
                           : std::max(1u, std::thread::hardware_concurrency());
  const uint32_t thread_count = std::min(turns, wanted);
  std::vector<std::optional<ValidationError>> errors(thread_count);
  std::vector<std::thread> threads;
  for (uint32_t i = 1; i < thread_count; ++i) {
    threads.emplace_back([&, i] {
      FunctionValidator validator(context_);
      work(&validator, &errors[i]);
    });
  }
  work(&expressions_, &errors[0]);
  for (std::thread& thread : threads) thread.join();

  const std::optional<ValidationError>* lowest = nullptr;
  for (const std::optional<ValidationError>& error : errors) {
    if (error && (lowest == nullptr || error->offset < (*lowest)->offset)) {
      lowest = &error;
    }
  }
  if (lowest == nullptr) return true;
  error_ = **lowest;
  return false;
}

bool ModuleValidator::CheckData() {
  for (size_t i = 0; i < module_.data.size(); ++i) {
    const DataSegment& segment = module_.data[i];
    if (segment.mode != SegmentMode::kActive) continue;
    if (segment.memory_index >= module_.memories.size()) {
      return FailEntry(11, "data segment", i,
                       StrCat("unknown memory ", segment.memory_index));
    }
    const AddressType address =
        module_.memories[segment.memory_index].type.address;
    if (!CheckExpression(segment.offset, ToValueType(address),
                         module_.globals.size())) {
      return false;
    }
  }
  return true;
}

}  // namespace

absl::Status Validate(const Module& module, const ValidateOptions& options) {
  return ModuleValidator(module, options).Validate();
}

}  // namespace wasmd
