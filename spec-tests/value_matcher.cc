#include "spec-tests/value_matcher.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

#include "base/str_cat.h"
#include "interp/heap.h"
#include "interp/reference.h"
#include "interp/type_store.h"

namespace wasmd::spec {
namespace {

using Kind = WastPattern::Kind;

AbstractHeapType BottomOf(AbstractHeapType type) {
  switch (wasmd::TopOf(type)) {
    case AbstractHeapType::kFunc:
      return AbstractHeapType::kNoFunc;
    case AbstractHeapType::kExtern:
      return AbstractHeapType::kNoExtern;
    case AbstractHeapType::kExn:
      return AbstractHeapType::kNoExn;
    default:
      return AbstractHeapType::kNone;
  }
}

bool MatchesLane(const WastLane& lane, uint64_t bits, unsigned width) {
  const unsigned mantissa_bits = width == 32 ? 23 : 52;
  const uint64_t quiet = uint64_t{1} << (mantissa_bits - 1);
  const uint64_t mantissa = (uint64_t{1} << mantissa_bits) - 1;
  const uint64_t sign = uint64_t{1} << (width - 1);
  const uint64_t exponent = (sign - 1) & ~mantissa;
  switch (lane.nan) {
    case WastLane::Nan::kExact:
      return bits == lane.bits;
    case WastLane::Nan::kCanonical:
      return (bits & ~sign) == (exponent | quiet);
    case WastLane::Nan::kArithmetic:
      return (bits & exponent) == exponent && (bits & quiet) != 0;
  }
}

bool MatchesVector(const WastPattern& pattern, const Value& value) {
  std::array<uint8_t, 16> bytes{};
  std::memcpy(bytes.data(), &value.low, 8);
  std::memcpy(bytes.data() + 8, &value.high, 8);
  const size_t size = pattern.lane_bits / 8;
  for (size_t i = 0; i < pattern.lanes.size(); ++i) {
    uint64_t bits = 0;
    std::memcpy(&bits, bytes.data() + i * size, size);
    if (!MatchesLane(pattern.lanes[i], bits, pattern.lane_bits)) return false;
  }
  return true;
}

// Whether a value that is not null is an object of this kind.
bool IsObject(const Store& store, const Value& value, ObjectKind kind) {
  return IsHeapReference(value.low) &&
         store.heap().TypeOf(value.low).name.kind == kind;
}

bool MatchesReference(const Store& store, const WastPattern& pattern,
                      const Value& value) {
  if (!value.type.is_ref()) return false;
  const AbstractHeapType top = store.types().TopOf(value.type.heap_type());
  if (pattern.kind == Kind::kRefNull) return value.low == kNullReference;
  if (value.low == kNullReference) return false;
  const bool is_any = top == AbstractHeapType::kAny;
  const bool is_host = IsHostReference(value.low) &&
                       HostHandleOf(value.low) == pattern.number.bits;
  switch (pattern.kind) {
    case Kind::kRef:
      return true;
    case Kind::kRefFunc:
      return top == AbstractHeapType::kFunc;
    case Kind::kRefExn:
      return top == AbstractHeapType::kExn;
    case Kind::kRefExtern:
      return top == AbstractHeapType::kExtern &&
             (!pattern.has_number || is_host);
    case Kind::kRefHost:
      return is_any && is_host;
    case Kind::kRefI31:
      return is_any && IsI31(value.low);
    case Kind::kRefStruct:
      return is_any && IsObject(store, value, ObjectKind::kStruct);
    case Kind::kRefArray:
      return is_any && IsObject(store, value, ObjectKind::kArray);
    case Kind::kRefEq:
      return is_any && !IsHostReference(value.low);
    default:
      return false;
  }
}

bool MatchesNumber(const WastPattern& pattern, const Value& value,
                   ValueType type, unsigned width) {
  return value.type == type && MatchesLane(pattern.number, value.low, width);
}

std::string LaneToString(const WastLane& lane) {
  switch (lane.nan) {
    case WastLane::Nan::kExact:
      return StrCat("0x", absl::Hex(lane.bits));
    case WastLane::Nan::kCanonical:
      return "nan:canonical";
    case WastLane::Nan::kArithmetic:
      return "nan:arithmetic";
  }
}

std::string_view NameOf(Kind kind) {
  switch (kind) {
    case Kind::kI32:
      return "i32";
    case Kind::kI64:
      return "i64";
    case Kind::kF32:
      return "f32";
    case Kind::kF64:
      return "f64";
    case Kind::kV128:
      return "v128";
    case Kind::kRefNull:
      return "ref.null";
    case Kind::kRef:
      return "ref";
    case Kind::kRefFunc:
      return "ref.func";
    case Kind::kRefExtern:
      return "ref.extern";
    case Kind::kRefExn:
      return "ref.exn";
    case Kind::kRefI31:
      return "ref.i31";
    case Kind::kRefStruct:
      return "ref.struct";
    case Kind::kRefArray:
      return "ref.array";
    case Kind::kRefEq:
      return "ref.eq";
    case Kind::kRefHost:
      return "ref.host";
    case Kind::kEither:
      return "either";
  }
}

}  // namespace

Value ToValue(const WastValue& value) {
  switch (value.kind) {
    case WastValue::Kind::kI32:
      return {kI32Type, value.bits};
    case WastValue::Kind::kI64:
      return {kI64Type, value.bits};
    case WastValue::Kind::kF32:
      return {kF32Type, value.bits};
    case WastValue::Kind::kF64:
      return {kF64Type, value.bits};
    case WastValue::Kind::kV128: {
      Value vector{kV128Type};
      std::memcpy(&vector.low, value.vector.data(), 8);
      std::memcpy(&vector.high, value.vector.data() + 8, 8);
      return vector;
    }
    case WastValue::Kind::kRefNull:
      return {ValueType::Ref(BottomOf(value.heap_type), /*nullable=*/true),
              kNullReference};
    case WastValue::Kind::kRefExtern:
      return {ValueType::Ref(AbstractHeapType::kExtern, /*nullable=*/false),
              HostReference(value.bits)};
    case WastValue::Kind::kRefHost:
      return {ValueType::Ref(AbstractHeapType::kAny, /*nullable=*/false),
              HostReference(value.bits)};
  }
}

bool Matches(const Store& store, const WastPattern& pattern,
             const Value& value) {
  switch (pattern.kind) {
    case Kind::kI32:
      return MatchesNumber(pattern, value, kI32Type, 32);
    case Kind::kI64:
      return MatchesNumber(pattern, value, kI64Type, 64);
    case Kind::kF32:
      return MatchesNumber(pattern, value, kF32Type, 32);
    case Kind::kF64:
      return MatchesNumber(pattern, value, kF64Type, 64);
    case Kind::kV128:
      return value.type == kV128Type && MatchesVector(pattern, value);
    case Kind::kEither:
      return std::any_of(pattern.alternatives.begin(),
                         pattern.alternatives.end(),
                         [&](const WastPattern& alternative) {
                           return Matches(store, alternative, value);
                         });
    default:
      return MatchesReference(store, pattern, value);
  }
}

std::string ToString(const WastPattern& pattern) {
  std::string out(NameOf(pattern.kind));
  switch (pattern.kind) {
    case Kind::kI32:
    case Kind::kI64:
    case Kind::kF32:
    case Kind::kF64:
    case Kind::kRefHost:
      return StrCat(out, ":", LaneToString(pattern.number));
    case Kind::kRefExtern:
      if (!pattern.has_number) return out;
      return StrCat(out, ":", LaneToString(pattern.number));
    default:
      break;
  }
  for (const WastLane& lane : pattern.lanes) {
    StrAppend(&out, " ", LaneToString(lane));
  }
  for (const WastPattern& alternative : pattern.alternatives) {
    StrAppend(&out, " ", ToString(alternative));
  }
  return out;
}

}  // namespace wasmd::spec
