#include "capi/type_objects.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/check.h"
#include "capi/include/wasmd.h"
#include "capi/vectors.h"

namespace wasmd::capi {
namespace {

template <typename Types>
std::vector<ValueType> WithoutIndices(const Types& context,
                                      const std::vector<ValueType>& types) {
  std::vector<ValueType> result;
  result.reserve(types.size());
  for (const ValueType type : types) {
    result.push_back(capi::WithoutIndices(context, type));
  }
  return result;
}

template <typename Types>
FunctionType WithoutIndices(const Types& context, const FunctionType& type) {
  return {WithoutIndices(context, type.params),
          WithoutIndices(context, type.results)};
}

AbstractHeapType AbstractOf(CompositeKind kind) {
  switch (kind) {
    case CompositeKind::kFunction:
      return AbstractHeapType::kFunc;
    case CompositeKind::kStruct:
      return AbstractHeapType::kStruct;
    case CompositeKind::kArray:
      return AbstractHeapType::kArray;
  }
  CHECK(false);
}

wasm_limits_t ClampedLimits(const Limits& limits) {
  return {Clamped(limits.min), limits.max.has_value()
                                   ? Clamped(*limits.max)
                                   : wasm_limits_max_default};
}

std::optional<ValueType> TypeOfKind(wasm_valkind_t kind) {
  switch (kind) {
    case WASM_I32:
      return kI32Type;
    case WASM_I64:
      return kI64Type;
    case WASM_F32:
      return kF32Type;
    case WASM_F64:
      return kF64Type;
    case WASM_EXTERNREF:
      return kExternRefType;
    case WASM_FUNCREF:
      return kFuncRefType;
    case WASMD_V128:
      return kV128Type;
    case WASMD_ANYREF:
      return ValueType::Ref(AbstractHeapType::kAny, true);
    case WASMD_EXNREF:
      return kExnRefType;
    default:
      return std::nullopt;
  }
}

Limits ToLimits(const wasm_limits_t& limits) {
  Limits result{limits.min, std::nullopt};
  if (limits.max != wasm_limits_max_default) result.max = limits.max;
  return result;
}

// The types of a vector, which is deleted; empty also for null.
std::vector<ValueType> TakeTypes(wasm_valtype_vec_t* vector, bool* complete) {
  std::vector<ValueType> types;
  if (vector == nullptr) return types;
  if (vector->data == nullptr) {
    *complete = *complete && vector->size == 0;
    return types;
  }
  for (size_t i = 0; i < vector->size; ++i) {
    if (vector->data[i] == nullptr) {
      *complete = false;
    } else {
      types.push_back(vector->data[i]->type);
    }
  }
  wasm_valtype_vec_delete(vector);
  return types;
}

}  // namespace

ValueTypeVector::ValueTypeVector(const std::vector<ValueType>& types) {
  wasm_valtype_vec_new_uninitialized(&vector, types.size());
  for (size_t i = 0; i < types.size(); ++i) {
    vector.data[i] = new wasm_valtype_t{types[i]};
  }
}

ValueTypeVector::~ValueTypeVector() { wasm_valtype_vec_delete(&vector); }

uint32_t Clamped(uint64_t limit) {
  return static_cast<uint32_t>(std::min<uint64_t>(limit, 0xFFFFFFFF));
}

wasm_valkind_t KindOf(ValueType type) {
  switch (type.kind()) {
    case ValueKind::kI32:
      return WASM_I32;
    case ValueKind::kI64:
      return WASM_I64;
    case ValueKind::kF32:
      return WASM_F32;
    case ValueKind::kF64:
      return WASM_F64;
    case ValueKind::kV128:
      return WASMD_V128;
    case ValueKind::kRef:
      break;
    case ValueKind::kBottom:
      CHECK(false);
  }
  switch (TopOf(type.heap_type().abstract())) {
    case AbstractHeapType::kFunc:
      return WASM_FUNCREF;
    case AbstractHeapType::kExtern:
      return WASM_EXTERNREF;
    case AbstractHeapType::kExn:
      return WASMD_EXNREF;
    default:
      return WASMD_ANYREF;
  }
}

ValueType WithoutIndices(const Module& module, ValueType type) {
  if (!type.is_ref() || !type.heap_type().is_concrete()) return type;
  const SubType& definition = module.types[type.heap_type().type_index()];
  return ValueType::Ref(AbstractOf(definition.kind), type.is_nullable());
}

ValueType WithoutIndices(const TypeStore& types, ValueType type) {
  if (!type.is_ref() || !type.heap_type().is_concrete()) return type;
  const SubType& definition = types.Get(type.heap_type().type_index());
  return ValueType::Ref(AbstractOf(definition.kind), type.is_nullable());
}

std::unique_ptr<wasm_externtype_t> TypeOfEntry(const Module& module,
                                               ExternKind kind,
                                               uint32_t index) {
  switch (kind) {
    case ExternKind::kFunction:
      return std::make_unique<wasm_functype_t>(
          WithoutIndices(module, module.TypeOfFunction(index)));
    case ExternKind::kTable: {
      TableType type = module.tables[index].type;
      type.element = WithoutIndices(module, type.element);
      return std::make_unique<wasm_tabletype_t>(type);
    }
    case ExternKind::kMemory:
      return std::make_unique<wasm_memorytype_t>(module.memories[index].type);
    case ExternKind::kGlobal: {
      GlobalType type = module.globals[index].type;
      type.value = WithoutIndices(module, type.value);
      return std::make_unique<wasm_globaltype_t>(type);
    }
    case ExternKind::kTag: {
      const SubType& type = module.types[module.tags[index].type.type_index];
      return std::make_unique<wasm_functype_t>(
          WithoutIndices(module, type.function),
          static_cast<wasm_externkind_t>(WASMD_EXTERN_TAG));
    }
  }
  CHECK(false);
}

std::unique_ptr<wasm_externtype_t> TypeOfExtern(const Store& store,
                                                const ExternValue& value) {
  const TypeStore& types = store.types();
  switch (value.kind) {
    case ExternKind::kFunction:
      return std::make_unique<wasm_functype_t>(WithoutIndices(
          types, types.Get(store.function(value.address).type).function));
    case ExternKind::kTable: {
      const TableInstance& table = store.table(value.address);
      TableType type = table.type;
      type.element = WithoutIndices(types, type.element);
      type.limits.min = table.elements.size();
      return std::make_unique<wasm_tabletype_t>(type);
    }
    case ExternKind::kMemory: {
      const MemoryInstance& memory = store.memory(value.address);
      MemoryType type = memory.type();
      type.limits.min = memory.size_pages();
      return std::make_unique<wasm_memorytype_t>(type);
    }
    case ExternKind::kGlobal: {
      GlobalType type = store.global(value.address).type;
      type.value = WithoutIndices(types, type.value);
      return std::make_unique<wasm_globaltype_t>(type);
    }
    case ExternKind::kTag:
      return std::make_unique<wasm_functype_t>(
          WithoutIndices(types,
                         types.Get(store.tag(value.address).type).function),
          static_cast<wasm_externkind_t>(WASMD_EXTERN_TAG));
  }
  CHECK(false);
}

}  // namespace wasmd::capi

