#include "store/manifest_note.h"

#include <rocksdb/env.h>

#include <utility>

#include "base/whole_number.h"
#include "store/note_file.h"

namespace wasmd {
namespace {

constexpr NoteFile kFile("LISTED");

std::string Encode(const ManifestNote::Promise& promise) {
  return kFile.Encode({promise.manifest, promise.bytes});
}

}  // namespace

std::optional<uint64_t> ManifestNumber(std::string_view name) {
  constexpr std::string_view kBeginning = "MANIFEST-";
  if (!name.starts_with(kBeginning)) return std::nullopt;
  name.remove_prefix(kBeginning.size());
  return ParseWholeNumber(name);
}

ManifestNote::Promise ManifestNote::Read(rocksdb::Env* env,
                                         const std::string& directory) {
  const auto [manifest, bytes] = kFile.Read(env, directory);
  return {.manifest = manifest, .bytes = bytes};
}

ManifestNote::ManifestNote(rocksdb::Env* env, std::string directory)
    : env_(env), directory_(std::move(directory)) {}

ManifestNote::~ManifestNote() {
  if (file_ != nullptr) (void)file_->Close();
}

rocksdb::Status ManifestNote::OpenFile() {
  const std::string path = kFile.PathIn(directory_);
  rocksdb::Status status = env_->FileExists(path);
  if (status.IsNotFound()) {
    status = rocksdb::WriteStringToFile(env_, Encode({}), path,
                                        /*should_sync=*/true);
    std::unique_ptr<rocksdb::Directory> entries;
    if (status.ok()) status = env_->NewDirectory(directory_, &entries);
    if (status.ok()) status = entries->Fsync();
  }
  if (!status.ok()) return status;
  return env_->NewRandomRWFile(path, &file_, rocksdb::EnvOptions());
}

rocksdb::Status ManifestNote::Write(const Promise& promise) {
  rocksdb::Status status;
  if (file_ == nullptr) status = OpenFile();
  if (status.ok()) status = file_->Write(0, Encode(promise));
  if (status.ok()) status = file_->Sync();
  return status;
}

}  // namespace wasmd
