#include "capi/snapshots.h"

#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/sha256.h"
#include "base/status_macros.h"
#include "base/str_cat.h"
#include "capi/call.h"
#include "capi/error.h"
#include "capi/include/wasmd.h"
#include "capi/modules.h"
#include "capi/object.h"
#include "capi/store_state.h"
#include "capi/thread_state.h"
#include "capi/type_objects.h"
#include "capi/vectors.h"
#include "capi/wasi_extension.h"
#include "interp/module_instance.h"
#include "snapshot/owned_snapshot.h"
#include "snapshot/process_file.h"
#include "snapshot/snapshot.h"

namespace wasmd::capi {
namespace {

// What the API itself keeps: the next number for an externref.
constexpr std::string_view kApiState = "wasmd.capi";

bool IsReserved(std::string_view name) {
  return name.empty() || name.substr(0, 4) == "wasi" ||
         name.substr(0, 5) == "wasmd";
}

HostState HostStateOf(wasm_store_t& store) {
  HostState state = store.data();
  for (const auto& extension : store.extensions()) {
    state[std::string(extension->name())] = extension->Save();
  }
  std::string own(sizeof(uint64_t), '\0');
  StoreLittle(own.data(), store.next_handle());
  state[std::string(kApiState)] = own;
  return state;
}

// Marks what the program may have written through a bare pointer.
void MarkUntrackedWrites(wasm_store_t& store) {
  for (MemAddr a = 0; a < store.store().memory_count(); ++a) {
    const wasm_memory_t* known = store.KnownMemory(a);
    if (known == nullptr || !known->has_untracked_writes) continue;
    MemoryInstance& memory = store.store().memory(a);
    memory.MarkDirty(0, memory.size_bytes());
  }
}

}  // namespace

absl::StatusOr<Capture> CaptureState(wasm_store_t* store,
                                     const wasmd_thread_t* thread,
                                     PageSelection pages) {
  if (store == nullptr) return absl::InvalidArgumentError("no store");
  if (thread != nullptr && thread->store() != store) {
    return absl::InvalidArgumentError("the thread is of another store");
  }
  if (thread != nullptr && thread->thread().state() == ThreadState::kIdle) {
    return absl::FailedPreconditionError("the thread was not started");
  }
  if (store->is_running()) {
    return absl::FailedPreconditionError(
        "a callback of the store is running; leave its call pending instead");
  }
  MarkUntrackedWrites(*store);
  return CaptureSnapshot(store->store(),
                         thread == nullptr ? nullptr : &thread->thread(),
                         HostStateOf(*store), pages);
}

namespace {

absl::Status WriteSnapshot(wasm_store_t* store, const wasmd_thread_t* thread,
                           uint32_t flags, wasm_byte_vec_t* out) {
  if (out == nullptr) return absl::InvalidArgumentError("nowhere to put it");
  wasm_byte_vec_new_empty(out);
  ASSIGN_OR_RETURN(const Capture capture,
                   CaptureState(store, thread, PageSelection::kChanged));
  ProcessFileContents contents;
  contents.state = capture.state;
  if (flags & WASMD_SNAPSHOT_WITH_MODULES) {
    const Store& machine = store->store();
    for (InstanceAddr a = 0; a < machine.instance_count(); ++a) {
      const Module& module = *machine.instance(a).module;
      contents.modules.emplace(module.hash, *module.binary);
    }
  }
  const PageSource pages = [&](const PageSink& sink) -> absl::Status {
    for (const PageContent& page : capture.pages) {
      RETURN_IF_ERROR(sink(page.memory, page.page, page.bytes));
    }
    return absl::OkStatus();
  };
  std::string bytes;
  RETURN_IF_ERROR(WriteProcessFile(contents, pages, [&bytes](ByteSpan piece) {
    bytes.append(AsText(piece));
    return absl::OkStatus();
  }));
  MakeBytes(out, bytes);
  return absl::OkStatus();
}

absl::Status GiveCapture(wasm_store_t* store, const wasmd_thread_t* thread,
                         bool all, const wasmd_capture_sink_t* sink) {
  if (sink == nullptr || sink->state == nullptr || sink->page == nullptr) {
    return absl::InvalidArgumentError("no sink");
  }
  ASSIGN_OR_RETURN(
      const Capture capture,
      CaptureState(store, thread,
                   all ? PageSelection::kChanged : PageSelection::kDirty));
  RETURN_IF_ERROR(TakeStatus(
      sink->state(sink->env, capture.state.data(), capture.state.size())));
  for (const PageContent& content : capture.pages) {
    const bool is_zero = content.bytes.empty();
    const wasmd_page_t page{content.memory, content.page,
                            is_zero ? nullptr : content.bytes.data(),
                            content.bytes.size()};
    RETURN_IF_ERROR(TakeStatus(sink->page(sink->env, &page)));
  }
  return absl::OkStatus();
}

// One restore: what it asks the program for.
class Restorer {
 public:
  Restorer(const wasm_engine_t& engine, const wasmd_restore_t& program,
           ModuleFinder find_module)
      : engine_(engine),
        program_(program),
        find_module_(std::move(find_module)) {}

