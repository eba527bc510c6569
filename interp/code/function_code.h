// FunctionCode: the internal code of one function, made at its first call, with
// the map from positions in it to canonical code offsets (interp/frame.h).
// Owned by a TranslatedModule, never moved. Thread-safe: the translation is
// published once, through `entry`.

#ifndef WASMD_INTERP_CODE_FUNCTION_CODE_H_
#define WASMD_INTERP_CODE_FUNCTION_CODE_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "interp/code/handler_set.h"
#include "wasm/types.h"

namespace wasmd {

class TranslatedModule;

// kCatch: where a branch of an exception handler joins a label's end.
enum class SafepointKind : uint8_t { kEntry, kLoop, kAfterCall, kCatch };

// What a call site calls.
enum class CalleeKind : uint8_t { kNone, kFunction, kType };

// One place where a thread can be stopped, or a caller's frame can stand.
struct Safepoint {
  uint32_t position = 0;     // in units of internal code
  uint32_t code_offset = 0;  // in the module's binary
  // The operand stack there, without the callee's results (a list in
  // Translation::operands, top first).
  uint32_t operands = 0;
  uint32_t callee = 0;  // function index or type index
  SafepointKind kind = SafepointKind::kEntry;
  CalleeKind callee_kind = CalleeKind::kNone;
};

// A node of a persistent list of operand types: lists share their tails, so
// that all safepoints of a function take linear space. Node 0 is the empty
// list.
struct OperandNode {
  uint32_t below = 0;
  ValueType type;
  uint32_t slot = 0;  // in the frame
  // The first node from this one down whose value may be an object of the heap
  // (HoldsObject in translator.h).
  uint32_t traced = 0;
};

// An op at which the heap may be collected: all operands are in their slots.
struct CollectionPoint {
  uint32_t position = 0;
  uint32_t operands = 0;  // as in Safepoint, those of the instruction included
};

// A catch clause of a try_table.
struct ExceptionHandler {
  bool catches_all = false;
  bool passes_reference = false;
  uint32_t tag = 0;       // index in the module; not if catches_all
  uint32_t position = 0;  // a safepoint: where control goes on
  uint32_t slot = 0;      // of the first value that the label takes
};

// The code between try_table and its end: positions [begin, end).
struct TryRegion {
  static constexpr uint32_t kNone = ~uint32_t{0};
  uint32_t begin = 0;
  uint32_t end = 0;
  uint32_t parent = kNone;  // the region around it
  uint32_t first_handler = 0;
  uint32_t handler_count = 0;
};

// The copy of a loop that holds locals in registers (held_loops.h): positions
// [begin, end), and where in the code of the function it was copied from.
struct HeldLoop {
  uint32_t begin = 0;
  uint32_t end = 0;
  uint32_t origin = 0;
  // By register; those that the loop writes come first.
  std::array<uint32_t, kHeldLocals> slots{};
  uint32_t written = 0;
};

struct Translation {
  std::unique_ptr<CodeUnit[]> code;
  uint32_t code_units = 0;
  uint32_t frame_slots = 0;  // locals and the deepest operand stack
  uint32_t local_slots = 0;  // of the locals, at least 1
  uint32_t parameter_slots = 0;
  bool has_tail_calls = false;
  // Ascending by position, then by code offset.
  std::vector<Safepoint> safepoints;
  std::vector<OperandNode> operands;
  std::vector<CollectionPoint> collection_points;  // ascending
  // Slots of the locals that may hold objects of the heap, ascending.
  std::vector<uint32_t> traced_locals;
  std::vector<TryRegion> try_regions;  // by begin; a region before those in it
  std::vector<ExceptionHandler> handlers;
  std::vector<HeldLoop> held_loops;  // ascending

  size_t bytes() const;
  // The safepoint at a position: the after-call one, or else the others'
  // first. Null if there is none.
  const Safepoint* Find(uint32_t position, bool after_call) const;
  const Safepoint* FindOffset(uint32_t code_offset) const;
  // The one at a position, which exists.
  const CollectionPoint& CollectionPointAt(uint32_t position) const;
  // The loop whose copy a position is in; null if it is in none.
  const HeldLoop* HeldLoopAt(uint32_t position) const;
  // The innermost region around the op that `position` is in; kNone in
  // TryRegion if there is none.
  uint32_t TryRegionAt(uint32_t position) const;
  // The slot after the operands of a safepoint: a callee's first.
  uint32_t EndOfOperands(const Safepoint& safepoint) const;
  // The operand types of a safepoint, bottom first.
  std::vector<OperandNode> Operands(const Safepoint& safepoint) const;
};

class FunctionCode {
 public:
  FunctionCode() = default;
  FunctionCode(const FunctionCode&) = delete;
  FunctionCode& operator=(const FunctionCode&) = delete;

  // Where calls go: `stub` until there is a translation.
  std::atomic<const CodeUnit*> entry{nullptr};
  // An op of one handler, SimpleOp::kTranslate.
  CodeUnit stub[kHandlerUnits] = {0, 0};
  uint32_t function_index = 0;
  TranslatedModule* module = nullptr;
  std::unique_ptr<const Translation> translation;  // see `entry`

  // The record whose `stub` is at this position.
  static FunctionCode* OfStub(const CodeUnit* stub);
  bool translated() const {
    return entry.load(std::memory_order_acquire) != stub;
  }
};

}  // namespace wasmd

#endif  // WASMD_INTERP_CODE_FUNCTION_CODE_H_
