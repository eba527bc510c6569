// Traps: where they come from, what they say and carry, on their way through
// guest and program.

#include "program.h"

static const char kGuest[] =
    "(module"
    "  (import \"h\" \"back\" (func $back (param i32) (result i32)))"
    "  (type $none (func)) (table 2 funcref)"
    "  (func $divide (param i32) (result i32)"
    "    (i32.div_s (i32.const 10) (local.get 0)))"
    "  (func $middle (export \"middle\") (param i32) (result i32)"
    "    (i32.add (call $divide (local.get 0)) (i32.const 1)))"
    "  (func (export \"outer\") (param i32) (result i32)"
    "    (call $back (local.get 0)))"
    "  (func (export \"unreachable\") unreachable)"
    "  (func $again (export \"again\") (call $again))"
    "  (func (export \"null\") (call_indirect (type $none) (i32.const 0)))"
    "  (func (export \"past\") (call_indirect (type $none) (i32.const 5)))"
    "  (func (export \"turn\") (param i32 i64) (result i64 i32)"
    "    (local.get 1) (local.get 0)))";
enum { kMiddle, kOuter, kUnreachable, kAgain, kNullEntry, kPast, kTurn };

struct Host {
  wasm_store_t* store;
  const wasm_func_t* callee;  // null: fails itself
  int calls;
};

static wasm_trap_t* Back(void* env, const wasm_val_vec_t* args,
                         wasm_val_vec_t* results) {
  struct Host* host = env;
  ++host->calls;
  if (host->callee != NULL) return wasm_func_call(host->callee, args, results);
  wasm_message_t message;
  wasm_name_new_from_string_nt(&message, "from the program");
  wasm_trap_t* trap = wasm_trap_new(host->store, &message);
  wasm_name_delete(&message);
  wasm_trap_set_host_info(trap, host);
  return trap;
}

static int finalized;
static void Count(void* info) { finalized += *(int*)info; }

// The functions of the trace, innermost first.
static int HasFrames(const wasm_trap_t* trap, size_t count,
                     const uint32_t* functions, const wasm_instance_t* in) {
  wasm_frame_vec_t frames;
  wasm_trap_trace(trap, &frames);
  int is_so = frames.size == count;
  for (size_t i = 0; i < frames.size && is_so; ++i) {
    const wasm_frame_t* frame = frames.data[i];
    is_so = wasm_frame_func_index(frame) == functions[i] &&
            wasm_instance_same(wasm_frame_instance(frame), in) &&
            wasm_frame_func_offset(frame) > 0 &&
            wasm_frame_module_offset(frame) > wasm_frame_func_offset(frame);
  }
  wasm_frame_vec_t copy;
  wasm_frame_vec_copy(&copy, &frames);
  wasm_frame_vec_delete(&frames);
  wasm_frame_t* origin = wasm_trap_origin(trap);
  if (count == 0) {
    is_so = is_so && origin == NULL;
  } else {
    is_so = is_so && wasm_frame_module_offset(origin) ==
                         wasm_frame_module_offset(copy.data[0]);
  }
  wasm_frame_delete(origin);
  wasm_frame_vec_delete(&copy);
  return is_so;
}

static void CheckReferences(wasm_trap_t* trap) {
  static int one = 1;
  wasm_trap_t* copy = wasm_trap_copy(trap);
  CHECK(wasm_trap_same(trap, copy));
  CHECK(wasm_ref_as_trap(wasm_trap_as_ref(trap)) == trap);
  CHECK(wasm_ref_as_func(wasm_trap_as_ref(trap)) == NULL);
  wasm_trap_set_host_info_with_finalizer(trap, &one, Count);
  CHECK(wasm_trap_get_host_info(copy) == &one);
  wasm_trap_delete(copy);
  CHECK(finalized == 0);
}

static void CheckMessages(wasm_store_t* store) {
  wasm_message_t without_zero = {3, (char*)"abcd"};
  wasm_trap_t* trap = wasm_trap_new(store, &without_zero);
  wasm_message_t message;
  wasm_trap_message(trap, &message);
  CHECK(message.size == 4 && strcmp(message.data, "abc") == 0);
  wasm_name_delete(&message);
  wasm_trap_delete(trap);
  const wasm_message_t empty = WASM_EMPTY_VEC;
  trap = wasm_trap_new(store, &empty);
  wasm_trap_message(trap, &message);
  CHECK(message.size == 1 && message.data[0] == 0);
  wasm_name_delete(&message);
  wasm_trap_delete(trap);
}

