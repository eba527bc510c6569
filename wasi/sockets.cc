// sock_*: no descriptor is ever a socket, since preview 1 cannot make one and
// none is handed in.

#include "wasi/context_impl.h"

namespace wasmd::wasi {

Errno ContextImpl::SockAccept(Caller& caller, uint32_t fd, uint32_t flags,
                              uint32_t opened_at) {
  return SockShutdown(caller, fd, 0);
}

Errno ContextImpl::SockRecv(Caller& caller, uint32_t fd, uint32_t vectors_at,
                            uint32_t count, uint32_t flags, uint32_t size_at,
                            uint32_t out_flags_at) {
  return SockShutdown(caller, fd, 0);
}

Errno ContextImpl::SockSend(Caller& caller, uint32_t fd, uint32_t vectors_at,
                            uint32_t count, uint32_t flags, uint32_t size_at) {
  return SockShutdown(caller, fd, 0);
}

Errno ContextImpl::SockShutdown(Caller& caller, uint32_t fd, uint32_t how) {
  return descriptors_.Find(fd) == nullptr ? Errno::kBadf : Errno::kNotSock;
}

}  // namespace wasmd::wasi
