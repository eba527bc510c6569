#include "wasm/body_checker.h"

#include <cstdint>
#include <string>
#include <utility>

#include "base/str_cat.h"
#include "wasm/expression_reader.h"
#include "wasm/instruction_reader.h"
#include "wasm/opcodes.h"

namespace wasmd {
namespace {

class BodyChecker {
 public:
  BodyChecker(const Module& module, const FeatureSet& features)
      : module_(module), features_(features) {}

  std::optional<ValidationError> Check(uint32_t function_index) {
    function_index_ = function_index;
    const CodeRange code = module_.functions[function_index].code;
    InstructionReader reader(module_.Bytes(code), code.begin);
    BlockNesting nesting;
    while (!nesting.AtEnd()) {
      if (!reader.TryRead(&instruction_)) {
        const ReadError& error = reader.error();
        ValidationError result = Malformed(error.message, error.offset);
        if (error.is_limit) result.kind = ValidationError::Kind::kLimit;
        return result;
      }
      if (!features_.Has(InfoOf(instruction_.opcode).feature)) {
        return Malformed(
            StrCat("illegal opcode: ", InfoOf(instruction_.opcode).mnemonic,
                   " needs a feature that is off"),
            instruction_.offset);
      }
      if (const char* problem = nesting.Step(instruction_.opcode)) {
        return Malformed(problem, instruction_.offset);
      }
      if (NamesData() && !module_.data_count) {
        return Malformed("data count section required", instruction_.offset);
      }
    }
    if (reader.AtEnd()) return std::nullopt;
    return Malformed("section size mismatch: the function goes on after end",
                     reader.offset());
  }

 private:
  bool NamesData() const {
    const Immediates immediates = InfoOf(instruction_.opcode).immediates;
    return immediates == Immediates::kDataIndex ||
           immediates == Immediates::kDataMemory ||
           immediates == Immediates::kTypeData;
  }

  ValidationError Malformed(std::string message, uint32_t offset) const {
    return {ValidationError::Kind::kMalformed, std::move(message), offset,
            function_index_};
  }

  const Module& module_;
  const FeatureSet& features_;
  Instruction instruction_;
  uint32_t function_index_ = 0;
};

}  // namespace

std::optional<ValidationError> FindMalformedBody(const Module& module,
                                                 const FeatureSet& features) {
  BodyChecker checker(module, features);
  for (size_t i = module.imported_functions; i < module.functions.size(); ++i) {
    if (auto error = checker.Check(static_cast<uint32_t>(i))) return error;
  }
  return std::nullopt;
}

}  // namespace wasmd
