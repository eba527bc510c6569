// What tests of the C API share: a store, a module in the text format, calls
// with integers.

#ifndef WASMD_CAPI_TESTING_GUEST_H_
#define WASMD_CAPI_TESTING_GUEST_H_

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "capi/include/wasm.h"
#include "capi/include/wasmd.h"

namespace wasmd::capi::testing {

// The text of an error or trap, which is deleted; empty for null.
inline std::string TakeText(wasmd_error_t* error) {
  const std::string text = wasmd_error_message(error);
  wasmd_error_delete(error);
  return text;
}
inline std::string TakeText(wasm_trap_t* trap) {
  if (trap == nullptr) return "";
  wasm_message_t message;
  wasm_trap_message(trap, &message);
  const std::string text(message.data);
  wasm_name_delete(&message);
  wasm_trap_delete(trap);
  return text;
}
inline std::string TakeText(wasm_name_t* name) {
  const std::string text(name->data, name->size);
  wasm_name_delete(name);
  return text;
}

inline wasm_val_t I32(int32_t value) {
  wasm_val_t result;
  result.kind = WASM_I32;
  result.of.i32 = value;
  return result;
}
inline wasm_val_t Ref(wasm_ref_t* value) {
  wasm_val_t result;
  result.kind = WASM_EXTERNREF;
  result.of.ref = value;
  return result;
}

inline wasm_module_t* ModuleOf(wasm_store_t* store, std::string_view text) {
  const wasm_byte_vec_t bytes{text.size(), const_cast<char*>(text.data())};
  wasm_module_t* module = nullptr;
  EXPECT_EQ(TakeText(wasmd_module_new(store, &bytes, &module)), "");
  return module;
}

// Instantiates; the trap's text in `trap` if that fails.
inline wasm_instance_t* Instantiate(wasm_store_t* store, std::string_view text,
                                    std::vector<wasm_extern_t*> imports = {},
                                    std::string* trap_text = nullptr) {
  wasm_module_t* module = ModuleOf(store, text);
  const wasm_extern_vec_t externs{imports.size(), imports.data()};
  wasm_trap_t* trap = nullptr;
  wasm_instance_t* instance = wasm_instance_new(store, module, &externs, &trap);
  wasm_module_delete(module);
  const std::string reason = TakeText(trap);
  if (trap_text != nullptr) {
    *trap_text = reason;
  } else {
    EXPECT_EQ(reason, "");
  }
  return instance;
}

inline wasm_func_t* ExportedFunction(const wasm_instance_t* instance,
                                     const char* name) {
  return wasm_extern_as_func(wasmd_instance_export(instance, name));
}

// Calls with values that stay the caller's. "7", "7 8", or "trap: why".
inline std::string Call(const wasm_func_t* function,
                        std::vector<wasm_val_t> arguments = {}) {
  std::vector<wasm_val_t> values(wasm_func_result_arity(function),
                                 Ref(nullptr));
  const wasm_val_vec_t args{arguments.size(), arguments.data()};
  wasm_val_vec_t results{values.size(), values.data()};
  const std::string trap = TakeText(wasm_func_call(function, &args, &results));
  if (!trap.empty()) return "trap: " + trap;
  std::string text;
  for (wasm_val_t& value : values) {
    if (!text.empty()) text += " ";
    text += value.kind == WASM_I32    ? std::to_string(value.of.i32)
            : value.kind == WASM_I64  ? std::to_string(value.of.i64)
            : value.of.ref == nullptr ? "null"
                                      : "ref";
    wasm_val_delete(&value);
  }
  return text;
}
inline std::string Call(const wasm_instance_t* instance, const char* name,
                        std::vector<wasm_val_t> arguments = {}) {
  return Call(ExportedFunction(instance, name), std::move(arguments));
}

class ApiTest : public ::testing::Test {
 protected:
  ApiTest() : engine_(wasm_engine_new()), store_(wasm_store_new(engine_)) {}
  ~ApiTest() override {
    wasm_store_delete(store_);
    wasm_engine_delete(engine_);
  }

  wasm_engine_t* engine_;
  wasm_store_t* store_;
};

}  // namespace wasmd::capi::testing

#endif  // WASMD_CAPI_TESTING_GUEST_H_
