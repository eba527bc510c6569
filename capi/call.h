// Calls in both directions: of guest functions, and of the program's.

#ifndef WASMD_CAPI_CALL_H_
#define WASMD_CAPI_CALL_H_

#include <memory>
#include <span>

#include "capi/include/wasm.h"
#include "capi/include/wasmd.h"
#include "capi/store_state.h"
#include "interp/host_function.h"
#include "interp/thread.h"
#include "wasm/types.h"

namespace wasmd::capi {

// A function of the program, in one of the forms that the API has.
struct Callback {
  wasm_func_callback_t plain = nullptr;
  wasm_func_callback_with_env_t with_env = nullptr;
  wasmd_callback_t suspending = nullptr;  // none of the three: always suspends
  void* env = nullptr;
  void (*finalizer)(void*) = nullptr;
};

// `type` has no concrete types and is copied. The finalizer runs when the
// result goes. `store` is told where it is before it is called.
class CallbackFunction final : public HostFunction {
 public:
  CallbackFunction(const FunctionType& type, const Callback& callback);
  ~CallbackFunction() override;
  HostResult Call(HostCall& call) override;
  void set_store(wasm_store_t* store) { store_ = store; }

 private:
  // After anything but a return without a trap; takes the trap.
  HostResult End(HostCall& call, wasmd_callback_result_t answer,
                 wasm_trap_t* trap, std::span<wasm_val_t> results);
  // Of what the callback answered; deletes the values in `results`.
  HostResult Answer(HostCall& call, std::span<wasm_val_t> results);
  // The same where they are not all numbers, or wrong.
  HostResult AnswerAny(HostCall& call, std::span<wasm_val_t> results);

  const FunctionType type_;
  const Callback callback_;
  const bool has_objects_;  // among the parameters: not all are numbers
  wasm_store_t* store_ = nullptr;
};

// Calls `function` on a thread of its own until it ends; a trap, or null. What
// waits (WASI) is waited for; what a callback leaves pending is a trap.
// `results` are filled as far as they reach.
wasm_trap_t* CallToEnd(wasm_store_t& store, FuncAddr function,
                       std::span<const wasm_val_t> arguments,
                       std::span<wasm_val_t> results);

// Lets what the store was extended with answer the pending call, if it is one
// of its own; false if it is not. A guest that wants to end is ended.
bool AnswerByExtension(wasm_store_t& store, Thread& thread,
                       StoreExtension::Waiting* waiting);

}  // namespace wasmd::capi

#endif  // WASMD_CAPI_CALL_H_
