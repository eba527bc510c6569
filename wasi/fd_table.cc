// Functions of the descriptor itself: what it is, may do, is called.

#include <algorithm>

#include "wasi/context_impl.h"

namespace wasmd::wasi {
namespace {

FileType FileTypeOf(const Descriptor& descriptor, uint32_t terminals) {
  switch (descriptor.kind) {
    case Descriptor::Kind::kDirectory:
      return FileType::kDirectory;
    case Descriptor::Kind::kFile:
      return FileType::kRegularFile;
    case Descriptor::Kind::kDevice:
      return FileType::kCharacterDevice;
    case Descriptor::Kind::kListener:
    case Descriptor::Kind::kConnection:
      return FileType::kSocketStream;
    default:
      // A terminal is what a C library finds to be one: a character device
      // that cannot seek.
      return terminals & (1u << static_cast<uint32_t>(descriptor.kind))
                 ? FileType::kCharacterDevice
                 : FileType::kUnknown;
  }
}

}  // namespace

Errno ContextImpl::FdClose(Caller& caller, uint32_t fd) {
  return descriptors_.Close(fd);
}

Errno ContextImpl::FdRenumber(Caller& caller, uint32_t from, uint32_t to) {
  return descriptors_.Renumber(from, to);
}

Errno ContextImpl::FdFdstatGet(Caller& caller, uint32_t fd,
                               uint32_t fdstat_at) {
  ASSIGN_OR_RETURN_ERRNO(const Descriptor* descriptor, Find(fd));
  ASSIGN_OR_RETURN_ERRNO(
      const MutableByteSpan bytes,
      caller.memory.MutableBytes(fdstat_at, fdstat::kSizeBytes));
  std::fill(bytes.begin(), bytes.end(), uint8_t{0});
  uint8_t* at = bytes.data();
  at[fdstat::kFileType] =
      static_cast<uint8_t>(FileTypeOf(*descriptor, terminals_));
  StoreLittle<uint16_t>(at + fdstat::kFlags,
                        static_cast<uint16_t>(descriptor->flags));
  StoreLittle<uint64_t>(at + fdstat::kRightsBase, descriptor->base);
  StoreLittle<uint64_t>(at + fdstat::kRightsInheriting, descriptor->inheriting);
  return Errno::kSuccess;
}

// The flags are ours alone: the host file is open the same way with any.
Errno ContextImpl::FdFdstatSetFlags(Caller& caller, uint32_t fd,
                                    uint32_t flags) {
  ASSIGN_OR_RETURN_ERRNO(Descriptor * descriptor, Find(fd));
  if (!descriptor->has(rights::kFdFdstatSetFlags)) return Errno::kNotCapable;
  if (flags & ~fdflags::kAll) return Errno::kInval;
  descriptor->flags = flags;
  return Errno::kSuccess;
}

Errno ContextImpl::FdFdstatSetRights(Caller& caller, uint32_t fd, uint64_t base,
                                     uint64_t inheriting) {
  ASSIGN_OR_RETURN_ERRNO(Descriptor * descriptor, Find(fd));
  if ((base & ~descriptor->base) || (inheriting & ~descriptor->inheriting)) {
    return Errno::kNotCapable;
  }
  descriptor->base = base;
  descriptor->inheriting = inheriting;
  return Errno::kSuccess;
}

// kBadf is what C libraries look for to end the list of preopens.
Errno ContextImpl::FdPrestatGet(Caller& caller, uint32_t fd,
                                uint32_t prestat_at) {
  const Descriptor* descriptor = descriptors_.Find(fd);
  if (descriptor == nullptr || !descriptor->is_preopen) return Errno::kBadf;
  ASSIGN_OR_RETURN_ERRNO(
      const MutableByteSpan bytes,
      caller.memory.MutableBytes(prestat_at, prestat::kSizeBytes));
  std::fill(bytes.begin(), bytes.end(), uint8_t{0});
  bytes[prestat::kType] = kPreopenDirectory;
  StoreLittle<uint32_t>(
      bytes.data() + prestat::kNameLength,
      static_cast<uint32_t>(roots_[descriptor->root].guest_path.size()));
  return Errno::kSuccess;
}

Errno ContextImpl::FdPrestatDirName(Caller& caller, uint32_t fd,
                                    uint32_t path_at, uint32_t path_size) {
  const Descriptor* descriptor = descriptors_.Find(fd);
  if (descriptor == nullptr || !descriptor->is_preopen) return Errno::kBadf;
  const std::string& name = roots_[descriptor->root].guest_path;
  if (path_size < name.size()) return Errno::kNameTooLong;
  return caller.memory.Write(path_at, AsBytes(name));
}

}  // namespace wasmd::wasi
