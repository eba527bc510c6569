#include "store/sync_note.h"

#include <rocksdb/env.h>

#include <utility>

#include "store/note_file.h"

namespace wasmd {
namespace {

constexpr NoteFile kFile("SYNCED");

std::string Encode(const SyncNote::Promise& promise) {
  return kFile.Encode({promise.wal, promise.sequence});
}

}  // namespace

SyncNote::Promise SyncNote::Read(rocksdb::Env* env,
                                 const std::string& directory) {
  const auto [wal, sequence] = kFile.Read(env, directory);
  return {.wal = wal, .sequence = sequence};
}

std::unique_ptr<SyncNote> SyncNote::Open(rocksdb::Env* env,
                                         const std::string& directory) {
  const std::string path = kFile.PathIn(directory);
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
