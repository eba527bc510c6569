#include "store/sharing/owner_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <optional>

#include "base/check.h"
#include "base/status_macros.h"
#include "base/str_cat.h"

namespace wasmd {
namespace {

constexpr char kName[] = "owner.socket";
constexpr int kBacklog = 128;

absl::Status SocketError(std::string_view directory, std::string_view doing) {
  const std::string message =
      StrCat(directory, "/", kName, ": ", doing, ": ", std::strerror(errno));
  switch (errno) {
    case ENOENT:
    case ENOTDIR:
    case ECONNREFUSED:
      return absl::NotFoundError(message);
    case EACCES:
    case EPERM:
      return absl::PermissionDeniedError(message);
    default:
      return absl::UnavailableError(message);
  }
}

// An address has room for some 100 bytes of path only. The name of the open
// folder is as short as can be, whatever its path.
sockaddr_un AddressIn(const OwnedFd& directory) {
  const std::string path =
      StrCat("/proc/self/fd/", directory.get(), "/", kName);
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  CHECK(path.size() < sizeof address.sun_path);
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

const sockaddr* AsAddress(const sockaddr_un& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

absl::StatusOr<OwnedFd> OpenDirectory(const std::string& directory) {
  OwnedFd fd(open(directory.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!fd.is_open()) return SocketError(directory, "cannot open the folder");
  return fd;
}

absl::StatusOr<OwnedFd> MakeSocket(const std::string& directory) {
  OwnedFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.is_open()) return SocketError(directory, "cannot make a socket");
  return fd;
}

// Who is on the other side; nullopt if that cannot be told.
std::optional<ucred> PeerOf(const OwnedFd& socket) {
  ucred peer = {};
  socklen_t size = sizeof peer;
  if (getsockopt(socket.get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) {
    return std::nullopt;
  }
  return peer;
}

}  // namespace

absl::StatusOr<OwnerSocket> OwnerSocket::Listen(const std::string& directory) {
  ASSIGN_OR_RETURN(OwnedFd folder, OpenDirectory(directory));
  ASSIGN_OR_RETURN(OwnedFd socket, MakeSocket(directory));
  if (unlinkat(folder.get(), kName, 0) != 0 && errno != ENOENT) {
    return SocketError(directory, "cannot remove the old socket");
  }
  // Before there is a name by which others find it.
  if (fchmod(socket.get(), 0600) != 0) {
    return SocketError(directory, "cannot be made private");
  }
  const sockaddr_un address = AddressIn(folder);
  if (bind(socket.get(), AsAddress(address), sizeof address) != 0 ||
      listen(socket.get(), kBacklog) != 0) {
    return SocketError(directory, "cannot listen");
  }
  return OwnerSocket(std::move(folder), std::move(socket));
}

OwnerSocket::~OwnerSocket() {
  if (directory_.is_open()) (void)unlinkat(directory_.get(), kName, 0);
}

absl::StatusOr<OwnedFd> OwnerSocket::Accept() const {
  OwnedFd visitor(
      accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!visitor.is_open()) {
    switch (errno) {
      case EMFILE:
      case ENFILE:
      case ENOBUFS:
      case ENOMEM:
        return absl::UnavailableError(
            StrCat("cannot accept: ", std::strerror(errno)));
      default:  // it went away meanwhile
        return OwnedFd();
    }
  }
  const std::optional<ucred> peer = PeerOf(visitor);
  const bool is_welcome =
      peer.has_value() && (peer->uid == geteuid() || peer->uid == 0);
  return is_welcome ? std::move(visitor) : OwnedFd();
}

absl::StatusOr<OwnerConnection> ConnectToOwner(const std::string& directory) {
  ASSIGN_OR_RETURN(const OwnedFd folder, OpenDirectory(directory));
  ASSIGN_OR_RETURN(OwnedFd socket, MakeSocket(directory));
  const sockaddr_un address = AddressIn(folder);
  // At once, or EAGAIN when too many wait to be accepted.
  while (connect(socket.get(), AsAddress(address), sizeof address) != 0) {
    if (errno != EINTR) return SocketError(directory, "cannot connect");
  }
  struct stat status;
  const std::optional<ucred> peer = PeerOf(socket);
  if (!peer.has_value() || fstat(folder.get(), &status) != 0 ||
      (peer->uid != geteuid() && peer->uid != 0 &&
       peer->uid != status.st_uid)) {
    return absl::PermissionDeniedError(
        StrCat(directory, "/", kName, ": another user listens there"));
  }
  return OwnerConnection{std::move(socket), peer->pid};
}

}  // namespace wasmd
