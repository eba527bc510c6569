// Values on the command line: `wasmd run --invoke`.

#ifndef WASMD_RUNTIME_VALUE_TEXT_H_
#define WASMD_RUNTIME_VALUE_TEXT_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "interp/value.h"
#include "wasm/types.h"

namespace wasmd {

// Integers in decimal or 0x hexadecimal, signed or unsigned, within the type's
// width; floats as C writes them, with inf and nan; a v128 as 0x and up to 32
// digits; "null" for a nullable reference. InvalidArgument, naming text and
// type, for anything else.
absl::StatusOr<Value> ParseValue(std::string_view text, ValueType type);

// One for each parameter. InvalidArgument if their number is wrong too.
absl::StatusOr<std::vector<Value>> ParseArguments(
    std::span<const std::string> texts, const FunctionType& type);

// As ParseValue reads it: integers as signed, floats in the shortest form that
// gives the same value.
std::string FormatValue(const Value& value);

}  // namespace wasmd

#endif  // WASMD_RUNTIME_VALUE_TEXT_H_
