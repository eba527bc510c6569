// args_*, environ_*: lists of strings that are fixed when the process starts.

#include "base/str_cat.h"
#include "wasi/context_impl.h"

namespace wasmd::wasi {
namespace {

// They are saved with the process each time.
constexpr size_t kMaxStringBytes = size_t{1} << 20;

uint32_t SizeOf(const std::vector<std::string>& strings) {
  size_t size = 0;
  for (const std::string& text : strings) size += text.size() + 1;
  return static_cast<uint32_t>(size);  // bounded when the context was made
}

Errno StoreSizes(GuestMemory& memory, const std::vector<std::string>& strings,
                 uint32_t count_at, uint32_t size_at) {
  RETURN_IF_ERRNO(memory.Check(size_at, sizeof(uint32_t)));
  RETURN_IF_ERRNO(
      memory.Store<uint32_t>(count_at, static_cast<uint32_t>(strings.size())));
  return memory.Store<uint32_t>(size_at, SizeOf(strings));
}

Errno StoreStrings(GuestMemory& memory, const std::vector<std::string>& strings,
                   uint32_t pointers_at, uint32_t buffer_at) {
  RETURN_IF_ERRNO(memory.Check(pointers_at, strings.size() * sizeof(uint32_t)));
  RETURN_IF_ERRNO(memory.Check(buffer_at, SizeOf(strings)));
  uint32_t at = buffer_at;
  for (size_t i = 0; i < strings.size(); ++i) {
    const std::string& text = strings[i];
    RETURN_IF_ERRNO(memory.Store<uint32_t>(
        pointers_at + static_cast<uint32_t>(i * sizeof(uint32_t)), at));
    RETURN_IF_ERRNO(memory.Write(
        at, AsBytes(std::string_view(text.c_str(), text.size() + 1))));
    at += static_cast<uint32_t>(text.size()) + 1;
  }
  return Errno::kSuccess;
}

}  // namespace

absl::Status CheckStartStrings(const std::vector<std::string>& strings,
                               std::string_view what) {
  size_t total = 0;
  for (const std::string& text : strings) {
    if (text.find('\0') != std::string::npos) {
      return absl::InvalidArgumentError(
          StrCat(what, " contains a NUL character: WASI cannot pass it on"));
    }
    total += text.size() + 1;
  }
  if (total > kMaxStringBytes) {
    return absl::ResourceExhaustedError(
        StrCat(what, "s take ", total, " bytes; at most ", kMaxStringBytes,
               " are possible"));
  }
  return absl::OkStatus();
}

Errno ContextImpl::ArgsGet(Caller& caller, uint32_t argv_at,
                           uint32_t buffer_at) {
  return StoreStrings(caller.memory, arguments_, argv_at, buffer_at);
}

Errno ContextImpl::ArgsSizesGet(Caller& caller, uint32_t count_at,
                                uint32_t size_at) {
  return StoreSizes(caller.memory, arguments_, count_at, size_at);
}

Errno ContextImpl::EnvironGet(Caller& caller, uint32_t environ_at,
                              uint32_t buffer_at) {
  return StoreStrings(caller.memory, environ_, environ_at, buffer_at);
}

Errno ContextImpl::EnvironSizesGet(Caller& caller, uint32_t count_at,
                                   uint32_t size_at) {
  return StoreSizes(caller.memory, environ_, count_at, size_at);
}

}  // namespace wasmd::wasi
