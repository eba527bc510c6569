#include "store/manifest_audit.h"

#include <rocksdb/file_system.h>

#include <algorithm>
#include <utility>

#include "base/status_macros.h"
#include "base/str_cat.h"
#include "store/manifest_note.h"
#include "store/rocks_log.h"
#include "store/store_directory.h"

namespace wasmd {
namespace {

// A file that ends before it does.
class ShortenedFile : public rocksdb::FSSequentialFileOwnerWrapper {
 public:
  ShortenedFile(std::unique_ptr<rocksdb::FSSequentialFile> file, uint64_t size)
      : FSSequentialFileOwnerWrapper(std::move(file)), left_(size) {}

  rocksdb::IOStatus Read(size_t size, const rocksdb::IOOptions& options,
                         rocksdb::Slice* result, char* scratch,
                         rocksdb::IODebugContext* debug) override {
    const rocksdb::IOStatus read =
        target()->Read(static_cast<size_t>(std::min<uint64_t>(size, left_)),
                       options, result, scratch, debug);
    if (read.ok()) left_ -= result->size();
    return read;
  }
  rocksdb::IOStatus Skip(uint64_t size) override {
    size = std::min(size, left_);
    left_ -= size;
    return target()->Skip(size);
  }

 private:
  uint64_t left_;
};

class ShorteningFileSystem : public rocksdb::FileSystemWrapper {
 public:
  ShorteningFileSystem(const std::shared_ptr<FileSystem>& base,
                       std::string name, uint64_t size)
      : FileSystemWrapper(base), name_(std::move(name)), size_(size) {}

  const char* Name() const override { return "wasmd store without torn end"; }

  rocksdb::IOStatus NewSequentialFile(
      const std::string& path, const rocksdb::FileOptions& options,
      std::unique_ptr<rocksdb::FSSequentialFile>* result,
      rocksdb::IODebugContext* debug) override {
    const rocksdb::IOStatus opened =
        target()->NewSequentialFile(path, options, result, debug);
    if (opened.ok() && path.ends_with(name_)) {
      *result = std::make_unique<ShortenedFile>(std::move(*result), size_);
    }
    return opened;
  }

 private:
  const std::string name_;
  const uint64_t size_;
};

}  // namespace

absl::StatusOr<ManifestVerdict> AuditManifest(rocksdb::Env* env,
                                              const std::string& directory) {
  // Before the list, which the owner may be writing.
  const ManifestNote::Promise note = ManifestNote::Read(env, directory);
  std::string name;
  if (!rocksdb::ReadFileToString(env, directory + "/CURRENT", &name).ok()) {
    return ManifestVerdict();
  }
  while (!name.empty() && name.back() == '\n') name.pop_back();
  if (note.manifest == 0 || ManifestNumber(name) != note.manifest) {
    return ManifestVerdict();
  }
  ManifestVerdict verdict{.path = StrCat(directory, "/", name),
                          .promised_bytes = note.bytes};
  // The owner may have gone on to another.
  if (env->FileExists(verdict.path).IsNotFound()) return ManifestVerdict();
  ASSIGN_OR_RETURN(
      const LogFileSize size,
      ReadLogFile(env, verdict.path, [](const LogRecord&) { return true; }));
  verdict.sound_bytes = size.sound_bytes;
  verdict.size_bytes = size.size_bytes;
  return verdict;
}

absl::Status LostFiles(const std::string& directory,
                       const ManifestVerdict& verdict) {
  return absl::DataLossError(
      StrCat("store ", directory, " has lost a part of its list of files, ",
             verdict.path, " is damaged at byte ", verdict.sound_bytes,
             ": restore it from a backup"));
}

absl::Status RepairManifest(rocksdb::Env* env, const std::string& directory,
                            bool accept_loss) {
  ASSIGN_OR_RETURN(ManifestVerdict verdict, AuditManifest(env, directory));
  if (verdict.has_torn_end()) {
    // Or its owner is writing it just now.
    ASSIGN_OR_RETURN(const StoreLock lock, StoreLock::Acquire(env, directory));
    ASSIGN_OR_RETURN(verdict, AuditManifest(env, directory));
    if (verdict.has_torn_end()) {
      return CutLogFile(env, verdict.path, verdict.promised_bytes);
    }
  }
  if (verdict.has_loss() && !accept_loss) return LostFiles(directory, verdict);
  return absl::OkStatus();
}

std::unique_ptr<rocksdb::Env> WithoutTornEnd(rocksdb::Env* base,
                                             const ManifestVerdict& verdict) {
  return rocksdb::NewCompositeEnv(std::make_shared<ShorteningFileSystem>(
      base->GetFileSystem(), verdict.path.substr(verdict.path.rfind('/')),
      verdict.promised_bytes));
}

}  // namespace wasmd
