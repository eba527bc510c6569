// From bytes to modules.

#ifndef WASMD_CAPI_MODULES_H_
#define WASMD_CAPI_MODULES_H_

#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "base/bytes.h"
#include "capi/engine_state.h"
#include "interp/translated_module.h"

namespace wasmd::capi {

// A binary, decoded and validated with the features of `config`.
absl::StatusOr<std::shared_ptr<TranslatedModule>> LoadBinary(
    const wasm_config_t& config, ByteSpan binary);

// The same for the text format; what starts as a binary is taken for one.
absl::StatusOr<std::shared_ptr<TranslatedModule>> LoadModule(
    const wasm_config_t& config, ByteSpan bytes);

}  // namespace wasmd::capi

#endif  // WASMD_CAPI_MODULES_H_
