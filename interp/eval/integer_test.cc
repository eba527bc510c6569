#include "interp/eval/integer.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>

namespace wasmd::eval {
namespace {

constexpr uint32_t kMin32 = 0x80000000;
constexpr uint64_t kMin64 = 0x8000000000000000;

template <typename T>
void ExpectTrap(Checked<T> result, TrapKind kind) {
  EXPECT_FALSE(result.ok);
  EXPECT_EQ(result.trap, kind);
}
template <typename T>
void ExpectValue(Checked<T> result, T value) {
  EXPECT_TRUE(result.ok);
  EXPECT_EQ(result.value, value);
}

TEST(IntegerTest, ArithmeticWraps) {
  EXPECT_EQ(Add<uint32_t>(~0u, 2), 1u);
  EXPECT_EQ(Sub<uint32_t>(0, 1), ~0u);
  EXPECT_EQ(Mul<uint32_t>(0x10000, 0x10000), 0u);
  EXPECT_EQ(Add<uint64_t>(~0ull, 2), 1ull);
  EXPECT_EQ(Sub<uint64_t>(0, 1), ~0ull);
  EXPECT_EQ(Mul<uint64_t>(kMin64, 2), 0ull);
  EXPECT_EQ(And<uint32_t>(0xF0F0, 0xFF00), 0xF000u);
  EXPECT_EQ(Or<uint32_t>(0xF0F0, 0xFF00), 0xFFF0u);
  EXPECT_EQ(Xor<uint32_t>(0xF0F0, 0xFF00), 0x0FF0u);
}

TEST(IntegerTest, ShiftCountsAreTakenModuloTheWidth) {
  EXPECT_EQ(Shl<uint32_t>(1, 33), 2u);
  EXPECT_EQ(Shl<uint32_t>(1, 32), 1u);
  EXPECT_EQ(ShrU<uint32_t>(kMin32, 31), 1u);
  EXPECT_EQ(ShrU<uint32_t>(kMin32, 63), 1u);
  EXPECT_EQ(ShrS<uint32_t>(kMin32, 31), ~0u);
  EXPECT_EQ(ShrS<uint32_t>(0x40000000, 30), 1u);
  EXPECT_EQ(Rotl<uint32_t>(0x80000001, 1), 3u);
  EXPECT_EQ(Rotl<uint32_t>(0x80000001, 33), 3u);
  EXPECT_EQ(Rotl<uint32_t>(5, 0), 5u);
  EXPECT_EQ(Rotr<uint32_t>(3, 1), 0x80000001u);
  EXPECT_EQ(Shl<uint64_t>(1, 65), 2ull);
  EXPECT_EQ(ShrS<uint64_t>(kMin64, 63), ~0ull);
  EXPECT_EQ(ShrU<uint64_t>(kMin64, 127), 1ull);
  EXPECT_EQ(Rotl<uint64_t>(kMin64 | 1, 1), 3ull);
  EXPECT_EQ(Rotr<uint64_t>(3, 65), kMin64 | 1);
}

TEST(IntegerTest, Division) {
  ExpectValue<uint32_t>(DivS<uint32_t>(-7u, 2), -3u);
  ExpectValue<uint32_t>(DivS<uint32_t>(7, -2u), -3u);
  ExpectValue<uint32_t>(DivS<uint32_t>(7, -1u), -7u);
  ExpectValue<uint32_t>(DivU<uint32_t>(-7u, 2), 0x7FFFFFFCu);
  ExpectValue<uint32_t>(DivU<uint32_t>(kMin32, ~0u), 0u);
  ExpectTrap(DivS<uint32_t>(kMin32, ~0u), TrapKind::kIntegerOverflow);
  ExpectTrap(DivS<uint32_t>(1, 0), TrapKind::kIntegerDivideByZero);
  ExpectTrap(DivU<uint32_t>(1, 0), TrapKind::kIntegerDivideByZero);
  ExpectTrap(DivS<uint64_t>(kMin64, ~0ull), TrapKind::kIntegerOverflow);
  ExpectTrap(DivU<uint64_t>(0, 0), TrapKind::kIntegerDivideByZero);
  ExpectValue<uint64_t>(DivS<uint64_t>(-7ull, 2), -3ull);
  ExpectValue<uint64_t>(DivU<uint64_t>(kMin64, ~0ull), 0ull);
}

TEST(IntegerTest, Remainder) {
  ExpectValue<uint32_t>(RemS<uint32_t>(-7u, 2), -1u);
  ExpectValue<uint32_t>(RemS<uint32_t>(7, -2u), 1u);
  ExpectValue<uint32_t>(RemS<uint32_t>(kMin32, ~0u), 0u);
  ExpectValue<uint32_t>(RemU<uint32_t>(-7u, 10), 9u);
  ExpectTrap(RemS<uint32_t>(1, 0), TrapKind::kIntegerDivideByZero);
  ExpectTrap(RemU<uint32_t>(1, 0), TrapKind::kIntegerDivideByZero);
  ExpectValue<uint64_t>(RemS<uint64_t>(kMin64, ~0ull), 0ull);
  ExpectValue<uint64_t>(RemU<uint64_t>(~0ull, 10), 5ull);
  ExpectTrap(RemS<uint64_t>(1, 0), TrapKind::kIntegerDivideByZero);
}

TEST(IntegerTest, BitCounts) {
  EXPECT_EQ(Clz<uint32_t>(0), 32u);
  EXPECT_EQ(Clz<uint32_t>(1), 31u);
  EXPECT_EQ(Ctz<uint32_t>(0), 32u);
  EXPECT_EQ(Ctz<uint32_t>(kMin32), 31u);
  EXPECT_EQ(Popcnt<uint32_t>(~0u), 32u);
  EXPECT_EQ(Clz<uint64_t>(0), 64ull);
  EXPECT_EQ(Clz<uint64_t>(1), 63ull);
  EXPECT_EQ(Ctz<uint64_t>(0), 64ull);
  EXPECT_EQ(Ctz<uint64_t>(kMin64), 63ull);
  EXPECT_EQ(Popcnt<uint64_t>(0x5555555555555555), 32ull);
}

TEST(IntegerTest, Extension) {
  EXPECT_EQ((Extend<uint32_t, int8_t>(0x180)), 0xFFFFFF80u);
  EXPECT_EQ((Extend<uint32_t, int8_t>(0x17F)), 0x7Fu);
  EXPECT_EQ((Extend<uint32_t, int16_t>(0x18000)), 0xFFFF8000u);
  EXPECT_EQ((Extend<uint64_t, int8_t>(0x80)), 0xFFFFFFFFFFFFFF80u);
  EXPECT_EQ((Extend<uint64_t, int16_t>(0x8000)), 0xFFFFFFFFFFFF8000u);
  EXPECT_EQ((Extend<uint64_t, int32_t>(0x180000000)), 0xFFFFFFFF80000000u);
}

TEST(IntegerTest, Comparisons) {
  EXPECT_EQ(Eqz<uint32_t>(0), 1u);
  EXPECT_EQ(Eqz<uint64_t>(uint64_t{1} << 32), 0u);
  EXPECT_EQ(LtS<uint32_t>(kMin32, 0), 1u);
  EXPECT_EQ(LtU<uint32_t>(kMin32, 0), 0u);
  EXPECT_EQ(GtS<uint32_t>(kMin32, 0), 0u);
  EXPECT_EQ(GtU<uint32_t>(kMin32, 0), 1u);
  EXPECT_EQ(LeS<uint64_t>(kMin64, kMin64), 1u);
  EXPECT_EQ(LeU<uint64_t>(kMin64, 0), 0u);
  EXPECT_EQ(GeS<uint64_t>(kMin64, 0), 0u);
  EXPECT_EQ(GeU<uint64_t>(kMin64, 0), 1u);
  EXPECT_EQ(Eq<uint64_t>(5, 5), 1u);
  EXPECT_EQ(Ne<uint64_t>(5, 5), 0u);
}

}  // namespace
}  // namespace wasmd::eval
