#include "interp/value.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "base/str_cat.h"

namespace wasmd {
namespace {

template <typename Float, typename Bits>
std::string FloatToString(Bits bits) {
  const Float value = std::bit_cast<Float>(bits);
  if (std::isnan(value)) {
    return StrCat(
        (bits >> (sizeof(Bits) * 8 - 1)) ? "-" : "", "nan:0x",
        absl::Hex(bits & ((Bits{1} << (sizeof(Bits) == 4 ? 23 : 52)) - 1)));
  }
  std::array<char, 64> text;
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  return std::string(text.data(), end);
}

// What the bits of a reference can be told to be without its store.
std::string ReferenceToString(ValueType type, Slot reference) {
  if (reference == kNullReference) return "null";
  const HeapType heap_type = type.heap_type();
  if (heap_type == AbstractHeapType::kFunc) {
    return StrCat(FunctionOf(reference));
  }
  // A concrete type may be of either hierarchy.
  if (heap_type.is_concrete()) return StrCat("0x", absl::Hex(reference));
  if (IsI31(reference)) return StrCat("i31:", I31Signed(reference));
  if (IsHostReference(reference)) {
    return heap_type == AbstractHeapType::kExtern
               ? StrCat(HostHandleOf(reference))
               : StrCat("host:", HostHandleOf(reference));
  }
  return StrCat("object:", reference);
}

}  // namespace

std::string ToString(const Value& value) {
  std::string text = StrCat(ToString(value.type), ":");
  switch (value.type.kind()) {
    case ValueKind::kI32:
      StrAppend(&text, value.As<int32_t>());
      break;
    case ValueKind::kI64:
      StrAppend(&text, value.As<int64_t>());
      break;
    case ValueKind::kF32:
      StrAppend(&text, FloatToString<float>(value.As<uint32_t>()));
      break;
    case ValueKind::kF64:
      StrAppend(&text, FloatToString<double>(value.As<uint64_t>()));
      break;
    case ValueKind::kV128:
      StrAppend(&text, "0x", absl::Hex(value.high, absl::kZeroPad16),
                absl::Hex(value.low, absl::kZeroPad16));
      break;
    case ValueKind::kRef:
      StrAppend(&text, ReferenceToString(value.type, value.low));
      break;
    case ValueKind::kBottom:
      StrAppend(&text, "none");
      break;
  }
  return text;
}

}  // namespace wasmd
