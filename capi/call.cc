#include "capi/call.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "base/str_cat.h"
#include "capi/traps.h"
#include "capi/type_objects.h"
#include "capi/values.h"
#include "capi/vectors.h"

namespace wasmd::capi {
namespace {

// Most calls have no more values.
constexpr size_t kInlineValues = 8;
using Values = absl::InlinedVector<wasm_val_t, kInlineValues>;

void DeleteAll(std::span<wasm_val_t> values) {
  for (wasm_val_t& value : values) wasm_val_delete(&value);
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

CallbackFunction::~CallbackFunction() {
  if (callback_.finalizer != nullptr) callback_.finalizer(callback_.env);
}

HostResult CallbackFunction::Call(HostCall& call) {
  Values arguments;
  const Slot* slot = call.arguments.data();
  for (const ValueType type : type_.params) {
    arguments.push_back(FromSlots(*store_, type, slot));
    slot += type.slot_count();
  }
  Values results(type_.results.size(), NullValue());
  const wasm_val_vec_t args{arguments.size(), arguments.data()};
  wasm_val_vec_t out{results.size(), results.data()};

  wasm_trap_t* trap = nullptr;
  wasmd_callback_result_t answer = WASMD_CALLBACK_SUSPEND;
  if (callback_.plain != nullptr) {
    trap = callback_.plain(&args, &out);
    answer = trap == nullptr ? WASMD_CALLBACK_RETURN : WASMD_CALLBACK_TRAP;
  } else if (callback_.with_env != nullptr) {
    trap = callback_.with_env(callback_.env, &args, &out);
    answer = trap == nullptr ? WASMD_CALLBACK_RETURN : WASMD_CALLBACK_TRAP;
  } else if (callback_.suspending != nullptr) {
    wasm_instance_t* caller = call.caller == nullptr
                                  ? nullptr
                                  : store_->Instance(call.caller->address);
    answer = callback_.suspending(callback_.env, caller, &args, &out, &trap);
  }
  DeleteAll({arguments.data(), arguments.size()});
  // Not `out`: a callback may have changed it.
  const std::span<wasm_val_t> values(results.data(), results.size());
  if (answer == WASMD_CALLBACK_RETURN) {
    Release(trap);
    return Answer(call, values);
  }
  DeleteAll(values);
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

// Runs a started thread until it is finished.
void RunToEnd(wasm_store_t& store, Thread& thread) {
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
}

void GiveResults(wasm_store_t& store, const FunctionType& type,
                 const Thread& thread, std::span<wasm_val_t> results) {
  const std::vector<Value>& values = thread.results();
  for (size_t i = 0; i < values.size() && i < results.size(); ++i) {
    const Slot slots[2] = {values[i].low, values[i].high};
    results[i] = FromSlots(store, type.results[i], slots);
  }
}

}  // namespace

wasm_trap_t* CallToEnd(wasm_store_t& store, FuncAddr function,
                       std::span<const wasm_val_t> arguments,
                       std::span<wasm_val_t> results) {
  const TypeStore& types = store.store().types();
  const FunctionType& type =
      types.Get(store.store().function(function).type).function;
  if (arguments.size() != type.params.size()) {
    return NewTrap(&store, StrCat("expected ", type.params.size(),
                                  " arguments, got ", arguments.size()));
  }
  absl::InlinedVector<Value, kInlineValues> values(arguments.size());
  for (size_t i = 0; i < values.size(); ++i) {
    std::string error;
    if (!ToValue(store, arguments[i], type.params[i], &values[i], &error)) {
      return NewTrap(&store, StrCat("argument ", i, " ", error));
    }
  }
  if (!store.BeginCall()) return NewTrap(&store, store.error());
  std::unique_ptr<Thread> thread = store.TakeThread();
  wasm_trap_t* trap = nullptr;
  const absl::Status started =
      thread->Start(function, {values.data(), values.size()});
  if (!started.ok()) {
    trap = NewTrap(&store, std::string(ToStd(started.message())));
  } else {
    RunToEnd(store, *thread);
    if (thread->outcome() == RunResult::kReturned) {
      GiveResults(store, type, *thread, results);
    } else {
      trap = TrapOf(store, *thread);
    }
  }
  store.GiveThread(std::move(thread));
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
  auto function = std::make_unique<CallbackFunction>(type->type, callback);
  function->set_store(store);
  return Retained(store->Function(store->store().AddHostFunction(
      type->type, std::move(function), std::move(info))));
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
    return NewTrap(nullptr, function == nullptr
                                ? "no function to call"
                                : "the function's store was deleted");
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
