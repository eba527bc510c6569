// ScriptRunner: every command of a script, executed.

#ifndef WASMD_SPEC_TESTS_SCRIPT_RUNNER_H_
#define WASMD_SPEC_TESTS_SCRIPT_RUNNER_H_

#include <string>
#include <vector>

#include "spec-tests/machine.h"
#include "spec-tests/report.h"
#include "wasm/text/wast_script.h"

namespace wasmd::spec {

// Runs the commands in order on a Machine of their own; `name` is the script's.
FileResult RunScript(const std::string& name,
                     const std::vector<WastCommand>& commands,
                     const MachineOptions& options);

}  // namespace wasmd::spec

#endif  // WASMD_SPEC_TESTS_SCRIPT_RUNNER_H_
