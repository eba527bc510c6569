// Modules for tests, written in the text format.

#ifndef WASMD_INTERP_TESTING_WAT_MODULE_H_
#define WASMD_INTERP_TESTING_WAT_MODULE_H_

#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "interp/translated_module.h"

namespace wasmd::testing {

// Validated, as all code in this folder expects.
absl::StatusOr<std::shared_ptr<TranslatedModule>> WatModule(
    std::string_view text);

}  // namespace wasmd::testing

#endif  // WASMD_INTERP_TESTING_WAT_MODULE_H_
