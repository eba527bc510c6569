#include "capi/store_state.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "base/check.h"
#include "base/str_cat.h"
#include "capi/thread_state.h"

using wasmd::ExternKind;
using wasmd::capi::ObjectKind;

namespace {

// Handles below are the program's to choose.
constexpr uint64_t kFirstOwnHandle = uint64_t{1} << 60;
// Far more than anybody makes, and far below the last that a slot can hold.
constexpr uint64_t kLastOwnHandle = kFirstOwnHandle + (uint64_t{1} << 59);

[[noreturn]] void Die(const char* reason) {
  std::fprintf(stderr, "wasmd: %s\n", reason);
  std::abort();
}

}  // namespace

wasm_store_t::wasm_store_t(std::shared_ptr<const wasm_config_t> config,
                           std::unique_ptr<wasmd::Store> store)
    : config_(std::move(config)),
      store_(store != nullptr
                 ? std::move(store)
                 : std::make_unique<wasmd::Store>(config_->store_limits)),
      next_handle_(kFirstOwnHandle) {
  store_->heap().AddRootSource(this);
}

wasm_store_t::~wasm_store_t() {
  if (is_running()) Die("wasm_store_delete: the store is running");
  for (wasmd_thread_t* thread : threads_) thread->Detach();
  for (wasmd::capi::StoreUser* user : users_) user->store_ = nullptr;
  call_threads_.clear();
  // Finalizers run from here on; nothing they can reach leads to the store.
  for (wasm_ref_t* first : {heap_values_, others_}) {
    while (first != nullptr) {
      wasm_ref_t* const object = first;
      first = object->next;
      object->store = nullptr;
      object->previous = nullptr;
      object->next = nullptr;
    }
  }
  std::vector<wasm_ref_t*> owned;
  for (auto& objects : externs_) {
    for (wasm_ref_t* object : objects) owned.push_back(object);
  }
  for (const auto& [handle, object] : handles_) owned.push_back(object);
  owned.push_back(pending_trap_);
  store_->heap().RemoveRootSource(this);
  store_.reset();
  for (wasm_ref_t* object : owned) wasmd::capi::Release(object);
}

bool wasm_store_t::HasThread(const wasmd_thread_t* thread) const {
  return std::find(threads_.begin(), threads_.end(), thread) != threads_.end();
}

void wasm_store_t::set_error(const absl::Status& status) {
  error_ = std::string(wasmd::ToStd(status.message()));
}

template <typename T>
T* wasm_store_t::Find(ObjectKind kind, uint32_t address) {
  std::vector<wasm_ref_t*>& objects = externs_[static_cast<size_t>(kind)];
  if (address >= objects.size()) objects.resize(address + 1, nullptr);
  wasm_ref_t*& object = objects[address];
  if (object == nullptr) object = new T(kind, this, address);
  return static_cast<T*>(object);
}

wasm_func_t* wasm_store_t::Function(wasmd::FuncAddr a) {
  return Find<wasm_func_t>(ObjectKind::kFunction, a);
}
wasm_global_t* wasm_store_t::Global(wasmd::GlobalAddr a) {
  return Find<wasm_global_t>(ObjectKind::kGlobal, a);
}
wasm_table_t* wasm_store_t::Table(wasmd::TableAddr a) {
  return Find<wasm_table_t>(ObjectKind::kTable, a);
}
wasm_memory_t* wasm_store_t::Memory(wasmd::MemAddr a) {
  return Find<wasm_memory_t>(ObjectKind::kMemory, a);
}
wasmd_tag_t* wasm_store_t::Tag(wasmd::TagAddr a) {
  return Find<wasmd_tag_t>(ObjectKind::kTag, a);
}
wasm_instance_t* wasm_store_t::Instance(wasmd::InstanceAddr a) {
  return Find<wasm_instance_t>(ObjectKind::kInstance, a);
}

wasm_extern_t* wasm_store_t::Extern(const wasmd::ExternValue& value) {
  switch (value.kind) {
    case ExternKind::kFunction:
      return Function(value.address);
    case ExternKind::kTable:
      return Table(value.address);
    case ExternKind::kMemory:
      return Memory(value.address);
    case ExternKind::kGlobal:
      return Global(value.address);
    case ExternKind::kTag:
      return Tag(value.address);
  }
  CHECK(false);
}

wasm_memory_t* wasm_store_t::KnownMemory(wasmd::MemAddr a) const {
  const auto& objects = externs_[static_cast<size_t>(ObjectKind::kMemory)];
  return a < objects.size() ? static_cast<wasm_memory_t*>(objects[a]) : nullptr;
}

uint64_t wasm_store_t::HandleOf(wasm_ref_t* object) {
  uint64_t& handle =
      object->store != nullptr ? object->handle : shared_handles_[object];
  if (handle == 0) {
    // A snapshot may have had more than it says.
    while (!handles_.emplace(next_handle_, object).second) ++next_handle_;
    handle = next_handle_++;
    object->Retain();
  }
  return handle;
}

