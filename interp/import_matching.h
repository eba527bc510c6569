// Matching of what an embedder provides with what a module imports (core
// specification, valid/matching "Import types"): subtyping on the types that
// the instances have now.

#ifndef WASMD_INTERP_IMPORT_MATCHING_H_
#define WASMD_INTERP_IMPORT_MATCHING_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "interp/module_instance.h"
#include "interp/store.h"
#include "wasm/module.h"

namespace wasmd {

// How many of this kind the Store has; their addresses are below it.
uint32_t CountOf(const Store& store, ExternKind kind);

// FailedPrecondition "incompatible import type for env.f: ..." unless `value`
// may be bound to `import` of `module`; `types` are the module's TypeIds.
// Addresses out of range are refused too.
absl::Status MatchImport(const Store& store, const Module& module,
                         const std::vector<TypeId>& types, const Import& import,
                         const ExternValue& value);

}  // namespace wasmd

#endif  // WASMD_INTERP_IMPORT_MATCHING_H_
