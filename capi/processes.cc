// Durable processes of wasmd_process.h.

#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "base/status_macros.h"
#include "base/str_cat.h"
#include "capi/error.h"
#include "capi/include/wasmd_process.h"
#include "capi/key_value_store.h"
#include "capi/modules.h"
#include "capi/process_store.h"
#include "capi/snapshots.h"
#include "capi/store_state.h"
#include "capi/thread_state.h"
#include "interp/module_instance.h"

struct wasmd_process_t {
  explicit wasmd_process_t(wasmd::capi::ProcessLease lease_in)
      : lease(std::move(lease_in)) {}
  ~wasmd_process_t() {
    if (user != nullptr && user->store() != nullptr) {
      user->store()->set_kept(false);
    }
  }
  wasmd_process_t(const wasmd_process_t&) = delete;
  wasmd_process_t& operator=(const wasmd_process_t&) = delete;

  void Keep(wasm_store_t* store, wasmd_thread_t* its_thread) {
    user = std::make_unique<wasmd::capi::StoreUser>(store);
    store->set_kept(true);
    thread = its_thread;
  }

  wasmd::capi::ProcessLease lease;  // outlives `kept`
  std::unique_ptr<wasmd::capi::KeptProcess> kept;
  std::unique_ptr<wasmd::capi::StoreUser> user;
  wasmd_thread_t* thread = nullptr;  // null: none
};

