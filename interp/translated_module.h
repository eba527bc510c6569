// TranslatedModule: a validated Module with its internal code, which is made a
// function at a time at the first call. Shared by all instances and Stores.
// Thread-safe. Internal code is private to interp/code and interp/exec; it is
// never persisted.

#ifndef WASMD_INTERP_TRANSLATED_MODULE_H_
#define WASMD_INTERP_TRANSLATED_MODULE_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "wasm/module.h"

namespace wasmd {

class FunctionCode;

class TranslatedModule {
 public:
  // `module` has passed Validate. Cheap: translates nothing.
  static std::shared_ptr<TranslatedModule> Create(
      std::shared_ptr<const Module> module);
  ~TranslatedModule();

  const Module& module() const { return *module_; }
  const std::shared_ptr<const Module>& shared_module() const { return module_; }
  // The code record of a function that is not imported; translated or not.
  FunctionCode* function(uint32_t function_index);

  // Bytes of internal code made so far, with its tables; for measurements.
  size_t code_bytes() const;

 private:
  explicit TranslatedModule(std::shared_ptr<const Module> module);

  struct Impl;
  std::shared_ptr<const Module> module_;
  std::unique_ptr<Impl> impl_;
};

}  // namespace wasmd

#endif  // WASMD_INTERP_TRANSLATED_MODULE_H_
