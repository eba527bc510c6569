// Errno: the error numbers that WASI functions answer (typenames.witx), and
// ErrnoOr, a value or one of them. These are answers to the guest; failures of
// the host are absl::Status.

#ifndef WASMD_WASI_ERRNO_H_
#define WASMD_WASI_ERRNO_H_

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "base/check.h"

namespace wasmd::wasi {

enum class Errno : uint16_t {
#define WASI_ERRNO(name, number, host) name = number,
#define WASI_ERRNO_GUEST_ONLY(name, number) name = number,
#include "wasi/errno.def"
};

// For a host error number; kIo for one that WASI does not have.
Errno FromHostErrno(int host_errno);

// "kNoent", for tests and messages; "?" for a number that is none.
std::string_view NameOf(Errno errno_value);

// "No such file or directory", for people.
std::string_view Describe(Errno errno_value);

template <typename T>
class [[nodiscard]] ErrnoOr {
 public:
  ErrnoOr(Errno error) : error_(error) {  // NOLINT: an error is an answer
    CHECK(error != Errno::kSuccess);
  }
  ErrnoOr(T value) : value_(std::move(value)) {}  // NOLINT: so is a value

  bool ok() const { return value_.has_value(); }
  Errno error() const { return error_; }  // kSuccess if ok()
  // ok().
  T& operator*() { return *value_; }
  const T& operator*() const { return *value_; }
  T* operator->() { return &*value_; }
  const T* operator->() const { return &*value_; }

 private:
  Errno error_ = Errno::kSuccess;
  std::optional<T> value_;
};

}  // namespace wasmd::wasi

// Early return of an error from a function that answers Errno or ErrnoOr.
#define RETURN_IF_ERRNO(expression)                            \
  do {                                                         \
    if (const ::wasmd::wasi::Errno wasi_errno_ = (expression); \
        wasi_errno_ != ::wasmd::wasi::Errno::kSuccess) {       \
      return wasi_errno_;                                      \
    }                                                          \
  } while (false)

#define WASI_ERRNO_CONCAT_(a, b) a##b
#define WASI_ERRNO_NAME_(a, b) WASI_ERRNO_CONCAT_(a, b)

// Declares a variable with the value, or returns the error.
#define ASSIGN_OR_RETURN_ERRNO(declaration, expression)               \
  WASI_ASSIGN_OR_RETURN_ERRNO_(WASI_ERRNO_NAME_(errno_or_, __LINE__), \
                               declaration, expression)
#define WASI_ASSIGN_OR_RETURN_ERRNO_(holder, declaration, expression) \
  auto holder = (expression);                                         \
  if (!holder.ok()) return holder.error();                            \
  declaration = std::move(*holder)

#endif  // WASMD_WASI_ERRNO_H_
