#include "interp/eval/vector_float.h"

#include <cmath>

#include "interp/eval/vector_model.h"

namespace wasmd::eval::vector {
namespace {

template <typename T, typename F>
UnaryModel Rounded(F model) {
  return EachLane<T, BitsLane<T>>(
      [model](T a) { return CanonicalBits<T>(model(a)); });
}
template <typename T, typename F>
BinaryModel Arithmetic(F model) {
  return EachPair<T, BitsLane<T>>(
      [model](T a, T b) { return CanonicalBits<T>(model(a, b)); });
}

template <typename T>
T Smaller(T a, T b) {
  if (std::isnan(a) || std::isnan(b))
    return std::numeric_limits<T>::quiet_NaN();
  if (a == 0 && b == 0) return std::signbit(a) ? a : b;
  return a < b ? a : b;
}
template <typename T>
T Greater(T a, T b) {
  if (std::isnan(a) || std::isnan(b))
    return std::numeric_limits<T>::quiet_NaN();
  if (a == 0 && b == 0) return std::signbit(a) ? b : a;
  return a > b ? a : b;
}

template <typename T>
void CheckFloats(const char* shape) {
  SCOPED_TRACE(shape);
  using Bits = BitsLane<T>;
  constexpr Bits kSign = Bits{1} << (sizeof(T) * 8 - 1);
  Check({
      Unary<T>("abs", FAbs<T>,
               EachLane<Bits>([](Bits a) { return a & ~kSign; })),
      Unary<T>("neg", FNeg<T>,
               EachLane<Bits>([](Bits a) { return a ^ kSign; })),
      Unary<T>("sqrt", FSqrt<T>, Rounded<T>([](T a) { return std::sqrt(a); })),
      Unary<T>("ceil", FCeil<T>, Rounded<T>([](T a) { return std::ceil(a); })),
      Unary<T>("floor", FFloor<T>,
               Rounded<T>([](T a) { return std::floor(a); })),
      Unary<T>("trunc", FTrunc<T>,
               Rounded<T>([](T a) { return std::trunc(a); })),
      Unary<T>("nearest", FNearest<T>,
               Rounded<T>([](T a) { return std::nearbyint(a); })),
  });
  Check({
      Binary<T>("add", FAdd<T>, Arithmetic<T>([](T a, T b) { return a + b; })),
      Binary<T>("sub", FSub<T>, Arithmetic<T>([](T a, T b) { return a - b; })),
      Binary<T>("mul", FMul<T>, Arithmetic<T>([](T a, T b) { return a * b; })),
      Binary<T>("div", FDiv<T>, Arithmetic<T>([](T a, T b) { return a / b; })),
      Binary<T>("min", FMin<T>, Arithmetic<T>(Smaller<T>)),
      Binary<T>("max", FMax<T>, Arithmetic<T>(Greater<T>)),
  });
}

TEST(VectorFloatTest, ArithmeticAndRounding) {
  CheckFloats<float>("f32x4");
  CheckFloats<double>("f64x2");
}

// They keep the bits of an operand: compared as integers, but for the order.
template <typename T>
void CheckPseudo(const char* shape) {
  SCOPED_TRACE(shape);
  using Bits = BitsLane<T>;
  const auto less = [](Bits a, Bits b) {
    return std::bit_cast<T>(a) < std::bit_cast<T>(b);
  };
  Check({
      Binary<T>("pmin", Pmin<T>, EachPair<Bits>([less](Bits a, Bits b) {
                  return less(b, a) ? b : a;
                })),
      Binary<T>("pmax", Pmax<T>, EachPair<Bits>([less](Bits a, Bits b) {
                  return less(a, b) ? b : a;
                })),
  });
}

TEST(VectorFloatTest, PseudoMinMaxReturnAnOperandAsItIs) {
  CheckPseudo<float>("f32x4");
  CheckPseudo<double>("f64x2");
}

TEST(VectorFloatTest, NansOfArithmeticAreCanonicalAndPositive) {
  const V128 signalling = ToV128(All<uint32_t>(0xFFA00000));
  const V128 canonical = ToV128(All<uint32_t>(0x7FC00000));
  EXPECT_EQ(Hex(FAdd<float>(signalling, signalling)), Hex(canonical));
  EXPECT_EQ(Hex(FNearest<float>(signalling)), Hex(canonical));
  EXPECT_EQ(Hex(FFloor<float>(signalling)), Hex(canonical));
  EXPECT_EQ(Hex(FMin<float>(V128{}, signalling)), Hex(canonical));
  // 0 / 0 is negative on x86.
  EXPECT_EQ(Hex(FDiv<float>(V128{}, V128{})), Hex(canonical));
  EXPECT_EQ(Hex(FSqrt<float>(ToV128(All<float>(-1)))), Hex(canonical));
}

}  // namespace
}  // namespace wasmd::eval::vector
