#include "capi/call.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/str_cat.h"
#include "capi/traps.h"
#include "capi/type_objects.h"
#include "capi/values.h"
#include "capi/vectors.h"
#include "wasm/limits.h"

namespace wasmd::capi {
namespace {

// Most calls have no more values, in and out together.
constexpr size_t kInlineValues = 8;

// `count` elements that are not initialised; on the stack where it has room.
template <typename T, size_t kInline>
class SmallArray {
 public:
  explicit SmallArray(size_t count) : count_(count) {
    if (count > kInline) many_ = std::make_unique_for_overwrite<T[]>(count);
  }
  T* data() { return many_ != nullptr ? many_.get() : few_; }
  std::span<T> span() { return {data(), count_}; }

 private:
  const size_t count_;
  std::unique_ptr<T[]> many_;
  T few_[kInline];
};
using ValueArray = SmallArray<wasm_val_t, kInlineValues>;

void DeleteAll(std::span<wasm_val_t> values) {
  for (wasm_val_t& value : values) wasm_val_delete(&value);
}

// The program may have written over its arguments, const as they are: only what
// was an object when it got it is one.
[[gnu::noinline]] void DeleteObjects(const std::vector<ValueType>& types,
                                     std::span<wasm_val_t> values) {
  for (size_t i = 0; i < values.size(); ++i) {
    if (!types[i].is_number()) wasm_val_delete(&values[i]);
  }
}

HostResult TrapWith(HostCall& call, std::string message) {
  call.trap = {TrapKind::kHost, std::move(message)};
  return HostResult::kTrap;
}

// For what a callback returned; takes the trap.
HostResult Raise(wasm_store_t& store, HostCall& call, wasm_trap_t* trap) {
  const wasm_ref_t* exception = trap->exception;
  if (exception != nullptr && exception->store == &store) {
    call.exception = static_cast<const wasmd_heap_value_t*>(exception)->slot;
    trap->Release();
    return HostResult::kThrow;
  }
  const std::string message = trap->message;
  if (trap->store == &store) {
    store.set_pending_trap(trap);
  } else {
    trap->Release();  // only its message can come along
  }
  return TrapWith(call, message);
}

}  // namespace

CallbackFunction::CallbackFunction(const FunctionType& type,
                                   const Callback& callback)
    : type_(type),
      callback_(callback),
      has_objects_(!std::ranges::all_of(
          type.params, [](ValueType t) { return t.is_number(); })) {}

CallbackFunction::~CallbackFunction() {
  if (callback_.finalizer != nullptr) callback_.finalizer(callback_.env);
}

HostResult CallbackFunction::Call(HostCall& call) {
  ValueArray values(type_.params.size() + type_.results.size());
  const std::span<wasm_val_t> arguments =
      values.span().first(type_.params.size());
  const std::span<wasm_val_t> results =
      values.span().subspan(type_.params.size());
  const Slot* slot = call.arguments.data();
  for (size_t i = 0; i < arguments.size(); ++i) {
    const ValueType type = type_.params[i];
    if (!NumberFromSlot(type, *slot, &arguments[i])) {
      arguments[i] = FromSlots(*store_, type, slot);
    }
    slot += type.slot_count();
  }
  for (wasm_val_t& result : results) result = NullValue();
  const wasm_val_vec_t args{arguments.size(), arguments.data()};
  wasm_val_vec_t out{results.size(), results.data()};

  wasm_trap_t* trap = nullptr;
  wasmd_callback_result_t answer = WASMD_CALLBACK_SUSPEND;
  if (callback_.suspending != nullptr) {
    wasm_instance_t* caller = call.caller == nullptr
                                  ? nullptr
                                  : store_->Instance(call.caller->address);
    answer = callback_.suspending(callback_.env, caller, &args, &out, &trap);
  } else if (callback_.with_env != nullptr || callback_.plain != nullptr) {
    trap = callback_.plain != nullptr
               ? callback_.plain(&args, &out)
               : callback_.with_env(callback_.env, &args, &out);
    answer = trap == nullptr ? WASMD_CALLBACK_RETURN : WASMD_CALLBACK_TRAP;
  }
  if (has_objects_) DeleteObjects(type_.params, arguments);
  // Not `out`: a callback may have changed it.
  if (trap == nullptr && answer == WASMD_CALLBACK_RETURN) {
    return Answer(call, results);
  }
  return End(call, answer, trap, results);
}

[[gnu::noinline]] HostResult CallbackFunction::End(
    HostCall& call, wasmd_callback_result_t answer, wasm_trap_t* trap,
    std::span<wasm_val_t> results) {
  if (answer == WASMD_CALLBACK_RETURN) {
    Release(trap);
    return Answer(call, results);
  }
  DeleteAll(results);
  if (answer == WASMD_CALLBACK_SUSPEND) {
    Release(trap);
    return HostResult::kSuspend;
  }
  if (trap == nullptr) trap = NewTrap(store_, "host function failed");
  return Raise(*store_, call, trap);
}

HostResult CallbackFunction::Answer(HostCall& call,
                                    std::span<wasm_val_t> results) {
  Slot* slot = call.results.data();
  for (size_t i = 0; i < results.size(); ++i) {
    if (!NumberToSlot(results[i], type_.results[i], slot)) {
      return AnswerAny(call, results);
    }
    ++slot;
  }
  return HostResult::kReturn;
}

[[gnu::noinline]] HostResult CallbackFunction::AnswerAny(
    HostCall& call, std::span<wasm_val_t> results) {
  Slot* slot = call.results.data();
  for (size_t i = 0; i < results.size(); ++i) {
    const ValueType type = type_.results[i];
    Value value;
    std::string error;
    if (!ToValue(*store_, results[i], type, &value, &error)) {
      DeleteAll(results);
      return TrapWith(call,
                      StrCat("result ", i, " of a host function ", error));
    }
    *slot++ = value.low;
    if (type.is_vector()) *slot++ = value.high;
  }
  DeleteAll(results);
  return HostResult::kReturn;
}

bool AnswerByExtension(wasm_store_t& store, Thread& thread,
                       StoreExtension::Waiting* waiting) {
  StoreExtension* extension = store.ExtensionOf(thread.pending_call().function);
  if (extension == nullptr) return false;
  StoreExtension::Ending ending;
  extension->Answer(thread, waiting, &ending);
  if (ending.has_ended) {
    wasm_trap_t* trap =
        NewTrap(&store, StrCat("exit with code ", ending.exit_code));
    trap->exit_code = ending.exit_code;
    store.set_pending_trap(trap);
    thread.FailHostCall({TrapKind::kHost, trap->message});
  }
  return true;
}

namespace {

// Goes on with a thread that has stopped until it has returned; else a trap.
[[gnu::noinline]] wasm_trap_t* RunToEnd(wasm_store_t& store, Thread& thread) {
  while (thread.state() != ThreadState::kFinished) {
    if (thread.state() == ThreadState::kRunnable) {
      thread.Run();
      continue;
    }
    StoreExtension* extension =
        store.ExtensionOf(thread.pending_call().function);
    StoreExtension::Waiting waiting;
    if (AnswerByExtension(store, thread, &waiting)) {
      if (waiting.is_waiting) extension->Wait(waiting, UINT64_MAX);
      continue;
    }
    const HostFunctionInfo& info =
        store.store().host_info(thread.pending_call().function);
    thread.FailHostCall(
        {TrapKind::kHost,
         StrCat("import ", info.module, ".", info.name,
                " left its call pending, which takes a wasmd_thread_t")});
  }
  return thread.outcome() == RunResult::kReturned ? nullptr
                                                  : TrapOf(store, thread);
}

void GiveResults(wasm_store_t& store, const std::vector<ValueType>& types,
                 const Slot* slot, std::span<wasm_val_t> results) {
  const size_t count = std::min(types.size(), results.size());
  for (size_t i = 0; i < count; ++i) {
    if (!NumberFromSlot(types[i], *slot, &results[i])) {
      results[i] = FromSlots(store, types[i], slot);
    }
    slot += types[i].slot_count();
  }
}

// One argument that is not a number, or wrong: the slot after it, or null, with
// a trap.
[[gnu::noinline]] Slot* ToSlotsAny(wasm_store_t& store, size_t i,
                                   const wasm_val_t& argument, ValueType type,
                                   Slot* slot, wasm_trap_t** trap) {
  Value value;
  std::string error;
  if (!ToValue(store, argument, type, &value, &error)) {
    *trap = NewTrap(&store, StrCat("argument ", i, " ", error));
    return nullptr;
  }
  *slot++ = value.low;
  if (type.is_vector()) *slot++ = value.high;
  return slot;
}

// As slots, of which there is room for two each; the first that is not used, or
// null, with a trap.
Slot* ToSlots(wasm_store_t& store, std::span<const wasm_val_t> values,
              const std::vector<ValueType>& types, Slot* slot,
              wasm_trap_t** trap) {
  for (size_t i = 0; i < values.size(); ++i) {
    if (NumberToSlot(values[i], types[i], slot)) {
      ++slot;
      continue;
    }
    slot = ToSlotsAny(store, i, values[i], types[i], slot, trap);
    if (slot == nullptr) break;
  }
  return slot;
}

[[gnu::noinline]] wasm_trap_t* NestedTooDeeply(wasm_store_t& store) {
  return NewTrap(&store, store.error());
}

[[gnu::noinline]] wasm_trap_t* WrongCount(wasm_store_t& store, size_t expected,
                                          size_t count) {
  return NewTrap(&store,
                 StrCat("expected ", expected, " arguments, got ", count));
}

}  // namespace

wasm_trap_t* CallToEnd(wasm_store_t& store, FuncAddr function,
                       std::span<const wasm_val_t> arguments,
                       std::span<wasm_val_t> results) {
  const FunctionType& type =
      store.store().types().Get(store.store().function(function).type).function;
  if (arguments.size() != type.params.size()) {
    return WrongCount(store, type.params.size(), arguments.size());
  }
  SmallArray<Slot, 2 * kInlineValues> slots(2 * arguments.size());
  wasm_trap_t* trap = nullptr;
  Slot* const end = ToSlots(store, arguments, type.params, slots.data(), &trap);
  if (end == nullptr) return trap;
  if (!store.BeginCall()) return NestedTooDeeply(store);
  Thread& thread = store.CallThread();
  if (thread.Call(function, {slots.data(), end}) != RunResult::kReturned) {
    trap = RunToEnd(store, thread);
  }
  if (trap == nullptr) {
    GiveResults(store, type.results, thread.result_slots(), results);
  }
  store.EndCall();
  return trap;
}

namespace {

// A new function of the store, or null; the finalizer runs in either case.
wasm_func_t* NewFunction(wasm_store_t* store, const wasm_functype_t* type,
                         const Callback& callback, HostFunctionInfo info) {
  if (store == nullptr || type == nullptr) {
    if (callback.finalizer != nullptr) callback.finalizer(callback.env);
    return nullptr;
  }
  if (type->type.params.size() > kMaxParams ||
      type->type.results.size() > kMaxResults) {
    store->set_error(StrCat("a function has at most ", kMaxParams,
                            " parameters and ", kMaxResults, " results"));
    if (callback.finalizer != nullptr) callback.finalizer(callback.env);
    return nullptr;
  }
  auto function = std::make_unique<CallbackFunction>(type->type, callback);
  function->set_store(store);
  return Retained(store->Function(store->store().AddHostFunction(
      type->type, std::move(function), std::move(info))));
}

[[gnu::noinline]] wasm_trap_t* NothingToCall(const wasm_func_t* function) {
  return NewTrap(nullptr, function == nullptr
                              ? "no function to call"
                              : "the function's store was deleted");
}

// The type of a live function, or null.
const FunctionType* TypeOf(const wasm_func_t* function) {
  if (function == nullptr || function->store == nullptr) return nullptr;
  const Store& store = function->store->store();
  return &store.types().Get(store.function(function->address).type).function;
}

}  // namespace
}  // namespace wasmd::capi

