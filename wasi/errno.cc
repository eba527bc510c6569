#include "wasi/errno.h"

#include <cerrno>
#include <cstring>

namespace wasmd::wasi {

Errno FromHostErrno(int host_errno) {
  switch (host_errno) {
#define WASI_ERRNO(name, number, host) \
  case host:                           \
    return Errno::name;
#include "wasi/errno.def"
    default:
      return Errno::kIo;
  }
}

std::string_view NameOf(Errno errno_value) {
  switch (errno_value) {
#define WASI_ERRNO(name, number, host) \
  case Errno::name:                    \
    return #name;
#define WASI_ERRNO_GUEST_ONLY(name, number) \
  case Errno::name:                         \
    return #name;
#include "wasi/errno.def"
  }
  return "?";
}

std::string_view Describe(Errno errno_value) {
  switch (errno_value) {
#define WASI_ERRNO(name, number, host)          \
  case Errno::name: {                           \
    const char* text = ::strerrordesc_np(host); \
    return text != nullptr ? text : #host;      \
  }
#include "wasi/errno.def"
    case Errno::kSuccess:
      return "Success";
    case Errno::kNotCapable:
      return "Not allowed by the capabilities of the process";
  }
  return "Unknown error";
}

}  // namespace wasmd::wasi
