#include "snapshot/owned_snapshot.h"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "base/bytes.h"
#include "base/sha256.h"
#include "base/status_macros.h"
#include "base/str_cat.h"
#include "interp/module_instance.h"
#include "interp/translated_module.h"

namespace wasmd {
namespace {

// Where two captures of what should be one state differ; empty if nowhere.
std::string Difference(const OwnedSnapshot& first,
                       const OwnedSnapshot& second) {
  if (first.state != second.state) {
    const auto at = std::mismatch(first.state.begin(), first.state.end(),
                                  second.state.begin(), second.state.end());
    return StrCat("the state record of ", first.state.size(), " bytes has ",
                  second.state.size(), " and differs from byte ",
                  at.first - first.state.begin());
  }
  const auto at = std::mismatch(first.pages.begin(), first.pages.end(),
                                second.pages.begin(), second.pages.end());
  if (at.first == first.pages.end() && at.second == second.pages.end()) {
    return "";
  }
  const OwnedPage& page =
      at.first == first.pages.end() ? *at.second : *at.first;
  return StrCat("page ", page.page, " of memory ", page.memory, " differs");
}

}  // namespace

OwnedSnapshot Own(const Capture& capture) {
  OwnedSnapshot owned;
  owned.state = capture.state;
  owned.pages.reserve(capture.pages.size());
  for (const PageContent& page : capture.pages) {
    owned.pages.push_back(
        {page.memory, page.page, std::string(AsText(page.bytes))});
  }
  return owned;
}

PageSource PagesOf(const OwnedSnapshot& snapshot) {
  return [&snapshot](const PageSink& sink) -> absl::Status {
    for (const OwnedPage& page : snapshot.pages) {
      RETURN_IF_ERROR(sink(page.memory, page.page, AsBytes(page.bytes)));
    }
    return absl::OkStatus();
  };
}

absl::StatusOr<OwnedSnapshot> CaptureAll(const RestoredProcess& process) {
  ASSIGN_OR_RETURN(
      const Capture capture,
      CaptureSnapshot(*process.store, process.thread.get(), process.host_state,
                      PageSelection::kChanged));
  return Own(capture);
}

RestoreContext ContextOf(const RestoredProcess& process) {
  std::map<Sha256Digest, std::shared_ptr<TranslatedModule>> modules;
  const Store& store = *process.store;
  for (InstanceAddr a = 0; a < store.instance_count(); ++a) {
    const ModuleInstance& instance = store.instance(a);
    modules.emplace(instance.module->hash, instance.code);
  }
  RestoreContext context;
  context.find_module = [modules = std::move(modules)](const Sha256Digest& hash)
      -> absl::StatusOr<std::shared_ptr<TranslatedModule>> {
    const auto found = modules.find(hash);
    if (found == modules.end()) return absl::NotFoundError("no such module");
    return found->second;
  };
  context.store_limits = store.limits();
  if (process.thread != nullptr) {
    context.thread_limits = process.thread->limits();
  }
  return context;
}

absl::StatusOr<RestoredProcess> RoundTrip(RestoredProcess process,
                                          const RestoreContext& context) {
  ASSIGN_OR_RETURN(const OwnedSnapshot before, CaptureAll(process));
  process.thread.reset();
  process.store.reset();
  ASSIGN_OR_RETURN(
      RestoredProcess restored,
      RestoreSnapshot(AsBytes(before.state), PagesOf(before), context));
  ASSIGN_OR_RETURN(const OwnedSnapshot after, CaptureAll(restored));
  const std::string difference = Difference(before, after);
  if (!difference.empty()) {
    return absl::InternalError(
        StrCat("a restored process is not what was captured: ", difference));
  }
  return restored;
}

}  // namespace wasmd
