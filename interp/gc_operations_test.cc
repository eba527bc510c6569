#include "interp/gc_operations.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "interp/instantiate.h"
#include "interp/testing/wat_module.h"

namespace wasmd {
namespace {

using ::wasmd::testing::WatModule;

constexpr std::string_view kModule = R"((module
    (type $point (sub (struct (field (mut i8)) (field (mut v128)))))      ;; 0
    (type $point3 (sub $point
        (struct (field (mut i8)) (field (mut v128)) (field (mut anyref))))) ;; 1
    (type $bytes (array (mut i8)))                                        ;; 2
    (type $shorts (array (mut i16)))                                      ;; 3
    (type $vectors (array (mut v128)))                                    ;; 4
    (type $functions (array (mut funcref)))                               ;; 5
    (type $f (func (param i32)))                                          ;; 6
    (type $other (struct))                                                ;; 7
    (type $words (array (mut i32)))                                       ;; 8
    (func $a (type $f)) (func $b (type $f))
    (data "\01\02\03\04\05\06\07\08")
    (elem func $a $b $a)
    (tag (param i32 v128 anyref))
    (global (mut anyref) (ref.null any))
    (global (mut anyref) (ref.null any))))";

enum : uint32_t {
  kPoint,
  kPoint3,
  kBytes,
  kShorts,
  kVectors,
  kFunctions,
  kFunctionType,
  kOther,
  kWords,
};

constexpr GcStatus kOk = GcStatus::Ok();

constexpr GcStatus Trapped(TrapKind kind) { return GcStatus::OfTrap(kind); }

class GcOperationsTest : public ::testing::Test {
 protected:
  GcOperationsTest() {
    auto module = WatModule(kModule);
    CHECK(module.ok());
    auto outcome = Instantiate(store_, *module, std::vector<ExternValue>{});
    CHECK(outcome.ok() && !outcome->trap.has_value());
    instance_ = outcome->instance;
    // So that the operations need no room.
    store_.heap().TryAllocate(
        store_.heap().TypeFor(instance_->types[kOther], 0, kOther), 0);
    CHECK(store_.heap().MakeRoom());
  }

  Slot Point(uint32_t type, const std::vector<Slot>& operands) {
    Slot result = kNullReference;
    EXPECT_EQ(StructNew(store_, *instance_, type, operands.data(), &result),
              kOk);
    return result;
  }

  Slot Array(uint32_t type, uint32_t length) {
    Slot result = kNullReference;
    EXPECT_EQ(ArrayNewDefault(store_, *instance_, type, length, &result), kOk);
    return result;
  }

  Slot Field(Slot object, uint32_t field,
             Extension extension = Extension::kUnsigned) {
    Slot result[2] = {};
    EXPECT_EQ(StructGet(store_, field, extension, object, result), kOk);
    return result[0];
  }

  std::vector<Slot> Elements(Slot array) {
    std::vector<Slot> elements;
    Slot length;
    EXPECT_EQ(ArrayLen(store_, array, &length), kOk);
    for (uint32_t i = 0; i < length; ++i) {
      Slot element[2];
      EXPECT_EQ(ArrayGet(store_, Extension::kUnsigned, array, i, element), kOk);
      elements.push_back(element[0]);
    }
    return elements;
  }

  Store store_;
  ModuleInstance* instance_ = nullptr;
};

using Slots = std::vector<Slot>;

TEST_F(GcOperationsTest, StructsHoldTheirFields) {
  const Slot point = Point(kPoint3, {0x80, 3, 4, I31Reference(5)});
  EXPECT_EQ(Field(point, 0), 0x80);
  EXPECT_EQ(Field(point, 0, Extension::kSigned), 0xFFFFFF80);
  EXPECT_EQ(Field(point, 2), I31Reference(5));
  Slot vector[2];
  EXPECT_EQ(StructGet(store_, 1, Extension::kUnsigned, point, vector), kOk);
  EXPECT_EQ(vector[0], 3);
  EXPECT_EQ(vector[1], 4);
  const Slot larger[2] = {7, 8};
  EXPECT_EQ(StructSet(store_, 1, point, larger), kOk);
  EXPECT_EQ(Field(point, 1), 7);
  EXPECT_EQ(Field(point, 2), I31Reference(5));
  EXPECT_EQ(Field(point, 0), 0x80);
}

