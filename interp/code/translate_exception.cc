// Exceptions. Nothing is done at run time when a try_table is entered or left:
// who throws finds the handler by the position in the code
// (interp/thread_unwind.cc).

#include "interp/code/function_translator.h"

namespace wasmd {

void FunctionTranslator::Throw(const Instruction& instruction) {
  const uint32_t type = module().tags[instruction.index].type.type_index;
  const size_t count = module().types[type].function.params.size();
  stack_.Flush();
  AddCollectionPoint();
  const uint32_t first =
      stack_.SlotOf(stack_.size() - static_cast<uint32_t>(count));
  emitter_.Simple(SimpleOp::kThrow, {first, instruction.index});
  EndReachable();
}

void FunctionTranslator::ThrowRef(const Instruction&) {
  emitter_.Simple(SimpleOp::kThrowRef, {PopInSlot()});
  EndReachable();
}

// The labels that the clauses name are those around the try_table.
void FunctionTranslator::TryTable(const Instruction& instruction) {
  TryRegion region;
  region.parent = open_region_;
  region.first_handler = static_cast<uint32_t>(handlers_.size());
  region.handler_count = static_cast<uint32_t>(instruction.catches.size());
  for (const CatchClause& clause : instruction.catches) AddHandler(clause);
  open_region_ = static_cast<uint32_t>(regions_.size());
  PushLabel(instruction).region = open_region_;
  // No op of what comes before may be changed or taken back from here on.
  emitter_.Seal();
  region.begin = position();
  regions_.push_back(region);
}

void FunctionTranslator::AddHandler(const CatchClause& clause) {
  Label& target = label(clause.label);
  ExceptionHandler handler;
  handler.catches_all = clause.kind == CatchKind::kCatchAll ||
                        clause.kind == CatchKind::kCatchAllRef;
  handler.passes_reference = clause.kind == CatchKind::kCatchRef ||
                             clause.kind == CatchKind::kCatchAllRef;
  handler.tag = clause.tag_index;
  handler.slot = target.slot;
  uint32_t next = kNone;
  if (target.opcode == Opcode::kLoop) {
    handler.position = target.loop_position;
  } else {
    next = target.catches;
    target.catches = static_cast<uint32_t>(handlers_.size());
  }
  handlers_.push_back(handler);
  next_catches_.push_back(next);
}

void FunctionTranslator::CloseRegion(const Label& ended) {
  emitter_.Seal();
  TryRegion& region = regions_[ended.region];
  region.end = position();
  open_region_ = region.parent;
}

// Handlers join here, at the end of a label whose results are on the operand
// stack.
void FunctionTranslator::BindCatches(const Label& ended, uint32_t code_offset) {
  if (ended.catches == kNone) return;
  emitter_.Seal();
  stack_.ForgetAccumulators();
  for (uint32_t at = ended.catches; at != kNone; at = next_catches_[at]) {
    handlers_[at].position = position();
  }
  AddSafepoint(SafepointKind::kCatch, code_offset, CalleeKind::kNone, 0);
}

// Handlers that branch to the function's end return from here; nothing else
// comes here.
void FunctionTranslator::EmitCaughtReturn(const Label& body) {
  if (body.catches == kNone) return;
  ResetTo(body, body.results());
  BindCatches(body, module().functions[function_index_].code.end);
  EmitReturn(/*keeps_stack=*/true);
}

}  // namespace wasmd
