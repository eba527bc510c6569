// Loads and stores of memories other than memory 0 with 32-bit addresses.

#include "interp/code/function_translator.h"
#include "wasm/opcodes.h"

namespace wasmd {

Fields FunctionTranslator::PlaceOf(const MemArg& memarg, uint32_t address) {
  Fields fields;
  fields.Put(address);
  fields.Put(memarg.memory_index);
  fields.Put64(memarg.offset);
  return fields;
}

// Of lanes, too.
void FunctionTranslator::LoadAny(const Instruction& instruction) {
  const bool is_lane =
      InfoOf(instruction.opcode).immediates == Immediates::kMemArgLane;
  const uint32_t vector = is_lane ? PopInSlot() : 0;
  ResultOp op;
  op.handlers = handlers().load_any(instruction.opcode);
  op.type = ResultTypeOf(instruction.opcode);
  op.fields = PlaceOf(instruction.memarg, PopInSlot());
  if (is_lane) {
    op.fields.Put(vector);
    op.fields.Put(instruction.lane);
  }
  stack_.PushResult(op);
}

void FunctionTranslator::StoreAny(const Instruction& instruction) {
  const uint32_t value = PopInSlot();
  Fields fields = PlaceOf(instruction.memarg, PopInSlot());
  fields.Put(value);
  if (InfoOf(instruction.opcode).immediates == Immediates::kMemArgLane) {
    fields.Put(instruction.lane);
  }
  emitter_.Begin(handlers().store_any(instruction.opcode));
  for (const CodeUnit field : fields) emitter_.code().Put(field);
}

}  // namespace wasmd
