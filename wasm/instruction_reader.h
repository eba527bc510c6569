// InstructionReader: one instruction after another with its immediates,
// straight from the binary. The validator, the translator, constant expressions
// and the disassembler all read code through it; no other file decodes
// immediates.

#ifndef WASMD_WASM_INSTRUCTION_READER_H_
#define WASMD_WASM_INSTRUCTION_READER_H_

#include <array>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "base/bytes.h"
#include "wasm/binary_reader.h"
#include "wasm/opcodes.h"
#include "wasm/types.h"

namespace wasmd {

// A block type (binary-blocktype): nothing, one value type, or a type index.
struct BlockType {
  enum class Kind : uint8_t { kEmpty, kValue, kTypeIndex } kind = Kind::kEmpty;
  ValueType value;
  uint32_t type_index = 0;
};

enum class CatchKind : uint8_t { kCatch, kCatchRef, kCatchAll, kCatchAllRef };

struct CatchClause {
  CatchKind kind = CatchKind::kCatch;
  uint32_t tag_index = 0;  // kCatch, kCatchRef
  uint32_t label = 0;
};

struct MemArg {
  uint32_t align_log2 = 0;
  uint32_t memory_index = 0;
  uint64_t offset = 0;
};

// One decoded instruction. Which fields are set depends on the immediates of
// the opcode; vectors keep their capacity from one read to the next.
struct Instruction {
  Opcode opcode = Opcode::kNop;
  uint32_t offset = 0;       // of the opcode's first byte, in the binary
  uint32_t next_offset = 0;  // of the instruction after it

  // Indices in the order the binary has them: label, function, type, local,
  // global, table, memory, tag, segment, field, count.
  uint32_t index = 0;
  uint32_t index2 = 0;
  uint8_t lane = 0;
  MemArg memarg;
  BlockType block_type;
  // i32 (sign-extended), i64, or the bits of f32 and f64.
  uint64_t constant = 0;
  std::array<uint8_t, 16> bytes16{};  // v128.const, i8x16.shuffle
  ValueType ref_type;                 // ref.null, ref.test, ref.cast, and
  ValueType ref_type2;                // br_on_cast: source, then target
  std::vector<uint32_t> labels;       // br_table: targets, then the default
  std::vector<ValueType> select_types;
  std::vector<CatchClause> catches;
};

namespace instruction_reader_internal {

// What a byte, or a prefix byte and a code, stands for.
struct Entry {
  Opcode opcode = Opcode::kNop;
  Immediates immediates = Immediates::kNone;
  bool is_known = false;
  bool is_plain = false;       // known, no immediates
  bool has_one_index = false;  // known, its immediates are one index
};

extern const std::array<Entry, 256> kOneByteEntries;

}  // namespace instruction_reader_internal

// Confined to one thread at a time.
class InstructionReader {
 public:
  // Reads `code`, a range of a binary whose first byte has offset
  // `begin_offset` there. The bytes outlive the reader.
  InstructionReader(ByteSpan code, uint32_t begin_offset)
      : reader_(code, begin_offset) {}

  bool AtEnd() const { return reader_.AtEnd(); }
  uint32_t offset() const { return reader_.offset(); }
  // Where the next instruction is, for who reads some on their own.
  const uint8_t* position() const { return reader_.position(); }
  void set_position(const uint8_t* position) { reader_.set_position(position); }

  // Reads the next instruction into `*instruction`. InvalidArgument if it is
  // malformed ("malformed: unexpected end (at byte 93)"), ResourceExhausted if
  // a br_table is past its limit; then the reader stays where it is. Unknown
  // opcodes are malformed; features are the caller's.
  absl::Status Read(Instruction* instruction);

  // The same for loops over much code: false on error, told by error().
  bool TryRead(Instruction* instruction) {
    const uint8_t* const at = reader_.position();
    // Most code is instructions of one byte with at most one small index.
    if (reader_.remaining() >= 2) [[likely]] {
      const auto& entry = instruction_reader_internal::kOneByteEntries[at[0]];
      const bool is_short =
          entry.is_plain || (entry.has_one_index && at[1] < 0x80);
      if (is_short) [[likely]] {
        instruction->opcode = entry.opcode;
        instruction->index = at[1];  // without a meaning if there is none
        instruction->offset = reader_.offset();
        reader_.Skip(entry.is_plain ? 1 : 2);
        instruction->next_offset = reader_.offset();
        return true;
      }
    }
    return TryReadAny(instruction);
  }
  const ReadError& error() const { return reader_.error(); }

 private:
  bool TryReadAny(Instruction* instruction);
  bool ReadOpcode(Opcode* opcode, Immediates* immediates);
  bool ReadImmediates(Immediates immediates, Instruction* instruction);
  bool ReadMemArg(MemArg* memarg);
  bool ReadBlockType(BlockType* type);
  bool ReadLabels(std::vector<uint32_t>* labels);
  bool ReadSelectTypes(std::vector<ValueType>* types);
  bool ReadCatches(std::vector<CatchClause>* catches);
  bool ReadCastBranch(Instruction* instruction);

  BinaryReader reader_;
};

}  // namespace wasmd

#endif  // WASMD_WASM_INSTRUCTION_READER_H_