using namespace wasmd::capi;  // NOLINT: the functions below are the API

wasm_tabletype_t::wasm_tabletype_t(const wasmd::TableType& type_in)
    : wasm_externtype_t(WASM_EXTERN_TABLE),
      type(type_in),
      element{type_in.element},
      limits(ClampedLimits(type_in.limits)) {}

wasm_memorytype_t::wasm_memorytype_t(const wasmd::MemoryType& type_in)
    : wasm_externtype_t(WASM_EXTERN_MEMORY),
      type(type_in),
      limits(ClampedLimits(type_in.limits)) {}

extern "C" {

wasm_valtype_t* wasm_valtype_new(wasm_valkind_t kind) {
  const std::optional<wasmd::ValueType> type = TypeOfKind(kind);
  return type.has_value() ? new wasm_valtype_t{*type} : nullptr;
}
void wasm_valtype_delete(wasm_valtype_t* type) { delete type; }
wasm_valtype_t* wasm_valtype_copy(const wasm_valtype_t* type) {
  return type == nullptr ? nullptr : new wasm_valtype_t(*type);
}
wasm_valkind_t wasm_valtype_kind(const wasm_valtype_t* type) {
  return type == nullptr ? wasm_valkind_t{WASM_I32} : KindOf(type->type);
}
void wasmd_valtype_name(const wasm_valtype_t* type, wasm_name_t* out) {
  if (out == nullptr) return;
  MakeBytes(out, type == nullptr ? "" : wasmd::ToString(type->type));
}

// The members of every type of an extern.
#define WASMD_DEFINE_TYPE(name, extern_kind)                              \
  void wasm_##name##_delete(wasm_##name##_t* type) { delete type; }       \
  wasm_##name##_t* wasm_##name##_copy(const wasm_##name##_t* type) {      \
    return type == nullptr ? nullptr                                      \
                           : static_cast<wasm_##name##_t*>(type->Copy()); \
  }                                                                       \
  wasm_externtype_t* wasm_##name##_as_externtype(wasm_##name##_t* type) { \
    return type;                                                          \
  }                                                                       \
  const wasm_externtype_t* wasm_##name##_as_externtype_const(             \
      const wasm_##name##_t* type) {                                      \
    return type;                                                          \
  }                                                                       \
  wasm_##name##_t* wasm_externtype_as_##name(wasm_externtype_t* type) {   \
    return type != nullptr && type->kind == extern_kind                   \
               ? static_cast<wasm_##name##_t*>(type)                      \
               : nullptr;                                                 \
  }                                                                       \
  const wasm_##name##_t* wasm_externtype_as_##name##_const(               \
      const wasm_externtype_t* type) {                                    \
    return type != nullptr && type->kind == extern_kind                   \
               ? static_cast<const wasm_##name##_t*>(type)                \
               : nullptr;                                                 \
  }

