// wasm_store_t: a Store with the objects that the program knows of it, the
// threads that its calls run on, and the externrefs that the guest may hold.
//
// Invariants:
// 1. Every object with `store` set is in the list of that store; deleting the
//    store clears it in all of them.
// 2. `externs_[kind][a]` is null or the one object for address a, of which the
//    store is an owner.
// 3. A host reference in a slot has a handle that is in `handles_`, or one that
//    `resolver_` is asked for when the program first sees it.
// 4. `is_kept_`: a wasmd_process_t commits the dirty pages, and nobody else may
//    clear them.

#ifndef WASMD_CAPI_STORE_STATE_H_
#define WASMD_CAPI_STORE_STATE_H_

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "capi/engine_state.h"
#include "capi/include/wasm.h"
#include "capi/include/wasmd.h"
#include "capi/object.h"
#include "interp/heap.h"
#include "interp/store.h"
#include "interp/thread.h"

namespace wasmd::capi {

// What a store keeps for a part of the API that need not be there (WASI), and
// hands back in snapshots.
class StoreExtension {
 public:
  virtual ~StoreExtension() = default;
  // Called when a call of one of its functions is pending, as often as it
  // takes. kRunnable after an answer; kHostCall if it has to wait: then
  // `deadline_ns` (realtime), `input` and `descriptors` say for what.
  struct Waiting {
    bool is_waiting = false;
    bool has_deadline = false;
    int64_t deadline_ns = 0;
    bool input = false;
    std::vector<wasmd_wait_fd_t> descriptors;
  };
  struct Ending {
    bool has_ended = false;  // the guest wants to end, with this code
    uint32_t exit_code = 0;
  };
  virtual bool Owns(const Store& store, FuncAddr function) const = 0;
  virtual void Answer(Thread& thread, Waiting* waiting, Ending* ending) = 0;
  // Blocks until what is waited for may be there, at most this long.
  virtual void Wait(const Waiting& waiting, uint64_t max_ns) = 0;
  virtual std::string_view name() const = 0;
  virtual std::string Save() const = 0;
};

// Something of the program's that works on a store. Deleting the store makes
// `store()` null.
class StoreUser {
 public:
  explicit StoreUser(wasm_store_t* store);
  ~StoreUser();
  StoreUser(const StoreUser&) = delete;
  StoreUser& operator=(const StoreUser&) = delete;
  wasm_store_t* store() const { return store_; }

 private:
  friend wasm_store_t;
  wasm_store_t* store_;
};

}  // namespace wasmd::capi

struct wasm_store_t final : private wasmd::RootSource {
 public:
  explicit wasm_store_t(std::shared_ptr<const wasm_config_t> config,
                        std::unique_ptr<wasmd::Store> store = nullptr);
  ~wasm_store_t() override;

  const wasm_config_t& config() const { return *config_; }
  const std::shared_ptr<const wasm_config_t>& shared_config() const {
    return config_;
  }
  wasmd::Store& store() { return *store_; }
  const wasmd::Store& store() const { return *store_; }

  // Why the last function that could not do its work could not.
  void set_error(std::string message) { error_ = std::move(message); }
  void set_error(const absl::Status& status);
  const std::string& error() const { return error_; }

  // The object for an address; borrowed.
  wasm_func_t* Function(wasmd::FuncAddr a);
  wasm_global_t* Global(wasmd::GlobalAddr a);
  wasm_table_t* Table(wasmd::TableAddr a);
  wasm_memory_t* Memory(wasmd::MemAddr a);
  wasmd_tag_t* Tag(wasmd::TagAddr a);
  wasm_instance_t* Instance(wasmd::InstanceAddr a);
  wasm_extern_t* Extern(const wasmd::ExternValue& value);
  // The same, if the program ever saw it.
  wasm_memory_t* KnownMemory(wasmd::MemAddr a) const;

  // The handle of an object as an externref; it is kept from now on.
  uint64_t HandleOf(wasm_ref_t* object);
  // Gives an object a handle of the program's choice. False if it is taken or
  // out of range, or the object has another.
  bool SetHandle(wasm_ref_t* object, uint64_t handle);
  // The object for a handle; borrowed.
  wasm_ref_t* ObjectOf(uint64_t handle);
  // Asked for handles that came with a snapshot; returns an owner, or null.
  using Resolver = std::function<wasm_ref_t*(uint64_t handle)>;
  void set_resolver(Resolver resolver) { resolver_ = std::move(resolver); }
  uint64_t next_handle() const { return next_handle_; }
  // DataLoss if next_handle() can never have been this.
  absl::Status RestoreNextHandle(uint64_t handle);

