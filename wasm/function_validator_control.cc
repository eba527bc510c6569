// Control instructions: blocks, branches, calls, exceptions (core
// specification, valid/instructions "Control Instructions").

#include <vector>

#include "base/str_cat.h"
#include "wasm/function_validator.h"
#include "wasm/limits.h"
#include "wasm/subtyping.h"

namespace wasmd {

bool FunctionValidator::CheckControl() {
  switch (in_.opcode) {
    case Opcode::kUnreachable:
      SetUnreachable();
      return true;
    case Opcode::kBlock:
    case Opcode::kLoop:
    case Opcode::kIf:
      return CheckBlock();
    case Opcode::kElse:
      return CheckElse();
    case Opcode::kEnd:
      return CheckEnd();
    case Opcode::kTryTable:
      return CheckTryTable();
    case Opcode::kBr:
    case Opcode::kBrIf:
      return CheckBranch();
    case Opcode::kBrTable:
      return CheckBrTable();
    case Opcode::kBrOnNull:
      return CheckBrOnNull();
    case Opcode::kBrOnNonNull:
      return CheckBrOnNonNull();
    case Opcode::kBrOnCast:
    case Opcode::kBrOnCastFail:
      return CheckBrOnCast();
    case Opcode::kReturn:
      return CheckReturn();
    case Opcode::kCall:
    case Opcode::kCallIndirect:
    case Opcode::kCallRef:
      return CheckCall();
    case Opcode::kReturnCall:
    case Opcode::kReturnCallIndirect:
    case Opcode::kReturnCallRef:
      return CheckTailCall();
    case Opcode::kThrow:
      return CheckThrow();
    case Opcode::kThrowRef:
      if (!Pop(kExnRefType)) return false;
      SetUnreachable();
      return true;
    default:
      return Fail(StrCat("no validation rule for ", mnemonic()));
  }
}

// Blocks.

bool FunctionValidator::ReadBlockShape(ControlFrame* frame) {
  frame->opcode = in_.opcode;
  switch (in_.block_type.kind) {
    case BlockType::Kind::kEmpty:
      return true;
    case BlockType::Kind::kValue:
      frame->has_result = true;
      frame->result = in_.block_type.value;
      return types_.IsPlain(frame->result) ||
             Require(types_.CheckValueType(frame->result));
    case BlockType::Kind::kTypeIndex:
      return FindFunctionType(in_.block_type.type_index, &frame->type);
  }
  return false;
}

void FunctionValidator::OpenFrame(ControlFrame frame) {
  frame.height = static_cast<uint32_t>(operands_.size());
  frame.initialized_height = static_cast<uint32_t>(locals_.SetCount());
  floor_ = operands_.size();
  frames_.push_back(frame);
}

bool FunctionValidator::CheckBlock() {
  ControlFrame frame;
  if (!ReadBlockShape(&frame)) return false;
  if (in_.opcode == Opcode::kIf && !Pop(kI32Type)) return false;
  if (frames_.size() > kMaxBlockNesting) {
    return FailLimit(
        StrCat("blocks are nested more than ", kMaxBlockNesting, " deep"));
  }
  if (!PopAll(frame.Params())) return false;
  OpenFrame(frame);
  PushAll(frame.Params());
  return true;
}

bool FunctionValidator::FinishFrame() {
  if (!PopAll(frames_.back().Results())) return false;
  if (operands_.size() != floor_) {
    return Fail(StrCat("type mismatch: ", operands_.size() - floor_,
                       " values too many on the stack at the end of a block"));
  }
  locals_.ForgetSince(frames_.back().initialized_height);
  return true;
}

bool FunctionValidator::CheckElse() {
  if (frames_.back().opcode != Opcode::kIf) {
    return FailMalformed("END opcode expected: else without if");
  }
  if (!FinishFrame()) return false;
  ControlFrame& frame = frames_.back();
  frame.opcode = Opcode::kElse;
  frame.is_unreachable = false;
  PushAll(frame.Params());
  return true;
}

bool FunctionValidator::CheckEnd() {
  if (!FinishFrame()) return false;
  const ControlFrame frame = frames_.back();
  // An if without else has an empty one, which turns its parameters into its
  // results.
  if (frame.opcode == Opcode::kIf &&
      !IsResultSubtype(module_, frame.Params(), frame.Results())) {
    return Fail("type mismatch: if without else must leave what it takes");
  }
  frames_.pop_back();
  if (!frames_.empty()) {
    floor_ = frames_.back().height;
    PushAll(frame.Results());
  }
  return true;
}

bool FunctionValidator::CheckTryTable() {
  // The labels of the clauses do not count the block itself.
  for (const CatchClause& clause : in_.catches) {
    if (!CheckCatch(clause)) return false;
  }
  return CheckBlock();
}

bool FunctionValidator::CheckCatch(const CatchClause& clause) {
  std::vector<ValueType> carried;
  const bool has_tag =
      clause.kind == CatchKind::kCatch || clause.kind == CatchKind::kCatchRef;
  if (has_tag) {
    const FunctionType* type = nullptr;
    if (!FindTag(clause.tag_index, &type)) return false;
    carried = type->params;
  }
  if (clause.kind == CatchKind::kCatchRef ||
      clause.kind == CatchKind::kCatchAllRef) {
    carried.push_back(ValueType::Ref(AbstractHeapType::kExn, false));
  }
  const ControlFrame* frame = nullptr;
  if (!FindLabel(clause.label, &frame)) return false;
  if (!IsResultSubtype(module_, carried, frame->LabelTypes())) {
    return Fail(StrCat("type mismatch: catch clause does not match label ",
                       clause.label));
  }
  return true;
}

// Branches.

bool FunctionValidator::FindLabel(uint32_t label, const ControlFrame** frame) {
  if (label >= frames_.size()) return Fail(StrCat("unknown label ", label));
  *frame = &frames_[frames_.size() - 1 - label];
  return true;
}

bool FunctionValidator::CheckBranch() {
  const ControlFrame* frame = nullptr;
  if (!FindLabel(in_.index, &frame)) return false;
  if (in_.opcode == Opcode::kBrIf && !Pop(kI32Type)) return false;
  if (!PopAll(frame->LabelTypes())) return false;
  if (in_.opcode == Opcode::kBr) {
    SetUnreachable();
  } else {
    PushAll(frame->LabelTypes());
  }
  return true;
}

bool FunctionValidator::CheckBrTable() {
  if (!Pop(kI32Type)) return false;
  const ControlFrame* frame = nullptr;
  if (!FindLabel(in_.labels.back(), &frame)) return false;
  const size_t arity = frame->LabelTypes().size();
  // Many labels, few different ones: each frame is checked once.
  ++br_table_number_;
  if (checked_by_.size() < frames_.size()) checked_by_.resize(frames_.size());
  for (const uint32_t label : in_.labels) {
    if (!FindLabel(label, &frame)) return false;
    uint32_t& checked_by =
        checked_by_[static_cast<size_t>(frame - frames_.data())];
    if (checked_by == br_table_number_) continue;
    checked_by = br_table_number_;
    if (frame->LabelTypes().size() != arity) {
      return Fail(StrCat("type mismatch: label ", label, " takes ",
                         frame->LabelTypes().size(),
                         " values, the default label ", arity));
    }
    if (!TopMatches(frame->LabelTypes())) {
      return Fail(StrCat("type mismatch: br_table operands for label ", label));
    }
  }
  SetUnreachable();
  return true;
}

bool FunctionValidator::CheckBrOnNull() {
  const ControlFrame* frame = nullptr;
  ValueType type;
  if (!FindLabel(in_.index, &frame) || !PopReference(&type) ||
      !PopAll(frame->LabelTypes())) {
    return false;
  }
  PushAll(frame->LabelTypes());
  Push(ValueType::Ref(type.heap_type(), false));
  return true;
}

bool FunctionValidator::CheckBrOnNonNull() {
  const ControlFrame* frame = nullptr;
  if (!FindLabel(in_.index, &frame)) return false;
  const std::span<const ValueType> types = frame->LabelTypes();
  if (types.empty() || !types.back().is_ref()) {
    return Fail(StrCat("type mismatch: label ", in_.index,
                       " must take a reference last"));
  }
  const auto others = types.first(types.size() - 1);
  if (!Pop(ValueType::Ref(types.back().heap_type(), true)) || !PopAll(others)) {
    return false;
  }
  PushAll(others);
  return true;
}

bool FunctionValidator::CheckBrOnCast() {
  const ValueType source = in_.ref_type;
  const ValueType target = in_.ref_type2;
  const ControlFrame* frame = nullptr;
  if (!FindLabel(in_.index, &frame) ||
      !Require(types_.CheckValueType(source)) ||
      !Require(types_.CheckValueType(target))) {
    return false;
  }
  if (!Matches(target, source)) {
    return Fail(StrCat("type mismatch: cast from ", ToString(source), " to ",
                       ToString(target)));
  }
  // What is left of the source type where the cast fails.
  const ValueType rest = ValueType::Ref(
      source.heap_type(), source.is_nullable() && !target.is_nullable());
  const bool branches_on_success = in_.opcode == Opcode::kBrOnCast;
  const ValueType carried = branches_on_success ? target : rest;
  const std::span<const ValueType> types = frame->LabelTypes();
  if (types.empty() || !Matches(carried, types.back())) {
    return Fail(StrCat("type mismatch: label ", in_.index, " does not take ",
                       ToString(carried), " last"));
  }
  const auto others = types.first(types.size() - 1);
  if (!Pop(source) || !PopAll(others)) return false;
  PushAll(others);
  Push(branches_on_success ? rest : target);
  return true;
}

bool FunctionValidator::CheckReturn() {
  if (!PopAll(frames_.front().Results())) return false;
  SetUnreachable();
  return true;
}

// Calls.

bool FunctionValidator::ReadCallee(const FunctionType** type) {
  switch (in_.opcode) {
    case Opcode::kCall:
    case Opcode::kReturnCall:
      if (in_.index >= module_.functions.size()) {
        return Fail(StrCat("unknown function ", in_.index));
      }
      *type = &module_.TypeOfFunction(in_.index);
      return true;
    case Opcode::kCallIndirect:
    case Opcode::kReturnCallIndirect: {
      const Table* table = nullptr;
      if (!FindTable(in_.index2, &table)) return false;
      if (!Matches(table->type.element, kFuncRefType)) {
        return Fail(StrCat("type mismatch: table ", in_.index2,
                           " does not hold functions"));
      }
      return FindFunctionType(in_.index, type) &&
             Pop(ToValueType(table->type.address));
    }
    default:  // by reference
      return FindFunctionType(in_.index, type) &&
             Pop(ValueType::Ref(HeapType::Concrete(in_.index), true));
  }
}

bool FunctionValidator::CheckCall() {
  const FunctionType* type = nullptr;
  if (!ReadCallee(&type) || !PopAll(type->params)) return false;
  PushAll(type->results);
  return true;
}

bool FunctionValidator::CheckTailCall() {
  const FunctionType* type = nullptr;
  if (!ReadCallee(&type)) return false;
  if (!IsResultSubtype(module_, type->results, frames_.front().Results())) {
    return Fail(StrCat("type mismatch: ", mnemonic(), " of a function ",
                       ToString(*type),
                       " whose results are not those of the caller"));
  }
  if (!PopAll(type->params)) return false;
  SetUnreachable();
  return true;
}

bool FunctionValidator::CheckThrow() {
  const FunctionType* type = nullptr;
  if (!FindTag(in_.index, &type) || !PopAll(type->params)) return false;
  SetUnreachable();
  return true;
}

}  // namespace wasmd
