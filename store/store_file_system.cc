#include "store/store_file_system.h"

#include <rocksdb/file_system.h>

#include <optional>
#include <string>
#include <utility>

#include "store/manifest_note.h"
#include "store/wal_audit.h"

namespace wasmd {
namespace {

std::string_view NameOf(std::string_view path) {
  const size_t slash = path.rfind('/');
  if (slash != std::string_view::npos) path.remove_prefix(slash + 1);
  return path;
}

// A list of files that is written: says in a note how much of it is on disk.
class ManifestFile : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  ManifestFile(std::unique_ptr<rocksdb::FSWritableFile> file, uint64_t number,
               rocksdb::Env* env, std::string directory)
      : FSWritableFileOwnerWrapper(std::move(file)),
        number_(number),
        note_(env, std::move(directory)) {}

  rocksdb::IOStatus Append(const rocksdb::Slice& data,
                           const rocksdb::IOOptions& options,
                           rocksdb::IODebugContext* debug) override {
    if (rocksdb::IOStatus noted = Note(); !noted.ok()) return noted;
    size_bytes_ += data.size();
    return target()->Append(data, options, debug);
  }
  rocksdb::IOStatus Append(const rocksdb::Slice& data,
                           const rocksdb::IOOptions& options,
                           const rocksdb::DataVerificationInfo& verification,
                           rocksdb::IODebugContext* debug) override {
    if (rocksdb::IOStatus noted = Note(); !noted.ok()) return noted;
    size_bytes_ += data.size();
    return target()->Append(data, options, verification, debug);
  }
  rocksdb::IOStatus Sync(const rocksdb::IOOptions& options,
                         rocksdb::IODebugContext* debug) override {
    return Synced(target()->Sync(options, debug));
  }
  rocksdb::IOStatus Fsync(const rocksdb::IOOptions& options,
                          rocksdb::IODebugContext* debug) override {
    return Synced(target()->Fsync(options, debug));
  }

 private:
  rocksdb::IOStatus Synced(rocksdb::IOStatus synced) {
    if (!synced.ok()) return synced;
    const bool is_beginning = synced_bytes_ == 0;
    synced_bytes_ = size_bytes_;
    // Most lists never get more than what they are begun with.
    return is_beginning ? synced : Note();
  }

  // Notes what is synced, if anything is.
  rocksdb::IOStatus Note() {
    if (noted_bytes_ == synced_bytes_) return rocksdb::IOStatus::OK();
    rocksdb::Status noted =
        note_.Write({.manifest = number_, .bytes = synced_bytes_});
    if (noted.ok()) noted_bytes_ = synced_bytes_;
    return rocksdb::status_to_io_status(std::move(noted));
  }

  const uint64_t number_;
  ManifestNote note_;
  uint64_t size_bytes_ = 0;
  uint64_t synced_bytes_ = 0;
  uint64_t noted_bytes_ = 0;
};

class StoreFileSystem : public rocksdb::FileSystemWrapper {
 public:
  StoreFileSystem(rocksdb::Env* base,
                  std::shared_ptr<std::atomic<uint64_t>> newest_wal)
      : FileSystemWrapper(base->GetFileSystem()),
        base_(base),
        newest_wal_(std::move(newest_wal)) {}

  const char* Name() const override { return "wasmd store"; }

  rocksdb::IOStatus NewWritableFile(
      const std::string& path, const rocksdb::FileOptions& options,
      std::unique_ptr<rocksdb::FSWritableFile>* file,
      rocksdb::IODebugContext* debug) override {
    const std::string_view name = NameOf(path);
    if (name.starts_with("OPTIONS-")) {
      return rocksdb::IOStatus::NotSupported(std::string(kNoOptionsFile));
    }
    // Before it is written to.
    if (const std::optional<uint64_t> wal = WalNumber(name)) {
      *newest_wal_ = *wal;
    }
    rocksdb::IOStatus made =
        FileSystemWrapper::NewWritableFile(path, options, file, debug);
    if (const std::optional<uint64_t> manifest = ManifestNumber(name);
        manifest.has_value() && made.ok()) {
      *file = std::make_unique<ManifestFile>(
          std::move(*file), *manifest, base_,
          path.substr(0, path.size() - name.size()));
    }
    return made;
  }

 private:
  rocksdb::Env* const base_;
  const std::shared_ptr<std::atomic<uint64_t>> newest_wal_;
};

}  // namespace

std::unique_ptr<rocksdb::Env> MakeStoreEnv(
    rocksdb::Env* base, std::shared_ptr<std::atomic<uint64_t>> newest_wal) {
  return rocksdb::NewCompositeEnv(
      std::make_shared<StoreFileSystem>(base, std::move(newest_wal)));
}

}  // namespace wasmd
