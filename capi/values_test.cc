// Values of every type on their way in and out, in calls of few and of many.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "capi/include/wasm.h"
#include "capi/include/wasmd.h"
#include "capi/testing/guest.h"

namespace wasmd::capi::testing {
namespace {

using ::testing::HasSubstr;

class ValuesTest : public ApiTest {};

// What there is of each type of `kTypes`, as the guest names them.
constexpr std::string_view kTypes = "i32 i64 f32 f64 externref funcref v128";
constexpr size_t kTypeCount = 7;

std::vector<wasm_valtype_t*> Types(size_t repeats) {
  std::vector<wasm_valtype_t*> types;
  for (size_t i = 0; i < repeats; ++i) {
    for (const wasm_valkind_t kind :
         {WASM_I32, WASM_I64, WASM_F32, WASM_F64, WASM_EXTERNREF, WASM_FUNCREF,
          static_cast<wasm_valkind_enum>(WASMD_V128)}) {
      types.push_back(wasm_valtype_new(kind));
    }
  }
  return types;
}

wasm_functype_t* EchoType(size_t repeats) {
  std::vector<wasm_valtype_t*> in = Types(repeats);
  std::vector<wasm_valtype_t*> out = Types(repeats);
  wasm_valtype_vec_t params, results;
  wasm_valtype_vec_new(&params, in.size(), in.data());
  wasm_valtype_vec_new(&results, out.size(), out.data());
  return wasm_functype_new(&params, &results);
}

// A module whose "echo" passes what it gets through an import with that type.
std::string EchoModule(size_t repeats) {
  std::string types, gets;
  for (size_t i = 0; i < repeats; ++i) types += std::string(kTypes) + " ";
  for (size_t i = 0; i < repeats * kTypeCount; ++i) {
    gets += "(local.get " + std::to_string(i) + ")";
  }
  const std::string type = "(param " + types + ") (result " + types + ")";
  return "(module (import \"env\" \"echo\" (func $echo " + type +
         ")) (func (export \"echo\") " + type + " (call $echo " + gets + ")))";
}

wasm_trap_t* Echo(void* env, const wasm_val_vec_t* args,
                  wasm_val_vec_t* results) {
  ++*static_cast<int*>(env);
  EXPECT_EQ(args->size, results->size);
  for (size_t i = 0; i < args->size; ++i) {
    EXPECT_EQ(results->data[i].kind, WASM_EXTERNREF);
    EXPECT_EQ(results->data[i].of.ref, nullptr);
    wasm_val_copy(&results->data[i], &args->data[i]);
  }
  return nullptr;
}

wasm_val_t Number(wasm_valkind_t kind, size_t i) {
  wasm_val_t value;
  value.kind = kind;
  const auto number = static_cast<int32_t>(i);
  switch (kind) {
    case WASM_I32:
      value.of.i32 = -1 - number;
      break;
    case WASM_I64:
      value.of.i64 = int64_t{-1} << 40 | number;
      break;
    case WASM_F32:
      value.of.f32 = 0.25f + static_cast<float>(i);
      break;
    default:
      value.of.f64 = -0.125 - static_cast<double>(i);
      break;
  }
  return value;
}

bool IsSame(const wasm_val_t& a, const wasm_val_t& b) {
  if (a.kind != b.kind) return false;
  switch (a.kind) {
    case WASM_I32:
      return a.of.i32 == b.of.i32;
    case WASM_I64:
      return a.of.i64 == b.of.i64;
    case WASM_F32:
      return a.of.f32 == b.of.f32;
    case WASM_F64:
      return a.of.f64 == b.of.f64;
    default:
      return a.of.ref == b.of.ref || wasm_ref_same(a.of.ref, b.of.ref);
  }
}

TEST_F(ValuesTest, EveryTypePassesThroughGuestAndCallback) {
  // 0: no value at all. 1: fewer than are kept on the stack. 3: more.
  for (const size_t repeats : {0, 1, 3}) {
    SCOPED_TRACE(repeats);
    int calls = 0;
    wasm_functype_t* type = EchoType(repeats);
    wasm_func_t* echo =
        wasm_func_new_with_env(store_, type, Echo, &calls, nullptr);
    wasm_functype_delete(type);
    wasm_instance_t* instance =
        Instantiate(store_, EchoModule(repeats), {wasm_func_as_extern(echo)});
    std::vector<wasm_val_t> values;
    for (size_t i = 0; i < repeats; ++i) {
      for (const wasm_valkind_t kind :
           {WASM_I32, WASM_I64, WASM_F32, WASM_F64}) {
        values.push_back(Number(kind, i));
      }
      values.push_back(Ref(wasm_foreign_as_ref(wasm_foreign_new(store_))));
      values.push_back(Ref(wasm_func_as_ref(wasm_func_copy(echo))));
      values.back().kind = WASM_FUNCREF;
      const uint8_t bytes[16] = {static_cast<uint8_t>(i),
                                 1,
                                 2,
                                 3,
                                 4,
                                 5,
                                 6,
                                 7,
                                 8,
                                 9,
                                 10,
                                 11,
                                 12,
                                 13,
                                 14,
                                 15};
      values.push_back(Ref(wasmd_v128_new(bytes)));
      values.back().kind = WASMD_V128;
    }
    const wasm_val_vec_t args{values.size(), values.data()};
    for (const wasm_func_t* function :
         {static_cast<const wasm_func_t*>(echo),
          static_cast<const wasm_func_t*>(
              ExportedFunction(instance, "echo"))}) {
      std::vector<wasm_val_t> out(values.size());
      wasm_val_vec_t results{out.size(), out.data()};
      EXPECT_EQ(TakeText(wasm_func_call(function, &args, &results)), "");
      for (size_t i = 0; i < values.size(); ++i) {
        EXPECT_TRUE(IsSame(values[i], out[i])) << i;
        wasm_val_delete(&out[i]);
      }
    }
    EXPECT_EQ(calls, 2);
    // Each one that is wrong is found, whatever the others are.
    for (size_t i = 0; i < values.size(); ++i) {
      std::vector<wasm_val_t> wrong = values;
      wrong[i] = values[(i + 1) % kTypeCount];
      const wasm_val_vec_t wrong_args{wrong.size(), wrong.data()};
      // A function may be where any reference may.
      if (i % kTypeCount == 4) continue;
      EXPECT_THAT(TakeText(wasm_func_call(ExportedFunction(instance, "echo"),
                                          &wrong_args, nullptr)),
                  HasSubstr("argument " + std::to_string(i) + " "));
    }
    EXPECT_EQ(calls, 2);
    for (wasm_val_t& value : values) wasm_val_delete(&value);
    wasm_func_delete(echo);
    wasm_instance_delete(instance);
  }
}

struct Objects {
  wasm_store_t* store;
  int finalized;
};

wasm_trap_t* AnswerWithObjects(void* env, const wasm_val_vec_t*,
                               wasm_val_vec_t* results) {
  auto* objects = static_cast<Objects*>(env);
  for (size_t i = 0; i < results->size; ++i) {
    wasm_foreign_t* object = wasm_foreign_new(objects->store);
    wasm_foreign_set_host_info_with_finalizer(
        object, &objects->finalized,
        [](void* info) { ++*static_cast<int*>(info); });
    results->data[i] = Ref(wasm_foreign_as_ref(object));
  }
  return nullptr;
}

// What a callback gave is given back, though its answer is refused.
TEST_F(ValuesTest, NumbersAmongReferencesAreChecked) {
  Objects objects{store_, 0};
  wasm_functype_t* type = wasm_functype_new_0_2(wasm_valtype_new_externref(),
                                                wasm_valtype_new_i32());
  wasm_func_t* function = wasm_func_new_with_env(
      store_, type, AnswerWithObjects, &objects, nullptr);
  wasm_functype_delete(type);
  EXPECT_EQ(Call(function),
            "trap: result 1 of a host function is not of type i32");
  EXPECT_EQ(objects.finalized, 1);  // the guest may have the other
  wasm_func_delete(function);
  wasm_store_delete(store_);
  store_ = nullptr;
  EXPECT_EQ(objects.finalized, 2);
}

wasm_functype_t* TypeOfMany(size_t params, size_t results) {
  std::vector<wasm_valtype_t*> in(params), out(results);
  for (wasm_valtype_t*& t : in) t = wasm_valtype_new_i32();
  for (wasm_valtype_t*& t : out) t = wasm_valtype_new_i32();
  wasm_valtype_vec_t param_vec, result_vec;
  wasm_valtype_vec_new(&param_vec, in.size(), in.data());
  wasm_valtype_vec_new(&result_vec, out.size(), out.data());
  return wasm_functype_new(&param_vec, &result_vec);
}

wasm_trap_t* CountUp(void*, const wasm_val_vec_t* args,
                     wasm_val_vec_t* results) {
  for (size_t i = 0; i < results->size; ++i) {
    results->data[i] = I32(args->data[i].of.i32 + 1);
  }
  return nullptr;
}

TEST_F(ValuesTest, FunctionsHaveAsManyValuesAsModulesAllow) {
  constexpr size_t kMost = 1000;
  wasm_functype_t* type = TypeOfMany(kMost, kMost);
  wasm_func_t* function =
      wasm_func_new_with_env(store_, type, CountUp, nullptr, nullptr);
  std::vector<wasm_val_t> values, out(kMost);
  for (size_t i = 0; i < kMost; ++i) {
    values.push_back(I32(static_cast<int32_t>(i)));
  }
  const wasm_val_vec_t args{values.size(), values.data()};
  wasm_val_vec_t results{out.size(), out.data()};
  EXPECT_EQ(TakeText(wasm_func_call(function, &args, &results)), "");
  EXPECT_EQ(out[kMost - 1].of.i32, 1000);
  wasm_func_delete(function);
  wasm_functype_delete(type);
  for (const auto& [params, count] :
       {std::pair<size_t, size_t>{kMost + 1, 0}, {0, kMost + 1}}) {
    int finalized = 0;
    wasm_functype_t* too_much = TypeOfMany(params, count);
    EXPECT_EQ(
        wasm_func_new_with_env(store_, too_much, CountUp, &finalized,
                               [](void* env) { ++*static_cast<int*>(env); }),
        nullptr);
    EXPECT_EQ(finalized, 1);
    EXPECT_THAT(wasmd_store_last_error(store_), HasSubstr("at most 1000"));
    wasm_functype_delete(too_much);
  }
}

}  // namespace
}  // namespace wasmd::capi::testing
