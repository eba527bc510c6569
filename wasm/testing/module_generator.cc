#include "wasm/testing/module_generator.h"

#include <iterator>
#include <string>
#include <string_view>

#include "wasm/testing/byte_source.h"
#include "wasm/testing/code_generator.h"
#include "wasm/testing/generated_environment.h"
#include "wasm/testing/module_builder.h"

namespace wasmd::testing {

Code TypeOfLetter(char letter) {
  switch (letter) {
    case 'i':
      return {kI32Code};
    case 'l':
      return {kI64Code};
    case 'f':
      return {kF32Code};
    case 'd':
      return {kF64Code};
    case 'v':
      return {kV128Code};
    case 'S':
      return {kRefNullCode, kStruct};
    case 'A':
      return {kRefNullCode, kWords};
    case 'B':
      return {kRefNullCode, kBytes};
    case 'Y':
      return {kAnyRefCode};
    case 'F':
      return {kFuncRefCode};
    case 'X':
      return {kExternRefCode};
    default:
      return {kExnRefCode};
  }
}

namespace {

constexpr uint32_t kBudget = 40;
constexpr std::string_view kRunResults = "ilfdv";

Code FunctionType(std::string_view params, std::string_view results) {
  Code type = {0x60};
  for (const std::string_view types : {params, results}) {
    type.U(types.size());
    for (const char letter : types) type.Append(TypeOfLetter(letter));
  }
  return type;
}

void AddTypes(ModuleBuilder& builder) {
  Code structure = {0x5F, static_cast<int>(kFields.size())};
  for (const char letter : kFields) {
    structure.Append(TypeOfLetter(letter)).Byte(1);
  }
  builder.AddRawTypes(structure);
  builder.AddRawTypes({0x5E, kI32Code, 1});
  builder.AddRawTypes({0x5E, 0x78, 1});
  for (const std::string_view results : kBlockTypes) {
    builder.AddRawTypes(FunctionType("", results));
  }
  for (const std::string_view params : kTags) {
    builder.AddRawTypes(FunctionType(params, ""));
  }
}

Functions ChooseSignatures(ByteSource& in, ModuleBuilder& builder) {
  Functions functions;
  const auto add = [&](std::string params, std::string results) {
    const uint32_t type = builder.AddRawTypes(FunctionType(params, results));
    functions.signatures.push_back(
        {type, std::move(params), std::move(results)});
  };
  add("il", "l");
  functions.callable = 2 + in.Pick(4);
  for (uint32_t i = 1; i < functions.callable; ++i) {
    std::string params;
    std::string results;
    for (uint32_t n = in.Pick(4); n > 0; --n) {
      params += kAllTypes[in.Pick(kAllTypes.size())];
    }
    for (uint32_t n = in.Pick(3); n > 0; --n) {
      results += kAllTypes[in.Pick(kAllTypes.size())];
    }
    add(std::move(params), std::move(results));
  }
  add("", std::string(kRunResults));
  return functions;
}

Code InitialValue(char letter) {
  switch (letter) {
    case 'i':
      return Code().I32Const(7).End();
    case 'l':
      return Code().I64Const(-3).End();
    case 'f':
      return Code().F32(1.5F).End();
    case 'd':
      return Code().F64(-0.25).End();
    case 'v':
      return Code()
          .Op(Opcode::kV128Const)
          .Bytes({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
          .End();
    case 'S':
      return Code().Op(Opcode::kStructNewDefault).U(kStruct).End();
    default:
      return Code()
          .Op(Opcode::kRefNull)
          .Byte(TypeOfLetter(letter).bytes().back())
          .End();
  }
}

void AddState(ModuleBuilder& builder) {
  builder.AddTable({kFuncRefCode, 1, kTableElements, 20});
  builder.AddTable({kAnyRefCode, 1, kTableElements, 20});
  builder.AddMemory({1, 1, 3});
  builder.AddMemory({5, 1, 3});
  for (uint32_t i = 0; i < std::size(kTags); ++i) {
    builder.AddTag(kFirstTagType + i);
  }
  builder.AddGlobal({kI32Code, 1}, Code().I32Const(0).End());
  for (const char letter : kAllTypes) {
    builder.AddGlobal(Code(TypeOfLetter(letter)).Byte(1), InitialValue(letter));
  }
}

void AddSegments(const Functions& functions, ModuleBuilder& builder) {
  Code passive = {1, 0, kElements};
  for (uint32_t i = 0; i < kElements; ++i) passive.U(i % functions.callable);
  builder.AddElement(passive);
  Code objects = {5, kAnyRefCode, kElements};
  for (uint32_t i = 0; i < kElements; ++i) {
    objects.I32Const(static_cast<int32_t>(i)).Op(Opcode::kRefI31).End();
  }
  builder.AddElement(objects);
  // Fills table 0, and with that declares every function.
  Code active = {0};
  active.I32Const(0).End().U(kTableElements);
  for (uint32_t i = 0; i < kTableElements; ++i) {
    active.U(i % functions.callable);
  }
  builder.AddElement(active);
  builder.SetDataCount(kSegments + 1);
  builder.AddPassiveData("0123456789abcdef");
  builder.AddPassiveData("ABCDEFGHIJKLMNOP");
  builder.AddActiveData(100, "the initial image");
}

}  // namespace

std::vector<uint8_t> GenerateModule(std::span<const uint8_t> bytes) {
  ByteSource in(bytes);
  ModuleBuilder builder;
  AddTypes(builder);
  const Functions functions = ChooseSignatures(in, builder);
  builder.ImportFunction("host", "mix", functions.signatures[0].type_index);
  AddState(builder);
  // "run" takes from the bytes first: it is what makes the others run.
  std::vector<Code> bodies(functions.signatures.size());
  for (size_t i = functions.signatures.size() - 1; i > 0; --i) {
    const bool is_run = i == functions.callable;
    CodeGenerator generator(&in, functions, functions.signatures[i]);
    bodies[i] = generator.Body(is_run ? kBudget : 0);
  }
  for (size_t i = 1; i < bodies.size(); ++i) {
    builder.AddRawFunction(functions.signatures[i].type_index, bodies[i]);
  }
  builder.Export("run", ExternKind::kFunction, functions.callable);
  AddSegments(functions, builder);
  return builder.Build();
}

}  // namespace wasmd::testing
