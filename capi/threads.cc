#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "base/str_cat.h"
#include "capi/call.h"
#include "capi/error.h"
#include "capi/thread_state.h"
#include "capi/traps.h"
#include "capi/values.h"
#include "capi/vectors.h"

using wasmd::RunResult;
using wasmd::ThreadState;

namespace {

// Work between two looks at the clock: well below a millisecond.
constexpr uint64_t kFuelBetweenLooks = 32768;

uint64_t MonotonicNow() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000u +
         static_cast<uint64_t>(now.tv_nsec);
}

}  // namespace

wasmd_thread_t::wasmd_thread_t(wasm_store_t* store,
                               std::unique_ptr<wasmd::Thread> thread)
    : store_(store), thread_(std::move(thread)) {
  store_->threads().push_back(this);
}

wasmd_thread_t::~wasmd_thread_t() {
  if (is_running_) {
    std::fprintf(stderr, "wasmd: wasmd_thread_delete: the thread is running\n");
    std::abort();
  }
  Forget();
  if (store_ == nullptr) return;
  std::vector<wasmd_thread_t*>& threads = store_->threads();
  threads.erase(std::find(threads.begin(), threads.end(), this));
}

void wasmd_thread_t::Detach() {
  const wasmd::MutexLock lock(mutex_);
  store_ = nullptr;
  thread_.reset();
  waiting_ = {};
}

void wasmd_thread_t::Interrupt() {
  const wasmd::MutexLock lock(mutex_);
  if (thread_ != nullptr) thread_->RequestInterrupt();
}

void wasmd_thread_t::Forget() {
  waiting_ = {};
  wasmd::capi::Release(std::exchange(trap_, nullptr));
}

void wasmd_thread_t::TakeTrap() {
  if (trap_ != nullptr || thread_->state() != ThreadState::kFinished ||
      thread_->outcome() == RunResult::kReturned) {
    return;
  }
  trap_ = wasmd::capi::TrapOf(*store_, *thread_);
}

wasmd_thread_state_t wasmd_thread_t::state() const {
  if (store_ == nullptr) return WASMD_THREAD_IDLE;
  switch (thread_->state()) {
    case ThreadState::kIdle:
      return WASMD_THREAD_IDLE;
    case ThreadState::kRunnable:
      return WASMD_THREAD_RUNNABLE;
    case ThreadState::kHostCall:
      return store_->ExtensionOf(thread_->pending_call().function) != nullptr
                 ? WASMD_THREAD_WAITING
                 : WASMD_THREAD_PENDING;
    case ThreadState::kFinished:
      break;
  }
  return thread_->outcome() == RunResult::kReturned ? WASMD_THREAD_RETURNED
                                                    : WASMD_THREAD_TRAPPED;
}

void wasmd_thread_t::RunPieces(const wasmd_run_options_t& options) {
  const uint64_t begin = options.time_ns == 0 ? 0 : MonotonicNow();
  uint64_t fuel = options.fuel;
  for (;;) {
    if (thread_->state() == ThreadState::kHostCall) {
      waiting_ = {};
      if (!wasmd::capi::AnswerByExtension(*store_, *thread_, &waiting_) ||
          waiting_.is_waiting) {
        return;
      }
    }
    if (thread_->state() != ThreadState::kRunnable) return;
    wasmd::RunOptions piece;
    // The safepoint that a thread stops at counts, too.
    if (options.fuel != 0) piece.fuel = fuel - 1;
    if (options.time_ns != 0) {
      piece.fuel =
          std::min(piece.fuel.value_or(kFuelBetweenLooks), kFuelBetweenLooks);
    }
    const uint64_t before = thread_->fuel_used();
    const RunResult result = thread_->Run(piece);
    if (result == RunResult::kInterrupted) return;
    if (options.fuel != 0) {
      fuel -= std::min(fuel, thread_->fuel_used() - before);
      if (fuel == 0) return;
    }
    if (options.time_ns != 0 && MonotonicNow() - begin >= options.time_ns) {
      return;
    }
  }
}

wasmd_thread_state_t wasmd_thread_t::Run(const wasmd_run_options_t& options) {
  const wasmd_thread_state_t before = state();
  const bool can_run =
      before == WASMD_THREAD_RUNNABLE || before == WASMD_THREAD_WAITING;
  if (!can_run || is_running_ || !store_->BeginCall()) return before;
  is_running_ = true;
  RunPieces(options);
  TakeTrap();
  is_running_ = false;
  store_->EndCall();
  return state();
}

