#include "interp/constant_expression.h"

#include <cstdint>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/check.h"
#include "interp/gc_operations.h"
#include "interp/heap.h"
#include "interp/reference.h"
#include "wasm/constant_number.h"
#include "wasm/instruction_reader.h"
#include "wasm/opcodes.h"
#include "wasm/types.h"

namespace wasmd {
namespace {

// A stack machine for the constant instructions. Its operands are roots while
// it runs, since an allocation may collect.
class Evaluator : public RootSource {
 public:
  Evaluator(Store& store, const ModuleInstance& instance)
      : store_(store), instance_(instance) {
    store_.heap().AddRootSource(this);
  }
  ~Evaluator() override { store_.heap().RemoveRootSource(this); }

  // False if the heap is exhausted.
  bool Run(const ConstantExpression& expression) {
    InstructionReader reader(instance_.module->Bytes(expression),
                             expression.begin);
    Instruction instruction;
    while (!reader.AtEnd()) {
      CHECK(reader.Read(&instruction).ok());
      if (!Step(instruction)) return false;
    }
    return true;
  }

  const std::vector<Slot>& stack() const { return stack_; }

  void VisitRoots(RootVisitor& visitor) override {
    for (size_t i = 0; i < stack_.size(); ++i) {
      if (is_object_[i]) visitor.Visit(stack_[i]);
    }
  }

 private:
  bool Step(const Instruction& instruction);
  bool StepGc(const Instruction& instruction);

  void Push(Slot value, bool is_object = false) {
    stack_.push_back(value);
    is_object_.push_back(is_object);
  }
  void Drop(size_t slots) {
    stack_.resize(stack_.size() - slots);
    is_object_.resize(stack_.size());
  }
  Slot Pop() {
    const Slot value = stack_.back();
    Drop(1);
    return value;
  }

  template <typename T, typename Operation>
  void Binary(Operation operation) {
    const T right = FromSlot<T>(Pop());
    const T left = FromSlot<T>(Pop());
    Push(ToSlot(static_cast<T>(operation(left, right))));
  }

  void PushGlobal(uint32_t index) {
    const GlobalInstance& global = *instance_.globals[index];
    const ValueType type = global.type.value;
    const bool is_object =
        type.is_ref() &&
        store_.types().TopOf(type.heap_type()) != AbstractHeapType::kFunc;
    Push(global.value[0], is_object);
    if (type.is_vector()) Push(global.value[1]);
  }

  const std::vector<FieldType>& FieldsOf(uint32_t type_index) const {
    return instance_.module->types[type_index].fields;
  }

  // Replaces the top `slots` slots by the object that allocate(operands,
  // result) makes of them; tries again when the heap had to make room.
  template <typename Allocate>
  bool Construct(size_t slots, Allocate allocate) {
    Slot object = kNullReference;
    while (true) {
      const Slot* operands = stack_.data() + stack_.size() - slots;
      const GcStatus status = allocate(operands, &object);
      if (status.ok()) break;
      CHECK(status.needs_room());
      if (!store_.heap().MakeRoom()) return false;
    }
    Drop(slots);
    Push(object, true);
    return true;
  }

  Store& store_;
  const ModuleInstance& instance_;
  std::vector<Slot> stack_;
  std::vector<bool> is_object_;  // for each slot
};

bool Evaluator::Step(const Instruction& instruction) {
  using enum Opcode;
  switch (instruction.opcode) {
    case kEnd:
      return true;
    case kI32Const:
      Push(ToSlot(static_cast<uint32_t>(instruction.constant)));
      return true;
    case kF32Const:
    case kI64Const:
    case kF64Const:
      Push(instruction.constant);
      return true;
    case kV128Const:
      Push(LoadLittle<uint64_t>(instruction.bytes16.data()));
      Push(LoadLittle<uint64_t>(instruction.bytes16.data() + 8));
      return true;
    case kI32Add:
      Binary<uint32_t>([](auto a, auto b) { return a + b; });
      return true;
    case kI32Sub:
      Binary<uint32_t>([](auto a, auto b) { return a - b; });
      return true;
    case kI32Mul:
      Binary<uint32_t>([](auto a, auto b) { return a * b; });
      return true;
    case kI64Add:
      Binary<uint64_t>([](auto a, auto b) { return a + b; });
      return true;
    case kI64Sub:
      Binary<uint64_t>([](auto a, auto b) { return a - b; });
      return true;
    case kI64Mul:
      Binary<uint64_t>([](auto a, auto b) { return a * b; });
      return true;
    case kGlobalGet:
      PushGlobal(instruction.index);
      return true;
    case kRefNull:
      Push(kNullReference);
      return true;
    case kRefFunc:
      Push(FunctionReference(instance_.functions[instruction.index]));
      return true;
    case kRefI31:
      Push(I31Reference(FromSlot<uint32_t>(Pop())), true);
      return true;
    case kAnyConvertExtern:
    case kExternConvertAny:
      return true;
    default:
      return StepGc(instruction);
  }
}

bool Evaluator::StepGc(const Instruction& instruction) {
  const uint32_t type = instruction.index;
  switch (instruction.opcode) {
    case Opcode::kStructNew: {
      size_t slots = 0;
      for (const FieldType& field : FieldsOf(type)) {
        slots += field.value.slot_count();
      }
      return Construct(slots, [&](const Slot* operands, Slot* object) {
        return StructNew(store_, instance_, type, operands, object);
      });
    }
    case Opcode::kStructNewDefault:
      return Construct(0, [&](const Slot*, Slot* object) {
        return StructNewDefault(store_, instance_, type, object);
      });
    case Opcode::kArrayNew: {
      const uint32_t length = FromSlot<uint32_t>(Pop());
      const size_t slots = FieldsOf(type)[0].value.slot_count();
      return Construct(slots, [&](const Slot* operands, Slot* object) {
        return ArrayNew(store_, instance_, type, operands, length, object);
      });
    }
    case Opcode::kArrayNewDefault: {
      const uint32_t length = FromSlot<uint32_t>(Pop());
      return Construct(0, [&](const Slot*, Slot* object) {
        return ArrayNewDefault(store_, instance_, type, length, object);
      });
    }
    case Opcode::kArrayNewFixed: {
      const uint32_t length = instruction.index2;
      const size_t slots =
          size_t{length} * FieldsOf(type)[0].value.slot_count();
      return Construct(slots, [&](const Slot* operands, Slot* object) {
        return ArrayNewFixed(store_, instance_, type, operands, length, object);
      });
    }
    default:
      CHECK(false);  // not a constant instruction: Validate refuses it
      return false;
  }
}

}  // namespace

std::optional<Trap> EvaluateConstant(Store& store,
                                     const ModuleInstance& instance,
                                     const ConstantExpression& expression,
                                     Slot result[2]) {
  const auto number = ReadConstantNumber(instance.module->Bytes(expression));
  if (number.has_value() && number->size_bytes == expression.size()) {
    result[0] = number->bits;
    return std::nullopt;
  }
  Evaluator evaluator(store, instance);
  if (!evaluator.Run(expression)) return Trap{TrapKind::kHeapExhausted, ""};
  const std::vector<Slot>& stack = evaluator.stack();
  CHECK(stack.size() == 1 || stack.size() == 2);
  result[0] = stack[0];
  if (stack.size() == 2) result[1] = stack[1];
  return std::nullopt;
}

}  // namespace wasmd
