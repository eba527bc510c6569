// Canonicalisation of types: which definitions of a module's type section are
// the same type (core specification, valid/conventions "Rolling and Unrolling":
// iso-recursive equality). Private to wasm/.

#ifndef WASMD_WASM_TYPE_CANONICALIZER_H_
#define WASMD_WASM_TYPE_CANONICALIZER_H_

#include <vector>

#include "wasm/types.h"

namespace wasmd {

// Sets canonical_index of every type. Linear in the size of the types; works
// on types that have not been validated (indices may be out of range).
//
// Two groups are the same if they have the same number of types and these are
// equal one by one, where a reference into the own group is compared by its
// position in it, and one to an earlier group by that group's canonical types.
void CanonicalizeTypes(std::vector<SubType>* types);

}  // namespace wasmd

#endif  // WASMD_WASM_TYPE_CANONICALIZER_H_
