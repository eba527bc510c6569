// fd_readdir.

#include <algorithm>
#include <array>

#include "wasi/context_impl.h"

namespace wasmd::wasi {
namespace {

std::array<uint8_t, dirent::kSizeBytes> ToRecord(
    const DirectoryListing::Entry& entry) {
  std::array<uint8_t, dirent::kSizeBytes> record = {};
  StoreLittle<uint64_t>(&record[dirent::kNext], entry.next_cookie());
  StoreLittle<uint64_t>(&record[dirent::kInode], entry.inode);
  StoreLittle<uint32_t>(&record[dirent::kNameLength],
                        static_cast<uint32_t>(entry.name.size()));
  record[dirent::kFileType] = static_cast<uint8_t>(entry.type);
  return record;
}

// The part of `bytes` for which there is room.
ByteSpan Fit(ByteSpan bytes, uint32_t room) {
  return bytes.first(std::min<size_t>(bytes.size(), room));
}

}  // namespace

// Listings are kept only to save time; those of all descriptors together have
// no more entries than one may have.
void ContextImpl::MakeRoomForListing(size_t entry_count) {
  size_t kept = 0;
  for (uint32_t fd = 0; fd < descriptors_.end(); ++fd) {
    const Descriptor* other = descriptors_.Find(fd);
    if (other != nullptr && other->listing) kept += other->listing->size();
  }
  if (kept + entry_count <= DirectoryListing::kMaxEntries) return;
  for (uint32_t fd = 0; fd < descriptors_.end(); ++fd) {
    Descriptor* other = descriptors_.Find(fd);
    if (other != nullptr) other->listing.reset();
  }
}

Errno ContextImpl::FdReaddir(Caller& caller, uint32_t fd, uint32_t buffer_at,
                             uint32_t buffer_size, uint64_t cookie,
                             uint32_t used_at) {
  ASSIGN_OR_RETURN_ERRNO(Descriptor * directory,
                         FindDirectory(fd, rights::kFdReaddir));
  RETURN_IF_ERRNO(caller.memory.Check(used_at, sizeof(uint32_t)));
  RETURN_IF_ERRNO(caller.memory.Check(buffer_at, buffer_size));
  // Reading from the start sees what is there now.
  if (cookie == 0 || !directory->listing.has_value()) {
    directory->listing.reset();
    ASSIGN_OR_RETURN_ERRNO(DirectoryListing listing,
                           DirectoryListing::Read(directory->fd.get()));
    MakeRoomForListing(listing.size());
    directory->listing = std::move(listing);
  }
  // The last entry is cut where the buffer ends: a full buffer says that there
  // may be more.
  uint32_t used = 0;
  for (const DirectoryListing::Entry& entry :
       directory->listing->From(cookie)) {
    if (used == buffer_size) break;
    const auto record = ToRecord(entry);
    for (const ByteSpan part : {ByteSpan(record), AsBytes(entry.name)}) {
      const ByteSpan fits = Fit(part, buffer_size - used);
      RETURN_IF_ERRNO(caller.memory.Write(buffer_at + used, fits));
      used += static_cast<uint32_t>(fits.size());
    }
  }
  // Not kept longer than it is of use.
  if (used < buffer_size) directory->listing.reset();
  return caller.memory.Store<uint32_t>(used_at, used);
}

}  // namespace wasmd::wasi