  absl::Status Run(ByteSpan state, const PageSource& pages,
                   wasm_store_t** store_out, wasmd_thread_t** thread_out) {
    ASSIGN_OR_RETURN(const SnapshotSummary summary, SummarizeSnapshot(state));
    RestoreContext context;
    context.store_limits = summary.store_limits;
    context.thread_limits = summary.thread_limits;
    context.find_module = [this](const Sha256Digest& hash) {
      return FindModule(hash);
    };
    context.bind_host = [this](const HostFunctionInfo& info,
                               const FunctionType& type) {
      return BindHost(info, type);
    };
    ASSIGN_OR_RETURN(RestoredProcess process,
                     RestoreSnapshot(state, pages, context));
    auto config = std::make_shared<wasm_config_t>(*engine_.config);
    config->store_limits = summary.store_limits;
    config->thread_limits = summary.thread_limits;
    auto store = std::make_unique<wasm_store_t>(std::move(config),
                                                std::move(process.store));
    for (CallbackFunction* callback : callbacks_) {
      callback->set_store(store.get());
    }
    const absl::Status restored =
        RestoreHostState(*store, std::move(process.host_state));
    if (!restored.ok()) {
      process.thread.reset();  // before its store
      return restored;
    }
    if (program_.resolve_ref != nullptr) {
      store->set_resolver([program = program_, to = store.get()](uint64_t id) {
        return program.resolve_ref(program.env, to, id);
      });
    }
    *store_out = store.release();
    if (thread_out != nullptr && process.thread != nullptr) {
      *thread_out = new wasmd_thread_t(*store_out, std::move(process.thread));
      (*thread_out)->TakeTrap();
    }
    return absl::OkStatus();
  }

 private:
  absl::StatusOr<std::shared_ptr<TranslatedModule>> FindModule(
      const Sha256Digest& hash) {
    const auto known = modules_.find(hash);
    if (known != modules_.end()) return known->second;
    if (find_module_) {
      ASSIGN_OR_RETURN(std::shared_ptr<TranslatedModule> found,
                       find_module_(hash));
      if (found != nullptr) return Checked(hash, std::move(found));
    }
    wasm_module_t* module =
        program_.find_module == nullptr
            ? nullptr
            : program_.find_module(program_.env, hash.data());
    if (module == nullptr) {
      return absl::FailedPreconditionError(
          StrCat("the module ", ToHex(hash), " is needed"));
    }
    const std::shared_ptr<TranslatedModule> code = module->code;
    module->Release();
    return Checked(hash, code);
  }

  // Remembers the module, if it is the one.
  absl::StatusOr<std::shared_ptr<TranslatedModule>> Checked(
      const Sha256Digest& hash, std::shared_ptr<TranslatedModule> code) {
    if (code->module().hash != hash) {
      return absl::DataLossError(
          StrCat("another module was given for ", ToHex(hash)));
    }
    return modules_[hash] = std::move(code);
  }

