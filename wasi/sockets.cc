// sock_*, and fd_read and fd_write of a connection. Listeners are handed in
// when the process starts; connections are what sock_accept makes of them, and
// are gone when the process resumes: their other side has seen them end. They
// answer kConnReset then, as one does whose other side is gone.
//
// Host sockets never block. A call that must wait is answered later, when the
// host says that there is something.

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "base/check.h"
#include "base/status_macros.h"
#include "base/str_cat.h"
#include "wasi/context_impl.h"
#include "wasi/tcp.h"

namespace wasmd::wasi {
namespace {

// Bounds of one transfer; more is a short one.
constexpr uint64_t kMaxTransferBytes = uint64_t{1} << 20;
constexpr size_t kChunkBytes = size_t{64} << 10;
constexpr size_t kMaxSendVectors = 64;
// Connections that went before they were accepted are passed over.
constexpr int kMaxAborted = 64;

Wait WaitForSocket(const Descriptor& socket, bool for_write) {
  Wait wait;
  wait.sockets.push_back({socket.fd.get(), for_write});
  return wait;
}

// One system call. 0 is the end of the stream; nullopt: there is nothing yet.
ErrnoOr<std::optional<size_t>> ReceiveSome(Descriptor& connection,
                                           size_t wanted) {
  std::array<char, kChunkBytes> chunk;
  ssize_t size = 0;
  do {
    size = ::recv(connection.fd.get(), chunk.data(),
                  std::min(wanted, chunk.size()), MSG_DONTWAIT);
  } while (size < 0 && errno == EINTR);
  if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
    return std::optional<size_t>();
  }
  if (size < 0) return FromHostErrno(errno);
  connection.received.append(chunk.data(), static_cast<size_t>(size));
  return std::optional<size_t>(static_cast<size_t>(size));
}

// Fills `received` with up to `wanted` bytes, or all of them. False if there is
// nothing to answer yet.
ErrnoOr<bool> Fill(Descriptor& connection, size_t wanted, bool wants_all) {
  std::string& received = connection.received;
  while (received.size() < wanted && (wants_all || received.empty())) {
    const ErrnoOr<std::optional<size_t>> more =
        ReceiveSome(connection, wanted - received.size());
    // What came before an error, or the end, is answered first.
    if (!more.ok()) {
      if (received.empty()) return more.error();
      break;
    }
    if (!more->has_value()) {
      const bool is_nonblocking = connection.flags & fdflags::kNonblock;
      if (is_nonblocking && received.empty()) return Errno::kAgain;
      return is_nonblocking;
    }
    if (**more == 0) break;
  }
  return true;
}

Errno Deliver(GuestMemory& memory, const std::vector<GuestRange>& ranges,
              std::string_view bytes) {
  for (const GuestRange& range : ranges) {
    const std::string_view part =
        bytes.substr(0, std::min<size_t>(range.size_bytes, bytes.size()));
    RETURN_IF_ERRNO(memory.Write(range.address, AsBytes(part)));
    bytes.remove_prefix(part.size());
  }
  return Errno::kSuccess;
}

}  // namespace

absl::Status ContextImpl::OpenListeners(
    const std::vector<std::string>& addresses) {
  if (addresses.size() > kMaxListeners) {
    return absl::ResourceExhaustedError(StrCat(addresses.size(),
                                               " listeners; at most ",
                                               kMaxListeners, " are possible"));
  }
  for (const std::string& address : addresses) {
    Descriptor descriptor;
    ASSIGN_OR_RETURN(descriptor.fd, ListenAt(address));
    descriptor.kind = Descriptor::Kind::kListener;
    descriptor.address = ListenAddressOf(descriptor.fd);
    descriptor.base = rights::kListener;
    descriptor.inheriting = rights::kConnection;
    CHECK(descriptors_.Add(std::move(descriptor)).ok());
  }
  return absl::OkStatus();
}

