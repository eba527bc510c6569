#include "wasm/function_validator.h"

#include <array>

#include "base/str_cat.h"
#include "wasm/binary_reader.h"
#include "wasm/constant_number.h"
#include "wasm/limits.h"
#include "wasm/subtyping.h"

namespace wasmd {

// A row of opcodes.def, made ready for one routine that checks all instructions
// whose signature is fixed but for the address type of a memory.
struct FixedRule {
  bool is_fixed = false;
  bool is_plain = false;  // fixed, without immediates
  uint8_t operand_count = 0;
  bool has_result = false;
  // kBottom stands for the address type.
  std::array<ValueType, 3> operands{};
  ValueType result;
  Immediates immediates = Immediates::kNone;
  uint8_t access_bytes = 0;
  uint8_t lane_count = 0;  // a lane index is below this
  uint16_t flags = 0;
  Feature feature = Feature::kWasm1;

  ValueType Operand(size_t i, ValueType address) const {
    return operands[i].kind() == ValueKind::kBottom ? address : operands[i];
  }
};

namespace {

constexpr ValueType TypeOfLetter(char letter) {
  switch (letter) {
    case 'i':
      return kI32Type;
    case 'l':
      return kI64Type;
    case 'f':
      return kF32Type;
    case 'd':
      return kF64Type;
    case 'v':
      return kV128Type;
    default:
      return ValueType();  // a
  }
}

// The 8 of "i16x8.extract_lane_s".
constexpr uint8_t LaneCount(std::string_view mnemonic) {
  const size_t x = mnemonic.find('x');
  const std::string_view digits = mnemonic.substr(x + 1, 2);
  int count = 0;
  for (const char c : digits) {
    if (c >= '0' && c <= '9') count = 10 * count + (c - '0');
  }
  return static_cast<uint8_t>(count);
}

constexpr FixedRule MakeRule(std::string_view mnemonic, Immediates immediates,
                             std::string_view signature, uint8_t access_bytes,
                             uint16_t flags, Feature feature) {
  FixedRule rule;
  rule.immediates = immediates;
  rule.access_bytes = access_bytes;
  rule.flags = flags;
  rule.feature = feature;
  if (signature == "*") return rule;
  rule.is_fixed = true;
  rule.is_plain = immediates == Immediates::kNone;
  const size_t colon = signature.find(':');
  rule.operand_count = static_cast<uint8_t>(colon);
  for (size_t i = 0; i < colon; ++i) {
    rule.operands[i] = TypeOfLetter(signature[i]);
  }
  rule.has_result = signature.size() > colon + 1;
  if (rule.has_result) rule.result = TypeOfLetter(signature[colon + 1]);
  if (immediates == Immediates::kMemArgLane) {
    rule.lane_count = static_cast<uint8_t>(16 / access_bytes);
  } else if (immediates == Immediates::kLane) {
    rule.lane_count = LaneCount(mnemonic);
  }
  return rule;
}

constexpr std::array<FixedRule, kOpcodeCount> kRules = {{
#define OPCODE(name, prefix, code, mnemonic, immediates, signature,          \
               access_bytes, flags, feature, anchor)                         \
  MakeRule(mnemonic, Immediates::immediates, signature, access_bytes, flags, \
           Feature::feature),
#include "wasm/opcodes.def"
}};

bool HasAllFeatures(const FeatureSet& features) {
  for (int i = 0; i <= static_cast<int>(Feature::kExtendedConst); ++i) {
    if (!features.Has(static_cast<Feature>(i))) return false;
  }
  return true;
}

bool IsExtendedConst(Opcode opcode) {
  switch (opcode) {
    case Opcode::kI32Add:
    case Opcode::kI32Sub:
    case Opcode::kI32Mul:
    case Opcode::kI64Add:
    case Opcode::kI64Sub:
    case Opcode::kI64Mul:
      return true;
    default:
      return false;
  }
}

}  // namespace

FunctionValidator::FunctionValidator(const ValidationContext& context)
    : context_(context),
      module_(context.module),
      types_(context.module, context.features),
      has_all_features_(HasAllFeatures(context.features)),
      has_plain_memory_(!module_.memories.empty() &&
                        module_.memories[0].type.address == AddressType::kI32) {
}