TEST_F(GcOperationsTest, ResultsMayOverlapOperands) {
  Slot slots[3] = {9, 1, 2};
  ASSERT_EQ(StructNew(store_, *instance_, kPoint, slots, slots), kOk);
  EXPECT_EQ(Field(slots[0], 0), 9);
  slots[2] = 77;
  ASSERT_EQ(StructGet(store_, 1, Extension::kUnsigned, slots[0], slots), kOk);
  EXPECT_EQ(slots[0], 1);
  EXPECT_EQ(slots[1], 2);
  EXPECT_EQ(slots[2], 77);
}

TEST_F(GcOperationsTest, DefaultsAreZero) {
  Slot point;
  ASSERT_EQ(StructNewDefault(store_, *instance_, kPoint3, &point), kOk);
  EXPECT_EQ(Field(point, 0), 0);
  EXPECT_EQ(Field(point, 2), kNullReference);
  EXPECT_EQ(Elements(Array(kShorts, 3)), Slots({0, 0, 0}));
}

TEST_F(GcOperationsTest, NullStructsTrap) {
  Slot result[2] = {55, 55};
  EXPECT_EQ(StructGet(store_, 0, Extension::kUnsigned, 0, result),
            Trapped(TrapKind::kNullStructReference));
  EXPECT_EQ(StructSet(store_, 0, 0, result),
            Trapped(TrapKind::kNullStructReference));
  EXPECT_EQ(result[0], 55);
}

TEST_F(GcOperationsTest, ArraysAreMadeFromValues) {
  Slot array;
  const Slot value[2] = {0x1FFFF, 5};
  ASSERT_EQ(ArrayNew(store_, *instance_, kShorts, value, 3, &array), kOk);
  EXPECT_EQ(Elements(array), Slots({0xFFFF, 0xFFFF, 0xFFFF}));
  ASSERT_EQ(ArrayNew(store_, *instance_, kVectors, value, 2, &array), kOk);
  Slot vector[2];
  ASSERT_EQ(ArrayGet(store_, Extension::kUnsigned, array, 1, vector), kOk);
  EXPECT_EQ(vector[0], 0x1FFFF);
  EXPECT_EQ(vector[1], 5);
  const Slot vectors[4] = {1, 2, 3, 4};
  ASSERT_EQ(ArrayNewFixed(store_, *instance_, kVectors, vectors, 2, &array),
            kOk);
  EXPECT_EQ(Elements(array), Slots({1, 3}));
  ASSERT_EQ(ArrayNewFixed(store_, *instance_, kBytes, vectors, 0, &array), kOk);
  EXPECT_EQ(Elements(array), Slots({}));
}

TEST_F(GcOperationsTest, ArraysAreMadeFromSegments) {
  Slot array;
  ASSERT_EQ(ArrayNewData(store_, *instance_, kShorts, 0, 1, 2, &array), kOk);
  EXPECT_EQ(Elements(array), Slots({0x0302, 0x0504}));
  ASSERT_EQ(ArrayNewData(store_, *instance_, kWords, 0, 8, 0, &array), kOk);
  EXPECT_EQ(ArrayNewData(store_, *instance_, kWords, 0, 9, 0, &array),
            Trapped(TrapKind::kOutOfBoundsMemoryAccess));
  EXPECT_EQ(ArrayNewData(store_, *instance_, kWords, 0, 5, 1, &array),
            Trapped(TrapKind::kOutOfBoundsMemoryAccess));
  EXPECT_EQ(ArrayNewData(store_, *instance_, kWords, 0, 0, 0xFFFFFFFF, &array),
            Trapped(TrapKind::kOutOfBoundsMemoryAccess));

  ASSERT_EQ(ArrayNewElem(store_, *instance_, kFunctions, 0, 1, 2, &array), kOk);
  const Slot a = FunctionReference(instance_->functions[0]);
  const Slot b = FunctionReference(instance_->functions[1]);
  EXPECT_EQ(Elements(array), Slots({b, a}));
  EXPECT_EQ(ArrayNewElem(store_, *instance_, kFunctions, 0, 2, 2, &array),
            Trapped(TrapKind::kOutOfBoundsTableAccess));

  instance_->data_dropped[0] = true;
  instance_->elements[0].clear();
  EXPECT_EQ(ArrayNewData(store_, *instance_, kBytes, 0, 0, 1, &array),
            Trapped(TrapKind::kOutOfBoundsMemoryAccess));
  EXPECT_EQ(ArrayNewData(store_, *instance_, kBytes, 0, 0, 0, &array), kOk);
  EXPECT_EQ(ArrayNewElem(store_, *instance_, kFunctions, 0, 0, 1, &array),
            Trapped(TrapKind::kOutOfBoundsTableAccess));
  EXPECT_EQ(ArrayNewElem(store_, *instance_, kFunctions, 0, 0, 0, &array), kOk);
}

