#include "store/sync_note.h"

#include <rocksdb/env.h>

#include <array>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/str_cat.h"
#include "store/value.h"

namespace wasmd {
namespace {

// Persisted: what the note is sealed under.
constexpr std::string_view kPlace = "SYNCED";
constexpr size_t kPayloadBytes = 16;

std::string PathOf(const std::string& directory) {
  return StrCat(directory, "/", kPlace);
}

std::string Encode(const SyncNote::Promise& promise) {
  std::array<uint8_t, kPayloadBytes> payload;
  StoreLittle(payload.data(), promise.wal);
  StoreLittle(payload.data() + 8, promise.sequence);
  return SealSmall(kPlace, payload);
}

}  // namespace

SyncNote::Promise SyncNote::Read(rocksdb::Env* env,
                                 const std::string& directory) {
  std::string contents;
  std::string buffer;
  if (!rocksdb::ReadFileToString(env, PathOf(directory), &contents).ok()) {
    return {};
  }
  const auto payload = Unseal(kPlace, contents, kPayloadBytes, &buffer);
  if (!payload.ok() || payload->size() != kPayloadBytes) return {};
  return {.wal = LoadLittle<uint64_t>(payload->data()),
          .sequence = LoadLittle<uint64_t>(payload->data() + 8)};
}

std::unique_ptr<SyncNote> SyncNote::Open(rocksdb::Env* env,
                                         const std::string& directory) {
  const std::string path = PathOf(directory);
  if (!env->FileExists(path).ok() &&
      !rocksdb::WriteStringToFile(env, Encode({}), path).ok()) {
    return nullptr;
  }
  std::unique_ptr<rocksdb::RandomRWFile> file;
  if (!env->NewRandomRWFile(path, &file, rocksdb::EnvOptions()).ok()) {
    return nullptr;
  }
  return std::unique_ptr<SyncNote>(new SyncNote(std::move(file)));
}

SyncNote::SyncNote(std::unique_ptr<rocksdb::RandomRWFile> file)
    : file_(std::move(file)) {}

SyncNote::~SyncNote() { (void)file_->Close(); }

bool SyncNote::Overwrite(const Promise& promise) {
  return file_->Write(0, Encode(promise)).ok();
}

void SyncNote::Write(const Promise& promise) {
  absl::MutexLock lock(&mutex_);
  if (promise.sequence <= sequence_) return;
  if (Overwrite(promise)) sequence_ = promise.sequence;
}

void SyncNote::Clear() {
  absl::MutexLock lock(&mutex_);
  (void)Overwrite({});
}

}  // namespace wasmd
