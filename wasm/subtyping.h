// Matching of types (core specification, valid/matching) within one module.
// Thread-safe: reads the module only.

#ifndef WASMD_WASM_SUBTYPING_H_
#define WASMD_WASM_SUBTYPING_H_

#include <span>

#include "wasm/module.h"
#include "wasm/types.h"

namespace wasmd {

// True if a value of type `sub` may be used where `super` is expected; both
// are types of `module`.
bool IsSubtype(const Module& module, ValueType sub, ValueType super);
bool IsSubtype(const Module& module, HeapType sub, HeapType super);

// The same for storage types: packed types match themselves only.
bool IsStorageSubtype(const Module& module, const FieldType& sub,
                      const FieldType& super);

// Element by element, with the same number of them (match-resulttype).
bool IsResultSubtype(const Module& module, std::span<const ValueType> sub,
                     std::span<const ValueType> super);

// True if the composite type of `sub` matches that of `super`
// (match-comptype), whatever supertypes they declare.
bool IsCompositeSubtype(const Module& module, const SubType& sub,
                        const SubType& super);

// The top of the hierarchy that the type is in: any, func, extern or exn.
HeapType TopType(const Module& module, HeapType type);

// The heap type below all others, of a reference whose type an unreachable
// instruction left open. Only in validation; no module can name it.
inline constexpr HeapType kBottomHeapType =
    HeapType(static_cast<AbstractHeapType>(
        static_cast<int>(AbstractHeapType::kNoExn) + 1));

}  // namespace wasmd

#endif  // WASMD_WASM_SUBTYPING_H_
