// The instructions that most code is made of, checked without the generality
// that the others need. What is not plainly right is left to the other files:
// nothing here reports an error.

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "wasm/function_validator.h"
#include "wasm/limits.h"
#include "wasm/opcodes.h"

namespace wasmd {
namespace {

enum class SimpleKind : uint8_t {
  kNone,
  kLocalGet,
  kLocalSet,
  kLocalTee,
  kConst32,  // a LEB128 of up to 4 bytes is never out of range
  kConst64,  // nor is one of up to 8
  kConstFloat,
  kUnary,
  kBinary,
  kLoad,
  kStore,
  kDrop,
  kGlobal,
  kControl,
};

struct SimpleRule {
  SimpleKind kind = SimpleKind::kNone;
  uint8_t size = 0;            // kConstFloat: of the instruction
  uint8_t max_align_log2 = 0;  // kLoad, kStore
  Opcode opcode = Opcode::kNop;
  ValueType first;  // operands
  ValueType second;
  ValueType result;
};

constexpr ValueType TypeOfLetter(char letter) {
  switch (letter) {
    case 'l':
      return kI64Type;
    case 'f':
      return kF32Type;
    case 'd':
      return kF64Type;
    default:
      return kI32Type;  // also an address
  }
}

// Of an instruction whose signature does not tell enough.
constexpr SimpleKind KindOf(Opcode opcode) {
  switch (opcode) {
    case Opcode::kLocalGet:
      return SimpleKind::kLocalGet;
    case Opcode::kLocalSet:
      return SimpleKind::kLocalSet;
    case Opcode::kLocalTee:
      return SimpleKind::kLocalTee;
    case Opcode::kDrop:
      return SimpleKind::kDrop;
    case Opcode::kGlobalGet:
    case Opcode::kGlobalSet:
      return SimpleKind::kGlobal;
    case Opcode::kBlock:
    case Opcode::kLoop:
    case Opcode::kIf:
    case Opcode::kEnd:
    case Opcode::kBrIf:
    case Opcode::kCall:
      return SimpleKind::kControl;
    default:
      return SimpleKind::kNone;
  }
}

constexpr SimpleRule MakeRule(Opcode opcode, Immediates immediates,
                              std::string_view signature,
                              uint8_t access_bytes) {
  SimpleRule rule;
  rule.opcode = opcode;
  rule.kind = KindOf(opcode);
  if (signature == "*") return rule;
  const size_t operands = signature.find(':');
  const bool has_result = signature.size() > operands + 1;
  if (operands > 0) rule.first = TypeOfLetter(signature[0]);
  if (operands > 1) rule.second = TypeOfLetter(signature[1]);
  if (has_result) rule.result = TypeOfLetter(signature[operands + 1]);
  switch (immediates) {
    case Immediates::kI32:
      rule.kind = SimpleKind::kConst32;
      break;
    case Immediates::kI64:
      rule.kind = SimpleKind::kConst64;
      break;
    case Immediates::kF32:
    case Immediates::kF64:
      rule.kind = SimpleKind::kConstFloat;
      rule.size = immediates == Immediates::kF32 ? 5 : 9;
      break;
    case Immediates::kMemArg:
      rule.kind = has_result ? SimpleKind::kLoad : SimpleKind::kStore;
      rule.max_align_log2 = static_cast<uint8_t>(
          std::countr_zero(static_cast<unsigned>(access_bytes)));
      break;
    case Immediates::kNone:
      if (has_result && operands == 1) rule.kind = SimpleKind::kUnary;
      if (has_result && operands == 2) rule.kind = SimpleKind::kBinary;
      break;
    default:
      break;
  }
  return rule;
}

// By the first byte; all these are instructions of one byte.
constexpr std::array<SimpleRule, 256> MakeRules() {
  std::array<SimpleRule, 256> rules{};
#define OPCODE(name, prefix, code, mnemonic, immediates, signature,       \
               access_bytes, flags, feature, anchor)                      \
  if (prefix == 0) {                                                      \
    rules[code % 256] = MakeRule(Opcode::k##name, Immediates::immediates, \
                                 signature, access_bytes);                \
  }
#include "wasm/opcodes.def"
  return rules;
}

constexpr std::array<SimpleRule, 256> kSimpleRules = MakeRules();

// The longest: an opcode, an alignment, and 8 bytes that are looked at.
constexpr std::ptrdiff_t kMaxSimpleBytes = 10;
constexpr uint8_t kEmptyBlockType = 0x40;

// Bytes of the LEB128 at `at`; 0 if there are more than a Word has.
template <typename Word>
inline size_t Leb128Size(const uint8_t* at) {
  constexpr Word kHighBits = static_cast<Word>(0x8080808080808080);
  if (*at < 0x80) return 1;
  Word bytes;
  std::memcpy(&bytes, at, sizeof(bytes));
  if constexpr (std::endian::native == std::endian::big) {
    bytes = __builtin_bswap64(bytes) >> (64 - 8 * sizeof(Word));
  }
  const Word ends = ~bytes & kHighBits;
  if (ends == 0) return 0;
  return static_cast<size_t>(std::countr_zero(ends)) / 8 + 1;
}

}  // namespace

