// ModuleContext: what identifiers and types mean in the module being parsed
// (core specification, text/conventions, "Contexts"). Filled by a first pass
// over the fields, because identifiers may be used before they are bound.

#ifndef WASMD_WASM_TEXT_MODULE_CONTEXT_H_
#define WASMD_WASM_TEXT_MODULE_CONTEXT_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "wasm/features.h"
#include "wasm/text/annotations.h"
#include "wasm/text/index_space.h"
#include "wasm/text/type_table.h"

namespace wasmd::text {

struct ModuleContext {
  explicit ModuleContext(const FeatureSet& feature_set,
                         Annotations module_annotations)
      : features(feature_set), annotations(std::move(module_annotations)) {}

  FeatureSet features;
  Annotations annotations;

  IndexSpace types{"type"};  // of `type` fields only
  IndexSpace functions{"func"};
  IndexSpace tables{"table"};
  IndexSpace memories{"memory"};
  IndexSpace globals{"global"};
  IndexSpace tags{"tag"};
  IndexSpace elements{"elem segment"};
  IndexSpace data{"data segment"};
  std::map<uint32_t, IndexSpace> fields;  // by type index; structs only

  // All types, also those that inline signatures added.
  TypeTable type_table;
  // Parameters and locals of each function that names any.
  std::map<uint32_t, IndexSpace> locals;
  // An instruction names a data segment: the binary needs a data count.
  bool needs_data_count = false;
};

}  // namespace wasmd::text

#endif  // WASMD_WASM_TEXT_MODULE_CONTEXT_H_
