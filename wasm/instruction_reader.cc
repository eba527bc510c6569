#include "wasm/instruction_reader.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "base/str_cat.h"
#include "wasm/limits.h"

namespace wasmd {
namespace {

using instruction_reader_internal::Entry;

constexpr bool IsOneIndex(Immediates immediates) {
  switch (immediates) {
    case Immediates::kLabel:
    case Immediates::kFuncIndex:
    case Immediates::kTypeIndex:
    case Immediates::kLocalIndex:
    case Immediates::kGlobalIndex:
    case Immediates::kTableIndex:
    case Immediates::kElemIndex:
    case Immediates::kTagIndex:
    case Immediates::kMemoryIndex:
    case Immediates::kDataIndex:
      return true;
    default:
      return false;
  }
}

constexpr Entry MakeEntry(Opcode opcode, Immediates immediates) {
  return {opcode, immediates, true, immediates == Immediates::kNone,
          IsOneIndex(immediates)};
}

template <uint8_t kPrefix, size_t kSize>
constexpr std::array<Entry, kSize> MakeEntries() {
  std::array<Entry, kSize> entries{};
#define OPCODE(name, prefix, code, mnemonic, immediates, ...)           \
  if constexpr (prefix == kPrefix) {                                    \
    entries[code] = MakeEntry(Opcode::k##name, Immediates::immediates); \
  }
#include "wasm/opcodes.def"
  return entries;
}

constexpr auto kPrefixFB = MakeEntries<0xFB, 0x1F>();
constexpr auto kPrefixFC = MakeEntries<0xFC, 0x12>();
constexpr auto kPrefixFD = MakeEntries<0xFD, 0x114>();

const Entry* FindEntry(uint8_t prefix, uint32_t code) {
  const auto find = [code](const auto& entries) -> const Entry* {
    return code < entries.size() ? &entries[code] : nullptr;
  };
  switch (prefix) {
    case 0xFB:
      return find(kPrefixFB);
    case 0xFC:
      return find(kPrefixFC);
    case 0xFD:
      return find(kPrefixFD);
    default:
      return nullptr;
  }
}

std::string IllegalOpcode(uint8_t byte) {
  return StrCat("illegal opcode ", absl::Hex(byte, absl::kZeroPad2));
}

bool IsNullable(Opcode opcode) {
  return opcode == Opcode::kRefNull || opcode == Opcode::kRefTestNull ||
         opcode == Opcode::kRefCastNull;
}

}  // namespace

namespace instruction_reader_internal {

constexpr std::array<Entry, 256> kOneByteEntries = MakeEntries<0x00, 256>();

}  // namespace instruction_reader_internal

absl::Status InstructionReader::Read(Instruction* instruction) {
  if (TryRead(instruction)) [[likely]]
    return absl::OkStatus();
  ReadError prefixed = error();
  if (!prefixed.is_limit) prefixed.message.insert(0, "malformed: ");
  return ToStatus(prefixed);
}

bool InstructionReader::TryReadAny(Instruction* instruction) {
  const uint8_t* const start = reader_.position();
  instruction->offset = reader_.offset();
  Immediates immediates = Immediates::kNone;
  if (!ReadOpcode(&instruction->opcode, &immediates) ||
      (immediates != Immediates::kNone &&
       !ReadImmediates(immediates, instruction))) [[unlikely]] {
    reader_.set_position(start);
    return false;
  }
  instruction->next_offset = reader_.offset();
  return true;
}

bool InstructionReader::ReadOpcode(Opcode* opcode, Immediates* immediates) {
  const uint32_t at = reader_.offset();
  uint8_t byte = 0;
  if (!reader_.ReadByte(&byte)) return false;
  const Entry* entry = &instruction_reader_internal::kOneByteEntries[byte];
  if (!entry->is_known) [[unlikely]] {
    if (byte < 0xFB || byte > 0xFD)
      return reader_.Fail(IllegalOpcode(byte), at);
    uint32_t code = 0;
    if (!reader_.ReadU32(&code)) return false;
    entry = FindEntry(byte, code);
    if (entry == nullptr || !entry->is_known) {
      return reader_.Fail(
          StrCat(IllegalOpcode(byte), " ", absl::Hex(code, absl::kZeroPad2)),
          at);
    }
  }
  *opcode = entry->opcode;
  *immediates = entry->immediates;
  return true;
}

bool InstructionReader::ReadImmediates(Immediates immediates,
                                       Instruction* instruction) {
  BinaryReader& reader = reader_;
  Instruction& in = *instruction;
  switch (immediates) {
    case Immediates::kNone:
      return true;
    case Immediates::kLabel:
    case Immediates::kFuncIndex:
    case Immediates::kTypeIndex:
    case Immediates::kLocalIndex:
    case Immediates::kGlobalIndex:
    case Immediates::kTableIndex:
    case Immediates::kElemIndex:
    case Immediates::kTagIndex:
    case Immediates::kMemoryIndex:
    case Immediates::kDataIndex:
      return reader.ReadU32(&in.index);
    case Immediates::kTypeTable:
    case Immediates::kElemTable:
    case Immediates::kTableTable:
    case Immediates::kMemoryMemory:
    case Immediates::kDataMemory:
    case Immediates::kTypeField:
    case Immediates::kTypeCount:
    case Immediates::kTypeData:
    case Immediates::kTypeElem:
    case Immediates::kTypeType:
      return reader.ReadU32(&in.index) && reader.ReadU32(&in.index2);
    case Immediates::kMemArg:
      return ReadMemArg(&in.memarg);
    case Immediates::kMemArgLane:
      return ReadMemArg(&in.memarg) && reader.ReadByte(&in.lane);
    case Immediates::kLane:
      return reader.ReadByte(&in.lane);
    case Immediates::kI32: {
      int32_t value = 0;
      if (!reader.ReadS32(&value)) return false;
      in.constant = static_cast<uint64_t>(int64_t{value});
      return true;
    }
    case Immediates::kI64: {
      int64_t value = 0;
      if (!reader.ReadS64(&value)) return false;
      in.constant = static_cast<uint64_t>(value);
      return true;
    }
    case Immediates::kF32: {
      ByteSpan bytes;
      if (!reader.ReadBytes(4, &bytes)) return false;
      in.constant = LoadLittle<uint32_t>(bytes.data());
      return true;
    }
    case Immediates::kF64: {
      ByteSpan bytes;
      if (!reader.ReadBytes(8, &bytes)) return false;
      in.constant = LoadLittle<uint64_t>(bytes.data());
      return true;
    }
    case Immediates::kV128:
    case Immediates::kLanes16: {
      ByteSpan bytes;
      if (!reader.ReadBytes(16, &bytes)) return false;
      std::memcpy(in.bytes16.data(), bytes.data(), 16);
      return true;
    }
    case Immediates::kBlockType:
      return ReadBlockType(&in.block_type);
    case Immediates::kTryTable:
      return ReadBlockType(&in.block_type) && ReadCatches(&in.catches);
    case Immediates::kLabelTable:
      return ReadLabels(&in.labels);
    case Immediates::kSelectTypes:
      return ReadSelectTypes(&in.select_types);
    case Immediates::kHeapType: {
      HeapType type = AbstractHeapType::kFunc;
      if (!reader.ReadHeapType(&type)) return false;
      in.ref_type = ValueType::Ref(type, IsNullable(in.opcode));
      return true;
    }
    case Immediates::kCastBranch:
      return ReadCastBranch(&in);
  }
  return false;
}

bool InstructionReader::ReadMemArg(MemArg* memarg) {
  const uint32_t at = reader_.offset();
  uint32_t flags = 0;
  if (!reader_.ReadU32(&flags)) return false;
  // Bit 6 says that a memory index follows; nothing above it has a meaning.
  if (flags >= 0x80) return reader_.Fail("malformed memop flags", at);
  memarg->align_log2 = flags & 0x3F;
  memarg->memory_index = 0;
  if ((flags & 0x40) && !reader_.ReadU32(&memarg->memory_index)) return false;
  return reader_.ReadU64(&memarg->offset);
}

bool InstructionReader::ReadBlockType(BlockType* type) {
  const int byte = reader_.PeekByte();
  if (byte == 0x40) {
    reader_.Skip(1);
    *type = {};
    return true;
  }
  // Value types are the single bytes that are negative as an s33.
  if ((byte & 0xC0) == 0x40) {
    type->kind = BlockType::Kind::kValue;
    return reader_.ReadValueType(&type->value);
  }
  const uint32_t at = reader_.offset();
  int64_t index = 0;
  if (!reader_.ReadS33(&index)) return false;
  if (index < 0) return reader_.Fail("malformed block type", at);
  type->kind = BlockType::Kind::kTypeIndex;
  type->type_index = static_cast<uint32_t>(index);
  return true;
}

bool InstructionReader::ReadLabels(std::vector<uint32_t>* labels) {
  const uint32_t at = reader_.offset();
  uint32_t count = 0;
  if (!reader_.ReadCount(&count)) return false;
  if (count > kMaxBrTableLabels) {
    return reader_.FailLimit(
        StrCat("br_table has ", count, " labels, the limit is ",
               kMaxBrTableLabels),
        at);
  }
  labels->resize(size_t{count} + 1);  // with the default
  for (uint32_t& label : *labels) {
    if (!reader_.ReadU32(&label)) return false;
  }
  return true;
}

bool InstructionReader::ReadSelectTypes(std::vector<ValueType>* types) {
  uint32_t count = 0;
  if (!reader_.ReadCount(&count)) return false;
  types->resize(count);
  for (ValueType& type : *types) {
    if (!reader_.ReadValueType(&type)) return false;
  }
  return true;
}

bool InstructionReader::ReadCatches(std::vector<CatchClause>* catches) {
  uint32_t count = 0;
  if (!reader_.ReadCount(&count)) return false;
  catches->clear();
  for (uint32_t i = 0; i < count; ++i) {
    const uint32_t at = reader_.offset();
    uint8_t kind = 0;
    if (!reader_.ReadByte(&kind)) return false;
    if (kind > 3) return reader_.Fail("malformed catch clause", at);
    CatchClause clause;
    clause.kind = static_cast<CatchKind>(kind);
    const bool has_tag =
        clause.kind == CatchKind::kCatch || clause.kind == CatchKind::kCatchRef;
    if (has_tag && !reader_.ReadU32(&clause.tag_index)) return false;
    if (!reader_.ReadU32(&clause.label)) return false;
    catches->push_back(clause);
  }
  return true;
}

bool InstructionReader::ReadCastBranch(Instruction* instruction) {
  const uint32_t at = reader_.offset();
  uint8_t flags = 0;
  if (!reader_.ReadByte(&flags)) return false;
  if (flags > 3) {
    return reader_.Fail(
        StrCat("malformed ", InfoOf(instruction->opcode).mnemonic, " flags"),
        at);
  }
  HeapType source = AbstractHeapType::kAny;
  HeapType target = AbstractHeapType::kAny;
  if (!reader_.ReadU32(&instruction->index) || !reader_.ReadHeapType(&source) ||
      !reader_.ReadHeapType(&target)) {
    return false;
  }
  instruction->ref_type = ValueType::Ref(source, flags & 1);
  instruction->ref_type2 = ValueType::Ref(target, flags & 2);
  return true;
}

}  // namespace wasmd
