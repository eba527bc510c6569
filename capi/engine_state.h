// Config and engine: settings that the stores of an engine have in common.
// Immutable once an engine has them.

#ifndef WASMD_CAPI_ENGINE_STATE_H_
#define WASMD_CAPI_ENGINE_STATE_H_

#include <cstdint>
#include <memory>

#include "capi/include/wasm.h"
#include "interp/store.h"
#include "interp/thread.h"
#include "wasm/features.h"

struct wasm_config_t {
  wasmd::FeatureSet features;
  wasmd::StoreLimits store_limits;
  wasmd::ThreadLimits thread_limits;
  // Calls of wasm_func_call inside callbacks inside calls, and so on: each
  // takes native stack.
  uint32_t max_nested_calls = 100;
};

struct wasm_engine_t {
  std::shared_ptr<const wasm_config_t> config;
};

#endif  // WASMD_CAPI_ENGINE_STATE_H_