bool wasm_store_t::SetHandle(wasm_ref_t* object, uint64_t handle) {
  if (object->handle != 0 || handle == 0 || handle >= kFirstOwnHandle) {
    return false;
  }
  if (!handles_.emplace(handle, object).second) return false;
  object->handle = handle;
  object->Retain();
  return true;
}

absl::Status wasm_store_t::RestoreNextHandle(uint64_t handle) {
  if (handle < kFirstOwnHandle || handle > kLastOwnHandle) {
    return absl::DataLossError("the API's own state is damaged");
  }
  next_handle_ = handle;
  return absl::OkStatus();
}

wasm_ref_t* wasm_store_t::ObjectOf(uint64_t handle) {
  const auto found = handles_.find(handle);
  if (found != handles_.end()) return found->second;
  wasm_ref_t* object = resolver_ ? resolver_(handle) : nullptr;
  // The program may have given out the number meanwhile.
  const auto now = handles_.find(handle);
  if (now != handles_.end()) {
    wasmd::capi::Release(object);
    return now->second;
  }
  // One that is known by another name, or of elsewhere, cannot stand for it.
  if (object != nullptr && (object->handle != 0 || object->store != this)) {
    object->Release();
    object = nullptr;
  }
  if (object == nullptr) object = new wasm_foreign_t(this);
  object->handle = handle;
  handles_.emplace(handle, object);
  return object;
}

void wasm_store_t::DieOfTwoThreads() {
  Die("a store was used by two threads at the same time");
}

bool wasm_store_t::RefuseCall() {
  set_error("calls inside callbacks are nested too deeply");
  return false;
}

wasmd::Thread& wasm_store_t::NewCallThread() {
  if (call_threads_.size() < nested_calls_) call_threads_.resize(nested_calls_);
  auto& thread = call_threads_[nested_calls_ - 1];
  thread = std::make_unique<wasmd::Thread>(*store_, config_->thread_limits);
  return *thread;
}

void wasm_store_t::DropCallThread() {
  if (nested_calls_ < call_threads_.size()) call_threads_.pop_back();
}

void wasm_store_t::set_pending_trap(wasm_trap_t* trap) {
  wasmd::capi::Release(std::exchange(pending_trap_, trap));
}

wasm_trap_t* wasm_store_t::TakePendingTrap() {
  return std::exchange(pending_trap_, nullptr);
}

wasm_ref_t*& wasm_store_t::ListOf(const wasm_ref_t& object) {
  return object.kind == ObjectKind::kHeapValue ? heap_values_ : others_;
}

void wasm_store_t::Link(wasm_ref_t* object) {
  wasm_ref_t*& first = ListOf(*object);
  object->next = first;
  if (first != nullptr) first->previous = object;
  first = object;
}

void wasm_store_t::Unlink(wasm_ref_t* object) {
  (object->previous != nullptr ? object->previous->next : ListOf(*object)) =
      object->next;
  if (object->next != nullptr) object->next->previous = object->previous;
}

wasmd::capi::StoreExtension* wasm_store_t::ExtensionOf(
    wasmd::FuncAddr function) {
  for (const auto& extension : extensions_) {
    if (extension->Owns(*store_, function)) return extension.get();
  }
  return nullptr;
}

void wasm_store_t::VisitRoots(wasmd::RootVisitor& visitor) {
  for (wasm_ref_t* object = heap_values_; object != nullptr;
       object = object->next) {
    visitor.Visit(static_cast<wasmd_heap_value_t*>(object)->slot);
  }
}

namespace wasmd::capi {

StoreUser::StoreUser(wasm_store_t* store) : store_(store) {
  store_->users_.push_back(this);
}

StoreUser::~StoreUser() {
  if (store_ == nullptr) return;
  std::vector<StoreUser*>& users = store_->users_;
  users.erase(std::find(users.begin(), users.end(), this));
}

}  // namespace wasmd::capi

extern "C" {

wasm_config_t* wasm_config_new() { return new wasm_config_t; }
void wasm_config_delete(wasm_config_t* config) { delete config; }

wasm_engine_t* wasm_engine_new() {
  return wasm_engine_new_with_config(wasm_config_new());
}
wasm_engine_t* wasm_engine_new_with_config(wasm_config_t* config) {
  if (config == nullptr) return nullptr;
  return new wasm_engine_t{std::shared_ptr<const wasm_config_t>(config)};
}
void wasm_engine_delete(wasm_engine_t* engine) { delete engine; }

wasm_store_t* wasm_store_new(wasm_engine_t* engine) {
  return engine == nullptr ? nullptr : new wasm_store_t(engine->config);
}
void wasm_store_delete(wasm_store_t* store) { delete store; }

}  // extern "C"
