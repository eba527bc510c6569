// OwnedFd by the name that wasi/ has for it.

#ifndef WASMD_WASI_OWNED_FD_H_
#define WASMD_WASI_OWNED_FD_H_

#include "base/owned_fd.h"

namespace wasmd::wasi {

using ::wasmd::OwnedFd;

}  // namespace wasmd::wasi

#endif  // WASMD_WASI_OWNED_FD_H_