bool FunctionValidator::ValidateFunction(uint32_t function_index) {
  Reset();
  function_index_ = function_index;
  const Function& function = module_.functions[function_index];
  const FunctionType& type = module_.TypeOfFunction(function_index);
  in_.offset = function.body.begin;
  locals_.AddParams(type.params);
  if (!ReadLocals(function)) return false;
  ControlFrame body;
  body.type = &type;
  OpenFrame(body);
  return CheckBody(function.code);
}

bool FunctionValidator::ValidateConstant(ConstantExpression expression,
                                         ValueType expected,
                                         uint32_t visible_globals) {
  const auto number = ReadConstantNumber(module_.Bytes(expression));
  if (number.has_value() && number->type == expected &&
      number->size_bytes == expression.size()) {
    return true;
  }
  Reset();
  is_constant_ = true;
  visible_globals_ = visible_globals;
  ControlFrame body;
  body.has_result = true;
  body.result = expected;
  OpenFrame(body);
  return CheckBody(expression);
}

void FunctionValidator::Reset() {
  function_index_.reset();
  is_constant_ = false;
  locals_.Clear();
  operands_.Clear();
  frames_.clear();
  floor_ = 0;
}

bool FunctionValidator::ReadLocals(const Function& function) {
  const CodeRange declarations = {function.body.begin, function.code.begin};
  BinaryReader reader(module_.Bytes(declarations), declarations.begin);
  uint32_t groups = 0;
  bool is_well_formed = reader.ReadU32(&groups);
  for (uint32_t i = 0; i < groups && is_well_formed; ++i) {
    in_.offset = reader.offset();
    uint32_t count = 0;
    ValueType type;
    is_well_formed = reader.ReadU32(&count) && reader.ReadValueType(&type);
    if (!is_well_formed) break;
    // No locals, no rule: whether the type exists does not matter.
    if (count == 0) continue;
    if (!types_.IsPlain(type) && !Require(types_.CheckValueType(type))) {
      return false;
    }
    locals_.AddLocals(count, type);
  }
  // The decoder has read all this.
  return is_well_formed || FailMalformed(reader.error().message);
}

// Pops the operands if all are there and of exactly these types, which is
// nearly always so; takes nothing otherwise.
inline bool FunctionValidator::TryPopExactly(const FixedRule& rule,
                                             ValueType address) {
  const size_t count = rule.operand_count;
  if (operands_.size() - floor_ < count) return false;
  const ValueType* const first = operands_.end() - count;
  for (size_t i = 0; i < count; ++i) {
    if (first[i] != rule.Operand(i, address)) return false;
  }
  operands_.Shrink(operands_.size() - count);
  return true;
}

bool FunctionValidator::CheckBody(CodeRange code) {
  InstructionReader reader(module_.Bytes(code), code.begin);
  const uint8_t* const end = reader.position() + code.size();
  const bool allows_all = has_all_features_ && !is_constant_;
  do {
    if (allows_all) reader.set_position(CheckSimple(reader.position(), end));
    if (!reader.TryRead(&in_)) [[unlikely]] {
      return FailToRead(reader.error());
    }
    const FixedRule& rule = kRules[static_cast<size_t>(in_.opcode)];
    if (!allows_all && !IsAllowed(rule)) return false;
    // Arithmetic on operands of just the right types.
    if (rule.is_plain && TryPopExactly(rule, ValueType())) [[likely]] {
      if (rule.has_result) Push(rule.result);
      continue;
    }
    if (!CheckInstruction(rule)) return false;
    // One call can push a thousand results: without a limit a small module
    // could make us allocate without bound.
    if (operands_.size() > kMaxOperands) [[unlikely]] {
      return FailLimit(
          StrCat("more than ", kMaxOperands, " operands on the stack"));
    }
  } while (!frames_.empty());
  if (reader.AtEnd()) return true;
  in_.offset = reader.offset();
  return FailMalformed("section size mismatch: the function goes on after end");
}

