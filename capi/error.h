// wasmd_error_t, and absl::Status as one.

#ifndef WASMD_CAPI_ERROR_H_
#define WASMD_CAPI_ERROR_H_

#include <string>

#include "absl/status/status.h"
#include "capi/include/wasmd.h"

struct wasmd_error_t {
  wasmd_error_code_t code = WASMD_ERROR_INTERNAL;
  std::string message;
};

namespace wasmd::capi {

// Null for OK.
wasmd_error_t* ToError(const absl::Status& status);
wasmd_error_t* NewError(wasmd_error_code_t code, std::string message);
// Of an error that a callback of the program returned, which is deleted.
absl::Status TakeStatus(wasmd_error_t* error);

}  // namespace wasmd::capi

#endif  // WASMD_CAPI_ERROR_H_
