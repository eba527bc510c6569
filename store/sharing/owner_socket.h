// OwnerSocket: where the wasmd that owns a store listens for the others: a Unix
// socket in the folder of the store, for its user only.

#ifndef WASMD_STORE_SHARING_OWNER_SOCKET_H_
#define WASMD_STORE_SHARING_OWNER_SOCKET_H_

#include <sys/types.h>

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/owned_fd.h"

namespace wasmd {

// Thread-compatible.
class OwnerSocket {
 public:
  // The caller owns the store, so a socket that is there is of an owner that
  // was killed, and is replaced. Unavailable, with the path, if that fails.
  static absl::StatusOr<OwnerSocket> Listen(const std::string& directory);
  OwnerSocket(OwnerSocket&&) noexcept = default;
  OwnerSocket& operator=(OwnerSocket&&) = delete;
  // Nobody finds the socket any more; the caller owns the store still.
  ~OwnerSocket();

  // To poll for reading.
  int fd() const { return socket_.get(); }
  // The next visitor, on a socket that does not block; not open if there is
  // none, or if it was of another user and was sent away. Unavailable if the
  // system gives none (too many open files).
  absl::StatusOr<OwnedFd> Accept() const;

 private:
  OwnerSocket(OwnedFd directory, OwnedFd socket)
      : directory_(std::move(directory)), socket_(std::move(socket)) {}

  OwnedFd directory_;
  OwnedFd socket_;
};

struct OwnerConnection {
  OwnedFd socket;  // does not block
  pid_t owner = 0;
};

// NotFound if nobody listens there (there may be no folder, even);
// PermissionDenied if it is not for this user, or the owner is somebody whom
// neither this user nor the folder belongs to; Unavailable for other errors.
absl::StatusOr<OwnerConnection> ConnectToOwner(const std::string& directory);

}  // namespace wasmd

#endif  // WASMD_STORE_SHARING_OWNER_SOCKET_H_