namespace wasmd::capi {
namespace {

bool IsLive(const wasmd_thread_t* thread) {
  return thread != nullptr && thread->store() != nullptr;
}

bool IsIn(const wasmd_thread_t* thread, ThreadState state) {
  return IsLive(thread) && thread->thread().state() == state;
}

// Values of a vector as these types.
absl::Status ToValues(wasm_store_t& store, const wasm_val_vec_t* values,
                      const std::vector<ValueType>& types,
                      std::vector<Value>* out) {
  const bool is_empty = values == nullptr || values->data == nullptr;
  const size_t count = is_empty ? 0 : values->size;
  if (count != types.size()) {
    return absl::InvalidArgumentError(
        StrCat("expected ", types.size(), " values, got ", count));
  }
  for (size_t i = 0; i < count; ++i) {
    std::string error;
    Value value;
    if (!ToValue(store, values->data[i], types[i], &value, &error)) {
      return absl::InvalidArgumentError(StrCat("value ", i, " ", error));
    }
    out->push_back(value);
  }
  return absl::OkStatus();
}

const FunctionType& TypeOf(const Store& store, FuncAddr function) {
  return store.types().Get(store.function(function).type).function;
}

absl::Status Start(wasmd_thread_t& thread, const wasm_func_t& function,
                   const wasm_val_vec_t* args) {
  wasm_store_t& store = *thread.store();
  const ThreadState state = thread.thread().state();
  if (state != ThreadState::kIdle && state != ThreadState::kFinished) {
    return absl::FailedPreconditionError("the thread has not ended");
  }
  if (function.store != &store) {
    return absl::InvalidArgumentError("the function is of another store");
  }
  std::vector<Value> values;
  absl::Status status = ToValues(
      store, args, TypeOf(store.store(), function.address).params, &values);
  if (status.ok()) status = thread.thread().Start(function.address, values);
  if (status.ok()) thread.Forget();
  return status;
}

// Values as the program gets them.
void GiveValues(wasm_store_t& store, const std::vector<ValueType>& types,
                const std::vector<Value>& values, wasm_val_vec_t* out) {
  std::vector<wasm_val_t> given;
  for (size_t i = 0; i < values.size(); ++i) {
    const Slot slots[2] = {values[i].low, values[i].high};
    given.push_back(FromSlots(store, types[i], slots));
  }
  MakeVector(out, given);
}

}  // namespace
}  // namespace wasmd::capi

using namespace wasmd::capi;  // NOLINT: the functions below are the API