WASMD_DEFINE_TYPE(functype, WASM_EXTERN_FUNC)
WASMD_DEFINE_TYPE(globaltype, WASM_EXTERN_GLOBAL)
WASMD_DEFINE_TYPE(tabletype, WASM_EXTERN_TABLE)
WASMD_DEFINE_TYPE(memorytype, WASM_EXTERN_MEMORY)

void wasm_externtype_delete(wasm_externtype_t* type) { delete type; }
wasm_externtype_t* wasm_externtype_copy(const wasm_externtype_t* type) {
  return type == nullptr ? nullptr : type->Copy();
}
wasm_externkind_t wasm_externtype_kind(const wasm_externtype_t* type) {
  return type == nullptr ? wasm_externkind_t{WASM_EXTERN_FUNC} : type->kind;
}

wasm_functype_t* wasm_functype_new(wasm_valtype_vec_t* params,
                                   wasm_valtype_vec_t* results) {
  bool complete = true;
  wasmd::FunctionType type;
  type.params = TakeTypes(params, &complete);
  type.results = TakeTypes(results, &complete);
  return complete ? new wasm_functype_t(std::move(type)) : nullptr;
}
const wasm_valtype_vec_t* wasm_functype_params(const wasm_functype_t* type) {
  return type == nullptr ? nullptr : &type->params.vector;
}
const wasm_valtype_vec_t* wasm_functype_results(const wasm_functype_t* type) {
  return type == nullptr ? nullptr : &type->results.vector;
}
const wasm_valtype_vec_t* wasmd_externtype_tag_params(
    const wasm_externtype_t* type) {
  return type != nullptr && type->kind == WASMD_EXTERN_TAG
             ? &static_cast<const wasm_functype_t*>(type)->params.vector
             : nullptr;
}

wasm_globaltype_t* wasm_globaltype_new(wasm_valtype_t* content,
                                       wasm_mutability_t mutability) {
  if (content == nullptr) return nullptr;
  const wasmd::GlobalType type{content->type, mutability == WASM_VAR};
  delete content;
  return mutability > WASM_VAR ? nullptr : new wasm_globaltype_t(type);
}
const wasm_valtype_t* wasm_globaltype_content(const wasm_globaltype_t* type) {
  return type == nullptr ? nullptr : &type->content;
}
wasm_mutability_t wasm_globaltype_mutability(const wasm_globaltype_t* type) {
  return type != nullptr && type->type.is_mutable ? WASM_VAR : WASM_CONST;
}

wasm_tabletype_t* wasm_tabletype_new(wasm_valtype_t* element,
                                     const wasm_limits_t* limits) {
  if (element == nullptr) return nullptr;
  wasmd::TableType type;
  type.element = element->type;
  delete element;
  if (limits == nullptr || !type.element.is_ref()) return nullptr;
  type.limits = ToLimits(*limits);
  return new wasm_tabletype_t(type);
}
const wasm_valtype_t* wasm_tabletype_element(const wasm_tabletype_t* type) {
  return type == nullptr ? nullptr : &type->element;
}
const wasm_limits_t* wasm_tabletype_limits(const wasm_tabletype_t* type) {
  return type == nullptr ? nullptr : &type->limits;
}

