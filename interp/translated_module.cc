#include "interp/translated_module.h"

#include <atomic>
#include <map>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "base/check.h"
#include "base/mutex.h"
#include "interp/code/function_code.h"
#include "interp/code/handler_set.h"
#include "interp/code/translator.h"
#include "interp/exec/backend.h"
#include "interp/object_layout.h"

namespace wasmd {

struct TranslatedModule::Impl {
  std::unique_ptr<FunctionCode[]> functions;
  uint32_t count = 0;
  std::vector<StructLayout> layouts;  // by type index

  mutable Mutex mutex;
  // By the first position of their code.
  std::map<const CodeUnit*, FunctionCode*> by_code ABSL_GUARDED_BY(mutex);
  size_t bytes ABSL_GUARDED_BY(mutex) = 0;
};

TranslatedModule::TranslatedModule(std::shared_ptr<const Module> module,
                                   const Backend& backend)
    : module_(std::move(module)),
      backend_(backend),
      impl_(std::make_unique<Impl>()) {
  impl_->count = static_cast<uint32_t>(module_->functions.size()) -
                 module_->imported_functions;
  impl_->functions = std::make_unique<FunctionCode[]>(impl_->count);
  impl_->layouts.resize(module_->types.size());
  for (size_t i = 0; i < module_->types.size(); ++i) {
    if (module_->types[i].kind != CompositeKind::kStruct) continue;
    impl_->layouts[i] = LayOutStruct(module_->types[i].fields);
  }
  const Handler stub = backend.handlers->of(SimpleOp::kTranslate);
  for (uint32_t i = 0; i < impl_->count; ++i) {
    FunctionCode& function = impl_->functions[i];
    function.function_index = module_->imported_functions + i;
    function.module = this;
    function.stub[0] = static_cast<CodeUnit>(stub);
    function.stub[1] = static_cast<CodeUnit>(stub >> 32);
    function.entry.store(function.stub, std::memory_order_relaxed);
  }
}

TranslatedModule::~TranslatedModule() = default;

std::shared_ptr<TranslatedModule> TranslatedModule::Create(
    std::shared_ptr<const Module> module, const Backend* backend) {
  if (backend == nullptr) backend = &DefaultBackend();
  return std::shared_ptr<TranslatedModule>(
      new TranslatedModule(std::move(module), *backend));
}

FunctionCode* TranslatedModule::function(uint32_t function_index) {
  CHECK(function_index >= module_->imported_functions &&
        function_index < module_->functions.size());
  return &impl_->functions[function_index - module_->imported_functions];
}

void TranslatedModule::EnsureTranslated(FunctionCode& function) {
  if (function.translated()) return;
  const TranslateContext context{*module_, *backend_.handlers,
                                 impl_->functions.get(), impl_->layouts};
  // Not under the lock: two threads may both translate, and one of the equal
  // results is dropped.
  std::unique_ptr<const Translation> translation =
      Translate(context, function.function_index);
  const MutexLock lock(impl_->mutex);
  if (function.translated()) return;
  impl_->bytes += translation->bytes();
  impl_->by_code.emplace(translation->code.get(), &function);
  function.translation = std::move(translation);
  function.entry.store(function.translation->code.get(),
                       std::memory_order_release);
}

FunctionCode* TranslatedModule::Find(const CodeUnit* position) {
  const auto* first = reinterpret_cast<const char*>(impl_->functions.get());
  const auto* end =
      reinterpret_cast<const char*>(impl_->functions.get() + impl_->count);
  const auto* at = reinterpret_cast<const char*>(position);
  if (at >= first && at < end) return FunctionCode::OfStub(position);
  const MutexLock lock(impl_->mutex);
  auto after = impl_->by_code.upper_bound(position);
  if (after == impl_->by_code.begin()) return nullptr;
  FunctionCode* function = std::prev(after)->second;
  const Translation& translation = *function->translation;
  // One past the end is the position after a call that ends the function.
  const auto size = static_cast<size_t>(position - translation.code.get());
  return size <= translation.code_units ? function : nullptr;
}

uint32_t TranslatedModule::FindCodeOffset(const FunctionCode& function,
                                          const CodeUnit* position) {
  const TranslateContext context{*module_, *backend_.handlers,
                                 impl_->functions.get(), impl_->layouts};
  return wasmd::FindCodeOffset(
      context, function.function_index,
      static_cast<uint32_t>(position - function.translation->code.get()));
}

size_t TranslatedModule::code_bytes() const {
  const MutexLock lock(impl_->mutex);
  return impl_->bytes + impl_->count * sizeof(FunctionCode);
}

}  // namespace wasmd