TEST_F(GcOperationsTest, ArrayAccessIsChecked) {
  const Slot array = Array(kBytes, 3);
  Slot value = 0x80;
  EXPECT_EQ(ArraySet(store_, array, 2, &value), kOk);
  EXPECT_EQ(ArrayGet(store_, Extension::kSigned, array, 2, &value), kOk);
  EXPECT_EQ(value, 0xFFFFFF80);
  EXPECT_EQ(ArraySet(store_, array, 3, &value),
            Trapped(TrapKind::kOutOfBoundsArrayAccess));
  EXPECT_EQ(ArrayGet(store_, Extension::kUnsigned, array, 0xFFFFFFFF, &value),
            Trapped(TrapKind::kOutOfBoundsArrayAccess));
  EXPECT_EQ(ArrayGet(store_, Extension::kUnsigned, 0, 0, &value),
            Trapped(TrapKind::kNullArrayReference));
  EXPECT_EQ(ArraySet(store_, 0, 0, &value),
            Trapped(TrapKind::kNullArrayReference));
  EXPECT_EQ(ArrayLen(store_, 0, &value),
            Trapped(TrapKind::kNullArrayReference));
  EXPECT_EQ(Elements(array), Slots({0, 0, 0x80}));
}

TEST_F(GcOperationsTest, FillsWithinBoundsOnly) {
  const Slot array = Array(kShorts, 5);
  const Slot value = 0x12345;
  EXPECT_EQ(ArrayFill(store_, array, 1, &value, 3), kOk);
  EXPECT_EQ(Elements(array), Slots({0, 0x2345, 0x2345, 0x2345, 0}));
  EXPECT_EQ(ArrayFill(store_, array, 4, &value, 2),
            Trapped(TrapKind::kOutOfBoundsArrayAccess));
  EXPECT_EQ(ArrayFill(store_, array, 5, &value, 0), kOk);
  EXPECT_EQ(ArrayFill(store_, array, 6, &value, 0),
            Trapped(TrapKind::kOutOfBoundsArrayAccess));
  EXPECT_EQ(ArrayFill(store_, 0, 0, &value, 0),
            Trapped(TrapKind::kNullArrayReference));
  EXPECT_EQ(Elements(array)[4], 0);
}

TEST_F(GcOperationsTest, CopiesOverlappingRanges) {
  Slot array;
  const Slot values[5] = {1, 2, 3, 4, 5};
  ASSERT_EQ(ArrayNewFixed(store_, *instance_, kWords, values, 5, &array), kOk);
  EXPECT_EQ(ArrayCopy(store_, array, 1, array, 0, 4), kOk);
  EXPECT_EQ(Elements(array), Slots({1, 1, 2, 3, 4}));
  EXPECT_EQ(ArrayCopy(store_, array, 0, array, 1, 4), kOk);
  EXPECT_EQ(Elements(array), Slots({1, 2, 3, 4, 4}));
  EXPECT_EQ(ArrayCopy(store_, array, 2, array, 0, 4),
            Trapped(TrapKind::kOutOfBoundsArrayAccess));
  EXPECT_EQ(ArrayCopy(store_, array, 0, array, 2, 4),
            Trapped(TrapKind::kOutOfBoundsArrayAccess));
  EXPECT_EQ(ArrayCopy(store_, array, 9, 0, 0, 0),
            Trapped(TrapKind::kNullArrayReference));
  EXPECT_EQ(ArrayCopy(store_, 0, 0, array, 9, 0),
            Trapped(TrapKind::kNullArrayReference));
  EXPECT_EQ(ArrayCopy(store_, array, 5, array, 5, 0), kOk);
  EXPECT_EQ(Elements(array), Slots({1, 2, 3, 4, 4}));
}