bool FunctionValidator::FailToRead(const ReadError& error) {
  in_.offset = error.offset;
  return error.is_limit ? FailLimit(error.message)
                        : FailMalformed(error.message);
}

bool FunctionValidator::IsAllowed(const FixedRule& rule) {
  if (!context_.features.Has(rule.feature)) {
    return FailMalformed(
        StrCat("illegal opcode: ", mnemonic(), " needs a feature that is off"));
  }
  if (!is_constant_) return true;
  const bool is_constant_instruction =
      (rule.flags & kConstant) &&
      (!IsExtendedConst(in_.opcode) ||
       context_.features.Has(Feature::kExtendedConst));
  return is_constant_instruction ||
         Fail(StrCat("constant expression required: ", mnemonic()));
}

bool FunctionValidator::CheckInstruction(const FixedRule& rule) {
  if (rule.is_fixed) return CheckFixed(rule);
  switch (rule.immediates) {
    case Immediates::kLocalIndex:
      return CheckLocal();
    case Immediates::kGlobalIndex:
      return CheckGlobal();
    case Immediates::kTableIndex:
    case Immediates::kElemTable:
    case Immediates::kTableTable:
    case Immediates::kMemoryMemory:
    case Immediates::kDataMemory:
      return CheckMemoryOrTable();
    case Immediates::kBlockType:
    case Immediates::kLabel:
    case Immediates::kLabelTable:
    case Immediates::kTypeTable:
    case Immediates::kTagIndex:
    case Immediates::kTryTable:
    case Immediates::kCastBranch:
      return CheckControl();
    default:
      break;
  }
  switch (in_.opcode) {
    case Opcode::kDrop:
    case Opcode::kSelect:
    case Opcode::kSelectTyped:
      return CheckParametric();
    case Opcode::kUnreachable:
    case Opcode::kElse:
    case Opcode::kEnd:
    case Opcode::kThrowRef:
    case Opcode::kReturn:
    case Opcode::kCall:
    case Opcode::kReturnCall:
    case Opcode::kCallRef:
    case Opcode::kReturnCallRef:
      return CheckControl();
    default:
      return CheckReference();
  }
}

bool FunctionValidator::CheckImmediates(const FixedRule& rule,
                                        ValueType* address) {
  switch (rule.immediates) {
    case Immediates::kMemArg:
      return CheckMemArg(rule.access_bytes, address);
    case Immediates::kMemArgLane:
      if (!CheckMemArg(rule.access_bytes, address)) return false;
      [[fallthrough]];
    case Immediates::kLane:
      if (in_.lane < rule.lane_count) return true;
      return Fail(StrCat("invalid lane index ", in_.lane));
    case Immediates::kLanes16:
      for (const uint8_t lane : in_.bytes16) {
        if (lane >= 32) return Fail(StrCat("invalid lane index ", lane));
      }
      return true;
    case Immediates::kMemoryIndex:
      return FindMemory(in_.index, address);
    case Immediates::kDataIndex:
      return FindData(in_.index);
    case Immediates::kElemIndex: {
      const ElementSegment* unused = nullptr;
      return FindElements(in_.index, &unused);
    }
    default:
      return true;  // constants
  }
}

bool FunctionValidator::CheckFixed(const FixedRule& rule) {
  ValueType address;
  if (rule.immediates != Immediates::kNone &&
      !CheckImmediates(rule, &address)) {
    return false;
  }
  if (!TryPopExactly(rule, address)) {
    for (size_t i = rule.operand_count; i-- > 0;) {
      if (!Pop(rule.Operand(i, address))) return false;
    }
  }
  if (rule.has_result) {
    const bool is_address = rule.result.kind() == ValueKind::kBottom;
    Push(is_address ? address : rule.result);
  }
  return true;
}

