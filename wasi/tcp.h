// TCP addresses and listeners of the host.

#ifndef WASMD_WASI_TCP_H_
#define WASMD_WASI_TCP_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/owned_fd.h"

namespace wasmd::wasi {

// Is this "127.0.0.1:8080" or "[::1]:8080"? InvalidArgument if not.
absl::Status CheckTcpAddress(const std::string& address);

// Listens at such an address; what is opened does not block. Port 0: any that
// is free. AlreadyExists if somebody else listens there, NotFound if no network
// of this machine has the address, PermissionDenied, else FailedPrecondition.
absl::StatusOr<OwnedFd> ListenAt(const std::string& address);

// Where a listener listens; empty if the system does not tell.
std::string ListenAddressOf(const OwnedFd& listener);

}  // namespace wasmd::wasi

#endif  // WASMD_WASI_TCP_H_
