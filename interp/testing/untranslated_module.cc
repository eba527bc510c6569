// TranslatedModule without a translator, for tests that run no code.

#include <memory>
#include <utility>

#include "interp/translated_module.h"

namespace wasmd {

struct TranslatedModule::Impl {};

TranslatedModule::TranslatedModule(std::shared_ptr<const Module> module)
    : module_(std::move(module)) {}
TranslatedModule::~TranslatedModule() = default;

std::shared_ptr<TranslatedModule> TranslatedModule::Create(
    std::shared_ptr<const Module> module) {
  return std::shared_ptr<TranslatedModule>(
      new TranslatedModule(std::move(module)));
}

FunctionCode* TranslatedModule::function(uint32_t) { return nullptr; }
size_t TranslatedModule::code_bytes() const { return 0; }

}  // namespace wasmd
