// The custom "name" section (core specification, appendix/custom): names for
// back traces and listings. Not part of the module's meaning; damage in the
// section is ignored, as the specification asks.

#ifndef WASMD_WASM_NAMES_H_
#define WASMD_WASM_NAMES_H_

#include <cstdint>
#include <map>
#include <string>

#include "wasm/module.h"

namespace wasmd {

struct NameSection {
  std::string module;
  std::map<uint32_t, std::string> functions;
  std::map<uint32_t, std::map<uint32_t, std::string>> locals;
};

// Empty where the module has no (or a damaged) name section.
NameSection ReadNames(const Module& module);

// The name of a function for people: from `names`, else from its import or an
// export, else "func[12]".
std::string FunctionName(const Module& module, const NameSection& names,
                         uint32_t function_index);

}  // namespace wasmd

#endif  // WASMD_WASM_NAMES_H_
