#include "store/testing/fault_file_system.h"

#include <filesystem>
#include <system_error>

namespace wasmd::testing {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

namespace {

std::string WithoutSlashAtEnd(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

uint64_t SizeOf(const std::string& path) {
  std::error_code absent;
  const uint64_t size = std::filesystem::file_size(path, absent);
  return absent ? 0 : size;
}

}  // namespace

IOStatus FaultFileSystem::NewWritableFile(
    const std::string& path, const FileOptions& options,
    std::unique_ptr<rocksdb::FSWritableFile>* result, IODebugContext* debug) {
  IOStatus status = disk_.plan.Begin(FileOperation::kCreate, path);
  if (!status.ok()) return status;
  disk_.plan.GiveRoom(SizeOf(path));
  disk_.changes.Create(path);
  std::unique_ptr<rocksdb::FSWritableFile> file;
  status = target()->NewWritableFile(path, options, &file, debug);
  if (!status.ok()) return status;
  *result = std::make_unique<FaultWritableFile>(&disk_, path, std::move(file));
  return status;
}

IOStatus FaultFileSystem::ReopenWritableFile(
    const std::string& path, const FileOptions& options,
    std::unique_ptr<rocksdb::FSWritableFile>* result, IODebugContext* debug) {
  IOStatus status = disk_.plan.Begin(FileOperation::kCreate, path);
  if (!status.ok()) return status;
  if (!std::filesystem::exists(path)) disk_.changes.Create(path);
  std::unique_ptr<rocksdb::FSWritableFile> file;
  status = target()->ReopenWritableFile(path, options, &file, debug);
  if (!status.ok()) return status;
  *result = std::make_unique<FaultWritableFile>(&disk_, path, std::move(file));
  return status;
}

IOStatus FaultFileSystem::NewRandomAccessFile(
    const std::string& path, const FileOptions& options,
    std::unique_ptr<rocksdb::FSRandomAccessFile>* result,
    IODebugContext* debug) {
  std::unique_ptr<rocksdb::FSRandomAccessFile> file;
  IOStatus status = target()->NewRandomAccessFile(path, options, &file, debug);
  if (status.ok()) {
    *result =
        std::make_unique<FaultRandomAccessFile>(&disk_, path, std::move(file));
  }
  return status;
}

IOStatus FaultFileSystem::NewRandomRWFile(
    const std::string& path, const FileOptions& options,
    std::unique_ptr<rocksdb::FSRandomRWFile>* result, IODebugContext* debug) {
  std::unique_ptr<rocksdb::FSRandomRWFile> file;
  IOStatus status = target()->NewRandomRWFile(path, options, &file, debug);
  if (!status.ok()) return status;
  *result = std::make_unique<FaultRandomRWFile>(&disk_, path, std::move(file));
  return status;
}

IOStatus FaultFileSystem::NewDirectory(
    const std::string& path, const IOOptions& options,
    std::unique_ptr<rocksdb::FSDirectory>* result, IODebugContext* debug) {
  std::unique_ptr<rocksdb::FSDirectory> directory;
  IOStatus status = target()->NewDirectory(path, options, &directory, debug);
  if (status.ok()) {
    *result = std::make_unique<FaultDirectory>(&disk_, WithoutSlashAtEnd(path),
                                               std::move(directory));
  }
  return status;
}

IOStatus FaultFileSystem::GetChildren(const std::string& directory,
                                      const IOOptions& options,
                                      std::vector<std::string>* names,
                                      IODebugContext* debug) {
  IOStatus status = target()->GetChildren(directory, options, names, debug);
  std::erase_if(*names, UnsyncedChanges::IsHidden);
  return status;
}

IOStatus FaultFileSystem::DeleteFile(const std::string& path,
                                     const IOOptions& options,
                                     IODebugContext* debug) {
  IOStatus status = disk_.plan.Begin(FileOperation::kDelete, path);
  if (!status.ok()) return status;
  if (!std::filesystem::exists(path)) {
    return target()->DeleteFile(path, options, debug);
  }
  disk_.plan.GiveRoom(SizeOf(path));
  disk_.changes.Delete(path);
  return status;
}

IOStatus FaultFileSystem::Truncate(const std::string& path, size_t size,
                                   const IOOptions& options,
                                   IODebugContext* debug) {
  IOStatus status = disk_.plan.Begin(FileOperation::kTruncate, path);
  if (!status.ok()) return status;
  disk_.changes.Truncated(disk_.changes.Find(path).get(), size);
  return target()->Truncate(path, size, options, debug);
}

IOStatus FaultFileSystem::CreateDir(const std::string& path,
                                    const IOOptions& options,
                                    IODebugContext* debug) {
  IOStatus status = disk_.plan.Begin(FileOperation::kCreate, path);
  if (!status.ok()) return status;
  status = target()->CreateDir(path, options, debug);
  if (status.ok()) disk_.changes.CreateDirectory(WithoutSlashAtEnd(path));
  return status;
}

IOStatus FaultFileSystem::CreateDirIfMissing(const std::string& path,
                                             const IOOptions& options,
                                             IODebugContext* debug) {
  if (std::filesystem::exists(path)) {
    return target()->CreateDirIfMissing(path, options, debug);
  }
  return CreateDir(path, options, debug);
}

IOStatus FaultFileSystem::RenameFile(const std::string& from,
                                     const std::string& to,
                                     const IOOptions& options,
                                     IODebugContext* debug) {
  IOStatus status = disk_.plan.Begin(FileOperation::kRename, to);
  if (!status.ok()) return status;
  if (!std::filesystem::exists(from)) {
    return target()->RenameFile(from, to, options, debug);
  }
  disk_.plan.GiveRoom(SizeOf(to));
  disk_.changes.Rename(from, to);
  return status;
}

}  // namespace wasmd::testing
