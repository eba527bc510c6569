// FunctionValidator: the validation algorithm of the core specification
// (appendix "Validation Algorithm") on function bodies and constant
// expressions. Private to wasm/.
//
// The operand stack holds types; a control frame is one open block. Behind an
// instruction that does not return, the stack of the innermost frame is
// polymorphic: it gives as many values of the bottom type as are asked for.
// A reference of unknown heap type is a reference to kBottomHeapType.
//
// One object checks many bodies, one after another, and keeps its buffers.
// Confined to one thread at a time; many may share the module.

#ifndef WASMD_WASM_FUNCTION_VALIDATOR_H_
#define WASMD_WASM_FUNCTION_VALIDATOR_H_

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "wasm/binary_reader.h"
#include "wasm/features.h"
#include "wasm/instruction_reader.h"
#include "wasm/local_types.h"
#include "wasm/module.h"
#include "wasm/operand_types.h"
#include "wasm/type_validator.h"
#include "wasm/types.h"
#include "wasm/validation_error.h"

namespace wasmd {

struct FixedRule;

// What all bodies of a module are checked against. Immutable, shared.
struct ValidationContext {
  const Module& module;
  const FeatureSet& features;
  // By function index: it occurs in the module outside of function bodies and
  // the start section, so that ref.func may name it (the context's refs).
  std::vector<bool> declared_functions;
};

class FunctionValidator {
 public:
  // `context` outlives it.
  explicit FunctionValidator(const ValidationContext& context);

  // A function with a body. False: error() says why. Of a malformed body the
  // error is of kind kMalformed, but what comes before the damage may be
  // reported instead.
  bool ValidateFunction(uint32_t function_index);

  // A constant expression (valid-constant) for a value of type `expected`; the
  // first `visible_globals` are in its context.
  bool ValidateConstant(ConstantExpression expression, ValueType expected,
                        uint32_t visible_globals);

  const ValidationError& error() const { return error_; }

 private:
  struct ControlFrame {
    Opcode opcode = Opcode::kBlock;
    bool is_unreachable = false;
    uint32_t height = 0;              // of the operand stack at its start
    uint32_t initialized_height = 0;  // of the list of initialised locals
    // Parameters and results are those of `type`, or else no parameters and
    // the one result if there is one.
    const FunctionType* type = nullptr;
    ValueType result;
    bool has_result = false;

    std::span<const ValueType> Params() const {
      return type == nullptr ? std::span<const ValueType>()
                             : std::span<const ValueType>(type->params);
    }
    std::span<const ValueType> Results() const {
      return type == nullptr
                 ? std::span<const ValueType>(&result, has_result ? 1 : 0)
                 : std::span<const ValueType>(type->results);
    }
    // What a branch to it carries.
    std::span<const ValueType> LabelTypes() const {
      return opcode == Opcode::kLoop ? Params() : Results();
    }
  };

  // function_validator.cc
  void Reset();
  bool ReadLocals(const Function& function);
  bool CheckBody(CodeRange code);
  bool IsAllowed(const FixedRule& rule);
  bool CheckInstruction(const FixedRule& rule);
  bool TryPopExactly(const FixedRule& rule, ValueType address);
  bool CheckImmediates(const FixedRule& rule, ValueType* address);
  bool CheckFixed(const FixedRule& rule);
  bool CheckParametric();
  bool CheckLocal();

  // function_validator_simple.cc
  // Checks instructions from `at` on while they are common and right; where the
  // first begins that is not, or not plainly so. All features must be on.
  const uint8_t* CheckSimple(const uint8_t* at, const uint8_t* end);
  const uint8_t* CheckSimpleControl(Opcode opcode, const uint8_t* at);
  const uint8_t* CheckSimpleBlock(Opcode opcode, const uint8_t* at);
  const uint8_t* CheckSimpleGlobal(Opcode opcode, const uint8_t* at);
  const uint8_t* CheckSimpleCall(const uint8_t* at);
  bool HasCondition() const {
    return operands_.size() > floor_ && operands_.Top() == kI32Type;
  }

