// Validity of types (core specification, valid/types). Private to wasm/.
//
// Every check gives what is wrong as a message without a position, or an empty
// string.

#ifndef WASMD_WASM_TYPE_VALIDATOR_H_
#define WASMD_WASM_TYPE_VALIDATOR_H_

#include <cstdint>
#include <string>

#include "wasm/features.h"
#include "wasm/module.h"
#include "wasm/types.h"

namespace wasmd {

// A problem with one type of the type section.
struct TypeProblem {
  std::string message;  // empty: none
  bool is_limit = false;
};

class TypeValidator {
 public:
  // Both outlive it.
  TypeValidator(const Module& module, const FeatureSet& features)
      : module_(module), features_(features) {}

  // All definitions of the type section.
  TypeProblem CheckDefinitions() const;

  // A value or heap type that may name the types below `type_count`.
  std::string CheckValueType(ValueType type, uint32_t type_count) const;
  std::string CheckHeapType(HeapType type, uint32_t type_count) const;
  std::string CheckValueType(ValueType type) const {
    return CheckValueType(type, TypeCount());
  }
  std::string CheckHeapType(HeapType type) const {
    return CheckHeapType(type, TypeCount());
  }
  // True if CheckValueType would say nothing; for the good path.
  bool IsPlain(ValueType type) const { return type.is_number(); }

  // The index names a function type.
  std::string CheckFunctionType(uint32_t type_index) const;
  std::string CheckTable(const TableType& type) const;
  std::string CheckMemory(const MemoryType& type) const;
  std::string CheckTag(const TagType& type) const;

 private:
  uint32_t TypeCount() const {
    return static_cast<uint32_t>(module_.types.size());
  }
  TypeProblem CheckSupertypes(uint32_t begin, uint32_t end,
                              std::vector<uint8_t>* depths) const;
  std::string CheckComposite(const SubType& type, uint32_t type_count) const;
  std::string CheckMatchesSupertype(uint32_t index) const;

  const Module& module_;
  const FeatureSet& features_;
};

}  // namespace wasmd

#endif  // WASMD_WASM_TYPE_VALIDATOR_H_
