#include "runtime/back_trace.h"

#include <map>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/str_cat.h"
#include "interp/module_instance.h"
#include "runtime/symbols.h"
#include "wasm/names.h"

namespace wasmd {
namespace {

// One line of the trace that is a frame.
struct ShownFrame {
  const Module* module = nullptr;
  uint32_t function_index = 0;
  uint32_t code_offset = 0;    // as it is shown
  uint32_t symbol_offset = 0;  // of an instruction that belongs to the line
  // Where it comes from; what is called "inlined" has its demangled name.
  std::vector<SourcePlace> places = {};
  std::string name = {};
};

void AddPlaces(std::vector<ShownFrame>* frames) {
  std::map<const Module*, std::vector<ShownFrame*>> by_module;
  for (ShownFrame& frame : *frames) by_module[frame.module].push_back(&frame);
  for (const auto& [module, of_module] : by_module) {
    std::vector<uint32_t> offsets;
    for (const ShownFrame* frame : of_module) {
      offsets.push_back(frame->symbol_offset);
    }
    std::vector<std::vector<SourcePlace>> places =
        SourcePlaces(*module, offsets);
    for (size_t i = 0; i < of_module.size(); ++i) {
      of_module[i]->places = std::move(places[i]);
    }
  }
}

void AddNames(std::vector<ShownFrame>* frames) {
  std::map<const Module*, NameSection> sections;
  std::vector<std::string> names;
  for (const ShownFrame& frame : *frames) {
    const auto [entry, is_new] = sections.try_emplace(frame.module);
    if (is_new) entry->second = ReadNames(*frame.module);
    names.push_back(
        FunctionName(*frame.module, entry->second, frame.function_index));
  }
  for (const ShownFrame& frame : *frames) {
    for (const SourcePlace& place : frame.places)
      names.push_back(place.inlined);
  }
  names = Demangled(names);
  auto next = names.begin();
  for (ShownFrame& frame : *frames) frame.name = std::move(*next++);
  for (ShownFrame& frame : *frames) {
    for (SourcePlace& place : frame.places) place.inlined = std::move(*next++);
  }
}

// One line, and one before it for each function that was inlined there.
void AddLines(const ShownFrame& frame, size_t depth,
              std::vector<std::string>* lines) {
  const auto add = [&](std::string_view name, std::string_view place) {
    std::string line = StrCat("#", depth, " ", Printable(name), " at 0x",
                              absl::Hex(frame.code_offset));
    if (!place.empty()) StrAppend(&line, ", ", Printable(place));
    lines->push_back(std::move(line));
  };
  std::string_view place;
  for (const SourcePlace& at : frame.places) {
    place = at.line;
    if (at.inlined.empty()) break;
    add(StrCat(at.inlined, " (inlined)"), place);
  }
  add(frame.name, place);
}

}  // namespace

std::vector<std::string> BackTrace(const Thread& thread, size_t max_frames) {
  std::vector<std::string> lines;
  if (thread.state() == ThreadState::kHostCall) {
    const HostFunctionInfo& info =
        thread.store().host_info(thread.pending_call().function);
    lines.push_back(Printable(StrCat("in ", info.module, ".", info.name)));
  }
  const std::vector<Frame> frames = thread.CaptureFrames();
  // Of a deep stack both ends.
  const size_t skipped =
      frames.size() > max_frames ? frames.size() - max_frames : 0;
  const size_t skipped_at = skipped == 0 ? frames.size() : max_frames / 2;
  std::vector<ShownFrame> shown;
  for (size_t depth = 0; depth < frames.size(); ++depth) {
    if (depth == skipped_at) depth += skipped;
    const Frame& frame = frames[frames.size() - 1 - depth];
    // The offset of a frame that called is that after the call.
    const bool has_called =
        depth != 0 || thread.state() == ThreadState::kHostCall;
    shown.push_back({.module = thread.store().instance(frame.instance).module,
                     .function_index = frame.function_index,
                     .code_offset = frame.code_offset,
                     .symbol_offset = frame.code_offset - has_called});
  }
  AddPlaces(&shown);
  AddNames(&shown);
  for (size_t i = 0; i < shown.size(); ++i) {
    if (i == skipped_at)
      lines.push_back(StrCat("... ", skipped, " frames ..."));
    AddLines(shown[i], i < skipped_at ? i : i + skipped, &lines);
  }
  return lines;
}

}  // namespace wasmd