TEST_F(GcOperationsTest, InitialisesFromSegments) {
  const Slot array = Array(kShorts, 3);
  EXPECT_EQ(ArrayInitData(store_, *instance_, 0, array, 1, 4, 2), kOk);
  EXPECT_EQ(Elements(array), Slots({0, 0x0605, 0x0807}));
  EXPECT_EQ(ArrayInitData(store_, *instance_, 0, array, 1, 5, 2),
            Trapped(TrapKind::kOutOfBoundsMemoryAccess));
  EXPECT_EQ(ArrayInitData(store_, *instance_, 0, array, 2, 99, 2),
            Trapped(TrapKind::kOutOfBoundsArrayAccess));
  EXPECT_EQ(ArrayInitData(store_, *instance_, 0, 0, 0, 0, 0),
            Trapped(TrapKind::kNullArrayReference));
  EXPECT_EQ(ArrayInitData(store_, *instance_, 0, array, 3, 8, 0), kOk);

  const Slot functions = Array(kFunctions, 3);
  EXPECT_EQ(ArrayInitElem(store_, *instance_, 0, functions, 2, 1, 1), kOk);
  EXPECT_EQ(Elements(functions),
            Slots({0, 0, FunctionReference(instance_->functions[1])}));
  EXPECT_EQ(ArrayInitElem(store_, *instance_, 0, functions, 0, 2, 2),
            Trapped(TrapKind::kOutOfBoundsTableAccess));
  EXPECT_EQ(ArrayInitElem(store_, *instance_, 0, functions, 2, 9, 2),
            Trapped(TrapKind::kOutOfBoundsArrayAccess));
  EXPECT_EQ(ArrayInitElem(store_, *instance_, 0, 0, 0, 0, 0),
            Trapped(TrapKind::kNullArrayReference));
}

