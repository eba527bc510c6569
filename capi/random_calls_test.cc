// Calls of the API chosen at random, with arguments chosen at random from what
// earlier calls gave: things of the wrong kind, of other stores, of stores that
// are gone, indices and sizes out of range, from inside callbacks too. Only
// what wasm.h forbids outright (deleting what is not owned, using what was
// deleted) is left out. Asserts that nothing crashes (under the sanitizers:
// that nothing is damaged or leaked), that every finalizer runs once, and that
// the same calls have the same outcome.

#include <gtest/gtest.h>

#include <cstdint>
#include <iterator>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "capi/include/wasm.h"
#include "capi/include/wasmd.h"
#include "capi/testing/guest.h"

namespace wasmd::capi::testing {
namespace {

constexpr std::string_view kModules[] = {
    "(module)",
    R"((module
      (import "env" "f" (func $f (param i32) (result i32)))
      (memory (export "m") 1 3)
      (table (export "t") 2 8 funcref)
      (func (export "call") (param i32) (result i32)
        (i32.store (i32.const 100) (call $f (local.get 0)))
        (i32.load (i32.const 100)))
      (func (export "indirect") (param i32) (result i32)
        (call_indirect (param i32) (result i32)
          (i32.const 1) (local.get 0)))
      (func (export "grow") (param i32) (result i32)
        (memory.grow (local.get 0)))
      (func (export "loop") (param i32) (result i32) (local $i i32)
        (loop $l
          (local.set $i (i32.add (local.get $i) (i32.const 1)))
          (br_if $l (i32.lt_u (local.get $i) (i32.const 200))))
        (call $f (local.get $i)))))",
    R"((module
      (type $s (struct (field (mut externref)) (field (mut i64))))
      (type $a (array (mut (ref null $s))))
      (tag $e (export "e") (param i32 externref))
      (global (export "g") (mut anyref) (ref.null any))
      (global (export "x") (mut externref) (ref.null extern))
      (table (export "t") 3 20 externref)
      (func (export "make") (param externref) (result anyref)
        (struct.new $s (local.get 0) (i64.const 7)))
      (func (export "fill") (result anyref)
        (array.new $a (struct.new $s (ref.null extern) (i64.const 1))
          (i32.const 3000)))
      (func (export "first") (param anyref) (result externref)
        (struct.get $s 0 (ref.cast (ref $s) (local.get 0))))
      (func (export "throw") (param i32 externref) (result i32)
        (throw $e (local.get 0) (local.get 1)))
      (func (export "v") (param v128) (result v128 i64 f32 f64)
        (i8x16.add (local.get 0) (local.get 0))
        (i64.const -1) (f32.const 1) (f64.const nan))))",
    R"((module
      (import "env" "m" (memory 1))
      (import "env" "t" (table 1 funcref))
      (import "env" "g" (global (mut externref)))
      (import "env" "f" (func $f (param externref) (result externref)))
      (elem declare func $f)
      (func (export "both") (param externref) (result externref)
        (table.set 0 (i32.const 0) (ref.func $f))
        (memory.fill (i32.const 5) (i32.const 1) (i32.const 70000))
        (call $f (local.get 0)))
      (func (export "swap") (param externref) (result externref)
        (global.get 0)
        (global.set 0 (local.get 0)))
      (func $s (drop (call $f (global.get 0))))
      (start $s)))",
    R"((module
      (import "env" "f" (func $f (param i32) (result i32)))
      (func $r (export "recurse") (param i32) (result i32)
        (if (result i32) (local.get 0)
          (then (call $r (i32.sub (call $f (local.get 0)) (i32.const 1))))
          (else (unreachable))))))",
};

// Counts those that are to be finalized.
struct Finalized {
  int made = 0;
  int done = 0;
};
void Finalize(void* env) { ++static_cast<Finalized*>(env)->done; }

class RandomCalls {
 public:
  explicit RandomCalls(uint32_t seed) : random_(seed) {
    wasm_config_t* config = wasm_config_new();
    wasmd_limits_t limits;
    wasmd_config_get_limits(config, &limits);
    limits.memory_bytes = 4 * 65536;
    limits.all_memory_bytes = 64 * 65536;
    limits.table_elements = 1000;
    limits.all_table_elements = 10000;
    limits.heap_bytes = 1 << 20;
    limits.stack_bytes = 64 << 10;
    limits.nested_calls = 6;
    wasmd_config_set_limits(config, &limits);
    engine_ = wasm_engine_new_with_config(config);
  }
  RandomCalls(const RandomCalls&) = delete;
  RandomCalls& operator=(const RandomCalls&) = delete;

