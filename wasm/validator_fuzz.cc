// Fuzz target: any bytes through decoder, validator, names and disassembler.
// Invariants:
//   1. Nothing crashes, hangs or reads out of bounds (sanitizers tell).
//   2. A refusal is InvalidArgument or ResourceExhausted, on one line that ends
//      in a position within the input.
//   3. The number of threads does not change what the validator says.
//   4. A valid module has a listing, and each of its functions is found by the
//      offsets of its code.
//   5. Simple instructions, checked apart where all features are on, are
//   checked
//      as when one is off that the module does not use.

#include <cstddef>
#include <cstdint>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "base/check.h"
#include "wasm/decoder.h"
#include "wasm/disassembler.h"
#include "wasm/features.h"
#include "wasm/module.h"
#include "wasm/names.h"
#include "wasm/validator.h"

namespace wasmd {
namespace {

void CheckRefusal(const absl::Status& status, size_t size) {
  CHECK(status.code() == absl::StatusCode::kInvalidArgument ||
        status.code() == absl::StatusCode::kResourceExhausted);
  const std::string message(status.message());
  CHECK(message.find('\n') == std::string::npos);
  const std::string words = "at byte ";
  const size_t at = message.rfind(words);
  CHECK(at != std::string::npos && message.back() == ')');
  CHECK(std::stoull(message.substr(at + words.size())) <= size);
}

void CheckValid(const Module& module) {
  for (size_t i = module.imported_functions; i < module.functions.size(); ++i) {
    const CodeRange code = module.functions[i].code;
    CHECK(module.FunctionAt(code.begin) == i);
    CHECK(module.FunctionAt(code.end - 1) == i);
  }
}

void CheckSimplePath(const Module& module, const absl::Status& status) {
  const absl::Status other = Validate(
      module,
      {.features = FeatureSet().Without(Feature::kRelaxedSimd), .threads = 1});
  const bool uses_it =
      std::string(other.message()).find("needs a feature that is off") !=
      std::string::npos;
  CHECK(uses_it || status == other);
}

void CheckInput(std::vector<uint8_t> bytes, const FeatureSet& features) {
  const size_t size = bytes.size();
  const auto module = Decode(std::move(bytes), {.features = features});
  if (!module.ok()) return CheckRefusal(module.status(), size);
  const absl::Status status =
      Validate(**module, {.features = features, .threads = 1});
  CHECK(status == Validate(**module, {.features = features, .threads = 2}));
  CheckSimplePath(**module, Validate(**module, {.features = {}, .threads = 1}));
  const NameSection names = ReadNames(**module);
  if (!(*module)->functions.empty()) FunctionName(**module, names, 0);
  std::ostringstream listing;
  const absl::Status listed =
      Disassemble(**module, DisassembleOptions(), listing);
  if (!status.ok()) return CheckRefusal(status, size);
  CHECK(listed.ok());
  CheckValid(**module);
}

}  // namespace
}  // namespace wasmd

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::vector<uint8_t> bytes(data, data + size);
  wasmd::CheckInput(bytes, wasmd::FeatureSet());
  wasmd::CheckInput(bytes, wasmd::FeatureSet()
                               .With(wasmd::Feature::kCustomPageSizes)
                               .Without(wasmd::Feature::kGc)
                               .Without(wasmd::Feature::kExtendedConst));
  return 0;
}
