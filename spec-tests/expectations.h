// Expected failures: the commands that a configuration is known not to pass.
// One a line, "FILE:LINE  # why", or "FILE:*  # why" where any command of the
// file may fail and at least one does; blank lines and lines of comment are
// free.

#ifndef WASMD_SPEC_TESTS_EXPECTATIONS_H_
#define WASMD_SPEC_TESTS_EXPECTATIONS_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"

namespace wasmd::spec {

// File name and line of a command.
using CommandPlace = std::pair<std::string, uint32_t>;

// The line of FILE:*.
inline constexpr uint32_t kEveryLine = 0xFFFFFFFF;

// The reason by place.
using Expectations = std::map<CommandPlace, std::string>;

// InvalidArgument, with the line, for a line without a place or a reason and
// for a place that is given twice.
absl::StatusOr<Expectations> ParseExpectations(std::string_view text);

}  // namespace wasmd::spec

#endif  // WASMD_SPEC_TESTS_EXPECTATIONS_H_
