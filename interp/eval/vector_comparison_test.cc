#include "interp/eval/vector_comparison.h"

#include "interp/eval/vector_model.h"

namespace wasmd::eval::vector {
namespace {

template <typename T, typename F>
BinaryModel Relation(F holds) {
  return EachPair<T, MaskLane<T>>(
      [holds](T a, T b) { return holds(a, b) ? -1 : 0; });
}

// The six comparisons of lanes of T; `shape` for messages.
template <typename T>
void CheckComparisons(const char* shape) {
  SCOPED_TRACE(shape);
  Check({
      Binary<T>("eq", Eq<T>, Relation<T>([](T a, T b) { return a == b; })),
      Binary<T>("ne", Ne<T>, Relation<T>([](T a, T b) { return !(a == b); })),
      Binary<T>("lt", Lt<T>, Relation<T>([](T a, T b) { return a < b; })),
      Binary<T>("gt", Gt<T>, Relation<T>([](T a, T b) { return b < a; })),
      Binary<T>("le", Le<T>,
                Relation<T>([](T a, T b) { return a < b || a == b; })),
      Binary<T>("ge", Ge<T>,
                Relation<T>([](T a, T b) { return b < a || a == b; })),
  });
}

TEST(VectorComparisonTest, Integers) {
  CheckComparisons<int8_t>("i8x16 signed");
  CheckComparisons<uint8_t>("i8x16 unsigned");
  CheckComparisons<int16_t>("i16x8 signed");
  CheckComparisons<uint16_t>("i16x8 unsigned");
  CheckComparisons<int32_t>("i32x4 signed");
  CheckComparisons<uint32_t>("i32x4 unsigned");
  CheckComparisons<int64_t>("i64x2 signed");
}

TEST(VectorComparisonTest, Floats) {
  CheckComparisons<float>("f32x4");
  CheckComparisons<double>("f64x2");
}

}  // namespace
}  // namespace wasmd::eval::vector
