#include "interp/testing/wat_module.h"

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "base/status_macros.h"
#include "wasm/decoder.h"
#include "wasm/module.h"
#include "wasm/text/wat_parser.h"
#include "wasm/validator.h"

namespace wasmd::testing {

absl::StatusOr<std::shared_ptr<TranslatedModule>> WatModule(
    std::string_view text) {
  ASSIGN_OR_RETURN(std::vector<uint8_t> binary, ParseWat(text));
  ASSIGN_OR_RETURN(std::shared_ptr<const Module> module,
                   Decode(std::move(binary)));
  RETURN_IF_ERROR(Validate(*module));
  return TranslatedModule::Create(std::move(module));
}

}  // namespace wasmd::testing