namespace wasmd::capi {

absl::Status SharedProcessStore::Acquire(const std::string& name) {
  const MutexLock lock(mutex_);
  if (names_.insert(name).second) return absl::OkStatus();
  return absl::FailedPreconditionError(
      StrCat("the process ", name, " is in use by this program"));
}

void SharedProcessStore::Release(const std::string& name) {
  const MutexLock lock(mutex_);
  names_.erase(name);
}

absl::StatusOr<ProcessLease> ProcessLease::Take(
    std::shared_ptr<SharedProcessStore> store, const std::string& name) {
  RETURN_IF_ERROR(store->Acquire(name));
  return ProcessLease(std::move(store), name);
}

namespace {

constexpr size_t kMaxNameBytes = 255;

absl::Status CheckName(const wasmd_db_t* db, const char* name) {
  if (db == nullptr) return absl::InvalidArgumentError("no database");
  const std::string_view text = name == nullptr ? "" : name;
  if (text.empty() || text.size() > kMaxNameBytes) {
    return absl::InvalidArgumentError("the name must have 1 to 255 bytes");
  }
  return absl::OkStatus();
}

// Null if it has not been started: there is nothing to save of it.
const wasmd_thread_t* StartedThread(const wasmd_process_t& process) {
  return wasmd_thread_state(process.thread) == WASMD_THREAD_IDLE
             ? nullptr
             : process.thread;
}

absl::Status Commit(wasmd_process_t& process, PageSelection pages, bool sync) {
  wasm_store_t* const store = process.user->store();
  if (store == nullptr) {
    return absl::FailedPreconditionError(
        "the store of the process was deleted");
  }
  if (process.thread != nullptr && !store->HasThread(process.thread)) {
    return absl::FailedPreconditionError(
        "the thread of the process was deleted");
  }
  ASSIGN_OR_RETURN(const Capture capture,
                   CaptureState(store, StartedThread(process), pages));
  const Store& machine = store->store();
  std::vector<UsedModule> modules;
  std::set<Sha256Digest> hashes;
  for (InstanceAddr a = 0; a < machine.instance_count(); ++a) {
    const Module& module = *machine.instance(a).module;
    if (!hashes.insert(module.hash).second) continue;
    modules.push_back({module.hash, ByteSpan(*module.binary)});
  }
  RETURN_IF_ERROR(process.kept->Commit(capture, modules, sync));
  ClearDirtyPages(store->store());
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<wasmd_process_t>> Create(
    wasmd_db_t* db, const char* name, wasm_store_t* store,
    wasmd_thread_t* thread) {
  RETURN_IF_ERROR(CheckName(db, name));
  if (store == nullptr) return absl::InvalidArgumentError("no store");
  if (thread != nullptr && thread->store() != store) {
    return absl::InvalidArgumentError("the thread is of another store");
  }
  if (store->is_kept()) {
    return absl::FailedPreconditionError("the store has a process already");
  }
  ASSIGN_OR_RETURN(ProcessLease lease, ProcessLease::Take(db->shared, name));
  auto process = std::make_unique<wasmd_process_t>(std::move(lease));
  ASSIGN_OR_RETURN(process->kept, db->shared->store().Create(name));
  process->Keep(store, thread);
  RETURN_IF_ERROR(Commit(*process, PageSelection::kChanged, /*sync=*/true));
  return process;
}

absl::StatusOr<std::unique_ptr<wasmd_process_t>> Resume(
    wasmd_db_t* db, const char* name, const wasm_engine_t* engine,
    const wasmd_restore_t& program, wasm_store_t** store,
    wasmd_thread_t** thread) {
  RETURN_IF_ERROR(CheckTargets(engine, store, thread));
  RETURN_IF_ERROR(CheckName(db, name));
  ASSIGN_OR_RETURN(ProcessLease lease, ProcessLease::Take(db->shared, name));
  ProcessStore& kept = db->shared->store();
  auto process = std::make_unique<wasmd_process_t>(std::move(lease));
  ASSIGN_OR_RETURN(process->kept, kept.Find(name));
  ASSIGN_OR_RETURN(const std::string state, kept.ReadState(name));
  const PageSource pages = [&](const PageSink& sink) {
    return kept.ReadPages(name, sink);
  };
  const ModuleFinder find = [&](const Sha256Digest& hash)
      -> absl::StatusOr<std::shared_ptr<TranslatedModule>> {
    ASSIGN_OR_RETURN(const std::vector<uint8_t> binary, kept.ReadModule(hash));
    return LoadBinary(*engine->config, ByteSpan(binary));
  };
  wasmd_thread_t* restored = nullptr;
  RETURN_IF_ERROR(RestoreState(*engine, AsBytes(state), pages, program, find,
                               store, &restored));
  if (thread != nullptr) {
    *thread = restored;
  } else {
    wasmd_thread_delete(std::exchange(restored, nullptr));
  }
  process->Keep(*store, restored);
  return process;
}

absl::Status Remove(wasmd_db_t* db, const char* name) {
  RETURN_IF_ERROR(CheckName(db, name));
  ASSIGN_OR_RETURN(ProcessLease lease, ProcessLease::Take(db->shared, name));
  return lease.store().Remove(name);
}

// The result of both, for the program.
wasmd_error_t* Give(absl::StatusOr<std::unique_ptr<wasmd_process_t>> process,
                    wasmd_process_t** out) {
  if (!process.ok()) return ToError(process.status());
  *out = process->release();
  return nullptr;
}

}  // namespace
}  // namespace wasmd::capi

using namespace wasmd::capi;  // NOLINT: the functions below are the API

extern "C" {

wasmd_error_t* wasmd_db_new(const wasmd_db_functions_t* functions,
                            wasmd_db_t** out) {
  if (out == nullptr) return NewError(WASMD_ERROR_INVALID, "nowhere to put it");
  *out = nullptr;
  if (functions == nullptr || functions->write == nullptr ||
      functions->scan == nullptr) {
    return NewError(WASMD_ERROR_INVALID, "write and scan are needed");
  }
  *out = new wasmd_db_t(NewKeyValueStore(*functions));
  return nullptr;
}

void wasmd_db_delete(wasmd_db_t* db) { delete db; }

wasmd_error_t* wasmd_db_list(wasmd_db_t* db,
                             wasmd_error_t* (*give)(void* env,
                                                    const char* name),
                             void* env) {
  if (db == nullptr || give == nullptr) {
    return NewError(WASMD_ERROR_INVALID, "no database or no function");
  }
  return ToError(db->shared->store().List([&](const std::string& name) {
    return TakeStatus(give(env, name.c_str()));
  }));
}

wasmd_error_t* wasmd_db_remove(wasmd_db_t* db, const char* name) {
  return ToError(Remove(db, name));
}

wasmd_error_t* wasmd_db_sync(wasmd_db_t* db) {
  if (db == nullptr) return NewError(WASMD_ERROR_INVALID, "no database");
  return ToError(db->shared->store().Sync());
}

void wasmd_process_delete(wasmd_process_t* process) { delete process; }

wasmd_error_t* wasmd_process_create(wasmd_db_t* db, const char* name,
                                    wasm_store_t* store, wasmd_thread_t* thread,
                                    wasmd_process_t** out) {
  if (out == nullptr) return NewError(WASMD_ERROR_INVALID, "nowhere to put it");
  *out = nullptr;
  return Give(Create(db, name, store, thread), out);
}

wasmd_error_t* wasmd_process_commit(wasmd_process_t* process, bool sync) {
  if (process == nullptr) return NewError(WASMD_ERROR_INVALID, "no process");
  return ToError(Commit(*process, wasmd::PageSelection::kDirty, sync));
}

wasmd_error_t* wasmd_process_resume(wasmd_db_t* db, const char* name,
                                    wasm_engine_t* engine,
                                    const wasmd_restore_t* restore,
                                    wasm_store_t** store,
                                    wasmd_thread_t** thread,
                                    wasmd_process_t** out) {
  if (out == nullptr) return NewError(WASMD_ERROR_INVALID, "nowhere to put it");
  *out = nullptr;
  return Give(Resume(db, name, engine, OrDefault(restore), store, thread), out);
}

}  // extern "C"