  // What the calls answered, as a number.
  uint64_t Run(int steps) {
    for (int i = 0; i < steps; ++i) {
      budget_ = 20;
      Step();
      Trim();
    }
    for (wasm_ref_t* object : references_) wasm_ref_delete(object);
    for (wasmd_thread_t* thread : threads_) wasmd_thread_delete(thread);
    for (wasm_externtype_t* type : types_) wasm_externtype_delete(type);
    for (wasm_shared_module_t* shared : shared_) {
      wasm_shared_module_delete(shared);
    }
    for (wasm_byte_vec_t& snapshot : snapshots_) {
      wasm_byte_vec_delete(&snapshot);
    }
    for (wasm_store_t* store : stores_) wasm_store_delete(store);
    wasm_engine_delete(engine_);
    EXPECT_EQ(finalized_.done, finalized_.made);
    return outcome_;
  }

 private:
  uint32_t Below(size_t bound) {
    return bound == 0 ? 0 : static_cast<uint32_t>(random_() % bound);
  }
  bool OneIn(uint32_t n) { return Below(n) == 0; }
  void Note(uint64_t value) {
    outcome_ = (outcome_ ^ value) * 0x100000001B3u + depth_;
  }
  // Sometimes null.
  template <typename T>
  T* Pick(const std::vector<T*>& from) {
    if (from.empty() || OneIn(30)) return nullptr;
    return from[Below(from.size())];
  }
  template <typename T>
  T* Remove(std::vector<T*>& from) {
    if (from.empty()) return nullptr;
    const size_t at = Below(from.size());
    T* const object = from[at];
    from[at] = from.back();
    from.pop_back();
    return object;
  }

  // Only here, and in case 15, are references deleted: no step has them then.
  void Trim() {
    while (references_.size() > 200) wasm_ref_delete(Remove(references_));
    while (types_.size() > 50) wasm_externtype_delete(Remove(types_));
  }

  // Often the oldest, so that things meet.
  wasm_store_t* Store() {
    return !stores_.empty() && OneIn(2) ? stores_.front() : Pick(stores_);
  }
  wasm_ref_t* Reference() { return Pick(references_); }
  // Something that is often what it should be.
  template <typename T>
  T* Find(T* (*as)(wasm_ref_t*)) {
    for (int i = 0; i < 8; ++i) {
      T* const object = as(Reference());
      if (object != nullptr) return object;
    }
    return nullptr;
  }
  wasm_func_t* Function() { return Find(wasm_ref_as_func); }
  wasm_externtype_t* Type() { return Pick(types_); }

  void Keep(wasm_ref_t* object) {
    Note(object != nullptr);
    if (object == nullptr) return;
    references_.push_back(object);
  }
  void Keep(wasm_trap_t* trap) { Keep(wasm_trap_as_ref(trap)); }
  void Keep(wasm_externtype_t* type) {
    Note(type != nullptr);
    if (type == nullptr) return;
    types_.push_back(type);
  }
  void Take(wasmd_error_t* error) {
    Note(wasmd_error_code(error));
    wasmd_error_delete(error);
  }

  // Owned or not, as the caller says: `owned` values are copies.
  wasm_val_t Value(bool owned) {
    wasm_val_t value;
    value.kind = static_cast<wasm_valkind_t>(Below(5));
    value.of.i64 = static_cast<int64_t>(random_());
    if (value.kind > WASM_F64 || OneIn(3)) {
      constexpr wasm_valkind_t kKinds[] = {WASM_EXTERNREF, WASM_FUNCREF,
                                           WASMD_V128,     WASMD_ANYREF,
                                           WASMD_EXNREF,   200};
      value.kind = kKinds[Below(std::size(kKinds))];
      value.of.ref = Reference();
      if (owned) value.of.ref = wasm_ref_copy(value.of.ref);
    }
    return value;
  }
  void KeepValue(wasm_val_t& value) {
    Note(value.kind);
    if (wasm_valkind_is_ref(value.kind)) {
      Keep(value.of.ref);
    } else {
      Note(static_cast<uint32_t>(value.of.i32));
    }
  }
  std::vector<wasm_val_t> ArgumentsFor(const wasm_func_t* function) {
    std::vector<wasm_val_t> values;
    size_t count = wasm_func_param_arity(function);
    if (OneIn(10)) count = Below(4);
    for (size_t i = 0; i < count; ++i) {
      values.push_back(OneIn(2) ? I32(static_cast<int32_t>(Below(20)))
                                : Value(/*owned=*/false));
    }
    if (function == nullptr || OneIn(4)) return values;
    // Of the right type.
    wasm_functype_t* type = wasm_func_type(function);
    const wasm_valtype_vec_t* params = wasm_functype_params(type);
    for (size_t i = 0; params != nullptr && i < params->size; ++i) {
      if (i >= values.size()) break;
      const wasm_valkind_t kind = wasm_valtype_kind(params->data[i]);
      if (kind != values[i].kind) {
        values[i].kind = kind;
        values[i].of.i64 = 0;
        if (wasm_valkind_is_ref(kind)) values[i].of.ref = Reference();
      }
    }
    wasm_functype_delete(type);
    return values;
  }

