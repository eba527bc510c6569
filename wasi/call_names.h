// The names that preview 1 has for numbers (typenames.witx), for people.

#ifndef WASMD_WASI_CALL_NAMES_H_
#define WASMD_WASI_CALL_NAMES_H_

#include <cstdint>
#include <string>

#include "wasi/abi.h"

namespace wasmd::wasi {

// One of several: "MONOTONIC"; the number where there is no such one.
std::string ClockText(uint32_t clock);
std::string AdviceText(uint32_t advice);
std::string WhenceText(uint32_t whence);
std::string FileTypeText(uint8_t type);

// Sets: "CREAT|TRUNC", "0"; bits without a name as a number.
std::string LookupFlagsText(uint32_t flags);
std::string OpenFlagsText(uint32_t flags);
std::string FdFlagsText(uint32_t flags);
std::string FstFlagsText(uint32_t flags);
std::string ReceiveFlagsText(uint32_t flags);
std::string ShutdownFlagsText(uint32_t flags);
// Many rights as one number.
std::string RightsText(Rights rights);

}  // namespace wasmd::wasi

#endif  // WASMD_WASI_CALL_NAMES_H_