bool FunctionValidator::CheckParametric() {
  ValueType first;
  ValueType second;
  if (in_.opcode == Opcode::kDrop) return PopAny(&first);
  if (!Pop(kI32Type)) return false;
  if (in_.opcode == Opcode::kSelectTyped) {
    if (in_.select_types.size() != 1) {
      return Fail(StrCat("invalid result arity ", in_.select_types.size()));
    }
    const ValueType type = in_.select_types[0];
    if (!Require(types_.CheckValueType(type)) || !PopAll({type, type})) {
      return false;
    }
    Push(type);
    return true;
  }
  if (!PopAny(&second) || !PopAny(&first)) return false;
  if (first.is_ref() || second.is_ref()) {
    return Fail("type mismatch: select on references needs a type");
  }
  if (first.kind() == ValueKind::kBottom) first = second;
  if (second.kind() != ValueKind::kBottom && first != second) {
    return Fail(StrCat("type mismatch: select between ", ToString(first),
                       " and ", ToString(second)));
  }
  Push(first);
  return true;
}

bool FunctionValidator::CheckLocal() {
  const uint32_t index = in_.index;
  if (index >= locals_.size()) return Fail(StrCat("unknown local ", index));
  const ValueType type = locals_.TypeOf(index);
  if (in_.opcode == Opcode::kLocalGet) {
    if (!locals_.IsSet(index)) {
      return Fail(StrCat("uninitialized local ", index));
    }
    Push(type);
    return true;
  }
  if (!Pop(type)) return false;
  locals_.Set(index);
  if (in_.opcode == Opcode::kLocalTee) Push(type);
  return true;
}

bool FunctionValidator::Matches(ValueType sub, ValueType super) const {
  return sub == super || IsSubtype(module_, sub, super);
}

bool FunctionValidator::Pop(ValueType expected) {
  if (operands_.size() == floor_) {
    return frames_.back().is_unreachable ||
           FailMismatch(expected, std::nullopt);
  }
  const ValueType actual = operands_.Top();
  if (!Matches(actual, expected)) return FailMismatch(expected, actual);
  operands_.Shrink(operands_.size() - 1);
  return true;
}

bool FunctionValidator::PopAny(ValueType* type) {
  if (operands_.size() == floor_) {
    *type = ValueType();
    return frames_.back().is_unreachable ||
           Fail(StrCat("type mismatch: ", mnemonic(),
                       " needs a value, but the stack is empty"));
  }
  *type = operands_.Top();
  operands_.Shrink(operands_.size() - 1);
  return true;
}

bool FunctionValidator::PopReference(ValueType* type) {
  if (!PopAny(type)) return false;
  if (type->kind() == ValueKind::kBottom) {
    *type = ValueType::Ref(kBottomHeapType, false);
  }
  if (type->is_ref()) return true;
  return Fail(StrCat("type mismatch: ", mnemonic(),
                     " needs a reference, found ", ToString(*type)));
}

bool FunctionValidator::PopAll(std::span<const ValueType> types) {
  for (size_t i = types.size(); i-- > 0;) {
    if (!Pop(types[i])) return false;
  }
  return true;
}

void FunctionValidator::PushAll(std::span<const ValueType> types) {
  for (const ValueType type : types) Push(type);
}

bool FunctionValidator::TopMatches(std::span<const ValueType> types) const {
  const size_t available = operands_.size() - floor_;
  for (size_t i = 0; i < types.size(); ++i) {
    if (i == available) return frames_.back().is_unreachable;
    if (!Matches(*(operands_.end() - 1 - i), types[types.size() - 1 - i])) {
      return false;
    }
  }
  return true;
}

void FunctionValidator::SetUnreachable() {
  operands_.Shrink(floor_);
  frames_.back().is_unreachable = true;
}

bool FunctionValidator::Fail(std::string message) {
  error_ = {ValidationError::Kind::kInvalid, std::move(message), in_.offset,
            function_index_};
  return false;
}

bool FunctionValidator::FailMalformed(std::string message) {
  Fail(std::move(message));
  error_.kind = ValidationError::Kind::kMalformed;
  return false;
}

bool FunctionValidator::FailLimit(std::string message) {
  Fail(std::move(message));
  error_.kind = ValidationError::Kind::kLimit;
  return false;
}

bool FunctionValidator::FailMismatch(ValueType expected,
                                     std::optional<ValueType> actual) {
  return Fail(StrCat("type mismatch: ", mnemonic(), " expects ",
                     ToString(expected), ", found ",
                     actual ? ToString(*actual) : "nothing"));
}

}  // namespace wasmd