static void CheckStart(wasm_store_t* store) {
  wasm_module_t* module =
      Load(store, "(module (func $s unreachable) (start $s))");
  wasm_trap_t* trap = NULL;
  CHECK(wasm_instance_new(store, module, NULL, &trap) == NULL);
  wasm_frame_t* origin = wasm_trap_origin(trap);
  CHECK(origin != NULL && wasm_frame_func_index(origin) == 0);
  wasm_frame_delete(origin);
  CHECK(IsTrap(trap, "unreachable"));
  wasm_module_delete(module);
}

static void CheckCalls(const wasm_extern_vec_t* exports) {
  CHECK(IsTrap(CallExport(exports, kUnreachable, 0, NULL, NULL, 0),
               "unreachable"));
  CHECK(IsTrap(CallExport(exports, kAgain, 0, NULL, NULL, 0),
               "call stack exhausted"));
  CHECK(IsTrap(CallExport(exports, kNullEntry, 0, NULL, NULL, 0),
               "uninitialized element"));
  CHECK(IsTrap(CallExport(exports, kPast, 0, NULL, NULL, 0),
               "undefined element"));
  wasm_val_t in[2] = {I32(-3), I64((int64_t)1 << 40)};
  wasm_val_t out[2] = {Null(), Null()};
  CHECK(CallExport(exports, kTurn, 2, in, out, 2) == NULL);
  CHECK(out[0].kind == WASM_I64 && out[0].of.i64 == (int64_t)1 << 40);
  CHECK(out[1].kind == WASM_I32 && out[1].of.i32 == -3);
  CHECK(IsTrap(CallExport(exports, kTurn, 1, in, out, 2), "expected 2"));
  in[0] = I64(1);
  CHECK(IsTrap(CallExport(exports, kTurn, 2, in, out, 2), "argument 0"));
}

int main(void) {
  wasm_engine_t* engine = wasm_engine_new_with_config(wasm_config_new());
  wasm_store_t* store = wasm_store_new(engine);
  wasm_engine_delete(engine);  // the store has what it needs
  wasm_module_t* module = Load(store, kGuest);
  struct Host host = {store, NULL, 0};
  wasm_functype_t* type =
      wasm_functype_new_1_1(wasm_valtype_new_i32(), wasm_valtype_new_i32());
  wasm_func_t* back = wasm_func_new_with_env(store, type, Back, &host, NULL);
  wasm_functype_delete(type);
  wasm_extern_t* externs[] = {wasm_func_as_extern(back)};
  const wasm_extern_vec_t imports = WASM_ARRAY_VEC(externs);
  wasm_instance_t* instance = wasm_instance_new(store, module, &imports, NULL);
  wasm_extern_vec_t exports;
  wasm_instance_exports(instance, &exports);

  wasm_val_t zero = I32(0), five = I32(5), result = I32(77);
  wasm_trap_t* trap = CallExport(&exports, kMiddle, 1, &zero, &result, 1);
  CHECK(result.of.i32 == 77);
  CHECK(HasFrames(trap, 2, (const uint32_t[]){1, 2}, instance));
  CheckReferences(trap);
  CHECK(IsTrap(trap, "integer divide by zero"));
  CHECK(finalized == 1);
  // Out of a callback: with the frames that it had inside.
  host.callee = wasm_extern_as_func(exports.data[kMiddle]);
  trap = CallExport(&exports, kOuter, 1, &zero, &result, 1);
  CHECK(HasFrames(trap, 2, (const uint32_t[]){1, 2}, instance));
  CHECK(IsTrap(trap, "integer divide by zero"));
  CHECK(CallExport(&exports, kOuter, 1, &five, &result, 1) == NULL);
  CHECK(result.of.i32 == 3);
  CHECK(host.calls == 2);
  // The program's own, with the frames of who called it.
  host.callee = NULL;
  trap = CallExport(&exports, kOuter, 1, &five, &result, 1);
  CHECK(HasFrames(trap, 1, (const uint32_t[]){3}, instance));
  CHECK(wasm_trap_get_host_info(trap) == &host);
  CHECK(IsTrap(trap, "from the program"));
  const wasm_val_vec_t args = {1, &five};
  wasm_val_vec_t results = {1, &result};
  trap = wasm_func_call(back, &args, &results);
  CHECK(HasFrames(trap, 0, NULL, NULL));
  CHECK(IsTrap(trap, "from the program"));
  CheckCalls(&exports);
  CheckMessages(store);
  CheckStart(store);
  wasm_extern_vec_delete(&exports);
  wasm_func_delete(back);
  wasm_instance_delete(instance);
  wasm_module_delete(module);
  wasm_store_delete(store);
  return failures != 0;
}