ErrnoOr<Descriptor*> ContextImpl::FindSocket(uint32_t fd) {
  ASSIGN_OR_RETURN_ERRNO(Descriptor * descriptor, Find(fd));
  if (!descriptor->is_socket()) return Errno::kNotSock;
  return descriptor;
}

ErrnoOr<Descriptor*> ContextImpl::FindConnection(uint32_t fd, Rights rights) {
  ASSIGN_OR_RETURN_ERRNO(Descriptor * socket, FindSocket(fd));
  if (socket->kind != Descriptor::Kind::kConnection) return Errno::kNotConn;
  if (!socket->has(rights)) return Errno::kNotCapable;
  return socket;
}

ErrnoOr<std::optional<Wait>> ContextImpl::Accept(Caller& caller, uint32_t fd,
                                                 uint32_t flags,
                                                 uint32_t opened_at) {
  ASSIGN_OR_RETURN_ERRNO(Descriptor * listener, FindSocket(fd));
  if (listener->kind != Descriptor::Kind::kListener) return Errno::kInval;
  if (!listener->has(rights::kSockAccept)) return Errno::kNotCapable;
  if (flags & ~fdflags::kNonblock) return Errno::kInval;
  RETURN_IF_ERRNO(caller.memory.Check(opened_at, sizeof(uint32_t)));
  if (descriptors_.is_full()) return Errno::kMfile;
  Descriptor connection;
  for (int i = 0; i < kMaxAborted && !connection.fd.is_open(); ++i) {
    connection.fd = OwnedFd(::accept4(listener->fd.get(), nullptr, nullptr,
                                      SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (connection.fd.is_open()) break;
    if (errno != EINTR && errno != ECONNABORTED) break;
  }
  if (!connection.fd.is_open()) {
    if (errno != EAGAIN && errno != EWOULDBLOCK) return FromHostErrno(errno);
    if (listener->flags & fdflags::kNonblock) return Errno::kAgain;
    return std::optional<Wait>(WaitForSocket(*listener, /*for_write=*/false));
  }
  connection.kind = Descriptor::Kind::kConnection;
  connection.base = listener->inheriting & rights::kConnection;
  connection.flags = flags;
  ASSIGN_OR_RETURN_ERRNO(const uint32_t opened,
                         descriptors_.Add(std::move(connection)));
  RETURN_IF_ERRNO(caller.memory.Store<uint32_t>(opened_at, opened));
  return std::optional<Wait>();
}

ErrnoOr<std::optional<Wait>> ContextImpl::Receive(
    Caller& caller, uint32_t fd, uint32_t vectors_at, uint32_t count,
    uint32_t flags, uint32_t size_at, std::optional<uint32_t> out_flags_at) {
  ASSIGN_OR_RETURN_ERRNO(Descriptor * connection,
                         FindConnection(fd, rights::kFdRead));
  if (flags & ~riflags::kAll) return Errno::kInval;
  RETURN_IF_ERRNO(caller.memory.Check(size_at, sizeof(uint32_t)));
  if (out_flags_at.has_value()) {
    RETURN_IF_ERRNO(caller.memory.Check(*out_flags_at, sizeof(uint16_t)));
  }
  ASSIGN_OR_RETURN_ERRNO(
      const std::vector<GuestRange> ranges,
      caller.memory.Vectors(vectors_at, count, kMaxTransferBytes));
  if (!connection->fd.is_open()) return Errno::kConnReset;
  std::string& received = connection->received;
  const size_t wanted = TotalBytes(ranges);
  ASSIGN_OR_RETURN_ERRNO(
      const bool is_there,
      Fill(*connection, wanted, (flags & riflags::kWaitAll) != 0));
  if (!is_there) {
    return std::optional<Wait>(WaitForSocket(*connection, /*for_write=*/false));
  }
  const size_t size = std::min(wanted, received.size());
  RETURN_IF_ERRNO(Deliver(caller.memory, ranges,
                          std::string_view(received).substr(0, size)));
  if ((flags & riflags::kPeek) == 0) received.erase(0, size);
  if (out_flags_at.has_value()) {
    RETURN_IF_ERRNO(caller.memory.Store<uint16_t>(*out_flags_at, 0));
  }
  RETURN_IF_ERRNO(
      caller.memory.Store<uint32_t>(size_at, static_cast<uint32_t>(size)));
  return std::optional<Wait>();
}

ErrnoOr<std::optional<Wait>> ContextImpl::Send(Caller& caller, uint32_t fd,
                                               uint32_t vectors_at,
                                               uint32_t count, uint32_t flags,
                                               uint32_t size_at) {
  ASSIGN_OR_RETURN_ERRNO(Descriptor * connection,
                         FindConnection(fd, rights::kFdWrite));
  if (flags != 0) return Errno::kInval;  // preview 1 has none
  RETURN_IF_ERRNO(caller.memory.Check(size_at, sizeof(uint32_t)));
  ASSIGN_OR_RETURN_ERRNO(
      std::vector<GuestRange> ranges,
      caller.memory.Vectors(vectors_at, count, kMaxTransferBytes));
  if (!connection->fd.is_open()) return Errno::kConnReset;
  ranges.resize(std::min(ranges.size(), kMaxSendVectors));
  std::array<iovec, kMaxSendVectors> vectors;
  for (size_t i = 0; i < ranges.size(); ++i) {
    ASSIGN_OR_RETURN_ERRNO(
        const ByteSpan bytes,
        caller.memory.Bytes(ranges[i].address, ranges[i].size_bytes));
    vectors[i] = {const_cast<uint8_t*>(bytes.data()), bytes.size()};
  }
  msghdr message = {};
  message.msg_iov = vectors.data();
  message.msg_iovlen = ranges.size();
  ssize_t size = 0;
  // Also of nothing: it tells whether the direction is shut.
  do {
    size =
        ::sendmsg(connection->fd.get(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  } while (size < 0 && errno == EINTR);
  if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
    if (connection->flags & fdflags::kNonblock) return Errno::kAgain;
    return std::optional<Wait>(WaitForSocket(*connection, /*for_write=*/true));
  }
  if (size < 0) return FromHostErrno(errno);
  RETURN_IF_ERRNO(
      caller.memory.Store<uint32_t>(size_at, static_cast<uint32_t>(size)));
  return std::optional<Wait>();
}

Outcome ContextImpl::SockAccept(Caller& caller, uint32_t fd, uint32_t flags,
                                uint32_t opened_at) {
  return ToOutcome(Accept(caller, fd, flags, opened_at));
}

Outcome ContextImpl::SockRecv(Caller& caller, uint32_t fd, uint32_t vectors_at,
                              uint32_t count, uint32_t flags, uint32_t size_at,
                              uint32_t out_flags_at) {
  return ToOutcome(
      Receive(caller, fd, vectors_at, count, flags, size_at, out_flags_at));
}

Outcome ContextImpl::SockSend(Caller& caller, uint32_t fd, uint32_t vectors_at,
                              uint32_t count, uint32_t flags,
                              uint32_t size_at) {
  return ToOutcome(Send(caller, fd, vectors_at, count, flags, size_at));
}

Errno ContextImpl::SockShutdown(Caller& caller, uint32_t fd, uint32_t how) {
  ASSIGN_OR_RETURN_ERRNO(Descriptor * connection,
                         FindConnection(fd, rights::kSockShutdown));
  int host_how = 0;
  switch (how) {
    case sdflags::kRead:
      host_how = SHUT_RD;
      break;
    case sdflags::kWrite:
      host_how = SHUT_WR;
      break;
    case sdflags::kRead | sdflags::kWrite:
      host_how = SHUT_RDWR;
      break;
    default:
      return Errno::kInval;
  }
  if (!connection->fd.is_open()) return Errno::kNotConn;
  return ::shutdown(connection->fd.get(), host_how) == 0 ? Errno::kSuccess
                                                         : FromHostErrno(errno);
}

}  // namespace wasmd::wasi
