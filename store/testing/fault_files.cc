#include "store/testing/fault_files.h"

#include <filesystem>

namespace wasmd::testing {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

IOStatus FaultWritableFile::Append(const Slice& data, const IOOptions& options,
                                   IODebugContext* debug) {
  IOStatus begun = disk_->plan.Begin(FileOperation::kAppend, path_);
  size_t size = data.size();
  if (!begun.ok()) {
    if (disk_->plan.power_is_cut()) return begun;
    size = disk_->plan.RandomBelow(size);
  }
  const size_t room = disk_->plan.TakeRoom(size);
  if (room < size) {
    begun = IOStatus::NoSpace("no room left", path_);
    size = room;
  }
  const IOStatus written =
      target()->Append(Slice(data.data(), size), options, debug);
  if (written.ok()) disk_->changes.Appended(file_.get(), size);
  return begun.ok() ? written : begun;
}

IOStatus FaultWritableFile::Truncate(uint64_t size, const IOOptions& options,
                                     IODebugContext* debug) {
  IOStatus begun = disk_->plan.Begin(FileOperation::kTruncate, path_);
  if (!begun.ok()) return begun;
  const uint64_t before = std::filesystem::file_size(path_);
  if (size < before) disk_->plan.GiveRoom(before - size);
  disk_->changes.Truncated(file_.get(), size);
  return target()->Truncate(size, options, debug);
}

IOStatus FaultWritableFile::Sync(const IOOptions&, IODebugContext*) {
  IOStatus begun = disk_->plan.Begin(FileOperation::kSync, path_);
  if (begun.ok()) disk_->changes.Synced(file_.get());
  return begun;
}

IOStatus FaultRandomRWFile::Write(uint64_t offset, const Slice& data,
                                  const IOOptions& options,
                                  IODebugContext* debug) {
  IOStatus begun = disk_->plan.Begin(FileOperation::kOverwrite, path_);
  if (!begun.ok()) return begun;
  disk_->changes.Overwriting(path_);
  return target()->Write(offset, data, options, debug);
}

IOStatus FaultRandomRWFile::Sync(const IOOptions&, IODebugContext*) {
  IOStatus begun = disk_->plan.Begin(FileOperation::kSync, path_);
  if (begun.ok()) disk_->changes.SyncedOverwrites(path_);
  return begun;
}

IOStatus FaultRandomAccessFile::Read(uint64_t offset, size_t size,
                                     const IOOptions& options, Slice* result,
                                     char* scratch,
                                     IODebugContext* debug) const {
  IOStatus begun = disk_->plan.Begin(FileOperation::kRead, path_);
  if (!begun.ok()) return begun;
  return target()->Read(offset, size, options, result, scratch, debug);
}

IOStatus FaultRandomAccessFile::MultiRead(rocksdb::FSReadRequest* requests,
                                          size_t count,
                                          const IOOptions& options,
                                          IODebugContext* debug) {
  for (size_t i = 0; i < count; ++i) {
    rocksdb::FSReadRequest& request = requests[i];
    request.status = Read(request.offset, request.len, options, &request.result,
                          request.scratch, debug);
  }
  return IOStatus::OK();
}

IOStatus FaultDirectory::Fsync(const IOOptions&, IODebugContext*) {
  IOStatus begun = disk_->plan.Begin(FileOperation::kSyncDirectory, path_);
  if (begun.ok()) disk_->changes.SyncedDirectory(path_);
  return begun;
}

}  // namespace wasmd::testing
