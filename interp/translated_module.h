// TranslatedModule: a validated Module with its internal code, which is made a
// function at a time at the first call. Shared by all instances and Stores.
// Thread-safe. Internal code is private to interp/code and interp/exec; it is
// never persisted.

#ifndef WASMD_INTERP_TRANSLATED_MODULE_H_
#define WASMD_INTERP_TRANSLATED_MODULE_H_

#include <cstddef>
#include <cstdint>
#include <memory>

#include "wasm/module.h"

namespace wasmd {

class FunctionCode;
struct Backend;

class TranslatedModule {
 public:
  // `module` has passed Validate. Cheap: translates nothing. `backend` is the
  // way its code will be run (interp/exec/backend.h), null for the default one;
  // all modules of a Store must have the same.
  static std::shared_ptr<TranslatedModule> Create(
      std::shared_ptr<const Module> module, const Backend* backend = nullptr);
  ~TranslatedModule();
  TranslatedModule(const TranslatedModule&) = delete;
  TranslatedModule& operator=(const TranslatedModule&) = delete;

  const Module& module() const { return *module_; }
  const std::shared_ptr<const Module>& shared_module() const { return module_; }
  const Backend& backend() const { return backend_; }

  // The code record of a function that is not imported; translated or not.
  FunctionCode* function(uint32_t function_index);
  // Translates it, unless that was done before.
  void EnsureTranslated(FunctionCode& function);
  // The function whose code or stub this position of internal code is in, or
  // null.
  FunctionCode* Find(const uint32_t* position);
  // The byte offset in the module's binary of the instruction that the op at
  // this position executes. As slow as translating the function.
  uint32_t FindCodeOffset(const FunctionCode& function,
                          const uint32_t* position);

  // Bytes of internal code made so far, with its tables; for measurements.
  size_t code_bytes() const;

 private:
  struct Impl;

  TranslatedModule(std::shared_ptr<const Module> module,
                   const Backend& backend);

  std::shared_ptr<const Module> module_;
  const Backend& backend_;
  std::unique_ptr<Impl> impl_;
};

}  // namespace wasmd

#endif  // WASMD_INTERP_TRANSLATED_MODULE_H_