  static wasm_trap_t* Callback(void* env, const wasm_val_vec_t* args,
                               wasm_val_vec_t* results) {
    return static_cast<RandomCalls*>(env)->Answer(args, results);
  }
  static wasmd_callback_result_t Suspending(void* env, wasm_instance_t* caller,
                                            const wasm_val_vec_t* args,
                                            wasm_val_vec_t* results,
                                            wasm_trap_t** trap) {
    auto* self = static_cast<RandomCalls*>(env);
    self->Note(caller != nullptr);
    if (self->OneIn(3)) return WASMD_CALLBACK_SUSPEND;
    *trap = self->Answer(args, results);
    if (self->OneIn(20)) return static_cast<wasmd_callback_result_t>(77);
    return *trap == nullptr ? WASMD_CALLBACK_RETURN : WASMD_CALLBACK_TRAP;
  }
  wasm_trap_t* Answer(const wasm_val_vec_t* args, wasm_val_vec_t* results) {
    ++depth_;
    for (uint32_t i = Below(3); i > 0 && budget_ > 0; --i) Step();
    --depth_;
    for (size_t i = 0; i < results->size; ++i) {
      if (i < args->size && !OneIn(8)) {
        wasm_val_copy(&results->data[i], &args->data[i]);
      } else {
        results->data[i] = Value(/*owned=*/true);
      }
    }
    if (!OneIn(12)) return nullptr;
    return wasm_trap_copy(Find(wasm_ref_as_trap));
  }

  void Step() {
    --budget_;
    const uint32_t what = Below(30);
    Note(what);
    switch (what) {
      case 0:
        return NewStore();
      case 1:
        return DeleteStore();
      case 2:
      case 3:
        return NewModule();
      case 4:
      case 5:
      case 6:
        return NewInstance();
      case 7:
        return NewFunction();
      case 8:
      case 9:
      case 10:
        return CallFunction();
      case 11:
        return UseGlobal();
      case 12:
        return UseTable();
      case 13:
        return UseMemory();
      case 14:
        return UseType();
      case 15:
        return depth_ == 0 ? wasm_ref_delete(Remove(references_)) : void();
      case 16:
        return UseReference();
      case 17:
        return UseTrap();
      case 18:
        return NewThread();
      case 19:
      case 20:
      case 21:
      case 22:
        return UseThread();
      case 23:
        return UseInstance();
      case 24:
        return ShareModule();
      case 25:
        return TakeSnapshot();
      case 26:
        return RestoreSnapshot();
      case 27:
        return MakeValues();
      default:
        return Describe();
    }
  }