  absl::StatusOr<std::unique_ptr<HostFunction>> BindHost(
      const HostFunctionInfo& info, const FunctionType& type) {
    Callback callback;
    if (program_.bind_import != nullptr) {
      const wasm_functype_t functype(type);
      if (program_.bind_import(
              program_.env, info.module.c_str(), info.name.c_str(), &functype,
              &callback.suspending, &callback.env, &callback.finalizer)) {
        return NewCallback(type, callback);
      }
    }
    if (info.module == wasi::kModuleName) {
      if (wasi_ == nullptr) {
        wasi_ = std::make_unique<WasiExtension>(program_.wasi);
      }
      return wasi_->Bind(info.name);
    }
    if (program_.bind_import != nullptr) {
      return absl::FailedPreconditionError("unknown import");
    }
    return NewCallback(type, callback);
  }

  std::unique_ptr<HostFunction> NewCallback(const FunctionType& type,
                                            const Callback& callback) {
    auto function = std::make_unique<CallbackFunction>(type, callback);
    callbacks_.push_back(function.get());
    return function;
  }

  absl::Status RestoreHostState(wasm_store_t& store, HostState state) {
    const auto own = state.find(std::string(kApiState));
    if (own != state.end()) {
      if (own->second.size() != sizeof(uint64_t)) {
        return absl::DataLossError("the API's own state is damaged");
      }
      RETURN_IF_ERROR(
          store.RestoreNextHandle(LoadLittle<uint64_t>(own->second.data())));
      state.erase(own);
    }
    const auto saved = state.find(std::string(wasi::kModuleName));
    if (wasi_ != nullptr) {
      if (saved == state.end()) {
        return absl::DataLossError("the state of WASI is missing");
      }
      std::vector<std::string> warnings;
      RETURN_IF_ERROR(wasi_->Load(AsBytes(saved->second), &warnings));
      wasi_->set_in_doubt();
      if (!warnings.empty()) store.set_error(warnings.front());
      store.extensions().push_back(std::move(wasi_));
    }
    if (saved != state.end()) state.erase(saved);
    store.data() = std::move(state);
    return absl::OkStatus();
  }

  const wasm_engine_t& engine_;
  const wasmd_restore_t program_;
  const ModuleFinder find_module_;
  std::map<Sha256Digest, std::shared_ptr<TranslatedModule>> modules_;
  std::vector<CallbackFunction*> callbacks_;
  std::unique_ptr<WasiExtension> wasi_;
};

}  // namespace

absl::Status RestoreState(const wasm_engine_t& engine, ByteSpan state,
                          const PageSource& pages,
                          const wasmd_restore_t& program,
                          ModuleFinder find_module, wasm_store_t** store,
                          wasmd_thread_t** thread) {
  return Restorer(engine, program, std::move(find_module))
      .Run(state, pages, store, thread);
}

absl::Status CheckTargets(const wasm_engine_t* engine, wasm_store_t** store,
                          wasmd_thread_t** thread) {
  if (store != nullptr) *store = nullptr;
  if (thread != nullptr) *thread = nullptr;
  if (engine == nullptr || store == nullptr) {
    return absl::InvalidArgumentError("no engine or nowhere to put the store");
  }
  return absl::OkStatus();
}

namespace {

absl::Status RestoreFile(const wasm_engine_t* engine,
                         const wasm_byte_vec_t* snapshot,
                         const wasmd_restore_t& program, wasm_store_t** store,
                         wasmd_thread_t** thread) {
  RETURN_IF_ERROR(CheckTargets(engine, store, thread));
  if (snapshot == nullptr) return absl::InvalidArgumentError("no snapshot");
  OwnedSnapshot owned;
  ASSIGN_OR_RETURN(
      ProcessFileContents contents,
      ReadProcessFile(
          AsBytes(TextOf(*snapshot)),
          [&owned](MemAddr memory, uint64_t page, ByteSpan bytes) {
            owned.pages.push_back({memory, page, std::string(AsText(bytes))});
            return absl::OkStatus();
          }));
  owned.state = std::move(contents.state);
  const ModuleFinder find = [&](const Sha256Digest& hash)
      -> absl::StatusOr<std::shared_ptr<TranslatedModule>> {
    const auto binary = contents.modules.find(hash);
    if (binary == contents.modules.end()) return nullptr;
    return LoadBinary(*engine->config, ByteSpan(binary->second));
  };
  return RestoreState(*engine, AsBytes(owned.state), PagesOf(owned), program,
                      find, store, thread);
}

struct PageReceiver {
  const PageSink* sink;
};

wasmd_error_t* ReceivePage(void* context, const wasmd_page_t* page) {
  const auto* receiver = static_cast<const PageReceiver*>(context);
  if (page == nullptr) return NewError(WASMD_ERROR_INVALID, "no page");
  const ByteSpan bytes(static_cast<const uint8_t*>(page->bytes),
                       page->bytes == nullptr ? 0 : page->size);
  return ToError((*receiver->sink)(page->memory, page->page, bytes));
}

absl::Status RestorePages(const wasm_engine_t* engine, ByteSpan state,
                          wasmd_read_pages_t read_pages, void* read_env,
                          const wasmd_restore_t& program, wasm_store_t** store,
                          wasmd_thread_t** thread) {
  RETURN_IF_ERROR(CheckTargets(engine, store, thread));
  const PageSource pages = [&](const PageSink& sink) -> absl::Status {
    if (read_pages == nullptr) return absl::OkStatus();
    PageReceiver receiver{&sink};
    return TakeStatus(read_pages(read_env, ReceivePage, &receiver));
  };
  return RestoreState(*engine, state, pages, program, nullptr, store, thread);
}

}  // namespace
}  // namespace wasmd::capi

