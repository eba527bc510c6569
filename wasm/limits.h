// What this implementation accepts (core specification, appendix
// "Implementation Limitations"). A module beyond a limit is refused with
// ResourceExhausted, never with a crash or a hang.

#ifndef WASMD_WASM_LIMITS_H_
#define WASMD_WASM_LIMITS_H_

#include <cstddef>
#include <cstdint>

namespace wasmd {

inline constexpr size_t kMaxModuleBytes = size_t{1} << 30;
inline constexpr uint32_t kMaxTypes = 1'000'000;
inline constexpr uint32_t kMaxRecursiveGroupTypes = 1'000'000;
inline constexpr uint32_t kMaxSubtypingDepth = 63;
inline constexpr uint32_t kMaxFunctions = 1'000'000;
inline constexpr uint32_t kMaxImports = 1'000'000;
inline constexpr uint32_t kMaxExports = 1'000'000;
inline constexpr uint32_t kMaxGlobals = 1'000'000;
inline constexpr uint32_t kMaxTags = 1'000'000;
inline constexpr uint32_t kMaxTables = 100'000;
inline constexpr uint32_t kMaxMemories = 1'000;
inline constexpr uint32_t kMaxSegments = 1'000'000;
inline constexpr uint32_t kMaxSegmentElements = 10'000'000;
inline constexpr uint32_t kMaxParams = 1'000;
inline constexpr uint32_t kMaxResults = 1'000;
inline constexpr uint32_t kMaxStructFields = 10'000;
inline constexpr uint32_t kMaxArrayNewFixed = 10'000;
inline constexpr uint32_t kMaxBrTableLabels = 1'000'000;
// Locals of one function with its parameters, in values. The binary format
// allows 2^32 - 1; more than this is a valid module that cannot be called.
inline constexpr uint32_t kMaxLocals = 50'000;
inline constexpr uint32_t kMaxFunctionBytes = 64u << 20;
inline constexpr uint32_t kMaxBlockNesting = 100'000;
// Operands of one function on the stack at the same time, in values.
inline constexpr uint32_t kMaxOperands = 1'000'000;
// Names of locals that are read from a name section; others are ignored.
inline constexpr uint32_t kMaxLocalNames = 1'000'000;

// The specification's bounds on sizes (valid-limits).
inline constexpr uint64_t kMaxMemory32Pages = uint64_t{1} << 16;
inline constexpr uint64_t kMaxMemory64Pages = uint64_t{1} << 48;
inline constexpr uint64_t kWasmPageBytes = uint64_t{1} << 16;

}  // namespace wasmd

#endif  // WASMD_WASM_LIMITS_H_
