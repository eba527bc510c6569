#include "wasm/types.h"

#include <string_view>

#include "base/str_cat.h"

namespace wasmd {
namespace {

struct AbstractName {
  std::string_view heap;      // (ref func)
  std::string_view nullable;  // funcref: short for (ref null func)
};

AbstractName NameOf(AbstractHeapType type) {
  switch (type) {
    case AbstractHeapType::kFunc:
      return {"func", "funcref"};
    case AbstractHeapType::kNoFunc:
      return {"nofunc", "nullfuncref"};
    case AbstractHeapType::kExtern:
      return {"extern", "externref"};
    case AbstractHeapType::kNoExtern:
      return {"noextern", "nullexternref"};
    case AbstractHeapType::kAny:
      return {"any", "anyref"};
    case AbstractHeapType::kEq:
      return {"eq", "eqref"};
    case AbstractHeapType::kI31:
      return {"i31", "i31ref"};
    case AbstractHeapType::kStruct:
      return {"struct", "structref"};
    case AbstractHeapType::kArray:
      return {"array", "arrayref"};
    case AbstractHeapType::kNone:
      return {"none", "nullref"};
    case AbstractHeapType::kExn:
      return {"exn", "exnref"};
    case AbstractHeapType::kNoExn:
      return {"noexn", "nullexnref"};
  }
  return {"bot", "(ref null bot)"};  // the validator's bottom heap type
}

std::string ResultTypeToString(const std::vector<ValueType>& types) {
  std::string out = "[";
  for (const ValueType type : types) {
    if (out.size() > 1) out += ' ';
    out += ToString(type);
  }
  out += ']';
  return out;
}

}  // namespace

std::string ToString(HeapType type) {
  if (type.is_concrete()) return StrCat(type.type_index());
  return std::string(NameOf(type.abstract()).heap);
}

std::string ToString(ValueType type) {
  switch (type.kind()) {
    case ValueKind::kI32:
      return "i32";
    case ValueKind::kI64:
      return "i64";
    case ValueKind::kF32:
      return "f32";
    case ValueKind::kF64:
      return "f64";
    case ValueKind::kV128:
      return "v128";
    case ValueKind::kRef:
      break;
    case ValueKind::kBottom:
      return "bot";
  }
  const HeapType heap = type.heap_type();
  if (!type.is_nullable()) return StrCat("(ref ", ToString(heap), ")");
  if (heap.is_concrete()) return StrCat("(ref null ", ToString(heap), ")");
  return std::string(NameOf(heap.abstract()).nullable);
}

std::string ToString(const FunctionType& type) {
  return StrCat(ResultTypeToString(type.params), " -> ",
                ResultTypeToString(type.results));
}

}  // namespace wasmd
