#include "capi/error.h"

#include <memory>
#include <utility>

#include "base/str_cat.h"

namespace wasmd::capi {
namespace {

struct CodePair {
  absl::StatusCode status;
  wasmd_error_code_t error;
};
// The first of each is what the other becomes.
constexpr CodePair kCodes[] = {
    {absl::StatusCode::kInvalidArgument, WASMD_ERROR_INVALID},
    {absl::StatusCode::kOutOfRange, WASMD_ERROR_INVALID},
    {absl::StatusCode::kFailedPrecondition, WASMD_ERROR_STATE},
    {absl::StatusCode::kResourceExhausted, WASMD_ERROR_LIMIT},
    {absl::StatusCode::kDataLoss, WASMD_ERROR_DAMAGED},
    {absl::StatusCode::kUnimplemented, WASMD_ERROR_NEWER},
    {absl::StatusCode::kNotFound, WASMD_ERROR_NOT_FOUND},
    {absl::StatusCode::kAlreadyExists, WASMD_ERROR_EXISTS},
    {absl::StatusCode::kUnavailable, WASMD_ERROR_IO},
    {absl::StatusCode::kInternal, WASMD_ERROR_INTERNAL},
};

}  // namespace

wasmd_error_t* NewError(wasmd_error_code_t code, std::string message) {
  return new wasmd_error_t{code, std::move(message)};
}

wasmd_error_t* ToError(const absl::Status& status) {
  if (status.ok()) return nullptr;
  wasmd_error_code_t code = WASMD_ERROR_INTERNAL;
  for (const CodePair& pair : kCodes) {
    if (pair.status == status.code()) code = pair.error;
  }
  return NewError(code, std::string(ToStd(status.message())));
}

absl::Status TakeStatus(wasmd_error_t* error) {
  if (error == nullptr) return absl::OkStatus();
  const std::unique_ptr<wasmd_error_t> owned(error);
  for (const CodePair& pair : kCodes) {
    if (pair.error == owned->code) {
      return absl::Status(pair.status, owned->message);
    }
  }
  return absl::InternalError(owned->message);
}

}  // namespace wasmd::capi

extern "C" {

void wasmd_error_delete(wasmd_error_t* error) { delete error; }
wasmd_error_code_t wasmd_error_code(const wasmd_error_t* error) {
  return error == nullptr ? wasmd_error_code_t{0} : error->code;
}
const char* wasmd_error_message(const wasmd_error_t* error) {
  return error == nullptr ? "" : error->message.c_str();
}
wasmd_error_t* wasmd_error_new(wasmd_error_code_t code, const char* message) {
  return wasmd::capi::NewError(code, message == nullptr ? "" : message);
}

}  // extern "C"