using namespace wasmd::capi;  // NOLINT: the functions below are the API

extern "C" {

wasm_func_t* wasm_func_new(wasm_store_t* store, const wasm_functype_t* type,
                           wasm_func_callback_t callback) {
  Callback form;
  form.plain = callback;
  return callback == nullptr ? nullptr : NewFunction(store, type, form, {});
}

wasm_func_t* wasm_func_new_with_env(wasm_store_t* store,
                                    const wasm_functype_t* type,
                                    wasm_func_callback_with_env_t callback,
                                    void* env, void (*finalizer)(void*)) {
  Callback form;
  form.with_env = callback;
  form.env = env;
  form.finalizer = finalizer;
  return NewFunction(callback == nullptr ? nullptr : store, type, form, {});
}

wasm_func_t* wasmd_func_new(wasm_store_t* store, const wasm_functype_t* type,
                            const char* module, const char* name,
                            wasmd_callback_t callback, void* env,
                            void (*finalizer)(void*)) {
  Callback form;
  form.suspending = callback;
  form.env = env;
  form.finalizer = finalizer;
  const bool is_named = module != nullptr && name != nullptr;
  return NewFunction(is_named ? store : nullptr, type, form,
                     {is_named ? module : "", is_named ? name : ""});
}

wasm_functype_t* wasm_func_type(const wasm_func_t* function) {
  if (function == nullptr || function->store == nullptr) return nullptr;
  return static_cast<wasm_functype_t*>(
      TypeOfExtern(function->store->store(),
                   {wasmd::ExternKind::kFunction, function->address})
          .release());
}

size_t wasm_func_param_arity(const wasm_func_t* function) {
  const wasmd::FunctionType* type = TypeOf(function);
  return type == nullptr ? 0 : type->params.size();
}

size_t wasm_func_result_arity(const wasm_func_t* function) {
  const wasmd::FunctionType* type = TypeOf(function);
  return type == nullptr ? 0 : type->results.size();
}

wasm_trap_t* wasm_func_call(const wasm_func_t* function,
                            const wasm_val_vec_t* args,
                            wasm_val_vec_t* results) {
  if (function == nullptr || function->store == nullptr) {
    return NothingToCall(function);
  }
  std::span<const wasm_val_t> arguments;
  if (args != nullptr && args->data != nullptr) {
    arguments = {args->data, args->size};
  }
  std::span<wasm_val_t> out;
  if (results != nullptr && results->data != nullptr) {
    out = {results->data, results->size};
  }
  return CallToEnd(*function->store, function->address, arguments, out);
}

}  // extern "C"
