#include "snapshot/snapshot.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/status_macros.h"
#include "base/str_cat.h"
#include "snapshot/capture_limits.h"
#include "snapshot/capture_store.h"
#include "snapshot/restore_errors.h"
#include "snapshot/restore_store.h"
#include "snapshot/snapshot.pb.h"
#include "snapshot/state_record.h"
#include "snapshot/thread_codec.h"
#include "snapshot/unknown_fields.h"
#include "snapshot/zero_bytes.h"

namespace wasmd {
namespace {

absl::Status CheckCanCapture(const Store& store, const Thread* thread) {
  if (store.running_threads() != 0) {
    return absl::FailedPreconditionError(
        "cannot capture while a host function is being called");
  }
  if (thread != nullptr) {
    CHECK(&thread->store() == &store);
    if (thread->state() == ThreadState::kIdle) {
      return absl::FailedPreconditionError(
          "cannot capture a thread that was never started");
    }
  }
  return absl::OkStatus();
}

std::vector<uint64_t> Select(const MemoryInstance& memory,
                             PageSelection selection) {
  return selection == PageSelection::kDirty ? memory.DirtyPagesToSave()
                                            : memory.ChangedPagesToSave();
}

std::vector<uint64_t> Select(const Heap& heap, PageSelection selection) {
  return selection == PageSelection::kDirty ? heap.DirtyPages()
                                            : heap.ChangedPages();
}

PageContent PageOf(MemAddr memory, uint64_t page, ByteSpan bytes) {
  return {memory, page, IsZero(bytes) ? ByteSpan() : bytes};
}

std::vector<PageContent> SelectPages(const Store& store,
                                     PageSelection selection) {
  std::vector<PageContent> pages;
  for (MemAddr a = 0; a < store.memory_count(); ++a) {
    const MemoryInstance& memory = store.memory(a);
    for (const uint64_t page : Select(memory, selection)) {
      pages.push_back(PageOf(a, page, memory.CardPage(page)));
    }
  }
  for (const uint64_t page : Select(store.heap(), selection)) {
    pages.push_back(PageOf(kHeapMemory, page, store.heap().Page(page)));
  }
  return pages;
}

// Fields that came with version 2.
bool HasFieldsOfVersion2(const snapshot::State& state) {
  return state.limits().max_all_memory_bytes() != 0 ||
         std::any_of(state.memories().begin(), state.memories().end(),
                     [](const snapshot::Memory& memory) {
                       return memory.image_instances_size() != 0;
                     });
}

// The format version, and the message in `*state`.
absl::StatusOr<uint32_t> ReadState(ByteSpan bytes, snapshot::State* state) {
  ASSIGN_OR_RETURN(const StateRecord record, OpenStateRecord(bytes));
  if (record.payload.size() > kMaxStateBytes ||
      !state->ParseFromArray(record.payload.data(),
                             static_cast<int>(record.payload.size()))) {
    return Damage("state record is malformed");
  }
  if (HasUnknownFields(*state) ||
      (record.version < 2 && HasFieldsOfVersion2(*state))) {
    return Damage("state record has fields that its format version has not");
  }
  return record.version;
}

absl::StatusOr<HostState> ReadHostState(const snapshot::State& state) {
  HostState host_state;
  for (const snapshot::HostState& host : state.host_state()) {
    if (!host_state.empty() && host.name() <= host_state.rbegin()->first) {
      return Damage("host states are out of order");
    }
    host_state.emplace_hint(host_state.end(), host.name(), host.state());
  }
  return host_state;
}

}  // namespace

absl::StatusOr<Capture> CaptureSnapshot(const Store& store,
                                        const Thread* thread,
                                        const HostState& host_state,
                                        PageSelection pages) {
  RETURN_IF_ERROR(CheckCanCapture(store, thread));
  const auto failed_to_load = [&store] {
    return Annotate("what the process did is not kept", store.status());
  };
  RETURN_IF_ERROR(failed_to_load());
  snapshot::State state;
  RETURN_IF_ERROR(CaptureStore(store, &state));
  if (thread != nullptr) CaptureThread(*thread, &state);
  for (const auto& [name, bytes] : host_state) {
    snapshot::HostState* out = state.add_host_state();
    out->set_name(name);
    out->set_state(bytes);
  }
  if (state.ByteSizeLong() > kMaxStateBytes) {
    return absl::ResourceExhaustedError(
        StrCat("the state record would have ", state.ByteSizeLong(),
               " bytes; at most ", kMaxStateBytes, " can be saved"));
  }
  Capture capture;
  capture.state.assign(kStateRecordHeaderBytes, '\0');
  CHECK(state.AppendToString(&capture.state));
  SealStateRecord(&capture.state);
  capture.pages = SelectPages(store, pages);
  RETURN_IF_ERROR(failed_to_load());  // perhaps just now
  return capture;
}

void ClearDirtyPages(Store& store) {
  for (MemAddr a = 0; a < store.memory_count(); ++a) {
    store.memory(a).ClearDirty();
  }
  store.heap().ClearDirty();
}

absl::StatusOr<RestoredProcess> RestoreSnapshot(ByteSpan state,
                                                const PageSource& pages,
                                                const RestoreContext& context) {
  snapshot::State message;
  RETURN_IF_ERROR(ReadState(state, &message).status());
  RestoredProcess process;
  ASSIGN_OR_RETURN(process.host_state, ReadHostState(message));
  ASSIGN_OR_RETURN(process.store, RestoreStore(message, pages, context));
  ClearDirtyPages(*process.store);
  if (message.has_thread()) {
    ASSIGN_OR_RETURN(
        process.thread,
        RestoreThread(message.thread(), *process.store, context.thread_limits));
  }
  return process;
}

absl::StatusOr<SnapshotSummary> SummarizeSnapshot(ByteSpan state) {
  snapshot::State message;
  SnapshotSummary summary;
  ASSIGN_OR_RETURN(summary.format_version, ReadState(state, &message));
  for (const std::string& bytes : message.modules()) {
    Sha256Digest hash;
    if (bytes.size() != hash.size()) {
      return Damage("a module hash is malformed");
    }
    std::copy(bytes.begin(), bytes.end(), hash.begin());
    summary.modules.push_back(hash);
  }
  for (const snapshot::HostFunction& function : message.host_functions()) {
    summary.imports.push_back({function.module(), function.name()});
  }
  const snapshot::Limits& limits = message.limits();
  summary.store_limits.max_memory_bytes = limits.max_memory_bytes();
  summary.store_limits.max_table_elements = limits.max_table_elements();
  summary.store_limits.max_all_table_elements = limits.max_all_table_elements();
  summary.store_limits.max_heap_bytes = limits.max_heap_bytes();
  summary.store_limits.max_all_memory_bytes =
      summary.format_version < 2 ? kVersion1AllMemoryBytes
                                 : limits.max_all_memory_bytes();
  if (message.has_thread()) {
    summary.thread_limits.stack_bytes = limits.stack_bytes();
  }
  return summary;
}

}  // namespace wasmd
