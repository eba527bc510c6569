// Where the specification's test suite is, and which files of a folder belong
// to it. The suite is not part of this tree.

#ifndef WASMD_SPEC_TESTS_SUITE_H_
#define WASMD_SPEC_TESTS_SUITE_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace wasmd::spec {

// The folder of the official suite: $WASM_TESTSUITE, else spec-testsuite in
// $WASMD_SHARED, else ../shared/spec-testsuite from `workspace`. None if there
// is no such folder.
std::optional<std::string> FindSuite(const std::string& workspace);

// The top of the source tree: where $BUILD_WORKSPACE_DIRECTORY says (`bazel
// run`), where a test's runfiles come from (`bazel test`), else the current
// folder.
std::string FindWorkspace();

// A script and the name that reports and expectations give it.
struct ScriptFile {
  std::string path;
  std::string name;
};

// The scripts of `path`: itself if it is a file, else every *.wast below it in
// the order of their names, without the folders legacy and proposals, which are
// no part of WebAssembly 3.0. Names are relative to `path`, or the file's own.
// NotFound if there is no such path.
absl::StatusOr<std::vector<ScriptFile>> ListScripts(const std::string& path);

absl::StatusOr<std::string> ReadFile(const std::string& path);

}  // namespace wasmd::spec

#endif  // WASMD_SPEC_TESTS_SUITE_H_
