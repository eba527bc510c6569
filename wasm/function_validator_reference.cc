// References, structs and arrays (core specification, valid/instructions).

#include "base/str_cat.h"
#include "wasm/function_validator.h"
#include "wasm/limits.h"
#include "wasm/subtyping.h"

namespace wasmd {
namespace {

constexpr ValueType kEqRefType = ValueType::Ref(AbstractHeapType::kEq, true);
constexpr ValueType kI31RefType = ValueType::Ref(AbstractHeapType::kI31, true);
constexpr ValueType kArrayRefType =
    ValueType::Ref(AbstractHeapType::kArray, true);

ValueType NullableRef(uint32_t type_index) {
  return ValueType::Ref(HeapType::Concrete(type_index), true);
}

ValueType NonNullRef(uint32_t type_index) {
  return ValueType::Ref(HeapType::Concrete(type_index), false);
}

}  // namespace

bool FunctionValidator::CheckReference() {
  switch (in_.opcode) {
    case Opcode::kRefNull:
    case Opcode::kRefIsNull:
    case Opcode::kRefAsNonNull:
    case Opcode::kRefEq:
    case Opcode::kRefI31:
    case Opcode::kI31GetS:
    case Opcode::kI31GetU:
      return CheckReferenceBasics();
    case Opcode::kRefFunc:
      return CheckRefFunc();
    case Opcode::kRefTest:
    case Opcode::kRefTestNull:
    case Opcode::kRefCast:
    case Opcode::kRefCastNull:
      return CheckCast();
    case Opcode::kAnyConvertExtern:
      return CheckConversion(AbstractHeapType::kExtern, AbstractHeapType::kAny);
    case Opcode::kExternConvertAny:
      return CheckConversion(AbstractHeapType::kAny, AbstractHeapType::kExtern);
    case Opcode::kStructNew:
    case Opcode::kStructNewDefault:
      return CheckStruct();
    case Opcode::kStructGet:
    case Opcode::kStructGetS:
    case Opcode::kStructGetU:
    case Opcode::kStructSet:
      return CheckStructField();
    default:
      return CheckArray();
  }
}

bool FunctionValidator::CheckReferenceBasics() {
  ValueType type;
  switch (in_.opcode) {
    case Opcode::kRefNull:
      if (!Require(types_.CheckHeapType(in_.ref_type.heap_type()))) {
        return false;
      }
      Push(in_.ref_type);
      return true;
    case Opcode::kRefIsNull:
      if (!PopReference(&type)) return false;
      Push(kI32Type);
      return true;
    case Opcode::kRefAsNonNull:
      if (!PopReference(&type)) return false;
      Push(ValueType::Ref(type.heap_type(), false));
      return true;
    case Opcode::kRefEq:
      if (!PopAll({kEqRefType, kEqRefType})) return false;
      Push(kI32Type);
      return true;
    case Opcode::kRefI31:
      if (!Pop(kI32Type)) return false;
      Push(ValueType::Ref(AbstractHeapType::kI31, false));
      return true;
    default:  // i31.get
      if (!Pop(kI31RefType)) return false;
      Push(kI32Type);
      return true;
  }
}

bool FunctionValidator::CheckRefFunc() {
  if (in_.index >= module_.functions.size()) {
    return Fail(StrCat("unknown function ", in_.index));
  }
  // A constant expression is itself what declares the function.
  if (!is_constant_ && !context_.declared_functions[in_.index]) {
    return Fail(StrCat("undeclared function reference ", in_.index));
  }
  // Before typed function references its type was funcref.
  Push(context_.features.Has(Feature::kFunctionReferences)
           ? NonNullRef(module_.functions[in_.index].type_index)
           : kFuncRefType);
  return true;
}

bool FunctionValidator::CheckCast() {
  const ValueType target = in_.ref_type;
  if (!Require(types_.CheckValueType(target))) return false;
  // Any reference of the same hierarchy will do.
  if (!Pop(ValueType::Ref(TopType(module_, target.heap_type()), true))) {
    return false;
  }
  const bool is_test =
      in_.opcode == Opcode::kRefTest || in_.opcode == Opcode::kRefTestNull;
  Push(is_test ? kI32Type : target);
  return true;
}

bool FunctionValidator::CheckConversion(AbstractHeapType from,
                                        AbstractHeapType to) {
  ValueType type;
  if (!PopReference(&type)) return false;
  const ValueType expected = ValueType::Ref(from, true);
  if (!Matches(type, expected)) return FailMismatch(expected, type);
  Push(ValueType::Ref(to, type.is_nullable()));
  return true;
}

// Structs.

bool FunctionValidator::FindStruct(uint32_t index, const SubType** type) {
  if (index >= module_.types.size()) {
    return Fail(StrCat("unknown type ", index));
  }
  *type = &module_.types[index];
  return (*type)->kind == CompositeKind::kStruct ||
         Fail(StrCat("type mismatch: type ", index, " is not a structure"));
}

bool FunctionValidator::CheckStruct() {
  const SubType* type = nullptr;
  if (!FindStruct(in_.index, &type)) return false;
  for (size_t i = type->fields.size(); i-- > 0;) {
    const ValueType value = type->fields[i].value;
    if (in_.opcode == Opcode::kStructNew) {
      if (!Pop(value)) return false;
    } else if (!value.is_defaultable()) {
      return Fail(StrCat("type mismatch: field ", i, " of type ", in_.index,
                         " is not defaultable"));
    }
  }
  Push(NonNullRef(in_.index));
  return true;
}

bool FunctionValidator::CheckStructField() {
  const SubType* type = nullptr;
  if (!FindStruct(in_.index, &type)) return false;
  if (in_.index2 >= type->fields.size()) {
    return Fail(StrCat("unknown field ", in_.index2));
  }
  const FieldType& field = type->fields[in_.index2];
  if (in_.opcode == Opcode::kStructSet) {
    if (!field.is_mutable) return Fail(StrCat("immutable field ", in_.index2));
    return PopAll({NullableRef(in_.index), field.value});
  }
  const bool is_packed = field.packed != PackedType::kNotPacked;
  if (is_packed != (in_.opcode != Opcode::kStructGet)) {
    return Fail(StrCat("type mismatch: field ", in_.index2, " is ",
                       is_packed ? "packed" : "unpacked"));
  }
  if (!Pop(NullableRef(in_.index))) return false;
  Push(field.value);
  return true;
}

// Arrays.

bool FunctionValidator::CheckArray() {
  switch (in_.opcode) {
    case Opcode::kArrayNew:
    case Opcode::kArrayNewDefault:
    case Opcode::kArrayNewData:
    case Opcode::kArrayNewElem:
      return CheckArrayNew();
    case Opcode::kArrayNewFixed:
      return CheckArrayNewFixed();
    case Opcode::kArrayGet:
    case Opcode::kArrayGetS:
    case Opcode::kArrayGetU:
    case Opcode::kArraySet:
      return CheckArrayElement();
    case Opcode::kArrayLen:
      if (!Pop(kArrayRefType)) return false;
      Push(kI32Type);
      return true;
    case Opcode::kArrayFill:
    case Opcode::kArrayCopy:
    case Opcode::kArrayInitData:
    case Opcode::kArrayInitElem:
      return CheckArrayBulk();
    default:
      return Fail(StrCat("no validation rule for ", mnemonic()));
  }
}

bool FunctionValidator::FindArray(uint32_t index, const FieldType** element) {
  if (index >= module_.types.size()) {
    return Fail(StrCat("unknown type ", index));
  }
  if (module_.types[index].kind != CompositeKind::kArray) {
    return Fail(StrCat("type mismatch: type ", index, " is not an array"));
  }
  *element = &module_.types[index].fields[0];
  return true;
}

bool FunctionValidator::RequireMutable(const FieldType& element) {
  return element.is_mutable || Fail(StrCat("immutable array ", in_.index));
}

bool FunctionValidator::RequireNumericElement(const FieldType& element) {
  return !element.value.is_ref() || Fail("array type is not numeric or vector");
}

bool FunctionValidator::CheckArrayNew() {
  const FieldType* element = nullptr;
  const ElementSegment* segment = nullptr;
  if (!FindArray(in_.index, &element)) return false;
  switch (in_.opcode) {
    case Opcode::kArrayNew:
      if (!PopAll({element->value, kI32Type})) return false;
      break;
    case Opcode::kArrayNewDefault:
      if (!element->value.is_defaultable()) {
        return Fail("type mismatch: array type is not defaultable");
      }
      if (!Pop(kI32Type)) return false;
      break;
    case Opcode::kArrayNewData:
      if (!RequireNumericElement(*element) || !FindData(in_.index2) ||
          !PopAll({kI32Type, kI32Type})) {
        return false;
      }
      break;
    default:  // array.new_elem
      if (!FindElements(in_.index2, &segment)) return false;
      if (!Matches(segment->type, element->value)) {
        return FailMismatch(element->value, segment->type);
      }
      if (!PopAll({kI32Type, kI32Type})) return false;
      break;
  }
  Push(NonNullRef(in_.index));
  return true;
}

bool FunctionValidator::CheckArrayNewFixed() {
  const FieldType* element = nullptr;
  if (!FindArray(in_.index, &element)) return false;
  for (uint32_t i = 0; i < in_.index2; ++i) {
    // A polymorphic stack gives all that are missing; any number is valid.
    if (operands_.size() == floor_ && frames_.back().is_unreachable) break;
    if (i == kMaxArrayNewFixed) {
      return FailLimit(StrCat("array.new_fixed of ", in_.index2,
                              " elements, the limit is ", kMaxArrayNewFixed));
    }
    if (!Pop(element->value)) return false;
  }
  Push(NonNullRef(in_.index));
  return true;
}

bool FunctionValidator::CheckArrayElement() {
  const FieldType* element = nullptr;
  if (!FindArray(in_.index, &element)) return false;
  if (in_.opcode == Opcode::kArraySet) {
    return RequireMutable(*element) &&
           PopAll({NullableRef(in_.index), kI32Type, element->value});
  }
  const bool is_packed = element->packed != PackedType::kNotPacked;
  if (is_packed != (in_.opcode != Opcode::kArrayGet)) {
    return Fail(
        StrCat("type mismatch: array is ", is_packed ? "packed" : "unpacked"));
  }
  if (!PopAll({NullableRef(in_.index), kI32Type})) return false;
  Push(element->value);
  return true;
}

bool FunctionValidator::CheckArrayBulk() {
  const FieldType* element = nullptr;
  const FieldType* from = nullptr;
  const ElementSegment* segment = nullptr;
  if (!FindArray(in_.index, &element) || !RequireMutable(*element)) {
    return false;
  }
  const ValueType array = NullableRef(in_.index);
  switch (in_.opcode) {
    case Opcode::kArrayFill:
      return PopAll({array, kI32Type, element->value, kI32Type});
    case Opcode::kArrayCopy:
      if (!FindArray(in_.index2, &from)) return false;
      if (!IsStorageSubtype(module_, *from, *element)) {
        return Fail("array types do not match");
      }
      return PopAll(
          {array, kI32Type, NullableRef(in_.index2), kI32Type, kI32Type});
    case Opcode::kArrayInitData:
      return RequireNumericElement(*element) && FindData(in_.index2) &&
             PopAll({array, kI32Type, kI32Type, kI32Type});
    default:  // array.init_elem
      if (!FindElements(in_.index2, &segment)) return false;
      if (!Matches(segment->type, element->value)) {
        return FailMismatch(element->value, segment->type);
      }
      return PopAll({array, kI32Type, kI32Type, kI32Type});
  }
}

}  // namespace wasmd