extern "C" {

wasmd_thread_t* wasmd_thread_new(wasm_store_t* store) {
  if (store == nullptr) return nullptr;
  return new wasmd_thread_t(
      store, std::make_unique<wasmd::Thread>(store->store(),
                                             store->config().thread_limits));
}
void wasmd_thread_delete(wasmd_thread_t* thread) { delete thread; }

wasmd_thread_state_t wasmd_thread_state(const wasmd_thread_t* thread) {
  return thread == nullptr ? wasmd_thread_state_t{WASMD_THREAD_IDLE}
                           : thread->state();
}

wasmd_error_t* wasmd_thread_start(wasmd_thread_t* thread,
                                  const wasm_func_t* function,
                                  const wasm_val_vec_t* args) {
  if (!IsLive(thread) || function == nullptr) {
    return NewError(WASMD_ERROR_INVALID, "no thread or no function");
  }
  return ToError(Start(*thread, *function, args));
}

wasmd_thread_state_t wasmd_thread_run(wasmd_thread_t* thread,
                                      const wasmd_run_options_t* options) {
  if (thread == nullptr) return WASMD_THREAD_IDLE;
  return thread->Run(options == nullptr ? wasmd_run_options_t{} : *options);
}

void wasmd_thread_interrupt(wasmd_thread_t* thread) {
  if (thread != nullptr) thread->Interrupt();
}

void wasmd_thread_results(const wasmd_thread_t* thread, wasm_val_vec_t* out) {
  if (out == nullptr) return;
  wasm_val_vec_new_empty(out);
  if (!IsIn(thread, ThreadState::kFinished)) return;
  const wasmd::Thread& ended = thread->thread();
  if (ended.outcome() != RunResult::kReturned) return;
  GiveValues(*thread->store(),
             TypeOf(ended.store(), ended.entry_function()).results,
             ended.results(), out);
}

wasm_trap_t* wasmd_thread_trap(const wasmd_thread_t* thread) {
  return thread == nullptr ? nullptr : Retained(thread->trap());
}

wasm_func_t* wasmd_thread_pending_func(const wasmd_thread_t* thread) {
  if (!IsIn(thread, ThreadState::kHostCall)) return nullptr;
  return thread->store()->Function(thread->thread().pending_call().function);
}

void wasmd_thread_pending_name(const wasmd_thread_t* thread,
                               wasm_name_t* module, wasm_name_t* name) {
  wasmd::HostFunctionInfo info;
  if (IsIn(thread, ThreadState::kHostCall)) {
    info = thread->thread().store().host_info(
        thread->thread().pending_call().function);
  }
  if (module != nullptr) MakeBytes(module, info.module);
  if (name != nullptr) MakeBytes(name, info.name);
}

void wasmd_thread_pending_args(const wasmd_thread_t* thread,
                               wasm_val_vec_t* out) {
  if (out == nullptr) return;
  wasm_val_vec_new_empty(out);
  if (!IsIn(thread, ThreadState::kHostCall)) return;
  const wasmd::PendingCall call = thread->thread().pending_call();
  GiveValues(*thread->store(),
             TypeOf(thread->thread().store(), call.function).params,
             call.arguments, out);
}

wasm_instance_t* wasmd_thread_pending_caller(const wasmd_thread_t* thread) {
  if (!IsIn(thread, ThreadState::kHostCall)) return nullptr;
  const auto caller = thread->thread().pending_call().caller;
  return caller.has_value() ? thread->store()->Instance(*caller) : nullptr;
}

wasmd_error_t* wasmd_thread_answer(wasmd_thread_t* thread,
                                   const wasm_val_vec_t* results) {
  if (thread == nullptr || thread->state() != WASMD_THREAD_PENDING) {
    return NewError(WASMD_ERROR_STATE, "no call is pending");
  }
  const wasmd::FuncAddr function = thread->thread().pending_call().function;
  std::vector<wasmd::Value> values;
  absl::Status status =
      ToValues(*thread->store(), results,
               TypeOf(thread->thread().store(), function).results, &values);
  if (status.ok()) status = thread->thread().CompleteHostCall(values);
  return ToError(status);
}

wasmd_error_t* wasmd_thread_fail(wasmd_thread_t* thread,
                                 const wasm_trap_t* trap) {
  if (thread == nullptr || thread->state() != WASMD_THREAD_PENDING) {
    return NewError(WASMD_ERROR_STATE, "no call is pending");
  }
  if (trap == nullptr) return NewError(WASMD_ERROR_INVALID, "no trap");
  const wasm_ref_t* exception = trap->exception;
  if (exception != nullptr && exception->store == thread->store()) {
    thread->thread().ThrowFromHostCall(
        static_cast<const wasmd_heap_value_t*>(exception)->slot);
  } else {
    if (trap->store == thread->store()) {
      trap->Retain();
      thread->store()->set_pending_trap(const_cast<wasm_trap_t*>(trap));
    }
    thread->thread().FailHostCall({wasmd::TrapKind::kHost, trap->message});
  }
  thread->TakeTrap();
  return nullptr;
}

bool wasmd_thread_wakes_at(const wasmd_thread_t* thread, int64_t* time_ns,
                           bool* input) {
  const bool is_waiting = thread != nullptr && thread->waiting().is_waiting;
  if (input != nullptr) *input = is_waiting && thread->waiting().input;
  if (!is_waiting || !thread->waiting().has_deadline) return false;
  if (time_ns != nullptr) *time_ns = thread->waiting().deadline_ns;
  return true;
}

size_t wasmd_thread_wait_fds(const wasmd_thread_t* thread, wasmd_wait_fd_t* out,
                             size_t max) {
  if (thread == nullptr || !thread->waiting().is_waiting) return 0;
  const std::vector<wasmd_wait_fd_t>& all = thread->waiting().descriptors;
  if (out != nullptr) std::copy_n(all.begin(), std::min(max, all.size()), out);
  return all.size();
}

void wasmd_thread_wait(wasmd_thread_t* thread, uint64_t max_ns) {
  if (!IsIn(thread, ThreadState::kHostCall) || !thread->waiting().is_waiting) {
    return;
  }
  StoreExtension* extension =
      thread->store()->ExtensionOf(thread->thread().pending_call().function);
  if (extension != nullptr) extension->Wait(thread->waiting(), max_ns);
}

uint64_t wasmd_thread_fuel_used(const wasmd_thread_t* thread) {
  return IsLive(thread) ? thread->thread().fuel_used() : 0;
}

void wasmd_thread_stack(const wasmd_thread_t* thread, size_t max,
                        wasm_frame_vec_t* out) {
  if (out == nullptr) return;
  std::vector<wasm_frame_t*> frames;
  const wasmd_thread_state_t state = wasmd_thread_state(thread);
  if (state != WASMD_THREAD_IDLE && state != WASMD_THREAD_RETURNED) {
    for (const wasm_frame_t& frame :
         FramesOf(*thread->store(), thread->thread(), max)) {
      frames.push_back(new wasm_frame_t(frame));
    }
  }
  MakeVector(out, frames);
}

}  // extern "C"
