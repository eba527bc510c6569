// What wasmd.h adds to wasm_config_t.

#include "capi/engine_state.h"
#include "capi/include/wasmd.h"

namespace {

constexpr wasmd::Feature kFeatures[] = {
    wasmd::Feature::kSimd,
    wasmd::Feature::kTailCall,
    wasmd::Feature::kExceptions,
    wasmd::Feature::kFunctionReferences,
    wasmd::Feature::kGc,
    wasmd::Feature::kRelaxedSimd,
    wasmd::Feature::kMemory64,
    wasmd::Feature::kMultiMemory,
    wasmd::Feature::kExtendedConst,
    wasmd::Feature::kCustomPageSizes,
};
static_assert(std::size(kFeatures) == WASMD_FEATURE_CUSTOM_PAGE_SIZES + 1);

}  // namespace

extern "C" {

const char* wasmd_version() { return "0.1.0"; }

bool wasmd_config_set_feature(wasm_config_t* config, wasmd_feature_t feature,
                              bool on) {
  if (config == nullptr || feature >= std::size(kFeatures)) return false;
  config->features = on ? config->features.With(kFeatures[feature])
                        : config->features.Without(kFeatures[feature]);
  return true;
}

void wasmd_config_get_limits(const wasm_config_t* config, wasmd_limits_t* out) {
  if (config == nullptr || out == nullptr) return;
  const wasmd::StoreLimits& limits = config->store_limits;
  out->memory_bytes = limits.max_memory_bytes;
  out->all_memory_bytes = limits.max_all_memory_bytes;
  out->table_elements = limits.max_table_elements;
  out->all_table_elements = limits.max_all_table_elements;
  out->heap_bytes = limits.max_heap_bytes;
  out->stack_bytes = config->thread_limits.stack_bytes;
  out->nested_calls = config->max_nested_calls;
}

void wasmd_config_set_limits(wasm_config_t* config,
                             const wasmd_limits_t* limits) {
  if (config == nullptr || limits == nullptr) return;
  config->store_limits.max_memory_bytes = limits->memory_bytes;
  config->store_limits.max_all_memory_bytes = limits->all_memory_bytes;
  config->store_limits.max_table_elements = limits->table_elements;
  config->store_limits.max_all_table_elements = limits->all_table_elements;
  config->store_limits.max_heap_bytes = limits->heap_bytes;
  config->thread_limits.stack_bytes = limits->stack_bytes;
  config->max_nested_calls = limits->nested_calls;
}

}  // extern "C"