const uint8_t* FunctionValidator::CheckSimple(const uint8_t* at,
                                              const uint8_t* end) {
  if (end - at < kMaxSimpleBytes) return at;
  const uint8_t* const last = end - kMaxSimpleBytes;
  // Those whose index is one byte.
  const std::span<const ValueType> all_locals = locals_.AllSet();
  const ValueType* const locals = all_locals.data();
  const size_t local_count = std::min<size_t>(all_locals.size(), 0x80);
  const bool has_memory = has_plain_memory_;
  const ValueType* const limit = operands_.limit();
  const ValueType* floor = operands_.begin() + floor_;
  ValueType* top = operands_.end();
  // Each case goes on with the next instruction, or leaves the one at hand as
  // it is.
  while (at <= last) {
    const SimpleRule& rule = kSimpleRules[*at];
    switch (rule.kind) {
      case SimpleKind::kLocalGet:
        if (at[1] >= local_count || top == limit) break;
        *top++ = locals[at[1]];
        at += 2;
        continue;
      case SimpleKind::kLocalSet:
        if (at[1] >= local_count || top == floor || top[-1] != locals[at[1]]) {
          break;
        }
        --top;
        at += 2;
        continue;
      case SimpleKind::kLocalTee:
        if (at[1] >= local_count || top == floor || top[-1] != locals[at[1]]) {
          break;
        }
        at += 2;
        continue;
      case SimpleKind::kConst32: {
        const size_t size = Leb128Size<uint32_t>(at + 1);
        if (size == 0 || top == limit) break;
        *top++ = kI32Type;
        at += 1 + size;
        continue;
      }
      case SimpleKind::kConst64: {
        const size_t size = Leb128Size<uint64_t>(at + 1);
        if (size == 0 || top == limit) break;
        *top++ = kI64Type;
        at += 1 + size;
        continue;
      }
      case SimpleKind::kConstFloat:
        if (top == limit) break;
        *top++ = rule.result;
        at += rule.size;
        continue;
      case SimpleKind::kUnary:
        if (top == floor || top[-1] != rule.first) break;
        top[-1] = rule.result;
        at += 1;
        continue;
      case SimpleKind::kBinary:
        if (top - floor < 2 || top[-2] != rule.first ||
            top[-1] != rule.second) {
          break;
        }
        top[-2] = rule.result;
        --top;
        at += 1;
        continue;
      case SimpleKind::kLoad: {
        const size_t size = Leb128Size<uint32_t>(at + 2);
        if (!has_memory || at[1] > rule.max_align_log2 || size == 0 ||
            top == floor || top[-1] != kI32Type) {
          break;
        }
        top[-1] = rule.result;
        at += 2 + size;
        continue;
      }
      case SimpleKind::kStore: {
        const size_t size = Leb128Size<uint32_t>(at + 2);
        if (!has_memory || at[1] > rule.max_align_log2 || size == 0 ||
            top - floor < 2 || top[-2] != kI32Type || top[-1] != rule.second) {
          break;
        }
        top -= 2;
        at += 2 + size;
        continue;
      }
      case SimpleKind::kDrop:
        if (top == floor) break;
        --top;
        at += 1;
        continue;
      case SimpleKind::kGlobal:
      case SimpleKind::kControl: {
        operands_.set_end(top);
        const uint8_t* const next = CheckSimpleControl(rule.opcode, at);
        top = operands_.end();
        if (next == at) break;
        floor = operands_.begin() + floor_;
        at = next;
        continue;
      }
      case SimpleKind::kNone:
        break;
    }
    break;
  }
  operands_.set_end(top);
  return at;
}

