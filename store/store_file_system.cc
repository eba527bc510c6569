#include "store/store_file_system.h"

#include <rocksdb/file_system.h>

#include <string>

namespace wasmd {
namespace {

bool IsOptionsFile(std::string_view path) {
  const size_t slash = path.rfind('/');
  if (slash != std::string_view::npos) path.remove_prefix(slash + 1);
  return path.starts_with("OPTIONS-");
}

class StoreFileSystem : public rocksdb::FileSystemWrapper {
 public:
  using FileSystemWrapper::FileSystemWrapper;

  const char* Name() const override { return "wasmd store"; }

  rocksdb::IOStatus NewWritableFile(
      const std::string& path, const rocksdb::FileOptions& options,
      std::unique_ptr<rocksdb::FSWritableFile>* file,
      rocksdb::IODebugContext* debug) override {
    if (IsOptionsFile(path)) {
      return rocksdb::IOStatus::NotSupported(std::string(kNoOptionsFile));
    }
    return FileSystemWrapper::NewWritableFile(path, options, file, debug);
  }
};

}  // namespace

std::unique_ptr<rocksdb::Env> MakeStoreEnv(rocksdb::Env* base) {
  return rocksdb::NewCompositeEnv(
      std::make_shared<StoreFileSystem>(base->GetFileSystem()));
}

}  // namespace wasmd