  // Operand stack.
  bool Pop(ValueType expected);
  bool PopAny(ValueType* type);
  bool PopReference(ValueType* type);
  bool PopAll(std::span<const ValueType> types);
  void Push(ValueType type) { operands_.Push(type); }
  void PushAll(std::span<const ValueType> types);
  // Pops all of these, in the order of an instruction's type.
  bool PopAll(std::initializer_list<ValueType> types) {
    return PopAll(std::span<const ValueType>(types.begin(), types.size()));
  }
  // The top values could be popped as these types; takes nothing.
  bool TopMatches(std::span<const ValueType> types) const;
  bool Matches(ValueType sub, ValueType super) const;
  void SetUnreachable();

  // function_validator_control.cc
  bool CheckControl();
  bool CheckBlock();
  bool CheckElse();
  bool CheckEnd();
  // Takes the results of the innermost frame, which then is empty.
  bool FinishFrame();
  void OpenFrame(ControlFrame frame);
  bool ReadBlockShape(ControlFrame* frame);
  bool CheckTryTable();
  bool CheckCatch(const CatchClause& clause);
  bool FindLabel(uint32_t label, const ControlFrame** frame);
  bool CheckBranch();
  bool CheckBrTable();
  bool CheckBrOnNull();
  bool CheckBrOnNonNull();
  bool CheckBrOnCast();
  bool CheckReturn();
  bool CheckCall();
  bool CheckTailCall();
  bool ReadCallee(const FunctionType** type);
  bool CheckThrow();

  // function_validator_memory.cc: memories, tables, globals, segments
  bool CheckMemoryOrTable();
  bool CheckMemArg(uint32_t access_bytes, ValueType* address);
  bool FindMemory(uint32_t index, ValueType* address);
  bool FindTable(uint32_t index, const Table** table);
  bool FindData(uint32_t index);
  bool FindElements(uint32_t index, const ElementSegment** segment);
  bool FindTag(uint32_t index, const FunctionType** type);
  bool FindFunctionType(uint32_t index, const FunctionType** type);
  bool CheckGlobal();
  bool CheckMemoryInit();
  bool CheckMemoryCopy();
  bool CheckTableAccess();
  bool CheckTableInit();
  bool CheckTableCopy();

  // function_validator_reference.cc: references, structs, arrays
  bool CheckReference();
  bool CheckReferenceBasics();
  bool CheckRefFunc();
  bool CheckCast();
  bool CheckConversion(AbstractHeapType from, AbstractHeapType to);
  bool CheckStruct();
  bool CheckStructField();
  bool CheckArray();
  bool CheckArrayNew();
  bool CheckArrayNewFixed();
  bool CheckArrayElement();
  bool CheckArrayBulk();
  bool FindStruct(uint32_t index, const SubType** type);
  bool FindArray(uint32_t index, const FieldType** element);
  bool RequireMutable(const FieldType& element);
  bool RequireNumericElement(const FieldType& element);

  // All say false.
  [[gnu::cold]] bool FailToRead(const ReadError& error);
  [[gnu::cold]] bool Fail(std::string message);
  [[gnu::cold]] bool FailMalformed(std::string message);
  [[gnu::cold]] bool FailLimit(std::string message);
  [[gnu::cold]] bool FailMismatch(ValueType expected,
                                  std::optional<ValueType> actual);
  bool Require(std::string problem) {
    return problem.empty() || Fail(std::move(problem));
  }

  std::string_view mnemonic() const { return InfoOf(in_.opcode).mnemonic; }

  const ValidationContext& context_;
  const Module& module_;
  const TypeValidator types_;
  const bool has_all_features_;
  const bool has_plain_memory_;  // memory 0 is there, with 32-bit addresses

  // Of the body at hand.
  std::optional<uint32_t> function_index_;
  bool is_constant_ = false;
  uint32_t visible_globals_ = 0;
  LocalTypes locals_;
  OperandTypes operands_;
  std::vector<ControlFrame> frames_;
  size_t floor_ = 0;  // the height of the innermost frame
  Instruction in_;
  // For br_table: by frame, the number of the br_table that last checked it.
  std::vector<uint32_t> checked_by_;
  uint32_t br_table_number_ = 0;

  ValidationError error_;
};

}  // namespace wasmd

#endif  // WASMD_WASM_FUNCTION_VALIDATOR_H_
