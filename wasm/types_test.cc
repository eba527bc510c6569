#include "wasm/types.h"

#include <gtest/gtest.h>

namespace wasmd {
namespace {

TEST(TypesTest, ValueTypesPrintAsInTheTextFormat) {
  EXPECT_EQ(ToString(kI32Type), "i32");
  EXPECT_EQ(ToString(kI64Type), "i64");
  EXPECT_EQ(ToString(kF32Type), "f32");
  EXPECT_EQ(ToString(kF64Type), "f64");
  EXPECT_EQ(ToString(kV128Type), "v128");
  EXPECT_EQ(ToString(ValueType()), "bot");
  EXPECT_EQ(ToString(kFuncRefType), "funcref");
  EXPECT_EQ(ToString(ValueType::Ref(AbstractHeapType::kNoExn, true)),
            "nullexnref");
  EXPECT_EQ(ToString(ValueType::Ref(AbstractHeapType::kI31, false)),
            "(ref i31)");
  EXPECT_EQ(ToString(ValueType::Ref(HeapType::Concrete(3), true)),
            "(ref null 3)");
  EXPECT_EQ(ToString(ValueType::Ref(HeapType::Concrete(0), false)), "(ref 0)");
}

TEST(TypesTest, HeapAndFunctionTypesPrint) {
  EXPECT_EQ(ToString(HeapType(AbstractHeapType::kNone)), "none");
  EXPECT_EQ(ToString(HeapType::Concrete(12)), "12");
  EXPECT_EQ(ToString(FunctionType{}), "[] -> []");
  EXPECT_EQ(ToString(FunctionType{{kI32Type, kFuncRefType}, {kI64Type}}),
            "[i32 funcref] -> [i64]");
}

TEST(TypesTest, ReferencesKeepTheirParts) {
  const ValueType type =
      ValueType::Ref(HeapType::Concrete(HeapType::kMaxTypeIndex), true);
  EXPECT_TRUE(type.is_ref());
  EXPECT_TRUE(type.is_nullable());
  EXPECT_TRUE(type.heap_type().is_concrete());
  EXPECT_EQ(type.heap_type().type_index(), HeapType::kMaxTypeIndex);
  EXPECT_FALSE(ValueType::Ref(HeapType::Concrete(1), false).is_defaultable());
  EXPECT_TRUE(kExnRefType.is_defaultable());
  EXPECT_EQ(kExternRefType.heap_type().abstract(), AbstractHeapType::kExtern);
}

TEST(TypesTest, SlotCounts) {
  EXPECT_EQ(kV128Type.slot_count(), 2u);
  EXPECT_EQ(kI32Type.slot_count(), 1u);
  EXPECT_EQ(kFuncRefType.slot_count(), 1u);
}

}  // namespace
}  // namespace wasmd
