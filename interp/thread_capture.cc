// Thread::CaptureFrames: from the machine's frames to canonical ones.

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "interp/code/translator.h"
#include "interp/exec/host_call.h"
#include "interp/thread_impl.h"

namespace wasmd {

namespace {

// Reads values and the types they have at a safepoint.
class FrameReader {
 public:
  FrameReader(const MachineFrame& machine, FunctionCode& code)
      : machine_(machine), code_(code) {
    frame_.instance = machine.instance->address;
    frame_.function_index = code.function_index;
  }

  // With `results`, a frame at the position after a call has the callee's
  // results on its operand stack.
  Frame AtSafepoint(bool is_top, bool results) {
    code_.module->EnsureTranslated(code_);
    const Translation& translation = *code_.translation;
    const CodeUnit* pc =
        machine_.pc == code_.stub ? translation.code.get() : machine_.pc;
    const auto position = static_cast<uint32_t>(pc - translation.code.get());
    const Safepoint* safepoint = nullptr;
    if (is_top && results) {
      safepoint = translation.Find(position, /*after_call=*/false);
    }
    if (safepoint == nullptr) {
      safepoint = translation.Find(position, /*after_call=*/true);
    }
    CHECK(safepoint != nullptr);
    frame_.code_offset = safepoint->code_offset;
    ReadLocals(safepoint->kind == SafepointKind::kEntry);
    for (const OperandNode& node : translation.Operands(*safepoint)) {
      Read(node.type, node.slot, &frame_.operands);
    }
    if (results && safepoint->kind == SafepointKind::kAfterCall) {
      ReadResults(translation, *safepoint);
    }
    return std::move(frame_);
  }

  // For a back trace: only where it is.
  Frame AtTrap(bool pc_after_call) {
    const CodeUnit* pc =
        machine_.pc == code_.stub ? code_.entry.load() : machine_.pc;
    frame_.code_offset =
        code_.translated()
            ? code_.module->FindCodeOffset(code_, pc_after_call ? pc - 1 : pc)
            : Module().functions[code_.function_index].code.begin;
    return std::move(frame_);
  }

 private:
  const wasmd::Module& Module() const { return code_.module->module(); }

  void Read(ValueType type, uint32_t slot, std::vector<Value>* to) {
    to->push_back({type, machine_.fp[slot],
                   type.is_vector() ? machine_.fp[slot + 1] : 0});
  }

  // At its entry a function has yet to zero the locals it declares.
  void ReadLocals(bool at_entry) {
    const size_t params =
        Module().TypeOfFunction(code_.function_index).params.size();
    uint32_t slot = 0;
    for (const ValueType type :
         ReadLocalTypes(Module(), code_.function_index)) {
      if (at_entry && frame_.locals.size() >= params) {
        frame_.locals.push_back({type, 0, 0});
      } else {
        Read(type, slot, &frame_.locals);
      }
      slot += type.slot_count();
    }
  }

  void ReadResults(const Translation& translation, const Safepoint& safepoint) {
    const FunctionType& type = safepoint.callee_kind == CalleeKind::kFunction
                                   ? Module().TypeOfFunction(safepoint.callee)
                                   : Module().types[safepoint.callee].function;
    uint32_t slot = translation.EndOfOperands(safepoint);
    for (const ValueType result : type.results) {
      Read(result, slot, &frame_.operands);
      slot += result.slot_count();
    }
  }

  const MachineFrame& machine_;
  FunctionCode& code_;
  Frame frame_;
};

// Frame::code_offset alone. `may_enter`: of a frame that is not in a call.
uint32_t OffsetOf(const MachineFrame& machine, FunctionCode& code,
                  bool may_enter) {
  code.module->EnsureTranslated(code);
  const Translation& translation = *code.translation;
  const CodeUnit* pc =
      machine.pc == code.stub ? translation.code.get() : machine.pc;
  const auto position = static_cast<uint32_t>(pc - translation.code.get());
  const Safepoint* safepoint = nullptr;
  if (may_enter) safepoint = translation.Find(position, /*after_call=*/false);
  if (safepoint == nullptr) {
    safepoint = translation.Find(position, /*after_call=*/true);
  }
  CHECK(safepoint != nullptr);
  return safepoint->code_offset;
}

}  // namespace

bool Thread::Impl::HasFailed() const {
  const bool failed =
      state == ThreadState::kFinished && outcome.result != RunResult::kReturned;
  CHECK(state == ThreadState::kRunnable || state == ThreadState::kHostCall ||
        failed);
  return failed;
}

std::vector<Frame> Thread::CaptureFrames() const {
  const Impl& impl = *impl_;
  const bool trapped = impl.HasFailed();
  std::vector<Frame> frames;
  bool is_top = true;
  for (FrameWalker walker(impl.context); walker.Next();) {
    const MachineFrame& machine = walker.frame();
    FrameReader reader(machine, walker.function());
    frames.push_back(
        is_top && trapped
            ? reader.AtTrap(impl.context.pc_after_call)
            : reader.AtSafepoint(
                  is_top, is_top && impl.state == ThreadState::kRunnable));
    is_top = false;
  }
  std::reverse(frames.begin(), frames.end());
  return frames;
}

std::vector<FramePosition> Thread::CapturePositions(size_t max_frames) const {
  const Impl& impl = *impl_;
  const bool failed = impl.HasFailed();
  std::vector<FramePosition> positions;
  for (FrameWalker walker(impl.context);
       positions.size() < max_frames && walker.Next();) {
    const MachineFrame& machine = walker.frame();
    FunctionCode& code = walker.function();
    const bool is_top = positions.empty();
    const uint32_t offset =
        is_top && failed
            ? FrameReader(machine, code)
                  .AtTrap(impl.context.pc_after_call)
                  .code_offset
            : OffsetOf(machine, code,
                       is_top && impl.state == ThreadState::kRunnable &&
                           !impl.context.in_host_call);
    positions.push_back(
        {machine.instance->address, code.function_index, offset});
  }
  return positions;
}

}  // namespace wasmd
