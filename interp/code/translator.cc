#include "interp/code/translator.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/check.h"
#include "interp/code/frame_layout.h"
#include "interp/code/function_translator.h"
#include "interp/code/held_loops.h"
#include "interp/code/sequence_fuser.h"
#include "wasm/binary_reader.h"
#include "wasm/limits.h"

namespace wasmd {
std::vector<ValueType> ReadLocalTypes(const Module& module,
                                      uint32_t function_index) {
  const Function& function = module.functions[function_index];
  std::vector<ValueType> types = module.TypeOfFunction(function_index).params;
  BinaryReader reader(module.Bytes({function.body.begin, function.code.begin}),
                      function.body.begin);
  uint32_t groups = 0;
  CHECK(reader.ReadU32(&groups));
  for (; groups > 0; --groups) {
    uint32_t count = 0;
    ValueType type;
    CHECK(reader.ReadU32(&count) && reader.ReadValueType(&type));
    const size_t room =
        size_t{kMaxLocals} + 1 - std::min(types.size(), size_t{kMaxLocals} + 1);
    types.insert(types.end(), std::min(size_t{count}, room), type);
  }
  return types;
}

bool HoldsObject(ValueType type) {
  if (!type.is_ref() || type.heap_type().is_concrete()) return false;
  const AbstractHeapType heap_type = type.heap_type().abstract();
  return heap_type != AbstractHeapType::kFunc &&
         heap_type != AbstractHeapType::kNoFunc;
}

bool HoldsObject(const Module& module, ValueType type) {
  if (!type.is_ref() || !type.heap_type().is_concrete()) {
    return HoldsObject(type);
  }
  const uint32_t index = type.heap_type().type_index();
  return module.types[index].kind != CompositeKind::kFunction;
}

FunctionTranslator::FunctionTranslator(const TranslateContext& context,
                                       uint32_t function_index,
                                       std::vector<ValueType> local_types,
                                       const Options& options)
    : context_(context),
      function_index_(function_index),
      options_(options),
      type_(context.module.TypeOfFunction(function_index)),
      emitter_(context.handlers),
      stack_(emitter_, std::move(local_types)) {}

std::unique_ptr<const Translation> FunctionTranslator::Translate() {
  const Function& function = module().functions[function_index_];
  emitter_.set_offset(function.code.begin);
  AddSafepoint(SafepointKind::kEntry, function.code.begin, CalleeKind::kNone,
               0);
  EmitEntry();
  Label& body = labels_.emplace_back();
  body.type = &type_;
  body.slot = stack_.local_slots();
  body.entered = true;
  if (stack_.local_count() > kMaxLocals) {
    return Trapping(SimpleOp::kTooManyLocals);
  }
  TranslateBody();
  return Finish();
}

void FunctionTranslator::EmitEntry() {
  if (options_.checked_slots != 0) {
    emitter_.Simple(SimpleOp::kCheckFrame, {options_.checked_slots});
  }
  const uint32_t parameter_slots = SlotCount(type_.params);
  const uint32_t count = stack_.declared_slots() - parameter_slots;
  if (count == 0) return;
  constexpr uint32_t kFew = 8;
  if (count <= kFew) {
    const auto op = static_cast<SimpleOp>(
        static_cast<uint32_t>(SimpleOp::kEnter1) + count - 1);
    emitter_.Simple(op, {parameter_slots});
  } else {
    emitter_.Simple(SimpleOp::kEnterMany, {parameter_slots, count});
  }
}

FunctionTranslator::Method FunctionTranslator::MethodFor(Opcode opcode) {
  using T = FunctionTranslator;
  static constexpr auto kMethods = [] {
    std::array<Method, kOpcodeCount> methods{};
    const auto set = [&methods](std::initializer_list<Opcode> opcodes,
                                Method method) {
      for (const Opcode op : opcodes) {
        methods[static_cast<size_t>(op)] = method;
      }
    };
    const auto set_range = [&methods](Opcode first, Opcode last,
                                      Method method) {
      for (auto op = static_cast<size_t>(first);
           op <= static_cast<size_t>(last); ++op) {
        methods[op] = method;
      }
    };
    using enum Opcode;
    set({kUnreachable}, &T::Unreachable);
    set({kNop}, &T::Nop);
    set({kBlock}, &T::Block);
    set({kLoop}, &T::Loop);
    set({kIf}, &T::If);
    set({kElse}, &T::Else);
    set({kEnd}, &T::End);
    set({kBr}, &T::Br);
    set({kBrIf}, &T::BrIf);
    set({kBrTable}, &T::BrTable);
    set({kReturn}, &T::Return);
    set({kCall}, &T::Call);
    set({kCallIndirect}, &T::CallIndirect);
    set({kReturnCall}, &T::ReturnCall);
    set({kReturnCallIndirect}, &T::ReturnCallIndirect);
    set({kCallRef}, &T::CallRef);
    set({kReturnCallRef}, &T::ReturnCallRef);
    set({kThrow}, &T::Throw);
    set({kThrowRef}, &T::ThrowRef);
    set({kTryTable}, &T::TryTable);
    set({kRefEq}, &T::RefEq);
    set({kRefAsNonNull}, &T::RefAsNonNull);
    set({kBrOnNull}, &T::BrOnNull);
    set({kBrOnNonNull}, &T::BrOnNonNull);
    set({kStructNew, kStructNewDefault}, &T::New);
    set({kStructGet, kStructGetS, kStructGetU}, &T::StructGet);
    set({kStructSet}, &T::StructSet);
    set_range(kArrayNew, kArrayNewElem, &T::New);
    set({kArrayGet, kArrayGetS, kArrayGetU}, &T::ArrayGet);
    set({kArraySet}, &T::ArraySet);
    set({kArrayLen, kRefI31, kI31GetS, kI31GetU}, &T::ReferenceUnary);
    set_range(kArrayFill, kArrayInitElem, &T::ArrayBulk);
    set({kRefTest, kRefTestNull}, &T::RefTest);
    set({kRefCast, kRefCastNull}, &T::RefCast);
    set({kBrOnCast, kBrOnCastFail}, &T::BrOnCast);
    set({kAnyConvertExtern, kExternConvertAny}, &T::Externalize);
    set({kDrop}, &T::Drop);
    set({kSelect, kSelectTyped}, &T::Select);
    set({kLocalGet}, &T::LocalGet);
    set({kLocalSet}, &T::LocalSet);
    set({kLocalTee}, &T::LocalTee);
    set({kGlobalGet}, &T::GlobalGet);
    set({kGlobalSet}, &T::GlobalSet);
    set({kRefNull}, &T::RefNull);
    set({kRefIsNull}, &T::RefIsNull);
    set({kRefFunc}, &T::RefFunc);
    set_range(kI32Load, kI64Load32U, &T::Load);
    set_range(kI32Store, kI64Store32, &T::Store);
    set({kTableGet, kTableSet, kMemorySize, kMemoryGrow}, &T::Bulk);
    set_range(kMemoryInit, kTableFill, &T::Bulk);
    set_range(kI32Const, kF64Const, &T::Const);
    set({kI32Eqz, kI64Eqz}, &T::Unary);
    set_range(kI32Eq, kI32GeU, &T::Binary);
    set_range(kI64Eq, kF64Ge, &T::Binary);
    set_range(kI32Clz, kI32Popcnt, &T::Unary);
    set_range(kI32Add, kI32Rotr, &T::Binary);
    set_range(kI64Clz, kI64Popcnt, &T::Unary);
    set_range(kI64Add, kI64Rotr, &T::Binary);
    set_range(kF32Abs, kF32Sqrt, &T::Unary);
    set_range(kF32Add, kF32Copysign, &T::Binary);
    set_range(kF64Abs, kF64Sqrt, &T::Unary);
    set_range(kF64Add, kF64Copysign, &T::Binary);
    set_range(kI32WrapI64, kI64Extend32S, &T::Unary);
    set_range(kI32TruncSatF32S, kI64TruncSatF64U, &T::Unary);
    set_range(kV128Const, kI32x4RelaxedDotI8x16I7x16AddS, &T::Vector);
    set_range(kV128Load, kV128Load64Splat, &T::Load);
    set_range(kV128Load32Zero, kV128Load64Zero, &T::Load);
    set_range(kV128Load8Lane, kV128Load64Lane, &T::LoadLane);
    set_range(kV128Store8Lane, kV128Store64Lane, &T::Store);
    set({kV128Store}, &T::Store);
    return methods;
  }();
  // Every instruction of opcodes.def has one.
  static_assert(std::ranges::count(kMethods, nullptr) == 0);
  return kMethods[static_cast<size_t>(opcode)];
}

void FunctionTranslator::TranslateBody() {
  const Function& function = module().functions[function_index_];
  InstructionReader reader(module().Bytes(function.code), function.code.begin);
  Instruction instruction;
  while (!labels_.empty()) {
    CHECK(reader.TryRead(&instruction));
    emitter_.set_offset(instruction.offset);
    if (!reachable_) {
      TranslateUnreachable(instruction);
      continue;
    }
    (this->*MethodFor(instruction.opcode))(instruction);
    if (stack_.max_slot() > kMaxFrameSlots) return;
  }
}

// Code that control cannot reach is only looked through for the end of its
// block.
void FunctionTranslator::TranslateUnreachable(const Instruction& instruction) {
  if (InfoOf(instruction.opcode).flags & kBlock) {
    ++skipped_labels_;
  } else if (instruction.opcode == Opcode::kEnd) {
    if (skipped_labels_ > 0) {
      --skipped_labels_;
    } else {
      End(instruction);
    }
  } else if (instruction.opcode == Opcode::kElse && skipped_labels_ == 0) {
    Else(instruction);
  }
}

std::unique_ptr<Translation> FunctionTranslator::Finish() {
  if (frame_slots() > kMaxFrameSlots) {
    return Trapping(SimpleOp::kFrameTooBig);
  }
  auto translation = std::make_unique<Translation>();
  HeldLoops held(handlers(), emitter_.code(), emitter_.offsets());
  // A handler of exceptions would be an entry that is not the header.
  if (regions_.empty()) {
    for (const auto& [begin, end] : innermost_loops_) held.Add(begin, end);
  }
  translation->held_loops = held.Take();
  std::unique_ptr<CodeUnit[]> units = emitter_.code().Copy();
  SequenceFuser(handlers(), {units.get(), position()}, held.ops(),
                held.first_copied())
      .Run();
  translation->code = std::move(units);
  translation->code_units = position();
  translation->frame_slots = frame_slots();
  translation->local_slots = stack_.local_slots();
  translation->safepoints = std::move(safepoints_);
  translation->safepoints.shrink_to_fit();
  translation->operands = stack_.TakeNodes();
  translation->operands.shrink_to_fit();
  translation->has_tail_calls = has_tail_calls_;
  translation->collection_points = std::move(collection_points_);
  translation->try_regions = std::move(regions_);
  translation->handlers = std::move(handlers_);
  AddRoots(*translation);
  return translation;
}

// What a collection has to know of the frame.
void FunctionTranslator::AddRoots(Translation& translation) const {
  translation.parameter_slots = SlotCount(type_.params);
  for (uint32_t i = 0; i < stack_.local_count(); ++i) {
    if (HoldsObject(module(), stack_.local_type(i))) {
      translation.traced_locals.push_back(stack_.local_slot(i));
    }
  }
  // A node comes after the one below it.
  std::vector<OperandNode>& nodes = translation.operands;
  for (uint32_t i = 1; i < nodes.size(); ++i) {
    nodes[i].traced =
        HoldsObject(module(), nodes[i].type) ? i : nodes[nodes[i].below].traced;
  }
}

// A function whose entry traps.
std::unique_ptr<Translation> FunctionTranslator::Trapping(SimpleOp op) {
  CodeBuffer code;
  code.Put64(handlers().of(op));
  auto translation = std::make_unique<Translation>();
  translation->code = code.Copy();
  translation->code_units = code.position();
  translation->local_slots = stack_.local_slots();
  translation->safepoints = {
      {.code_offset = module().functions[function_index_].code.begin}};
  translation->operands.resize(1);
  AddRoots(*translation);
  return translation;
}

namespace {

// Translates; twice if the first time shows that the frame is a large one, as
// its size is needed at its entry.
template <typename Use>
auto WithTranslator(const TranslateContext& context, uint32_t function_index,
                    FunctionTranslator::Options options, Use use) {
  const std::vector<ValueType> types =
      ReadLocalTypes(context.module, function_index);
  FunctionTranslator first(context, function_index, types, options);
  std::unique_ptr<const Translation> translation = first.Translate();
  if (first.frame_slots() <= kFrameRedZone) {
    return use(first, std::move(translation));
  }
  options.checked_slots = first.frame_slots();
  FunctionTranslator second(context, function_index, types, options);
  translation = second.Translate();
  return use(second, std::move(translation));
}

}  // namespace

std::unique_ptr<const Translation> Translate(const TranslateContext& context,
                                             uint32_t function_index) {
  return WithTranslator(
      context, function_index, {},
      [](FunctionTranslator&, std::unique_ptr<const Translation> translation) {
        return translation;
      });
}

uint32_t FindCodeOffset(const TranslateContext& context,
                        uint32_t function_index, uint32_t position) {
  return WithTranslator(
      context, function_index, {},
      [&](FunctionTranslator& translator,
          std::unique_ptr<const Translation>) -> uint32_t {
        const auto& offsets = translator.emitter().offsets();
        const auto after = std::upper_bound(
            offsets.begin(), offsets.end(), position,
            [](uint32_t at, const auto& op) { return at < op.first; });
        if (after == offsets.begin()) {
          return context.module.functions[function_index].code.begin;
        }
        return std::prev(after)->second;
      });
}

}  // namespace wasmd
