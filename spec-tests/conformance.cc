#include "spec-tests/conformance.h"

#include <string_view>

#include "absl/status/status.h"
#include "base/status_macros.h"
#include "base/str_cat.h"
#include "spec-tests/expectations.h"
#include "spec-tests/machine.h"
#include "spec-tests/report.h"
#include "spec-tests/script_runner.h"
#include "spec-tests/static_runner.h"
#include "spec-tests/suite.h"
#include "wasm/text/wast_script.h"

namespace wasmd::spec {
namespace {

// The name of the list of expected failures.
std::string_view ConfigurationOf(const ConformanceOptions& options) {
  if (options.is_static) return "static";
  return options.suspend_every.has_value() ? "suspend" : "run";
}

absl::StatusOr<Expectations> LoadExpectations(
    const ConformanceOptions& options) {
  const std::string path = options.expectations.value_or(
      StrCat(options.workspace, "/spec-tests/expectations/",
             ConfigurationOf(options), ".txt"));
  ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  const absl::StatusOr<Expectations> expectations = ParseExpectations(text);
  if (expectations.ok()) return expectations;
  return absl::InvalidArgumentError(
      StrCat(path, ": ", ToStd(expectations.status().message())));
}

absl::StatusOr<std::vector<ScriptFile>> ChooseScripts(
    const ConformanceOptions& options) {
  std::vector<std::string> paths = options.paths;
  if (paths.empty()) {
    const std::optional<std::string> suite = FindSuite(options.workspace);
    if (!suite.has_value()) {
      return absl::NotFoundError(
          "the test suite is not here: fetch it, for example with git clone "
          "https://github.com/WebAssembly/testsuite, and name its folder or "
          "set WASM_TESTSUITE to it");
    }
    paths.push_back(*suite);
  }
  std::vector<ScriptFile> chosen;
  for (const std::string& path : paths) {
    ASSIGN_OR_RETURN(const std::vector<ScriptFile> scripts, ListScripts(path));
    for (const ScriptFile& script : scripts) {
      if (options.filter.has_value() && !options.filter->Matches(script.name)) {
        continue;
      }
      chosen.push_back(script);
    }
  }
  if (chosen.empty()) return absl::NotFoundError("no script to run");
  return chosen;
}

FileResult RunFile(const ScriptFile& file, const ConformanceOptions& options) {
  FileResult result{file.name, {}};
  const auto fail = [&](const absl::Status& status) {
    result.commands.push_back({0, WastCommand::Kind::kModule, Outcome::kFail,
                               std::string(status.message())});
    return result;
  };
  const absl::StatusOr<std::string> text = ReadFile(file.path);
  if (!text.ok()) return fail(text.status());
  const absl::StatusOr<std::vector<WastCommand>> commands = ParseWast(*text);
  if (!commands.ok()) return fail(commands.status());
  if (!options.is_static) {
    return RunScript(file.name, *commands,
                     {.suspend_every = options.suspend_every});
  }
  result.commands = RunStatically(*commands);
  return result;
}

}  // namespace

absl::StatusOr<bool> RunConformance(const ConformanceOptions& options,
                                    std::ostream& out) {
  ASSIGN_OR_RETURN(const Expectations expectations, LoadExpectations(options));
  ASSIGN_OR_RETURN(const std::vector<ScriptFile> scripts,
                   ChooseScripts(options));
  Report report;
  for (const ScriptFile& script : scripts) report.Add(RunFile(script, options));
  return report.Print(expectations, out);
}

}  // namespace wasmd::spec