wasm_memorytype_t* wasm_memorytype_new(const wasm_limits_t* limits) {
  if (limits == nullptr) return nullptr;
  return new wasm_memorytype_t(wasmd::MemoryType{ToLimits(*limits)});
}
const wasm_limits_t* wasm_memorytype_limits(const wasm_memorytype_t* type) {
  return type == nullptr ? nullptr : &type->limits;
}

wasm_memorytype_t* wasmd_memorytype_new_64(uint64_t min, uint64_t max) {
  wasmd::MemoryType type{{min, std::nullopt}, wasmd::AddressType::kI64};
  if (max != WASMD_NO_LIMIT) type.limits.max = max;
  return new wasm_memorytype_t(type);
}
bool wasmd_memorytype_is_64(const wasm_memorytype_t* type) {
  return type != nullptr && type->type.address == wasmd::AddressType::kI64;
}
uint64_t wasmd_memorytype_min(const wasm_memorytype_t* type) {
  return type == nullptr ? 0 : type->type.limits.min;
}
uint64_t wasmd_memorytype_max(const wasm_memorytype_t* type) {
  return type == nullptr ? WASMD_NO_LIMIT
                         : type->type.limits.max.value_or(WASMD_NO_LIMIT);
}

wasm_importtype_t* wasm_importtype_new(wasm_name_t* module, wasm_name_t* name,
                                       wasm_externtype_t* type) {
  std::unique_ptr<wasm_externtype_t> owned(type);
  auto import = std::make_unique<wasm_importtype_t>();
  import->module = module == nullptr ? wasm_name_t{} : *module;
  import->name = name == nullptr ? wasm_name_t{} : *name;
  // What was taken must not be deleted twice.
  if (module != nullptr) *module = {};
  if (name != nullptr) *name = {};
  import->type = std::move(owned);
  if (import->type != nullptr) return import.release();
  wasm_importtype_delete(import.release());
  return nullptr;
}
void wasm_importtype_delete(wasm_importtype_t* type) {
  if (type == nullptr) return;
  wasm_name_delete(&type->module);
  wasm_name_delete(&type->name);
  delete type;
}
wasm_importtype_t* wasm_importtype_copy(const wasm_importtype_t* type) {
  if (type == nullptr) return nullptr;
  wasm_name_t module, name;
  wasm_name_copy(&module, &type->module);
  wasm_name_copy(&name, &type->name);
  return wasm_importtype_new(&module, &name, type->type->Copy());
}
const wasm_name_t* wasm_importtype_module(const wasm_importtype_t* type) {
  return type == nullptr ? nullptr : &type->module;
}
const wasm_name_t* wasm_importtype_name(const wasm_importtype_t* type) {
  return type == nullptr ? nullptr : &type->name;
}
const wasm_externtype_t* wasm_importtype_type(const wasm_importtype_t* type) {
  return type == nullptr ? nullptr : type->type.get();
}

wasm_exporttype_t* wasm_exporttype_new(wasm_name_t* name,
                                       wasm_externtype_t* type) {
  auto result = std::make_unique<wasm_exporttype_t>();
  result->name = name == nullptr ? wasm_name_t{} : *name;
  if (name != nullptr) *name = {};
  result->type.reset(type);
  if (type != nullptr) return result.release();
  wasm_exporttype_delete(result.release());
  return nullptr;
}
void wasm_exporttype_delete(wasm_exporttype_t* type) {
  if (type == nullptr) return;
  wasm_name_delete(&type->name);
  delete type;
}
wasm_exporttype_t* wasm_exporttype_copy(const wasm_exporttype_t* type) {
  if (type == nullptr) return nullptr;
  wasm_name_t name;
  wasm_name_copy(&name, &type->name);
  return wasm_exporttype_new(&name, type->type->Copy());
}
const wasm_name_t* wasm_exporttype_name(const wasm_exporttype_t* type) {
  return type == nullptr ? nullptr : &type->name;
}
const wasm_externtype_t* wasm_exporttype_type(const wasm_exporttype_t* type) {
  return type == nullptr ? nullptr : type->type.get();
}

}  // extern "C"
