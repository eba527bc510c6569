// Numbers of events on the command line.

#ifndef WASMD_TOOLS_COMMANDS_EVENT_NUMBER_H_
#define WASMD_TOOLS_COMMANDS_EVENT_NUMBER_H_

#include <cstdint>
#include <string_view>

#include "absl/status/statusor.h"

namespace wasmd {

// InvalidArgument, naming `what`, if it is none.
absl::StatusOr<uint64_t> ParseEventNumber(std::string_view what,
                                          std::string_view text);

}  // namespace wasmd

#endif  // WASMD_TOOLS_COMMANDS_EVENT_NUMBER_H_
