// wasmd_thread_t: a guest thread that the program runs in pieces.

#ifndef WASMD_CAPI_THREAD_STATE_H_
#define WASMD_CAPI_THREAD_STATE_H_

#include <memory>

#include "absl/status/status.h"
#include "base/mutex.h"
#include "capi/include/wasmd.h"
#include "capi/store_state.h"
#include "interp/thread.h"

struct wasmd_thread_t {
 public:
  // Belongs to the store from here on, too.
  wasmd_thread_t(wasm_store_t* store, std::unique_ptr<wasmd::Thread> thread);
  ~wasmd_thread_t();
  wasmd_thread_t(const wasmd_thread_t&) = delete;
  wasmd_thread_t& operator=(const wasmd_thread_t&) = delete;

  // The store goes: nothing can be done any more.
  void Detach();

  // Null once the store is gone.
  wasm_store_t* store() const { return store_; }
  // Only while there is a store.
  wasmd::Thread& thread() const { return *thread_; }
  bool is_running() const { return is_running_; }

  wasmd_thread_state_t state() const;
  wasmd_thread_state_t Run(const wasmd_run_options_t& options);
  void Interrupt();
  // Before the thread is started again.
  void Forget();
  // After something other than Run ended it: fetches the trap.
  void TakeTrap();
  wasm_trap_t* trap() const { return trap_; }
  const wasmd::capi::StoreExtension::Waiting& waiting() const {
    return waiting_;
  }

 private:
  void RunPieces(const wasmd_run_options_t& options);

  wasm_store_t* store_;
  // Other threads only look at it, to interrupt.
  wasmd::Mutex mutex_;
  std::unique_ptr<wasmd::Thread> thread_;
  bool is_running_ = false;
  wasmd::capi::StoreExtension::Waiting waiting_;
  wasm_trap_t* trap_ = nullptr;  // TRAPPED: an owner
};

#endif  // WASMD_CAPI_THREAD_STATE_H_
