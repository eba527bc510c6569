// StaticRunner: the part of a script that needs no execution. Modules must
// parse, decode and validate; malformed and invalid ones must be refused, at
// the stage the assertion names.

#ifndef WASMD_SPEC_TESTS_STATIC_RUNNER_H_
#define WASMD_SPEC_TESTS_STATIC_RUNNER_H_

#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "spec-tests/report.h"
#include "wasm/module.h"
#include "wasm/text/wast_script.h"

namespace wasmd::spec {

// How far a module got.
struct StaticVerdict {
  enum class Stage : uint8_t { kMalformed, kInvalid, kValid };
  Stage stage = Stage::kValid;
  absl::Status error;                    // unless kValid
  std::shared_ptr<const Module> module;  // kValid
};

// Parses, decodes and validates. An error that is no InvalidArgument (a limit)
// is returned as such.
absl::StatusOr<StaticVerdict> Examine(const WastModule& module);

// The result of a command whose whole meaning is static (assert_malformed,
// assert_invalid and the like); kSkip for any other kind.
CommandResult RunStaticAssertion(const WastCommand& command);

// Every command of a script; those that need execution are kSkip, except that
// the modules in them must be valid.
std::vector<CommandResult> RunStatically(
    const std::vector<WastCommand>& commands);

}  // namespace wasmd::spec

#endif  // WASMD_SPEC_TESTS_STATIC_RUNNER_H_
