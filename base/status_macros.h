// Early return on error for absl::Status and absl::StatusOr.
//
//   RETURN_IF_ERROR(file.Close());
//   ASSIGN_OR_RETURN(std::string text, ReadFile(path));
//
// Both evaluate their expression once and return its status, unchanged, from
// the enclosing function, which must return absl::Status or absl::StatusOr<T>.

#ifndef WASMD_BASE_STATUS_MACROS_H_
#define WASMD_BASE_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define WASMD_STATUS_CONCAT_(a, b) a##b
#define WASMD_STATUS_NAME_(a, b) WASMD_STATUS_CONCAT_(a, b)

#define RETURN_IF_ERROR(expression)                                         \
  do {                                                                      \
    if (::absl::Status wasmd_status_ = (expression); !wasmd_status_.ok()) { \
      return wasmd_status_;                                                 \
    }                                                                       \
  } while (false)

#define ASSIGN_OR_RETURN(declaration, expression)                         \
  WASMD_ASSIGN_OR_RETURN_(WASMD_STATUS_NAME_(wasmd_status_or_, __LINE__), \
                          declaration, expression)

#define WASMD_ASSIGN_OR_RETURN_(holder, declaration, expression) \
  auto holder = (expression);                                    \
  if (!holder.ok()) return std::move(holder).status();           \
  declaration = std::move(holder).value()

#endif  // WASMD_BASE_STATUS_MACROS_H_
