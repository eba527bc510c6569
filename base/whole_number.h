// Whole numbers in decimal: on the command line, in names of files.

#ifndef WASMD_BASE_WHOLE_NUMBER_H_
#define WASMD_BASE_WHOLE_NUMBER_H_

#include <cstdint>
#include <optional>
#include <string_view>

namespace wasmd {

// The digits that `text` begins with, which are taken off it. Nullopt, and
// nothing is taken, if there are none or they are more than 2^64 - 1.
std::optional<uint64_t> TakeWholeNumber(std::string_view* text);

// The same, and there is nothing else in it.
std::optional<uint64_t> ParseWholeNumber(std::string_view text);

}  // namespace wasmd

#endif  // WASMD_BASE_WHOLE_NUMBER_H_