using namespace wasmd::capi;  // NOLINT: the functions below are the API

extern "C" {

wasmd_error_t* wasmd_store_set_data(wasm_store_t* store, const char* name,
                                    const wasm_byte_vec_t* bytes) {
  if (store == nullptr || name == nullptr || IsReserved(name)) {
    return NewError(WASMD_ERROR_INVALID, "no store, or a name that is taken");
  }
  if (bytes == nullptr || bytes->size == 0) {
    store->data().erase(name);
  } else {
    store->data()[name] = std::string(TextOf(*bytes));
  }
  return nullptr;
}

void wasmd_store_get_data(const wasm_store_t* store, const char* name,
                          wasm_byte_vec_t* out) {
  if (out == nullptr) return;
  wasm_byte_vec_new_empty(out);
  if (store == nullptr || name == nullptr) return;
  const auto found = store->data().find(name);
  if (found != store->data().end()) MakeBytes(out, found->second);
}

wasmd_error_t* wasmd_snapshot(wasm_store_t* store, const wasmd_thread_t* thread,
                              uint32_t flags, wasm_byte_vec_t* out) {
  return ToError(WriteSnapshot(store, thread, flags, out));
}

wasmd_error_t* wasmd_restore(wasm_engine_t* engine,
                             const wasm_byte_vec_t* snapshot,
                             const wasmd_restore_t* restore,
                             wasm_store_t** store, wasmd_thread_t** thread) {
  return ToError(
      RestoreFile(engine, snapshot, OrDefault(restore), store, thread));
}

wasmd_error_t* wasmd_capture(wasm_store_t* store, const wasmd_thread_t* thread,
                             bool all, const wasmd_capture_sink_t* sink) {
  return ToError(GiveCapture(store, thread, all, sink));
}

void wasmd_store_clear_dirty(wasm_store_t* store) {
  if (store == nullptr) return;
  if (store->is_kept()) {
    store->set_error("the dirty pages are a wasmd_process_t's to clear");
    return;
  }
  wasmd::ClearDirtyPages(store->store());
}

wasmd_error_t* wasmd_restore_pages(wasm_engine_t* engine, const void* state,
                                   size_t size, wasmd_read_pages_t read_pages,
                                   void* read_env,
                                   const wasmd_restore_t* restore,
                                   wasm_store_t** store,
                                   wasmd_thread_t** thread) {
  const wasmd::ByteSpan bytes(static_cast<const uint8_t*>(state),
                              state == nullptr ? 0 : size);
  return ToError(RestorePages(engine, bytes, read_pages, read_env,
                              OrDefault(restore), store, thread));
}

}  // extern "C"
