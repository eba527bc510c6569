// Vector instructions; plain loads and stores are in translate_memory.cc.

#include <array>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

#include "base/check.h"
#include "interp/code/function_translator.h"
#include "interp/code/vector_forms.h"
#include "wasm/opcodes.h"

namespace wasmd {
namespace {

constexpr size_t kMaxOperands = 3;  // and immediates

// Each accumulator can stand for one operand only. Of those in one, at most one
// is nowhere else.
void SeparateAccumulators(std::span<Operand> operands) {
  for (Operand& operand : operands) {
    if (!operand.in_accumulator() || !operand.has_slot) continue;
    for (const Operand& other : operands) {
      if (&other != &operand && other.in_accumulator() &&
          ClassOf(other.type) == ClassOf(operand.type)) {
        OperandStack::PreferSlot(operand);
        break;
      }
    }
  }
}

}  // namespace

void FunctionTranslator::VectorResult(Opcode opcode,
                                      std::span<Operand> operands,
                                      std::span<const CodeUnit> immediates,
                                      ValueType type) {
  SeparateAccumulators(operands);
  std::array<OperandKind, kMaxOperands> kinds;
  size_t count = 0;
  for (const Operand& operand : operands) kinds[count++] = operand.kind;
  if (!immediates.empty()) kinds[count++] = OperandKind::kImmediate;
  if (IsSuperfluous(opcode, {kinds.data(), count})) {
    opcode = *SwappedVector(opcode);
    std::swap(operands[0], operands[1]);
    std::swap(kinds[0], kinds[1]);
  }
  ResultOp op;
  op.handlers = handlers().vector(opcode, {kinds.data(), count});
  CHECK(op.handlers[0] != 0);
  op.type = type;
  for (const Operand& operand : operands) op.fields.Put(operand);
  for (const CodeUnit unit : immediates) op.fields.Put(unit);
  stack_.PushResult(op);
}

void FunctionTranslator::Vector(const Instruction& instruction) {
  const OpcodeInfo& info = InfoOf(instruction.opcode);
  std::array<Operand, kMaxOperands> operands;
  const size_t count = info.signature.find(':');
  for (size_t i = count; i > 0; --i) operands[i - 1] = stack_.Pop();
  std::array<CodeUnit, 4> immediates = {instruction.lane};
  size_t units = 0;
  if (info.immediates == Immediates::kLane) {
    units = 1;
  } else if (info.immediates != Immediates::kNone) {
    static_assert(sizeof(immediates) == sizeof(instruction.bytes16));
    std::memcpy(immediates.data(), instruction.bytes16.data(),
                sizeof(immediates));
    units = immediates.size();
  }
  VectorResult(instruction.opcode, {operands.data(), count},
               {immediates.data(), units}, ResultTypeOf(instruction.opcode));
}

void FunctionTranslator::LoadLane(const Instruction& instruction) {
  const MemArg& memarg = instruction.memarg;
  if (!IsPlainMemory(memarg.memory_index)) return LoadAny(instruction);
  const Operand vector = stack_.Pop();
  const Address address = TakeAddress(instruction.opcode, memarg.offset,
                                      /*r0_taken=*/false);
  ResultOp op;
  op.handlers =
      handlers().load_lane(instruction.opcode, address.kind, vector.kind);
  op.type = kV128Type;
  op.fields = address.fields;
  op.fields.Put(vector);
  op.fields.Put(instruction.lane);
  stack_.PushResult(op);
}

}  // namespace wasmd