  // Around everything that runs guest code. Begin: false, with the error set,
  // if calls are nested too deeply. Ends the program if another thread is in
  // the store.
  bool BeginCall() {
    const std::thread::id self = std::this_thread::get_id();
    if (nested_calls_ == 0) {
      running_on_ = self;
    } else if (running_on_ != self) {
      DieOfTwoThreads();
    }
    if (nested_calls_ >= config_->max_nested_calls) return RefuseCall();
    ++nested_calls_;
    return true;
  }
  void EndCall() {
    if (--nested_calls_ >= kKeptCallThreads) DropCallThread();
  }
  bool is_running() const { return nested_calls_ != 0; }
  // A thread at rest to run the call on that began last, until it ends.
  wasmd::Thread& CallThread() {
    const size_t depth = nested_calls_ - 1;
    return depth < call_threads_.size() && call_threads_[depth] != nullptr
               ? *call_threads_[depth]
               : NewCallThread();
  }

  // What a callback ended its caller with, until its call ends: an owner.
  void set_pending_trap(wasm_trap_t* trap);
  wasm_trap_t* TakePendingTrap();

  void Link(wasm_ref_t* object);
  void Unlink(wasm_ref_t* object);

  std::vector<std::unique_ptr<wasmd::capi::StoreExtension>>& extensions() {
    return extensions_;
  }
  // Null if it is none's.
  wasmd::capi::StoreExtension* ExtensionOf(wasmd::FuncAddr function);

  // The program's own bytes, which go with snapshots.
  std::map<std::string, std::string>& data() { return data_; }
  const std::map<std::string, std::string>& data() const { return data_; }

  // Threads that the program made; detached when the store goes.
  std::vector<wasmd_thread_t*>& threads() { return threads_; }
  // False also for a thread that is no more.
  bool HasThread(const wasmd_thread_t* thread) const;

  bool is_kept() const { return is_kept_; }
  void set_kept(bool is_kept) { is_kept_ = is_kept; }

 private:
  friend wasmd::capi::StoreUser;
  template <typename T>
  T* Find(wasmd::capi::ObjectKind kind, uint32_t address);
  [[noreturn]] static void DieOfTwoThreads();
  bool RefuseCall();  // false
  wasmd::Thread& NewCallThread();
  void DropCallThread();
  wasm_ref_t*& ListOf(const wasm_ref_t& object);
  void VisitRoots(wasmd::RootVisitor& visitor) override;

  const std::shared_ptr<const wasm_config_t> config_;
  std::vector<std::unique_ptr<wasmd::capi::StoreExtension>> extensions_;
  std::unique_ptr<wasmd::Store> store_;
  std::string error_;
  // By ObjectKind up to kInstance, then address.
  std::array<std::vector<wasm_ref_t*>, 6> externs_;
  // Lists of all objects: those that are roots of the heap, and the rest.
  wasm_ref_t* heap_values_ = nullptr;
  wasm_ref_t* others_ = nullptr;
  absl::flat_hash_map<uint64_t, wasm_ref_t*> handles_;
  // Of objects that belong to no store.
  absl::flat_hash_map<const wasm_ref_t*, uint64_t> shared_handles_;
  uint64_t next_handle_;
  Resolver resolver_;
  // Threads of that many calls inside each other are kept for the next.
  static constexpr uint32_t kKeptCallThreads = 4;
  // By how many calls are around theirs; null where none was needed.
  std::vector<std::unique_ptr<wasmd::Thread>> call_threads_;
  uint32_t nested_calls_ = 0;
  std::thread::id running_on_;
  wasm_trap_t* pending_trap_ = nullptr;
  std::vector<wasmd_thread_t*> threads_;
  std::vector<wasmd::capi::StoreUser*> users_;
  bool is_kept_ = false;
  std::map<std::string, std::string> data_;
};

#endif  // WASMD_CAPI_STORE_STATE_H_
