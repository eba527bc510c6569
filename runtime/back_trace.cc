#include "runtime/back_trace.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "base/str_cat.h"
#include "interp/module_instance.h"
#include "wasm/names.h"

namespace wasmd {

std::vector<std::string> BackTrace(const Thread& thread, size_t max_frames) {
  std::vector<std::string> lines;
  std::map<const Module*, NameSection> names;
  if (thread.state() == ThreadState::kHostCall) {
    const HostFunctionInfo& info =
        thread.store().host_info(thread.pending_call().function);
    lines.push_back(StrCat("in ", info.module, ".", info.name));
  }
  const std::vector<Frame> frames = thread.CaptureFrames();
  for (size_t depth = 0; depth < frames.size(); ++depth) {
    if (frames.size() > max_frames && depth == max_frames / 2) {
      const size_t skipped = frames.size() - max_frames;
      lines.push_back(StrCat("... ", skipped, " frames ..."));
      depth += skipped;
    }
    const Frame& frame = frames[frames.size() - 1 - depth];
    const Module& module = *thread.store().instance(frame.instance).module;
    const auto [entry, is_new] = names.try_emplace(&module);
    if (is_new) entry->second = ReadNames(module);
    lines.push_back(
        StrCat("#", depth, " ",
               FunctionName(module, entry->second, frame.function_index),
               " at 0x", absl::StrCat(absl::Hex(frame.code_offset))));
  }
  return lines;
}

}  // namespace wasmd
