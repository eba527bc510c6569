#include "wasm/type_validator.h"

#include <vector>

#include "base/str_cat.h"
#include "wasm/limits.h"
#include "wasm/subtyping.h"

namespace wasmd {
namespace {

Feature FeatureOf(AbstractHeapType type) {
  switch (type) {
    case AbstractHeapType::kFunc:
      return Feature::kWasm1;
    case AbstractHeapType::kExtern:
      return Feature::kWasm2;
    case AbstractHeapType::kExn:
    case AbstractHeapType::kNoExn:
      return Feature::kExceptions;
    default:
      return Feature::kGc;
  }
}

std::string CheckLimits(const Limits& limits, uint64_t range,
                        std::string_view message) {
  if (limits.min > range || (limits.max && *limits.max > range)) {
    return std::string(message);
  }
  if (limits.max && limits.min > *limits.max) {
    return StrCat("size minimum must not be greater than maximum: ", limits.min,
                  " > ", *limits.max);
  }
  return "";
}

}  // namespace

std::string TypeValidator::CheckHeapType(HeapType type,
                                         uint32_t type_count) const {
  if (!type.is_concrete()) {
    if (features_.Has(FeatureOf(type.abstract()))) return "";
    return StrCat("unknown type ", ToString(type), ": its feature is off");
  }
  if (type.type_index() >= type_count) {
    return StrCat("unknown type ", type.type_index());
  }
  if (!features_.Has(Feature::kFunctionReferences)) {
    return "unknown type: typed function references are off";
  }
  return "";
}

std::string TypeValidator::CheckValueType(ValueType type,
                                          uint32_t type_count) const {
  if (type.is_number()) return "";
  if (type.is_vector()) {
    return features_.Has(Feature::kSimd) ? ""
                                         : "unknown type v128: SIMD is off";
  }
  if (!type.is_nullable() && !features_.Has(Feature::kFunctionReferences)) {
    return "unknown type: typed function references are off";
  }
  return CheckHeapType(type.heap_type(), type_count);
}

TypeProblem TypeValidator::CheckDefinitions() const {
  const std::vector<SubType>& types = module_.types;
  std::vector<uint8_t> depths(types.size());
  for (uint32_t begin = 0; begin < types.size();) {
    // A group sees the types before it and all of its own.
    const uint32_t end = begin + types[begin].group_count;
    TypeProblem problem = CheckSupertypes(begin, end, &depths);
    if (!problem.message.empty()) return problem;
    for (uint32_t i = begin; i < end; ++i) {
      std::string message = CheckComposite(types[i], end);
      if (!message.empty()) {
        return {StrCat(message, " in the definition of type ", i)};
      }
    }
    for (uint32_t i = begin; i < end; ++i) {
      if (std::string message = CheckMatchesSupertype(i); !message.empty()) {
        return {message};
      }
    }
    begin = end;
  }
  return {};
}

TypeProblem TypeValidator::CheckSupertypes(uint32_t begin, uint32_t end,
                                           std::vector<uint8_t>* depths) const {
  for (uint32_t i = begin; i < end; ++i) {
    const SubType& type = module_.types[i];
    if (type.supertype_count > 1) {
      return {StrCat("sub type ", i, " has ", type.supertype_count,
                     " supertypes, at most one is allowed")};
    }
    if (!type.supertype) continue;
    if (*type.supertype >= end) {
      return {StrCat("unknown type ", *type.supertype,
                     " as the supertype of type ", i)};
    }
    if (*type.supertype >= i) {
      return {StrCat("sub type ", i, " comes before its supertype ",
                     *type.supertype)};
    }
    const uint32_t depth = (*depths)[*type.supertype] + 1u;
    if (depth > kMaxSubtypingDepth) {
      return {StrCat("sub type ", i, " is more than ", kMaxSubtypingDepth,
                     " levels deep"),
              /*is_limit=*/true};
    }
    (*depths)[i] = static_cast<uint8_t>(depth);
  }
  return {};
}

std::string TypeValidator::CheckComposite(const SubType& type,
                                          uint32_t type_count) const {
  const auto check = [&](ValueType value) {
    return IsPlain(value) ? std::string() : CheckValueType(value, type_count);
  };
  for (const auto* types : {&type.function.params, &type.function.results}) {
    for (const ValueType value : *types) {
      if (std::string message = check(value); !message.empty()) return message;
    }
  }
  for (const FieldType& field : type.fields) {
    if (std::string message = check(field.value); !message.empty()) {
      return message;
    }
  }
  return "";
}

std::string TypeValidator::CheckMatchesSupertype(uint32_t index) const {
  const SubType& type = module_.types[index];
  if (!type.supertype) return "";
  const SubType& super = module_.types[*type.supertype];
  if (super.is_final) {
    return StrCat("sub type ", index, " has final supertype ", *type.supertype);
  }
  if (!IsCompositeSubtype(module_, type, super)) {
    return StrCat("sub type ", index, " does not match its supertype ",
                  *type.supertype);
  }
  return "";
}

std::string TypeValidator::CheckFunctionType(uint32_t type_index) const {
  if (type_index >= TypeCount()) return StrCat("unknown type ", type_index);
  if (module_.types[type_index].kind != CompositeKind::kFunction) {
    return StrCat("type mismatch: type ", type_index,
                  " is not a function type");
  }
  return "";
}

std::string TypeValidator::CheckTable(const TableType& type) const {
  std::string message = CheckValueType(type.element);
  if (!message.empty()) return message;
  if (type.address == AddressType::kI64) {
    return CheckLimits(type.limits, UINT64_MAX, "table size");
  }
  return CheckLimits(type.limits, UINT32_MAX,
                     "table size must be at most 2^32-1 for i32");
}

std::string TypeValidator::CheckMemory(const MemoryType& type) const {
  const bool is_64 = type.address == AddressType::kI64;
  if (type.page_size_log2 != 16) {
    if (type.page_size_log2 != 0) return "invalid custom page size";
    return CheckLimits(type.limits, is_64 ? UINT64_MAX : UINT32_MAX,
                       "memory size must fit the address type");
  }
  if (is_64) {
    return CheckLimits(
        type.limits, kMaxMemory64Pages,
        "memory size must be at most 2^48 pages (256 TiB) for i64");
  }
  return CheckLimits(type.limits, kMaxMemory32Pages,
                     "memory size must be at most 2^16 pages (4 GiB) for i32");
}

std::string TypeValidator::CheckTag(const TagType& type) const {
  std::string message = CheckFunctionType(type.type_index);
  if (!message.empty()) return message;
  if (!module_.types[type.type_index].function.results.empty()) {
    return "non-empty tag result type";
  }
  return "";
}

}  // namespace wasmd
