// random_get.

#include "wasi/context_impl.h"

namespace wasmd::wasi {
namespace {

// More takes seconds, in which the process could not be stopped.
constexpr uint32_t kMaxRandomBytes = 256u << 20;

}  // namespace

Errno ContextImpl::RandomGet(Caller& caller, uint32_t buffer_at,
                             uint32_t buffer_size) {
  RETURN_IF_ERRNO(caller.memory.Check(buffer_at, buffer_size));
  if (buffer_size > kMaxRandomBytes) return Errno::kInval;
  ASSIGN_OR_RETURN_ERRNO(const MutableByteSpan bytes,
                         caller.memory.MutableBytes(buffer_at, buffer_size));
  environment_->Random(bytes);
  return Errno::kSuccess;
}

}  // namespace wasmd::wasi
