#include "capi/traps.h"

#include <utility>

#include "capi/include/wasmd.h"
#include "capi/vectors.h"
#include "interp/module_instance.h"
#include "interp/trap.h"
#include "wasm/names.h"

namespace wasmd::capi {
namespace {

wasm_frame_t* CopyOf(const wasm_frame_t& frame) {
  Retained(frame.instance);
  return new wasm_frame_t(frame);
}

}  // namespace

wasm_trap_t* NewTrap(wasm_store_t* store, std::string message) {
  return new wasm_trap_t(store, std::move(message));
}

wasm_trap_t* NewTrap(wasm_store_t* store, const Trap& trap) {
  const bool is_own = trap.kind == TrapKind::kHost && !trap.detail.empty();
  return NewTrap(store, is_own ? trap.detail : ToString(trap));
}

std::vector<wasm_frame_t> FramesOf(wasm_store_t& store, const Thread& thread,
                                   size_t max_frames) {
  std::vector<wasm_frame_t> frames;
  for (const FramePosition& position : thread.CapturePositions(max_frames)) {
    const Module& module = *store.store().instance(position.instance).module;
    wasm_frame_t frame;
    frame.instance = Retained(store.Instance(position.instance));
    frame.function_index = position.function_index;
    frame.module_offset = position.code_offset;
    frame.function_offset =
        position.code_offset -
        module.functions[position.function_index].body.begin;
    frames.push_back(frame);
  }
  return frames;
}

wasm_trap_t* TrapOf(wasm_store_t& store, const Thread& thread) {
  wasm_trap_t* trap = nullptr;
  if (thread.outcome() == RunResult::kThrew) {
    trap = NewTrap(&store, "uncaught exception");
    trap->exception = new wasmd_heap_value_t(&store, thread.exception());
  } else {
    if (thread.trap().kind == TrapKind::kHost) trap = store.TakePendingTrap();
    if (trap == nullptr) trap = NewTrap(&store, thread.trap());
  }
  if (!trap->has_frames) {
    trap->has_frames = true;
    trap->frames = FramesOf(store, thread, kMaxTrapFrames);
  }
  return trap;
}

}  // namespace wasmd::capi

using wasmd::capi::CopyOf;
using wasmd::capi::MakeBytes;
using wasmd::capi::MakeVector;
using wasmd::capi::TextOf;

extern "C" {

wasm_trap_t* wasm_trap_new(wasm_store_t* store, const wasm_message_t* message) {
  std::string text;
  if (message != nullptr) text = std::string(TextOf(*message));
  if (!text.empty() && text.back() == '\0') text.pop_back();
  return wasmd::capi::NewTrap(store, std::move(text));
}

void wasm_trap_message(const wasm_trap_t* trap, wasm_message_t* out) {
  if (out == nullptr) return;
  const std::string text = trap == nullptr ? "" : trap->message;
  MakeBytes(out, std::string_view(text.c_str(), text.size() + 1));
}

wasm_frame_t* wasm_trap_origin(const wasm_trap_t* trap) {
  return trap == nullptr || trap->frames.empty() ? nullptr
                                                 : CopyOf(trap->frames[0]);
}

void wasm_trap_trace(const wasm_trap_t* trap, wasm_frame_vec_t* out) {
  if (out == nullptr) return;
  std::vector<wasm_frame_t*> frames;
  if (trap != nullptr) {
    for (const wasm_frame_t& frame : trap->frames) {
      frames.push_back(CopyOf(frame));
    }
  }
  MakeVector(out, frames);
}

bool wasmd_trap_exit_code(const wasm_trap_t* trap, uint32_t* out) {
  if (trap == nullptr || !trap->exit_code.has_value()) return false;
  if (out != nullptr) *out = *trap->exit_code;
  return true;
}

wasm_ref_t* wasmd_trap_exception(const wasm_trap_t* trap) {
  return trap == nullptr ? nullptr : trap->exception;
}

void wasm_frame_delete(wasm_frame_t* frame) {
  if (frame == nullptr) return;
  wasmd::capi::Release(frame->instance);
  delete frame;
}
wasm_frame_t* wasm_frame_copy(const wasm_frame_t* frame) {
  return frame == nullptr ? nullptr : CopyOf(*frame);
}
wasm_instance_t* wasm_frame_instance(const wasm_frame_t* frame) {
  return frame == nullptr ? nullptr : frame->instance;
}
uint32_t wasm_frame_func_index(const wasm_frame_t* frame) {
  return frame == nullptr ? 0 : frame->function_index;
}
size_t wasm_frame_func_offset(const wasm_frame_t* frame) {
  return frame == nullptr ? 0 : frame->function_offset;
}
size_t wasm_frame_module_offset(const wasm_frame_t* frame) {
  return frame == nullptr ? 0 : frame->module_offset;
}

void wasmd_frame_name(const wasm_frame_t* frame, wasm_name_t* out) {
  if (out == nullptr) return;
  std::string name;
  if (frame != nullptr && frame->instance != nullptr &&
      frame->instance->store != nullptr) {
    const wasmd::Module& module = *frame->instance->store->store()
                                       .instance(frame->instance->address)
                                       .module;
    name = wasmd::FunctionName(module, wasmd::ReadNames(module),
                               frame->function_index);
  }
  MakeBytes(out, name);
}

}  // extern "C"