// These say where they end, or `at` for what they do not check.

inline const uint8_t* FunctionValidator::CheckSimpleControl(Opcode opcode,
                                                            const uint8_t* at) {
  switch (opcode) {
    case Opcode::kBlock:
    case Opcode::kLoop:
    case Opcode::kIf:
      return CheckSimpleBlock(opcode, at);
    case Opcode::kEnd: {
      const ControlFrame& frame = frames_.back();
      if (frames_.size() < 2 || operands_.size() != floor_ ||
          locals_.HasUnset() || frame.type != nullptr || frame.has_result) {
        return at;
      }
      frames_.pop_back();
      floor_ = frames_.back().height;
      return at + 1;
    }
    case Opcode::kBrIf:
      if (!HasCondition() || at[1] >= 0x80 || at[1] >= frames_.size() ||
          !frames_[frames_.size() - 1 - at[1]].LabelTypes().empty()) {
        return at;
      }
      operands_.Shrink(operands_.size() - 1);
      return at + 2;
    case Opcode::kCall:
      return CheckSimpleCall(at);
    case Opcode::kGlobalGet:
    case Opcode::kGlobalSet:
      return CheckSimpleGlobal(opcode, at);
    default:
      return at;
  }
}

inline const uint8_t* FunctionValidator::CheckSimpleBlock(Opcode opcode,
                                                          const uint8_t* at) {
  if (at[1] != kEmptyBlockType || frames_.size() > kMaxBlockNesting) return at;
  if (opcode == Opcode::kIf) {
    if (!HasCondition()) return at;
    operands_.Shrink(operands_.size() - 1);
  }
  ControlFrame frame;
  frame.opcode = opcode;
  OpenFrame(frame);
  return at + 2;
}

inline const uint8_t* FunctionValidator::CheckSimpleGlobal(Opcode opcode,
                                                           const uint8_t* at) {
  if (at[1] >= 0x80 || at[1] >= module_.globals.size()) return at;
  const GlobalType& type = module_.globals[at[1]].type;
  if (opcode == Opcode::kGlobalGet) {
    if (operands_.end() == operands_.limit()) return at;
    operands_.Push(type.value);
    return at + 2;
  }
  if (!type.is_mutable || operands_.size() == floor_ ||
      operands_.Top() != type.value) {
    return at;
  }
  operands_.Shrink(operands_.size() - 1);
  return at + 2;
}

const uint8_t* FunctionValidator::CheckSimpleCall(const uint8_t* at) {
  const size_t size = Leb128Size<uint32_t>(at + 1);
  uint32_t index = 0;
  for (size_t i = 0; i < size; ++i) index |= (at[1 + i] & 0x7Fu) << (7 * i);
  if (size == 0 || index >= module_.functions.size()) return at;
  const FunctionType& type = module_.TypeOfFunction(index);
  const size_t params = type.params.size();
  const size_t room = static_cast<size_t>(operands_.limit() - operands_.end());
  if (operands_.size() - floor_ < params || room < type.results.size() ||
      !std::equal(type.params.begin(), type.params.end(),
                  operands_.end() - params)) {
    return at;
  }
  operands_.Shrink(operands_.size() - params);
  for (const ValueType result : type.results) operands_.Push(result);
  return at + 1 + size;
}

}  // namespace wasmd
