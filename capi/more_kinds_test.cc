// What wasmd.h adds to the kinds of wasm.h: i31, memories with 64-bit
// addresses, modules that give back their binary.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <string>

#include "capi/include/wasm.h"
#include "capi/include/wasmd.h"
#include "capi/testing/guest.h"

namespace wasmd::capi::testing {
namespace {

class MoreKindsTest : public ApiTest {};

TEST_F(MoreKindsTest, SmallIntegersAreReferences) {
  wasm_instance_t* instance = Instantiate(store_, R"((module
    (func (export "next") (param i31ref) (result i31ref)
      (ref.i31 (i32.add (i31.get_s (local.get 0)) (i32.const 1))))
    (func (export "take") (param anyref) (result i32)
      (ref.test (ref i31) (local.get 0)))))");
  for (const int32_t number : {0, -7, (1 << 30) - 2, -(1 << 30)}) {
    wasm_val_t argument = Ref(wasmd_i31_new(store_, number));
    argument.kind = WASMD_ANYREF;
    wasm_val_t result;
    const wasm_val_vec_t args = {1, &argument};
    wasm_val_vec_t results = {1, &result};
    EXPECT_EQ(TakeText(wasm_func_call(ExportedFunction(instance, "next"), &args,
                                      &results)),
              "");
    EXPECT_EQ(result.kind, WASMD_ANYREF);
    int32_t next = 0;
    EXPECT_TRUE(wasmd_i31_get(result.of.ref, &next));
    EXPECT_EQ(next, number + 1);
    wasm_ref_t* same = wasmd_i31_new(store_, number + 1);
    EXPECT_TRUE(wasm_ref_same(result.of.ref, same));
    EXPECT_FALSE(wasm_ref_same(argument.of.ref, same));
    EXPECT_EQ(Call(instance, "take", {argument}), "1");
    wasm_ref_delete(same);
    wasm_val_delete(&result);
    wasm_val_delete(&argument);
  }
  int32_t value = 5;
  EXPECT_FALSE(wasmd_i31_get(wasm_instance_as_ref(instance), &value));
  EXPECT_EQ(value, 5);
  wasm_instance_delete(instance);
}

TEST_F(MoreKindsTest, MemoriesHave64BitAddresses) {
  wasm_memorytype_t* type = wasmd_memorytype_new_64(1, uint64_t{1} << 40);
  EXPECT_TRUE(wasmd_memorytype_is_64(type));
  EXPECT_EQ(wasmd_memorytype_min(type), 1u);
  EXPECT_EQ(wasmd_memorytype_max(type), uint64_t{1} << 40);
  EXPECT_EQ(wasm_memorytype_limits(type)->max, wasm_limits_max_default);
  wasm_memory_t* memory = wasm_memory_new(store_, type);
  wasm_memorytype_delete(type);
  wasm_extern_t* import = wasm_memory_as_extern(memory);
  std::string trap;
  wasm_instance_t* instance = Instantiate(
      store_, R"((module (import "" "m" (memory i64 1 0x10000000000))
        (func (export "put") (i32.store8 (i64.const 3) (i32.const 77)))))",
      {import}, &trap);
  EXPECT_EQ(trap, "");
  EXPECT_EQ(Call(instance, "put"), "");
  EXPECT_EQ(wasm_memory_data(memory)[3], 77);
  EXPECT_EQ(Instantiate(store_, R"((module (import "" "m" (memory 1))))",
                        {import}, &trap),
            nullptr);
  EXPECT_THAT(trap, ::testing::HasSubstr(".m"));
  const wasm_limits_t limits = {1, wasm_limits_max_default};
  wasm_memorytype_t* narrow = wasm_memorytype_new(&limits);
  EXPECT_FALSE(wasmd_memorytype_is_64(narrow));
  EXPECT_EQ(wasmd_memorytype_max(narrow), WASMD_NO_LIMIT);
  wasm_memorytype_delete(narrow);
  wasm_memory_delete(memory);
  wasm_instance_delete(instance);
}

TEST_F(MoreKindsTest, ModulesGiveTheirBinary) {
  wasm_byte_vec_t binary, again;
  EXPECT_EQ(TakeText(wasmd_wat2wasm("(module (func (export \"f\")))", &binary)),
            "");
  wasm_module_t* module = wasm_module_new(store_, &binary);
  wasmd_module_binary(module, &again);
  ASSERT_EQ(again.size, binary.size);
  EXPECT_EQ(std::memcmp(again.data, binary.data, binary.size), 0);
  wasm_module_t* same = wasm_module_new(store_, &again);
  uint8_t hashes[2][32];
  wasmd_module_hash(module, hashes[0]);
  wasmd_module_hash(same, hashes[1]);
  EXPECT_EQ(std::memcmp(hashes[0], hashes[1], sizeof(hashes[0])), 0);
  wasm_byte_vec_delete(&binary);
  wasm_byte_vec_delete(&again);
  wasm_module_delete(module);
  wasm_module_delete(same);
  EXPECT_THAT(wasmd_version(),
              ::testing::MatchesRegex("[0-9]+\\.[0-9]+\\.[0-9]+"));
}

}  // namespace
}  // namespace wasmd::capi::testing
