// A whole run of spectest: chooses scripts, runs them, prints the report.

#ifndef WASMD_SPEC_TESTS_CONFORMANCE_H_
#define WASMD_SPEC_TESTS_CONFORMANCE_H_

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "spec-tests/name_filter.h"

namespace wasmd::spec {

struct ConformanceOptions {
  // Only parse, decode and validate.
  bool is_static = false;
  // Suspend at every Nth safepoint (not 0), as MachineOptions.
  std::optional<uint64_t> suspend_every;
  // Only scripts whose name matches.
  std::optional<NameFilter> filter;
  // The list of expected failures, instead of that of the configuration in
  // spec-tests/expectations/ of the workspace.
  std::optional<std::string> expectations;
  // Files and folders; the official suite if there are none.
  std::vector<std::string> paths;
  // The top of the source tree.
  std::string workspace = ".";
};

// True if every result was as expected. NotFound if there is nothing to run;
// InvalidArgument for a bad list of expectations.
absl::StatusOr<bool> RunConformance(const ConformanceOptions& options,
                                    std::ostream& out);

}  // namespace wasmd::spec

#endif  // WASMD_SPEC_TESTS_CONFORMANCE_H_
