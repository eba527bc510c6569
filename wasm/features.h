// Feature: the release or proposal that brought an instruction or type. All of
// WebAssembly 3.0 is on by default; proposals beyond it are off.

#ifndef WASMD_WASM_FEATURES_H_
#define WASMD_WASM_FEATURES_H_

#include <cstdint>

namespace wasmd {

enum class Feature : uint8_t {
  kWasm1,  // 1.0
  kWasm2,  // 2.0 except vectors
  kSimd,
  kTailCall,
  kExceptions,
  kFunctionReferences,
  kGc,
  kRelaxedSimd,
  kMemory64,
  kMultiMemory,
  kExtendedConst,
  // Beyond 3.0.
  kWideArithmetic,
  kCustomPageSizes,
};

// A set of features; immutable once handed to a decoder or validator.
class FeatureSet {
 public:
  // All of WebAssembly 3.0.
  constexpr FeatureSet() : bits_((1u << 11) - 1) {}

  constexpr bool Has(Feature feature) const {
    return (bits_ >> static_cast<unsigned>(feature)) & 1;
  }
  constexpr FeatureSet With(Feature feature) const {
    FeatureSet copy = *this;
    copy.bits_ |= 1u << static_cast<unsigned>(feature);
    return copy;
  }
  constexpr FeatureSet Without(Feature feature) const {
    FeatureSet copy = *this;
    copy.bits_ &= ~(1u << static_cast<unsigned>(feature));
    return copy;
  }

 private:
  uint32_t bits_;
};

}  // namespace wasmd

#endif  // WASMD_WASM_FEATURES_H_
