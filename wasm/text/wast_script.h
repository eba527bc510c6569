// The script format of the specification's test suite (.wast; spec repository,
// interpreter/README.md, "Scripts"): a script in text to a list of commands. It
// only parses: running commands is the caller's.

#ifndef WASMD_WASM_TEXT_WAST_SCRIPT_H_
#define WASMD_WASM_TEXT_WAST_SCRIPT_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "wasm/text/wat_parser.h"
#include "wasm/types.h"

namespace wasmd {

// A module as a script gives it.
struct WastModule {
  enum class Form : uint8_t { kText, kBinary, kQuote };

  std::optional<std::string> id;
  // "module definition": to be validated, but not instantiated.
  bool is_definition = false;
  Form form = Form::kText;
  // The bytes of a kBinary, the text of a kQuote.
  std::string contents;
  // What the text of a kText parsed to, or why it did not.
  absl::StatusOr<std::vector<uint8_t>> parsed;

  // The binary, which nothing has checked yet. Parses a kQuote now; errors are
  // those of ParseWat, positions of a kQuote are in its own text.
  absl::StatusOr<std::vector<uint8_t>> Binary(
      const ParseWatOptions& options = {}) const;
};

// An argument of an action.
struct WastValue {
  enum class Kind : uint8_t {
    kI32,
    kI64,
    kF32,
    kF64,
    kV128,
    kRefNull,    // of heap_type
    kRefExtern,  // the external reference number `bits`
    kRefHost,    // the same, internalised (any.convert_extern)
  };
  Kind kind = Kind::kI32;
  uint64_t bits = 0;  // numbers, by their bits; reference numbers
  std::array<uint8_t, 16> vector{};
  AbstractHeapType heap_type = AbstractHeapType::kFunc;
};

// What one number, or one lane of a vector, has to be.
struct WastLane {
  enum class Nan : uint8_t { kExact, kCanonical, kArithmetic };
  Nan nan = Nan::kExact;
  uint64_t bits = 0;  // kExact
};

// What a result has to be.
struct WastPattern {
  enum class Kind : uint8_t {
    kI32,
    kI64,
    kF32,
    kF64,
    kV128,     // lanes
    kRefNull,  // null of any type
    kRef,      // these: not null, and of the class
    kRefFunc,
    kRefExtern,  // with `bits` if has_bits
    kRefExn,
    kRefI31,
    kRefStruct,
    kRefArray,
    kRefEq,
    kRefHost,  // the internalised external reference number `bits`
    kEither,   // one of `alternatives`
  };
  Kind kind = Kind::kI32;
  WastLane number;  // kI32 to kF64; the number of kRefExtern and kRefHost
  bool has_number = false;  // kRefExtern
  bool lanes_are_float = false;
  uint32_t lane_bits = 0;       // kV128: 8, 16, 32 or 64
  std::vector<WastLane> lanes;  // kV128
  std::vector<WastPattern> alternatives;
};

struct WastAction {
  enum class Kind : uint8_t { kInvoke, kGet };
  Kind kind = Kind::kInvoke;
  std::optional<std::string> instance_id;  // the current instance if missing
  std::string export_name;
  std::vector<WastValue> arguments;
};

struct WastCommand {
  enum class Kind : uint8_t {
    kModule,            // module
    kInstance,          // instance_id?, definition_id?
    kRegister,          // name, instance_id?
    kAction,            // action
    kAssertReturn,      // action, results
    kAssertTrap,        // action or module, message
    kAssertExhaustion,  // action, message
    kAssertException,   // action
    kAssertMalformed,   // module, message: so for all that follow
    kAssertInvalid,
    kAssertUnlinkable,
    kAssertMalformedCustom,
    kAssertInvalidCustom,
  };
  Kind kind = Kind::kModule;
  uint32_t line = 0;  // of its opening parenthesis, from 1
  std::optional<WastModule> module;
  std::optional<WastAction> action;
  std::vector<WastPattern> results;
  std::string message;
  std::string name;
  std::optional<std::string> instance_id;
  std::optional<std::string> definition_id;
};

// As scripts write it: "module", "assert_return", ...
std::string_view ToString(WastCommand::Kind kind);

// The commands of a script, or of a file that is one list of module fields. An
// error in the text of a module is that module's (WastModule::parsed), any
// other is the script's: InvalidArgument "LINE:COLUMN: what". Thread-safe.
absl::StatusOr<std::vector<WastCommand>> ParseWast(
    std::string_view text, const ParseWatOptions& options = {});

}  // namespace wasmd

#endif  // WASMD_WASM_TEXT_WAST_SCRIPT_H_
