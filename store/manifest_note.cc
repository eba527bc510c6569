#include "store/manifest_note.h"

#include <rocksdb/env.h>

#include <array>
#include <charconv>
#include <utility>

#include "base/bytes.h"
#include "base/str_cat.h"
#include "store/value.h"

namespace wasmd {
namespace {

// Persisted: what the note is sealed under.
constexpr std::string_view kPlace = "LISTED";
constexpr size_t kPayloadBytes = 16;

std::string PathOf(const std::string& directory) {
  return StrCat(directory, "/", kPlace);
}

std::string Encode(const ManifestNote::Promise& promise) {
  std::array<uint8_t, kPayloadBytes> payload;
  StoreLittle(payload.data(), promise.manifest);
  StoreLittle(payload.data() + 8, promise.bytes);
  return SealSmall(kPlace, payload);
}

}  // namespace

std::optional<uint64_t> ManifestNumber(std::string_view name) {
  constexpr std::string_view kBeginning = "MANIFEST-";
  if (!name.starts_with(kBeginning)) return std::nullopt;
  name.remove_prefix(kBeginning.size());
  uint64_t number = 0;
  const char* const end = name.data() + name.size();
  const auto [parsed, error] = std::from_chars(name.data(), end, number);
  if (error != std::errc() || parsed != end) return std::nullopt;
  return number;
}

ManifestNote::Promise ManifestNote::Read(rocksdb::Env* env,
                                         const std::string& directory) {
  std::string contents;
  std::string buffer;
  if (!rocksdb::ReadFileToString(env, PathOf(directory), &contents).ok()) {
    return {};
  }
  const auto payload = Unseal(kPlace, contents, kPayloadBytes, &buffer);
  if (!payload.ok() || payload->size() != kPayloadBytes) return {};
  return {.manifest = LoadLittle<uint64_t>(payload->data()),
          .bytes = LoadLittle<uint64_t>(payload->data() + 8)};
}

ManifestNote::ManifestNote(rocksdb::Env* env, std::string directory)
    : env_(env), directory_(std::move(directory)) {}

ManifestNote::~ManifestNote() {
  if (file_ != nullptr) (void)file_->Close();
}

rocksdb::Status ManifestNote::OpenFile() {
  const std::string path = PathOf(directory_);
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
