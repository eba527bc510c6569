#include "wasm/testing/code_generator.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <iterator>

#include "wasm/testing/generated_instructions.h"

namespace wasmd::testing {
namespace {

// How deep expressions and statements nest at most.
constexpr int kMaxDepth = 6;

constexpr uint32_t kDivisorMask = 7;

// Bits of constants of any type.
constexpr uint64_t kInteresting[] = {
    0,          1,          0xFFFFFFFFFFFFFFFF, 0x7FFFFFFF,
    0x80000000, 0x7FC00001, 0x8000000000000000, 0x7FFFFFFFFFFFFFFF,
    0x7F800001, 0xFF,       0x7FF0000000000001, 0x3FF0000000000000,
};

Opcode ConstantAnd(char type) {
  return type == 'i' ? Opcode::kI32And : Opcode::kI64And;
}

}  // namespace

Code CodeGenerator::Body(uint32_t budget) {
  locals_ = signature_.params;
  for (const char type : kAllTypes) {
    locals_.append(type == 'i' || type == 'l' ? 2 : 1, type);
  }
  assignable_ = static_cast<uint32_t>(locals_.size());
  labels_.push_back({signature_.results});
  if (budget > 0) {
    code_.I32Const(static_cast<int32_t>(budget));
  } else {
    Op(Opcode::kGlobalGet, kBudgetGlobal);
    Op(Opcode::kI32Eqz);
    Open(Opcode::kIf, "", {""});
    for (const char type : signature_.results) Constant(type);
    Op(Opcode::kReturn);
    Close();
    Op(Opcode::kGlobalGet, kBudgetGlobal);
    code_.I32Const(1);
    Op(Opcode::kI32Sub);
  }
  Op(Opcode::kGlobalSet, kBudgetGlobal);
  for (const char type : {'S', 'A', 'B'}) {
    Allocate(type, 0);
    Op(Opcode::kLocalSet, LocalOf(type));
  }
  while (!in_.at_end() && left_ > 20) Statement(kMaxDepth);
  Values(signature_.results, kMaxDepth);

  const std::string_view declared =
      std::string_view(locals_).substr(signature_.params.size());
  Code body;
  body.U(declared.size());
  for (const char type : declared) body.U(1).Append(TypeOfLetter(type));
  return body.Append(code_).End();
}

bool CodeGenerator::Spend() {
  if (left_ == 0 || in_.at_end()) return false;
  --left_;
  return true;
}

uint32_t CodeGenerator::LocalOf(char type) {
  std::vector<uint32_t> found;
  for (uint32_t i = 0; i < assignable_; ++i) {
    if (locals_[i] == type) found.push_back(i);
  }
  return found[in_.Pick(found.size())];
}

void CodeGenerator::Open(Opcode opcode, std::string_view result, Label label) {
  Op(opcode);
  if (result.empty()) {
    code_.Byte(kEmptyBlockCode);
  } else if (result.size() == 1) {
    code_.Append(TypeOfLetter(result[0]));
  } else {
    const auto* found =
        std::find(std::begin(kBlockTypes), std::end(kBlockTypes), result);
    code_.S(kFirstBlockType + (found - std::begin(kBlockTypes)));
  }
  labels_.push_back(std::move(label));
}

void CodeGenerator::Close() {
  Op(Opcode::kEnd);
  labels_.pop_back();
}

void CodeGenerator::Drop(size_t count) {
  for (size_t i = 0; i < count; ++i) Op(Opcode::kDrop);
}

void CodeGenerator::Values(std::string_view types, int depth) {
  for (const char type : types) Value(type, depth);
}

void CodeGenerator::Value(char type, int depth) {
  if (depth <= 0 || !Spend()) return Leaf(type);
  switch (in_.Pick(12)) {
    case 0:
    case 1:
      return Leaf(type);
    case 2:
      return ValueBlock(type, depth - 1);
    case 3:
      return Select(type, depth - 1);
    case 4:
      if (CallFor(type, depth - 1)) return;
      break;
    case 5:
      if (kFields.find(type) == std::string_view::npos) break;
      return FromField(type, depth - 1);
    case 6:
      if (type != 'i' && type != 'l') break;
      return Integer(type, depth - 1);
    default:
      break;
  }
  if (kNumericTypes.find(type) == std::string_view::npos) {
    return Reference(type, depth - 1);
  }
  Numeric(type, depth - 1);
}

void CodeGenerator::Leaf(char type) {
  switch (in_.Pick(3)) {
    case 0:
      return Constant(type);
    case 1:
      return Op(Opcode::kLocalGet, LocalOf(type));
    default:
      return Op(Opcode::kGlobalGet, kFirstGlobal + kAllTypes.find(type));
  }
}

void CodeGenerator::Constant(char type) {
  const auto bits = [this](int bytes) {
    const uint32_t kind = in_.Pick(std::size(kInteresting) + 4);
    return kind < std::size(kInteresting) ? kInteresting[kind]
                                          : in_.Bits(kind % 2 ? 1 : bytes);
  };
  switch (type) {
    case 'i':
      code_.I32Const(static_cast<int32_t>(bits(4)));
      return;
    case 'l':
      code_.I64Const(static_cast<int64_t>(bits(8)));
      return;
    case 'f':
      code_.F32(std::bit_cast<float>(static_cast<uint32_t>(bits(4))));
      return;
    case 'd':
      code_.F64(std::bit_cast<double>(bits(8)));
      return;
    case 'v':
      Op(Opcode::kV128Const);
      for (int half = 0; half < 2; ++half) {
        const uint64_t value = bits(8);
        for (int i = 0; i < 64; i += 8) {
          code_.Byte(static_cast<uint8_t>(value >> i));
        }
      }
      return;
    default: {
      // The null of the type: what is behind the byte of a concrete one.
      Op(Opcode::kRefNull);
      const std::string bytes = TypeOfLetter(type).bytes();
      code_.Byte(static_cast<uint8_t>(bytes.back()));
    }
  }
}

void CodeGenerator::Bounded(char type, uint64_t limit, int depth) {
  Value(type, depth);
  if (in_.OneIn(100)) return;
  if (type == 'i') {
    code_.I32Const(static_cast<int32_t>(limit - 1));
  } else {
    code_.I64Const(static_cast<int64_t>(limit - 1));
  }
  Op(ConstantAnd(type));
}

void CodeGenerator::MemArg(uint32_t memory, uint32_t access_bytes) {
  const uint32_t natural =
      static_cast<uint32_t>(std::countr_zero(access_bytes));
  const uint32_t align = in_.Pick(natural + 1);
  code_.U(memory == 0 ? align : align | 0x40);
  if (memory != 0) code_.U(memory);
  code_.U(in_.Pick(4) == 0 ? in_.Bits(2) : in_.Pick(16));
}

void CodeGenerator::Numeric(char type, int depth) {
  const std::vector<Opcode>& choice = InstructionsWithResult(type);
  NumericOf(choice[in_.Pick(choice.size())], depth);
}

// Operands, the instruction, its immediates.
void CodeGenerator::NumericOf(Opcode opcode, int depth) {
  const OpcodeInfo& info = InfoOf(opcode);
  const bool is_division = IsDivision(opcode);
  const uint32_t memory = in_.Pick(kMemories);
  const bool is_access = info.access_bytes != 0;
  for (const char letter : info.signature) {
    if (letter == ':') break;
    if (letter == 'a') {
      Bounded(memory == 0 ? 'i' : 'l', 1 << 15, depth);
    } else {
      Value(letter, depth);
    }
  }
  if (is_division && !in_.OneIn(50)) {  // a divisor that is not 0
    const char type = info.signature[0];
    if (type == 'i') code_.I32Const(kDivisorMask);
    if (type == 'l') code_.I64Const(kDivisorMask);
    Op(type == 'i' ? Opcode::kI32Or : Opcode::kI64Or);
  }
  Op(opcode);
  if (is_access) MemArg(memory, info.access_bytes);
  const uint32_t lanes = LanesOf(opcode);
  if (info.immediates == Immediates::kLanes16) {
    for (int i = 0; i < 16; ++i) code_.Byte(static_cast<int>(in_.Pick(32)));
  } else if (lanes != 0) {
    code_.Byte(static_cast<int>(in_.Pick(lanes)));
  }
}

void CodeGenerator::Integer(char type, int depth) {
  if (type == 'l') return Op(Opcode::kMemorySize, 1);
  switch (in_.Pick(10)) {
    case 0:
      return Op(Opcode::kMemorySize, 0);
    case 1:
      return Op(Opcode::kTableSize, in_.Pick(kTables));
    case 2:
      Value("SABYFXE"[in_.Pick(7)], depth);
      return Op(Opcode::kRefIsNull);
    case 3:
      Value("SAB"[in_.Pick(3)], depth);
      Value("SAB"[in_.Pick(3)], depth);
      return Op(Opcode::kRefEq);
    case 4:
      Value('Y', depth);
      Op(Opcode::kRefTest);
      code_.S(in_.Pick(3));
      return;
    case 5:
      NonNull('A', depth);
      Bounded('i', 4, depth);
      return Op(Opcode::kArrayGet, kWords);
    case 6:
      NonNull('B', depth);
      Bounded('i', 4, depth);
      return Op(in_.OneIn(2) ? Opcode::kArrayGetS : Opcode::kArrayGetU, kBytes);
    case 7:
      NonNull("AB"[in_.Pick(2)], depth);
      return Op(Opcode::kArrayLen);
    case 8:
      Value('i', depth);
      Op(Opcode::kRefI31);
      return Op(in_.OneIn(2) ? Opcode::kI31GetS : Opcode::kI31GetU);
    default:
      Value('Y', depth);
      Op(Opcode::kRefTestNull);
      code_.Byte("\x6A\x6B\x6C\x6D\x71"[in_.Pick(5)]);
  }
}

void CodeGenerator::Reference(char type, int depth) {
  switch (type) {
    case 'S':
      if (in_.OneIn(4)) return Cast(depth);
      return Allocate(type, depth);
    case 'A':
    case 'B':
      return Allocate(type, depth);
    case 'F': {
      if (in_.OneIn(4)) return Leaf(type);
      if (in_.OneIn(2)) {
        Bounded('i', kTableElements, depth);
        return Op(Opcode::kTableGet, 0);
      }
      return Op(Opcode::kRefFunc, in_.Pick(functions_.callable));
    }
    case 'X':
      Value('Y', depth);
      return Op(Opcode::kExternConvertAny);
    case 'Y':
      break;
    default:
      return Leaf(type);
  }
  switch (in_.Pick(4)) {
    case 0:
      Value('i', depth);
      return Op(Opcode::kRefI31);
    case 1:
      Bounded('i', kTableElements, depth);
      return Op(Opcode::kTableGet, 1);
    case 2:
      Value('X', depth);
      return Op(Opcode::kAnyConvertExtern);
    default:
      return Value("SAB"[in_.Pick(3)], depth);
  }
}

void CodeGenerator::NonNull(char type, int depth) {
  if (in_.OneIn(60)) {
    Value(type, depth);
    return Op(Opcode::kRefAsNonNull);
  }
  // br_on_non_null leaves it to a block that has a non-null result.
  Op(Opcode::kBlock);
  code_.Byte(kRefCode).Byte(TypeOfLetter(type).bytes().back());
  labels_.push_back({"", false});
  Value(type, depth);
  Op(Opcode::kBrOnNonNull, 0);
  Allocate(type, 0);
  Close();
}

void CodeGenerator::Cast(int depth) {
  Op(Opcode::kBlock);
  code_.Byte(kRefCode).Byte(kStruct);
  labels_.push_back({"", false});
  Value('Y', depth);
  // From a nullable any to a $struct that is not null.
  Op(Opcode::kBrOnCast);
  code_.Byte(1).U(0).Byte(kAnyRefCode).Byte(kStruct);
  if (in_.OneIn(30)) {
    Op(Opcode::kRefCast);
    code_.Byte(kStruct);
  } else {
    Op(Opcode::kDrop);
    Allocate('S', 0);
  }
  Close();
}

void CodeGenerator::Allocate(char type, int depth) {
  if (type == 'S') {
    if (depth <= 0 || in_.OneIn(4)) {
      return Op(Opcode::kStructNewDefault, kStruct);
    }
    Values(kFields, depth - 1);
    return Op(Opcode::kStructNew, kStruct);
  }
  const uint32_t index = type == 'A' ? kWords : kBytes;
  switch (depth <= 0 ? 0 : in_.Pick(4)) {
    case 0:
      code_.I32Const(static_cast<int32_t>(4 + in_.Pick(200)));
      return Op(Opcode::kArrayNewDefault, index);
    case 1:
      Value('i', depth);
      code_.I32Const(static_cast<int32_t>(4 + in_.Pick(200)));
      return Op(Opcode::kArrayNew, index);
    case 2:
      Values("iiiii", depth - 1);
      Op(Opcode::kArrayNewFixed, index);
      code_.U(5);
      return;
    default:
      Bounded('i', 4, depth);
      code_.I32Const(type == 'A' ? 2 : 8);
      Op(Opcode::kArrayNewData, index);
      code_.U(in_.Pick(kSegments));
  }
}

void CodeGenerator::FromField(char type, int depth) {
  NonNull('S', depth);
  Op(Opcode::kStructGet, kStruct);
  code_.U(kFields.find(type));
}

void CodeGenerator::ValueBlock(char type, int depth) {
  const std::string result(1, type);
  if (in_.OneIn(2)) {
    Value('i', depth);
    Open(Opcode::kIf, result, {result});
    Value(type, depth);
    Op(Opcode::kElse);
  } else {
    Open(Opcode::kBlock, result, {result});
    Statements(depth);
  }
  Value(type, depth);
  Close();
}

void CodeGenerator::Select(char type, int depth) {
  Value(type, depth);
  Value(type, depth);
  Value('i', depth);
  if (kNumericTypes.find(type) != std::string_view::npos && in_.OneIn(2)) {
    return Op(Opcode::kSelect);
  }
  Op(Opcode::kSelectTyped);
  code_.U(1).Append(TypeOfLetter(type));
}

bool CodeGenerator::CallFor(char type, int depth) {
  const uint32_t first = in_.Pick(functions_.callable);
  for (uint32_t i = 0; i < functions_.callable; ++i) {
    const uint32_t function = (first + i) % functions_.callable;
    const std::string& results = functions_.signatures[function].results;
    if (results.empty() || results[0] != type) continue;
    Call(function, depth);
    Drop(results.size() - 1);
    return true;
  }
  return false;
}

void CodeGenerator::Call(uint32_t function, int depth) {
  const Signature& signature = functions_.signatures[function];
  Values(signature.params, depth);
  switch (in_.Pick(4)) {
    case 0:
      code_.I32Const(static_cast<int32_t>(function % kTableElements));
      Op(Opcode::kCallIndirect, signature.type_index);
      code_.U(0);
      return;
    case 1:
      Op(Opcode::kRefFunc, function);
      return Op(Opcode::kCallRef, signature.type_index);
    default:
      return Op(Opcode::kCall, function);
  }
}

void CodeGenerator::Statements(int depth) {
  for (uint32_t i = in_.Pick(4); i > 0; --i) Statement(depth - 1);
}

void CodeGenerator::Statement(int depth) {
  if (depth <= 0 || !Spend()) return;
  switch (in_.Pick(16)) {
    case 0:
    case 1:
    case 2:
      return Assign(depth - 1);
    case 3:
    case 4:
      return Store(depth - 1);
    case 5:
      return Bulk(depth - 1);
    case 6:
      return BulkOfTables(depth - 1);
    case 7:
      return Object(depth - 1);
    case 8:
    case 9:
      return Loop(depth - 1);
    case 10:
      return If(depth - 1);
    case 11:
      return Branch(depth - 1);
    case 12:
      return BranchTable(depth - 1);
    case 13:
      return AnyCall(depth - 1);
    case 14:
      return Caught(kAllTypes[in_.Pick(kAllTypes.size())], depth - 1);
    default:
      return in_.OneIn(2) ? TailCall(depth - 1) : Throw(depth - 1);
  }
}

void CodeGenerator::Assign(int depth) {
  const char type = kAllTypes[in_.Pick(kAllTypes.size())];
  Value(type, depth);
  switch (in_.Pick(3)) {
    case 0:
      return Op(Opcode::kLocalSet, LocalOf(type));
    case 1:
      Op(Opcode::kLocalTee, LocalOf(type));
      break;
    default:
      break;
  }
  Op(Opcode::kGlobalSet, kFirstGlobal + kAllTypes.find(type));
}

void CodeGenerator::Store(int depth) {
  const std::vector<Opcode>& choice = InstructionsWithResult(':');
  NumericOf(choice[in_.Pick(choice.size())], depth);
}

void CodeGenerator::Bulk(int depth) {
  const uint32_t memory = in_.Pick(kMemories);
  const char address = memory == 0 ? 'i' : 'l';
  switch (in_.Pick(6)) {
    case 0: {
      const uint32_t other = in_.Pick(kMemories);
      const char from = other == 0 ? 'i' : 'l';
      Bounded(address, 1 << 14, depth);
      Bounded(from, 1 << 14, depth);
      Bounded(memory == 1 && other == 1 ? 'l' : 'i', 1 << 12, depth);
      Op(Opcode::kMemoryCopy, memory);
      code_.U(other);
      return;
    }
    case 1:
      Bounded(address, 1 << 14, depth);
      Value('i', depth);
      Bounded(address, 1 << 12, depth);
      return Op(Opcode::kMemoryFill, memory);
    case 2:
      Bounded(address, 1 << 14, depth);
      Bounded('i', 8, depth);
      Bounded('i', 8, depth);
      Op(Opcode::kMemoryInit, in_.Pick(kSegments));
      code_.U(memory);
      return;
    case 3:
      if (in_.OneIn(8)) Op(Opcode::kDataDrop, in_.Pick(kSegments));
      return;
    default:
      Bounded(address, 2, depth);
      Op(Opcode::kMemoryGrow, memory);
      return Op(Opcode::kDrop);
  }
}

void CodeGenerator::BulkOfTables(int depth) {
  const uint32_t table = in_.Pick(kTables);
  const char element = table == 0 ? 'F' : 'Y';
  switch (in_.Pick(6)) {
    case 0:
      Bounded('i', 4, depth);
      Bounded('i', 4, depth);
      Bounded('i', 4, depth);
      Op(Opcode::kTableCopy, 1);
      code_.U(1);
      return;
    case 1:
      Value('Y', depth);
      Bounded('i', 4, depth);
      Op(Opcode::kTableGrow, 1);
      return Op(Opcode::kDrop);
    case 2:
      Bounded('i', 4, depth);
      Value('Y', depth);
      Bounded('i', 4, depth);
      return Op(Opcode::kTableFill, 1);
    case 3:
      Bounded('i', 4, depth);
      Bounded('i', 2, depth);
      Bounded('i', 2, depth);
      Op(Opcode::kTableInit, table);
      code_.U(table);
      return;
    case 4:
      if (in_.OneIn(8)) Op(Opcode::kElemDrop, in_.Pick(kSegments));
      return;
    default:
      Bounded('i', kTableElements, depth);
      Value(element, depth);
      return Op(Opcode::kTableSet, table);
  }
}

// Objects that change, and branches on references.
void CodeGenerator::Object(int depth) {
  const uint32_t field = in_.Pick(kFields.size());
  const char type = "AB"[in_.Pick(2)];
  const uint32_t index = type == 'A' ? kWords : kBytes;
  switch (in_.Pick(7)) {
    case 0:
      NonNull('S', depth);
      Value(kFields[field], depth);
      Op(Opcode::kStructSet, kStruct);
      code_.U(field);
      return;
    case 1:
      NonNull(type, depth);
      Bounded('i', 4, depth);
      Value('i', depth);
      return Op(Opcode::kArraySet, index);
    case 2:
      NonNull(type, depth);
      Bounded('i', 2, depth);
      Value('i', depth);
      Bounded('i', 4, depth);
      return Op(Opcode::kArrayFill, index);
    case 3:
      NonNull(type, depth);
      Bounded('i', 2, depth);
      Bounded('i', 4, depth);
      Bounded('i', 4, depth);
      Op(Opcode::kArrayInitData, index);
      code_.U(in_.Pick(kSegments));
      return;
    case 4:
      Open(Opcode::kBlock, "", {""});
      Value("SABYFXE"[in_.Pick(7)], depth);
      Op(Opcode::kBrOnNull, 0);
      Op(Opcode::kDrop);
      Statements(depth);
      return Close();
    case 5:
      // Both a failed cast and one that succeeds leave an anyref.
      Open(Opcode::kBlock, "Y", {"Y"});
      Value('Y', depth);
      Op(Opcode::kBrOnCastFail);
      code_.Byte(1).U(0).Byte(kAnyRefCode).Byte(kStruct);
      Op(Opcode::kStructGet, kStruct);
      code_.U(kFields.find('Y'));
      Close();
      return Op(Opcode::kGlobalSet, kFirstGlobal + kAllTypes.find('Y'));
    default:
      NonNull(type, depth);
      Bounded('i', 2, depth);
      NonNull(type, depth);
      Bounded('i', 2, depth);
      Bounded('i', 4, depth);
      Op(Opcode::kArrayCopy, index);
      code_.U(index);
  }
}

void CodeGenerator::Loop(int depth) {
  const uint64_t counter = locals_.size();
  locals_.push_back('i');
  code_.I32Const(static_cast<int32_t>(1 + in_.Pick(6)));
  Op(Opcode::kLocalSet, counter);
  Open(Opcode::kLoop, "", {"", false});
  Statements(depth);
  Op(Opcode::kLocalGet, counter);
  code_.I32Const(1);
  Op(Opcode::kI32Sub);
  Op(Opcode::kLocalTee, counter);
  Op(Opcode::kBrIf, 0);
  Close();
}

void CodeGenerator::If(int depth) {
  Value('i', depth);
  Open(Opcode::kIf, "", {""});
  Statements(depth);
  if (in_.OneIn(2)) {
    Op(Opcode::kElse);
    Statements(depth);
  }
  Close();
}

void CodeGenerator::Branch(int depth) {
  const uint32_t target = in_.Pick(labels_.size());
  const Label label = labels_[labels_.size() - 1 - target];
  if (!label.is_target) return;
  if (in_.OneIn(2)) {
    Values(label.types, depth);
    Value('i', depth);
    Op(Opcode::kBrIf, target);
    return Drop(label.types.size());
  }
  Value('i', depth);
  Open(Opcode::kIf, "", {""});
  Values(label.types, depth);
  Op(Opcode::kBr, target + 1);
  Close();
}

void CodeGenerator::BranchTable(int depth) {
  std::vector<uint32_t> targets;  // from inside the block below
  const uint32_t first = in_.Pick(labels_.size());
  const std::string types = labels_[labels_.size() - 1 - first].types;
  for (uint32_t i = 0; i < labels_.size(); ++i) {
    const Label& label = labels_[labels_.size() - 1 - i];
    if (label.is_target && label.types == types) targets.push_back(i + 1);
  }
  if (targets.empty()) return;
  Value('i', depth);
  Open(Opcode::kIf, "", {""});
  Values(types, depth);
  Bounded('i', 4, depth);
  Op(Opcode::kBrTable, targets.size() - 1);
  for (const uint32_t target : targets) code_.U(target);
  Close();
}

void CodeGenerator::AnyCall(int depth) {
  const uint32_t function = in_.Pick(functions_.callable);
  Call(function, depth);
  Drop(functions_.signatures[function].results.size());
}

void CodeGenerator::TailCall(int depth) {
  for (uint32_t i = 0; i < functions_.callable; ++i) {
    const Signature& signature = functions_.signatures[i];
    if (signature.results != signature_.results || in_.OneIn(2)) continue;
    Value('i', depth);
    Open(Opcode::kIf, "", {""});
    Values(signature.params, depth);
    switch (in_.Pick(3)) {
      case 0:
        Op(Opcode::kReturnCall, i);
        break;
      case 1:
        Op(Opcode::kRefFunc, i);
        Op(Opcode::kReturnCallRef, signature.type_index);
        break;
      default:
        code_.I32Const(static_cast<int32_t>(i % kTableElements));
        Op(Opcode::kReturnCallIndirect, signature.type_index);
        code_.U(0);
    }
    return Close();
  }
}

void CodeGenerator::Throw(int depth) {
  Value('i', depth);
  Open(Opcode::kIf, "", {""});
  const uint32_t tag = in_.Pick(std::size(kTags) + 1);
  if (tag == std::size(kTags)) {
    Value('E', depth);
    Op(Opcode::kThrowRef);
  } else {
    Values(kTags[tag], depth);
    Op(Opcode::kThrow, tag);
  }
  Close();
}

// A try_table in a block that takes what is thrown; assigned to locals.
void CodeGenerator::Caught(char type, int depth) {
  enum Catch { kCatch, kCatchRef, kCatchAll, kCatchAllRef };
  const uint32_t tag = in_.Pick(std::size(kTags));
  const Catch how = static_cast<Catch>(in_.Pick(4));
  std::string results(how <= kCatchRef ? kTags[tag] : "");
  if (how == kCatchRef || how == kCatchAllRef) results += 'E';
  Open(Opcode::kBlock, results, {results});
  Open(Opcode::kTryTable, std::string_view(&type, 1), {std::string(1, type)});
  code_.U(1).Byte(how);
  if (how <= kCatchRef) code_.U(tag);
  code_.U(0);
  Statements(depth);
  Value(type, depth);
  Close();
  Op(Opcode::kLocalSet, LocalOf(type));
  Values(results, depth);
  Close();
  for (size_t i = results.size(); i > 0; --i) {
    Op(Opcode::kLocalSet, LocalOf(results[i - 1]));
  }
}

}  // namespace wasmd::testing
