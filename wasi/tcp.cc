#include "wasi/tcp.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>
#include <system_error>

#include "base/status_macros.h"
#include "base/str_cat.h"

namespace wasmd::wasi {
namespace {

constexpr int kBacklog = 128;

struct HostAddress {
  sockaddr_storage bytes = {};
  socklen_t size = 0;
};

std::optional<uint16_t> ParsePort(std::string_view text) {
  uint16_t port = 0;
  const char* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, port);
  if (error != std::errc() || rest != end) return std::nullopt;
  return port;
}

absl::StatusOr<HostAddress> Parse(const std::string& address) {
  const absl::Status wrong = absl::InvalidArgumentError(
      StrCat("an address to listen at is 127.0.0.1:8080 or [::1]:8080, not '",
             address, "'"));
  const size_t colon = address.rfind(':');
  if (colon == std::string::npos) return wrong;
  const auto port = ParsePort(std::string_view(address).substr(colon + 1));
  if (!port.has_value()) return wrong;
  std::string host = address.substr(0, colon);
  HostAddress parsed;
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
    sockaddr_in6 v6 = {};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(*port);
    if (::inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr) != 1) return wrong;
    std::memcpy(&parsed.bytes, &v6, sizeof v6);
    parsed.size = sizeof v6;
    return parsed;
  }
  sockaddr_in v4 = {};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(*port);
  if (::inet_pton(AF_INET, host.c_str(), &v4.sin_addr) != 1) return wrong;
  std::memcpy(&parsed.bytes, &v4, sizeof v4);
  parsed.size = sizeof v4;
  return parsed;
}

absl::Status ListenError(const std::string& address, int error) {
  const std::string message = StrCat("cannot listen at ", address, ": ",
                                     std::string_view(std::strerror(error)));
  switch (error) {
    case EADDRINUSE:
      return absl::AlreadyExistsError(message);
    case EADDRNOTAVAIL:
      return absl::NotFoundError(message);
    case EACCES:
    case EPERM:
      return absl::PermissionDeniedError(message);
    default:
      return absl::FailedPreconditionError(message);
  }
}

}  // namespace

absl::Status CheckTcpAddress(const std::string& address) {
  return Parse(address).status();
}

absl::StatusOr<OwnedFd> ListenAt(const std::string& address) {
  ASSIGN_OR_RETURN(const HostAddress parsed, Parse(address));
  OwnedFd listener(::socket(parsed.bytes.ss_family,
                            SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  // Connections of a process that was killed are still waited for by the
  // kernel, and must not be in the way of its resume.
  const int yes = 1;
  if (!listener.is_open() ||
      ::setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &yes,
                   sizeof yes) != 0 ||
      ::bind(listener.get(), reinterpret_cast<const sockaddr*>(&parsed.bytes),
             parsed.size) != 0 ||
      ::listen(listener.get(), kBacklog) != 0) {
    return ListenError(address, errno);
  }
  return listener;
}

std::string ListenAddressOf(const OwnedFd& listener) {
  sockaddr_storage bytes = {};
  socklen_t size = sizeof bytes;
  if (::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&bytes),
                    &size) != 0) {
    return "";
  }
  char host[INET6_ADDRSTRLEN] = {};
  if (bytes.ss_family == AF_INET6) {
    sockaddr_in6 v6;
    std::memcpy(&v6, &bytes, sizeof v6);
    ::inet_ntop(AF_INET6, &v6.sin6_addr, host, sizeof host);
    return StrCat("[", std::string_view(host), "]:", ntohs(v6.sin6_port));
  }
  sockaddr_in v4;
  std::memcpy(&v4, &bytes, sizeof v4);
  ::inet_ntop(AF_INET, &v4.sin_addr, host, sizeof host);
  return StrCat(std::string_view(host), ":", ntohs(v4.sin_port));
}

}  // namespace wasmd::wasi