  void NewStore() {
    if (stores_.size() < 4) stores_.push_back(wasm_store_new(engine_));
  }
  // Only where no callback can be running in it.
  void DeleteStore() {
    if (depth_ == 0 && OneIn(3)) wasm_store_delete(Remove(stores_));
  }
  void NewModule() {
    const std::string_view text = kModules[Below(std::size(kModules))];
    wasm_store_t* store = Store();
    const wasm_byte_vec_t bytes = {text.size(), const_cast<char*>(text.data())};
    wasm_module_t* module = nullptr;
    Take(wasmd_module_new(store, &bytes, &module));
    Note(wasm_module_validate(store, &bytes));  // text is no binary
    Keep(wasm_module_as_ref(module));
  }
  void NewInstance() {
    const wasm_module_t* module = Find(wasm_ref_as_module);
    wasm_importtype_vec_t imports;
    wasm_module_imports(module, &imports);
    std::vector<wasm_extern_t*> externs;
    wasm_store_t* store = Store();
    for (size_t i = 0; i < imports.size; ++i) {
      const wasm_externtype_t* type = wasm_importtype_type(imports.data[i]);
      externs.push_back(OneIn(3) ? FindImport(type) : MakeImport(store, type));
    }
    wasm_importtype_vec_delete(&imports);
    if (OneIn(20)) externs.push_back(wasm_ref_as_extern(Reference()));
    const wasm_extern_vec_t vector = {externs.size(),
                                      OneIn(20) ? nullptr : externs.data()};
    wasm_trap_t* trap = nullptr;
    wasm_instance_t* instance =
        wasm_instance_new(store, module, &vector, OneIn(5) ? nullptr : &trap);
    Keep(trap);
    Keep(wasm_instance_as_ref(instance));
    if (instance != nullptr) KeepExports(instance);
  }
  wasm_extern_t* FindImport(const wasm_externtype_t* type) {
    wasm_extern_t* object = nullptr;
    for (int tries = 0; tries < 10; ++tries) {
      object = wasm_ref_as_extern(Reference());
      if (wasm_extern_kind(object) == wasm_externtype_kind(type)) break;
    }
    return object;
  }
  // Of just this type; kept.
  wasm_extern_t* MakeImport(wasm_store_t* store,
                            const wasm_externtype_t* type) {
    wasm_extern_t* made = nullptr;
    const wasm_val_t null = Ref(nullptr);
    if (const auto* function = wasm_externtype_as_functype_const(type)) {
      made = wasm_func_as_extern(
          OneIn(2)
              ? wasm_func_new_with_env(store, function, Callback, this, nullptr)
              : wasmd_func_new(store, function, "env", "f", Suspending, this,
                               nullptr));
    } else if (const auto* global = wasm_externtype_as_globaltype_const(type)) {
      made = wasm_global_as_extern(wasm_global_new(store, global, &null));
    } else if (const auto* table = wasm_externtype_as_tabletype_const(type)) {
      made = wasm_table_as_extern(wasm_table_new(store, table, nullptr));
    } else if (const auto* memory = wasm_externtype_as_memorytype_const(type)) {
      made = wasm_memory_as_extern(wasm_memory_new(store, memory));
    }
    Keep(wasm_extern_as_ref(made));
    return made;
  }
  void KeepExports(const wasm_instance_t* instance) {
    wasm_extern_vec_t exports;
    wasm_instance_exports(instance, &exports);
    for (size_t i = 0; i < exports.size; ++i) {
      Keep(wasm_extern_as_ref(exports.data[i]));
      exports.data[i] = nullptr;
    }
    wasm_extern_vec_delete(&exports);
  }
  void NewFunction() {
    wasm_functype_t* type =
        OneIn(2)   ? wasm_functype_new_1_1(wasm_valtype_new_i32(),
                                           wasm_valtype_new_i32())
        : OneIn(2) ? wasm_functype_new_1_1(wasm_valtype_new_externref(),
                                           wasm_valtype_new_externref())
                   : wasm_functype_copy(wasm_externtype_as_functype(Type()));
    wasm_store_t* store = Store();
    wasm_func_t* function = nullptr;
    if (OneIn(2)) {
      function = wasm_func_new_with_env(store, type, Callback, this, nullptr);
    } else {
      function = wasmd_func_new(store, type, "env", OneIn(9) ? nullptr : "f",
                                OneIn(5) ? nullptr : Suspending, this, nullptr);
    }
    wasm_functype_delete(type);
    ++finalized_.made;
    wasm_func_delete(wasm_func_new_with_env(store, nullptr, Callback,
                                            &finalized_, Finalize));
    Keep(wasm_func_as_ref(function));
  }
  void CallFunction() {
    const wasm_func_t* function = Function();
    std::vector<wasm_val_t> arguments = ArgumentsFor(function);
    std::vector<wasm_val_t> values(OneIn(3) ? Below(4) : 4, Ref(nullptr));
    const wasm_val_vec_t args = {arguments.size(), arguments.data()};
    wasm_val_vec_t results = {values.size(), values.data()};
    Keep(wasm_func_call(function, &args, &results));
    for (wasm_val_t& value : values) KeepValue(value);
  }
  void UseGlobal() {
    wasm_globaltype_t* type =
        wasm_globaltype_copy(wasm_externtype_as_globaltype(Type()));
    const wasm_val_t value = Value(/*owned=*/false);
    Keep(wasm_global_as_ref(wasm_global_new(Store(), type, &value)));
    wasm_globaltype_delete(type);
    wasm_global_t* global = Find(wasm_ref_as_global);
    wasm_global_set(global, &value);
    wasm_val_t now;
    wasm_global_get(global, &now);
    KeepValue(now);
  }
  void UseTable() {
    const wasm_tabletype_t* type = wasm_externtype_as_tabletype(Type());
    Keep(wasm_table_as_ref(wasm_table_new(Store(), type, Reference())));
    wasm_table_t* table = Find(wasm_ref_as_table);
    Note(wasm_table_grow(table, Below(OneIn(4) ? UINT32_MAX : 5), Reference()));
    const uint32_t index = Below(OneIn(4) ? UINT32_MAX : 8);
    Note(wasm_table_set(table, index, Reference()));
    Keep(wasm_table_get(table, index));
    Note(wasm_table_size(table));
  }
  void UseMemory() {
    const wasm_memorytype_t* type = wasm_externtype_as_memorytype(Type());
    Keep(wasm_memory_as_ref(wasm_memory_new(Store(), type)));
    wasm_memory_t* memory = Find(wasm_ref_as_memory);
    Note(wasm_memory_grow(memory, Below(OneIn(4) ? UINT32_MAX : 2)));
    char bytes[100] = {};
    const uint64_t offset = OneIn(4) ? random_() : Below(65536 * 2);
    Note(wasmd_memory_write(memory, offset, bytes, sizeof(bytes)));
    Note(wasmd_memory_read(memory, offset, bytes, sizeof(bytes)));
    Note(wasmd_memory_mark_dirty(memory, offset, OneIn(4) ? SIZE_MAX : 9));
    if (OneIn(9)) wasmd_memory_set_tracked(memory);
    const size_t size = wasm_memory_data_size(memory);
    if (size > 0) wasm_memory_data(memory)[Below(size)] = 1;
    Note(wasm_memory_size(memory));
  }
  void UseType() {
    const wasm_limits_t limits = {Below(OneIn(4) ? UINT32_MAX : 3),
                                  OneIn(2) ? UINT32_MAX : Below(4)};
    const wasm_valkind_t kind = static_cast<wasm_valkind_t>(
        OneIn(2) ? Below(4) : WASM_EXTERNREF + Below(6));
    switch (Below(5)) {
      case 0:
        return Keep(wasm_memorytype_as_externtype(
            OneIn(3) ? wasmd_memorytype_new_64(random_(), random_())
                     : wasm_memorytype_new(&limits)));
      case 1:
        return Keep(wasm_tabletype_as_externtype(
            wasm_tabletype_new(wasm_valtype_new(kind), &limits)));
      case 2:
        return Keep(wasm_globaltype_as_externtype(wasm_globaltype_new(
            wasm_valtype_new(kind), static_cast<uint8_t>(Below(3)))));
      case 3:
        return Keep(wasm_functype_as_externtype(wasm_functype_new_2_1(
            wasm_valtype_new(kind), wasm_valtype_new_i64(),
            wasm_valtype_new(kind))));
      default:
        return Keep(wasm_extern_type(wasm_ref_as_extern(Reference())));
    }
  }
  void UseReference() {
    wasm_ref_t* object = Reference();
    Note(wasm_ref_same(object, Reference()));
    Keep(wasm_ref_copy(object));
    Keep(wasm_foreign_as_ref(wasm_foreign_new(Store())));
    if (object != nullptr && wasm_ref_get_host_info(object) == nullptr) {
      ++finalized_.made;
      wasm_ref_set_host_info_with_finalizer(object, &finalized_, Finalize);
    }
    Note(wasmd_ref_set_id(object, OneIn(2) ? Below(20) : random_()));
    Note(wasmd_ref_id(object));
    int32_t number = 0;
    Note(wasmd_i31_get(object, &number));
    uint8_t bytes[16] = {};
    Note(wasmd_v128_get(object, bytes));
    Keep(OneIn(2) ? wasmd_v128_new(bytes) : wasmd_i31_new(Store(), number));
  }
  void UseTrap() {
    wasm_message_t message;
    wasm_name_new_from_string(&message, "because");
    Keep(wasm_trap_new(Store(), &message));
    wasm_name_delete(&message);
    const wasm_trap_t* trap = Find(wasm_ref_as_trap);
    wasm_trap_message(trap, &message);
    Note(message.size);
    wasm_name_delete(&message);
    wasm_frame_vec_t frames;
    wasm_trap_trace(trap, &frames);
    NameFrames(&frames);
    Keep(wasm_ref_copy(wasmd_trap_exception(trap)));
    wasm_frame_delete(wasm_trap_origin(trap));
  }
  void NameFrames(wasm_frame_vec_t* frames) {
    Note(frames->size);
    if (frames->size > 0) {
      wasm_name_t name;
      wasmd_frame_name(frames->data[0], &name);
      Note(name.size);
      wasm_name_delete(&name);
      Keep(wasm_ref_copy(
          wasm_instance_as_ref(wasm_frame_instance(frames->data[0]))));
    }
    wasm_frame_vec_delete(frames);
  }
  void NewThread() {
    wasmd_thread_t* thread = wasmd_thread_new(Store());
    if (thread != nullptr) threads_.push_back(thread);
    // Those that run must not be deleted.
    if (depth_ == 0 && threads_.size() > 6) {
      wasmd_thread_delete(Remove(threads_));
    }
  }
  void UseThread() {
    wasmd_thread_t* thread = Pick(threads_);
    const wasm_func_t* function = Function();
    std::vector<wasm_val_t> arguments = ArgumentsFor(function);
    const wasm_val_vec_t args = {arguments.size(), arguments.data()};
    Take(wasmd_thread_start(thread, function, &args));
    wasmd_run_options_t options = {};
    options.fuel = 1 + Below(500);
    if (OneIn(9)) wasmd_thread_interrupt(thread);
    Note(wasmd_thread_run(thread, &options));
    wasm_val_vec_t values;
    wasmd_thread_pending_args(thread, &values);
    if (OneIn(2)) Take(wasmd_thread_answer(thread, &values));
    wasm_val_vec_delete(&values);
    if (OneIn(9)) Take(wasmd_thread_fail(thread, Find(wasm_ref_as_trap)));
    wasmd_thread_results(thread, &values);
    Note(values.size);
    wasm_val_vec_delete(&values);
    Keep(wasmd_thread_trap(thread));
    Keep(wasm_ref_copy(wasm_func_as_ref(wasmd_thread_pending_func(thread))));
    Note(wasmd_thread_pending_caller(thread) != nullptr);
    wasm_frame_vec_t frames;
    wasmd_thread_stack(thread, Below(5), &frames);
    NameFrames(&frames);
    Note(wasmd_thread_fuel_used(thread));
    Note(wasmd_thread_state(thread));
  }
  void UseInstance() {
    const wasm_instance_t* instance = Find(wasm_ref_as_instance);
    KeepExports(instance);
    Note(wasmd_instance_export(instance, "m") != nullptr);
    wasm_store_t* store = Store();
    Note(wasmd_store_instance_count(store));
    Keep(wasm_ref_copy(
        wasm_instance_as_ref(wasmd_store_instance(store, Below(9)))));
  }
  void ShareModule() {
    wasm_shared_module_t* shared = wasm_module_share(Find(wasm_ref_as_module));
    Keep(wasm_module_as_ref(wasm_module_obtain(Store(), shared)));
    if (shared != nullptr) shared_.push_back(shared);
    if (shared_.size() > 3) wasm_shared_module_delete(Remove(shared_));
    wasm_byte_vec_t bytes;
    wasm_module_serialize(Find(wasm_ref_as_module), &bytes);
    if (bytes.size > 0 && OneIn(2)) bytes.data[Below(bytes.size)] ^= 1;
    Keep(wasm_module_as_ref(wasm_module_deserialize(Store(), &bytes)));
    wasm_byte_vec_delete(&bytes);
  }
  void TakeSnapshot() {
    wasm_store_t* store = Store();
    wasmd_thread_t* thread = OneIn(2) ? nullptr : Pick(threads_);
    wasm_byte_vec_t bytes;
    Take(wasmd_snapshot(store, thread, Below(3), &bytes));
    if (bytes.size == 0) return;
    if (OneIn(4)) bytes.data[Below(bytes.size)] ^= 1;
    snapshots_.push_back(bytes);
    if (snapshots_.size() > 3) {
      wasm_byte_vec_delete(&snapshots_.front());
      snapshots_.erase(snapshots_.begin());
    }
  }
  static wasm_module_t* FindModule(void* env, const uint8_t[32]) {
    auto* self = static_cast<RandomCalls*>(env);
    return wasm_module_copy(self->Find(wasm_ref_as_module));
  }
  static bool Bind(void* env, const char*, const char*, const wasm_functype_t*,
                   wasmd_callback_t* callback, void** callback_env,
                   void (**finalizer)(void*)) {
    auto* self = static_cast<RandomCalls*>(env);
    if (self->OneIn(20)) return false;
    *callback = Suspending;
    *callback_env = env;
    *finalizer = nullptr;
    return true;
  }
  static wasm_ref_t* Resolve(void* env, wasm_store_t* store, uint64_t id) {
    auto* self = static_cast<RandomCalls*>(env);
    if (self->OneIn(3)) return wasm_ref_copy(self->Reference());
    wasm_ref_t* object = wasm_foreign_as_ref(wasm_foreign_new(store));
    if (self->OneIn(3)) self->Note(wasmd_ref_set_id(object, id));
    return object;
  }
  void RestoreSnapshot() {
    if (snapshots_.empty() || stores_.size() >= 6) return;
    const wasm_byte_vec_t bytes = snapshots_[Below(snapshots_.size())];
    wasmd_restore_t restore = {};
    restore.env = this;
    restore.find_module = FindModule;
    restore.bind_import = OneIn(2) ? Bind : nullptr;
    restore.resolve_ref = OneIn(2) ? Resolve : nullptr;
    wasm_store_t* store = nullptr;
    wasmd_thread_t* thread = nullptr;
    Take(wasmd_restore(engine_, &bytes, &restore, &store,
                       OneIn(4) ? nullptr : &thread));
    if (store != nullptr) stores_.push_back(store);
    if (thread != nullptr) threads_.push_back(thread);
  }
  void MakeValues() {
    const size_t count = Below(4);
    wasm_val_vec_t values, copy;
    wasm_val_vec_new_uninitialized(&values, count);
    for (size_t i = 0; i < count; ++i) values.data[i] = Value(/*owned=*/true);
    wasm_val_vec_copy(&copy, &values);
    wasm_val_vec_delete(&values);
    Note(copy.size);
    wasm_val_vec_delete(&copy);
  }
  void Describe() {
    wasm_exporttype_vec_t exports, copy;
    wasm_module_exports(Find(wasm_ref_as_module), &exports);
    wasm_exporttype_vec_copy(&copy, &exports);
    wasm_exporttype_vec_delete(&exports);
    if (copy.size > 0) {
      Keep(wasm_externtype_copy(
          wasm_exporttype_type(copy.data[Below(copy.size)])));
    }
    wasm_exporttype_vec_delete(&copy);
    wasm_store_t* store = Store();
    wasm_byte_vec_t bytes = {3, const_cast<char*>("abc")};
    Take(wasmd_store_set_data(store, OneIn(3) ? "wasi" : "mine", &bytes));
    wasmd_store_get_data(store, "mine", &bytes);
    Note(bytes.size);
    wasm_byte_vec_delete(&bytes);
    wasmd_store_clear_dirty(store);
  }

  std::mt19937_64 random_;
  Finalized finalized_;
  wasm_engine_t* engine_;
  // Owned.
  std::vector<wasm_store_t*> stores_;
  std::vector<wasm_ref_t*> references_;
  std::vector<wasm_externtype_t*> types_;
  std::vector<wasmd_thread_t*> threads_;
  std::vector<wasm_shared_module_t*> shared_;
  std::vector<wasm_byte_vec_t> snapshots_;
  int budget_ = 0;  // steps that the present one may take
  uint32_t depth_ = 0;
  uint64_t outcome_ = 0;
};

class RandomCallsTest : public ::testing::TestWithParam<uint32_t> {};

TEST_P(RandomCallsTest, DoNoDamageAndTheSameAgain) {
  constexpr int kSteps = 3000;
  const uint64_t first = RandomCalls(GetParam()).Run(kSteps);
  EXPECT_EQ(RandomCalls(GetParam()).Run(kSteps), first);
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomCallsTest, ::testing::Range(1u, 9u));

}  // namespace
}  // namespace wasmd::capi::testing
