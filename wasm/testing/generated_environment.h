// What every generated module has, and code_generator.h can rely on.
//
// Types are letters: those of opcodes.def (i l f d v) and
//   S (ref null $struct)   A (ref null $words)   B (ref null $bytes)
//   Y anyref   F funcref   X externref   E exnref

#ifndef WASMD_WASM_TESTING_GENERATED_ENVIRONMENT_H_
#define WASMD_WASM_TESTING_GENERATED_ENVIRONMENT_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "wasm/testing/module_builder.h"

namespace wasmd::testing {

inline constexpr std::string_view kAllTypes = "ilfdvSABYFXE";
inline constexpr std::string_view kNumericTypes = "ilfdv";

// Types 0 to 2. The fields of $struct are of these types, all mutable.
inline constexpr uint32_t kStruct = 0;
inline constexpr uint32_t kWords = 1;  // (array (mut i32))
inline constexpr uint32_t kBytes = 2;  // (array (mut i8))
inline constexpr std::string_view kFields = "ildvSY";

// Memory 0 has addresses of type i32, memory 1 of i64; 1 page each, at most 3.
inline constexpr uint32_t kMemories = 2;
// Table 0 is of funcref, table 1 of anyref; 8 elements each, at most 20.
inline constexpr uint32_t kTables = 2;
inline constexpr uint32_t kTableElements = 8;
// Data segments 0 and 1 are passive, and so are element segments 0 (funcref)
// and 1 (anyref).
inline constexpr uint32_t kSegments = 2;
inline constexpr uint32_t kDataBytes = 16;
inline constexpr uint32_t kElements = 4;

// Global 0 is what is left of the budget of calls; then one of each type.
inline constexpr uint32_t kBudgetGlobal = 0;
inline constexpr uint32_t kFirstGlobal = 1;

// Tags by what they carry.
inline constexpr std::string_view kTags[] = {"", "i", "lS"};

// Function types [] -> these, for blocks with more than one result. The types
// of the tags follow, then those of the functions.
inline constexpr std::string_view kBlockTypes[] = {"lS", "lSE", "iE"};
inline constexpr uint32_t kFirstBlockType = 3;
inline constexpr uint32_t kFirstTagType = 6;

struct Signature {
  uint32_t type_index = 0;
  std::string params;
  std::string results;
};

// By function index; function 0 is imported, the last one is "run", which is
// not to be called.
struct Functions {
  std::vector<Signature> signatures;
  uint32_t callable = 0;
};

// Value type, in the binary format.
Code TypeOfLetter(char letter);

}  // namespace wasmd::testing

#endif  // WASMD_WASM_TESTING_GENERATED_ENVIRONMENT_H_
