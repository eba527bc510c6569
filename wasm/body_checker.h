// Whether function bodies are malformed, apart from whether they are valid.
// Private to wasm/.

#ifndef WASMD_WASM_BODY_CHECKER_H_
#define WASMD_WASM_BODY_CHECKER_H_

#include <optional>

#include "wasm/features.h"
#include "wasm/module.h"
#include "wasm/validation_error.h"

namespace wasmd {

// The malformed body of the lowest offset, if there is one. Decoding comes
// before validation, so what this finds outranks what is only invalid; the
// validator asks it after anything else went wrong.
std::optional<ValidationError> FindMalformedBody(const Module& module,
                                                 const FeatureSet& features);

}  // namespace wasmd

#endif  // WASMD_WASM_BODY_CHECKER_H_