TEST_F(GcOperationsTest, WritesMarkPagesDirty) {
  const Slot array = Array(kBytes, 20'000);
  store_.heap().ClearDirty();
  const Slot value = 1;
  ASSERT_EQ(ArraySet(store_, array, 4096 * 3, &value), kOk);
  EXPECT_EQ(store_.heap().DirtyPages(), std::vector<uint64_t>({3}));
  ASSERT_EQ(ArrayFill(store_, array, 4096 - 20, &value, 4096), kOk);
  EXPECT_EQ(store_.heap().DirtyPages().size(), 3);
  ASSERT_EQ(ArrayCopy(store_, array, 4096 * 4 - 20, array, 0, 5), kOk);
  EXPECT_EQ(store_.heap().DirtyPages().size(), 4);
}

TEST_F(GcOperationsTest, RefTestFollowsTheHierarchies) {
  using enum AbstractHeapType;
  const Slot point = Point(kPoint, {0, 0, 0});
  const Slot point3 = Point(kPoint3, {0, 0, 0, 0});
  const Slot array = Array(kBytes, 1);
  const Slot i31 = I31Reference(1);
  const Slot host = HostReference(1);
  const Slot function = FunctionReference(instance_->functions[0]);
  const auto concrete = [](uint32_t i) { return HeapType::Concrete(i); };
  const auto is = [&](Slot reference, HeapType type) {
    EXPECT_FALSE(RefTest(store_, *instance_, kNullReference,
                         ValueType::Ref(type, false)));
    EXPECT_TRUE(RefTest(store_, *instance_, kNullReference,
                        ValueType::Ref(type, true)));
    const bool result =
        RefTest(store_, *instance_, reference, ValueType::Ref(type, false));
    EXPECT_EQ(
        RefCast(store_, *instance_, reference, ValueType::Ref(type, false)),
        result ? kOk : Trapped(TrapKind::kCastFailure));
    return result;
  };
  for (Slot reference : {point, point3, array, i31, host}) {
    EXPECT_TRUE(is(reference, kAny));
    EXPECT_TRUE(is(reference, kExtern));
    EXPECT_FALSE(is(reference, kNone));
    EXPECT_FALSE(is(reference, kNoExtern));
    EXPECT_EQ(is(reference, kEq), reference != host);
    EXPECT_EQ(is(reference, kI31), reference == i31);
    EXPECT_EQ(is(reference, kStruct),
              reference == point || reference == point3);
    EXPECT_EQ(is(reference, kArray), reference == array);
    EXPECT_EQ(is(reference, concrete(kPoint)),
              reference == point || reference == point3);
    EXPECT_EQ(is(reference, concrete(kPoint3)), reference == point3);
    EXPECT_EQ(is(reference, concrete(kBytes)), reference == array);
    EXPECT_FALSE(is(reference, concrete(kOther)));
  }
  EXPECT_TRUE(is(function, kFunc));
  EXPECT_FALSE(is(function, kNoFunc));
  EXPECT_TRUE(is(function, concrete(kFunctionType)));
}

TEST_F(GcOperationsTest, I31) {
  Slot value;
  EXPECT_EQ(I31Get(Extension::kSigned, I31Reference(0x7FFFFFFF), &value), kOk);
  EXPECT_EQ(value, 0xFFFFFFFF);
  EXPECT_EQ(I31Get(Extension::kUnsigned, I31Reference(~0u), &value), kOk);
  EXPECT_EQ(value, 0x7FFFFFFF);
  EXPECT_EQ(I31Get(Extension::kSigned, 0, &value),
            Trapped(TrapKind::kNullI31Reference));
}

TEST_F(GcOperationsTest, ExceptionsHoldTagAndArguments) {
  const Slot operands[4] = {1, 2, 3, I31Reference(4)};
  Slot exception;
  const TagAddr tag = instance_->tags[0];
  ASSERT_EQ(ExceptionNew(store_, tag, operands, &exception), kOk);
  EXPECT_EQ(ExceptionTag(store_, exception), tag);
  ASSERT_EQ(ExceptionArgumentSlots(store_, exception), 4);
  Slot out[4];
  ExceptionArguments(store_, exception, out);
  EXPECT_TRUE(std::equal(operands, operands + 4, out));
  EXPECT_TRUE(store_.IsValueOf(exception, kExnRefType));
  EXPECT_FALSE(store_.IsValueOf(exception,
                                ValueType::Ref(AbstractHeapType::kAny, true)));
  EXPECT_FALSE(store_.IsValueOf(Point(kPoint, {0, 0, 0}), kExnRefType));
}

TEST_F(GcOperationsTest, AFullHeapNeedsRoomAndNothingHappened) {
  Slot kept = Point(kPoint, {5, 0, 0});
  instance_->globals[0]->value[0] = kept;
  Slot result = 1234;
  GcStatus status = kOk;
  while (status.ok()) {
    status = ArrayNewDefault(store_, *instance_, kBytes, 10'000, &result);
    if (status.ok()) result = 1234;
  }
  EXPECT_TRUE(status.needs_room());
  EXPECT_EQ(result, 1234);
  ASSERT_TRUE(store_.heap().MakeRoom());
  EXPECT_EQ(ArrayNewDefault(store_, *instance_, kBytes, 10'000, &result), kOk);
  EXPECT_EQ(Field(instance_->globals[0]->value[0], 0), 5);
  EXPECT_TRUE(ArrayNewDefault(store_, *instance_, kVectors, 0xFFFFFFFF, &result)
                  .needs_room());
  EXPECT_FALSE(store_.heap().MakeRoom());
}

TEST_F(GcOperationsTest, TablesGlobalsAndSegmentsAreRoots) {
  const auto make = [&](uint64_t value) {
    return Point(kPoint, {value, 0, 0});
  };
  const Slot first = make(1);
  make(2);
  instance_->globals[0]->value[0] = first;
  instance_->globals[1]->value[0] = make(3);
  auto table = store_.AddTable(
      TableType{ValueType::Ref(AbstractHeapType::kAny, true), {2, {}}}, 0);
  ASSERT_TRUE(table.ok());
  store_.table(*table).elements[1] = make(4);
  Slot ignored;
  while (ArrayNewDefault(store_, *instance_, kBytes, 10'000, &ignored).ok()) {
  }
  ASSERT_TRUE(store_.heap().MakeRoom());
  EXPECT_EQ(store_.heap().statistics().live_bytes, 3 * 32);
  EXPECT_EQ(Field(instance_->globals[0]->value[0], 0), 1);
  EXPECT_EQ(Field(instance_->globals[1]->value[0], 0), 3);
  EXPECT_EQ(Field(store_.table(*table).elements[1], 0), 4);
  EXPECT_EQ(instance_->elements[0][0],
            FunctionReference(instance_->functions[0]));
}

}  // namespace
}  // namespace wasmd
