#include "runtime/symbols_rust.h"

#include <random>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace wasmd {
namespace {

using ::testing::Optional;

// As the compiler makes them, but for shorter hashes.
TEST(RustDemangled, Paths) {
  EXPECT_THAT(RustDemangled("_RNvCs1x_1a4main"),
              Optional(std::string("a::main")));
  EXPECT_THAT(RustDemangled("_RINvCs1x_1a5twicemEB2_"),
              Optional(std::string("a::twice::<u32>")));
  EXPECT_THAT(RustDemangled("_RNvXCs1x_1aNtB2_6CircleNtB2_4Area4area"),
              Optional(std::string("<a::Circle as a::Area>::area")));
  EXPECT_THAT(RustDemangled("_RNvMs_Cs1x_1aNtB4_6Circle3new"),
              Optional(std::string("<a::Circle>::new")));
  EXPECT_THAT(RustDemangled("_RNCNCNvCs1x_1a4main00B5_"),
              Optional(std::string("a::main::{closure#0}::{closure#0}")));
  EXPECT_THAT(RustDemangled("_RNCNvCs1x_1a4mains_0"),
              Optional(std::string("a::main::{closure#1}")));
  EXPECT_THAT(RustDemangled("_RNSCs1x_1a6vtable"),
              Optional(std::string("a::{shim:vtable#0}")));
  EXPECT_THAT(RustDemangled("_RNvCs1x_1a4main.llvm.123"),
              Optional(std::string("a::main")));
  EXPECT_THAT(RustDemangled("_RNvCs1x_1au6ma_fna"),
              Optional(std::string("a::punycode{ma_fna}")));
}

TEST(RustDemangled, Types) {
  const auto of = [](const std::string& type) {
    return RustDemangled("_RINvC1a1f" + type + "E").value_or("?");
  };
  EXPECT_EQ(of("TlE"), "a::f::<(i32,)>");
  EXPECT_EQ(of("TlhE"), "a::f::<(i32, u8)>");
  EXPECT_EQ(of("RShQe"), "a::f::<&[u8], &mut str>");
  EXPECT_EQ(of("PuOz"), "a::f::<*const (), *mut !>");
  EXPECT_EQ(of("Ahj4_"), "a::f::<[u8; 4]>");
  EXPECT_EQ(of("FUKCxEd"), "a::f::<unsafe extern \"C\" fn(i64) -> f64>");
  EXPECT_EQ(of("FEu"), "a::f::<fn()>");
  EXPECT_EQ(of("FG_RL0_eEu"), "a::f::<for<'a> fn(&'a str)>");
  EXPECT_EQ(of("DNtC1a1Tp4ItemhEL_"), "a::f::<dyn a::T<Item = u8>>");
  EXPECT_EQ(of("DINtC1a1TmEp4ItemhNtC1a1UEL_"),
            "a::f::<dyn a::T<u32, Item = u8> + a::U>");
  EXPECT_EQ(of("Kj1f_Kan7_Kb1_Kc61_Kcdf_Kp"),
            "a::f::<31, -7, true, 'a', '\\u{df}', _>");
  EXPECT_EQ(of("Kofffffffffffffffff_"), "a::f::<0xfffffffffffffffff>");
}

TEST(RustDemangled, OthersAndDamageAreLeft) {
  for (const char* name :
       {"", "_R", "main", "_ZN1aE", "_RNvC1a", "_RNvC1a9main", "_RB_",
        "_RNvB_1a", "_RINvC1a1fE_", "_RNvC1a1fX", "_RINvC1a1fRL5_hE",
        "_RINvC1a1fKb2_E", "_RNvC1a99999999999999999999999a",
        "_RINvC1a1fFG0zzzzzzzzzzz_EuE"}) {
    EXPECT_EQ(RustDemangled(name), std::nullopt) << name;
  }
}

TEST(RustDemangled, TakesBoundedTimeAndStack) {
  EXPECT_EQ(RustDemangled("_R" + std::string(1000000, 'S')), std::nullopt);
  EXPECT_EQ(RustDemangled("_RINvC1a1f" + std::string(1000000, 'R') + "hE"),
            std::nullopt);
  // Each level is the one before, twice.
  std::string doubling = "_RINvC1a1fTTTTTTTTTTTTTTTTTTTTTTTTThhE";
  for (char c = 'a'; c < 'y'; ++c) doubling += std::string("B") + c + "_E";
  RustDemangled(doubling);
}

TEST(RustDemangled, AnyBytes) {
  const std::string name =
      "_RNvXs_INvC1a5twiceTRShAhj4_EEDNtC1a1Tp4ItemhEL_FG_RL0_eEuKan7_B3_";
  std::mt19937 random(1);
  for (int round = 0; round < 20000; ++round) {
    std::string changed = name;
    for (int i = 0; i < 3; ++i) {
      changed[2 + random() % (changed.size() - 2)] =
          name[random() % name.size()];
    }
    const auto text = RustDemangled(changed);
    if (text.has_value()) EXPECT_LE(text->size(), 4000u);
  }
}

}  // namespace
}  // namespace wasmd
