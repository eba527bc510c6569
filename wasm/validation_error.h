// ValidationError: why a module is refused, before it becomes a Status. Private
// to wasm/.

#ifndef WASMD_WASM_VALIDATION_ERROR_H_
#define WASMD_WASM_VALIDATION_ERROR_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "base/str_cat.h"

namespace wasmd {

struct ValidationError {
  enum class Kind : uint8_t {
    kInvalid,
    kMalformed,  // a function body is
    kLimit,      // of limits.h
  };
  Kind kind = Kind::kInvalid;
  std::string message;  // the specification's words first; no position
  uint32_t offset = 0;  // in the binary
  std::optional<uint32_t> function;
};

inline absl::Status ToStatus(const ValidationError& error) {
  std::string text =
      error.kind == ValidationError::Kind::kMalformed ? "malformed: " : "";
  StrAppend(&text, error.message, " (");
  if (error.function) StrAppend(&text, "in function ", *error.function, " ");
  StrAppend(&text, "at byte ", error.offset, ")");
  return error.kind == ValidationError::Kind::kLimit
             ? absl::ResourceExhaustedError(text)
             : absl::InvalidArgumentError(text);
}

}  // namespace wasmd

#endif  // WASMD_WASM_VALIDATION_ERROR_H_
