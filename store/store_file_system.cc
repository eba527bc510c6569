#include "store/store_file_system.h"

#include <rocksdb/file_system.h>

#include <optional>
#include <string>
#include <utility>

#include "store/wal_audit.h"

namespace wasmd {
namespace {

std::string_view NameOf(std::string_view path) {
  const size_t slash = path.rfind('/');
  if (slash != std::string_view::npos) path.remove_prefix(slash + 1);
  return path;
}

class StoreFileSystem : public rocksdb::FileSystemWrapper {
 public:
  StoreFileSystem(const std::shared_ptr<FileSystem>& base,
                  std::shared_ptr<std::atomic<uint64_t>> newest_wal)
      : FileSystemWrapper(base), newest_wal_(std::move(newest_wal)) {}

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
    return FileSystemWrapper::NewWritableFile(path, options, file, debug);
  }

 private:
  const std::shared_ptr<std::atomic<uint64_t>> newest_wal_;
};

}  // namespace

std::unique_ptr<rocksdb::Env> MakeStoreEnv(
    rocksdb::Env* base, std::shared_ptr<std::atomic<uint64_t>> newest_wal) {
  return rocksdb::NewCompositeEnv(std::make_shared<StoreFileSystem>(
      base->GetFileSystem(), std::move(newest_wal)));
}

}  // namespace wasmd
