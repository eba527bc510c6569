#include "store/testing/unsynced_changes.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>
#include <utility>

#include "base/str_cat.h"

namespace wasmd::testing {
namespace {

constexpr std::string_view kTrashName = ".trash-";
constexpr uint64_t kSectorBytes = 512;

std::string DirectoryOf(const std::string& path) {
  return std::filesystem::path(path).parent_path().string();
}

// All lost, all kept, a part, or a part or all of it with sectors that were not
// written.
void LoseContents(const std::string& path, uint64_t synced,
                  const std::function<size_t(size_t)>& random_below) {
  std::error_code absent;
  const uint64_t size = std::filesystem::file_size(path, absent);
  if (absent || size <= synced) return;
  const size_t fate = random_below(5);
  uint64_t kept = synced;
  if (fate == 1 || fate == 4) kept = size;
  if (fate == 2 || fate == 3) {
    kept += random_below(static_cast<size_t>(size - synced) + 1);
  }
  std::filesystem::resize_file(path, kept);
  if (fate < 3) return;
  std::fstream stream(path, std::ios::in | std::ios::out | std::ios::binary);
  for (size_t hole = 1 + random_below(3); hole > 0 && kept > synced; --hole) {
    const uint64_t at =
        synced + random_below(static_cast<size_t>(kept - synced));
    const uint64_t sector_end = (at / kSectorBytes + 1) * kSectorBytes;
    const char noise =
        static_cast<char>(random_below(2) == 0 ? 0 : random_below(256));
    stream.seekp(static_cast<std::streamoff>(at));
    for (uint64_t i = at; i < std::min(sector_end, kept); ++i) {
      stream.put(noise);
    }
  }
}

}  // namespace

bool UnsyncedChanges::IsHidden(std::string_view name) {
  return name.starts_with(kTrashName);
}

std::shared_ptr<UnsyncedChanges::File> UnsyncedChanges::Find(
    const std::string& path) {
  absl::MutexLock lock(&mutex_);
  return FindLocked(path);
}

std::shared_ptr<UnsyncedChanges::File> UnsyncedChanges::FindLocked(
    const std::string& path) {
  std::shared_ptr<File>& file = files_[path];
  if (file == nullptr) {
    file = std::make_shared<File>();
    std::error_code absent;
    const auto size = std::filesystem::file_size(path, absent);
    if (!absent) file->size = file->synced = size;
  }
  return file;
}

void UnsyncedChanges::Appended(File* file, size_t bytes) {
  absl::MutexLock lock(&mutex_);
  file->size += bytes;
}

void UnsyncedChanges::Truncated(File* file, uint64_t size) {
  absl::MutexLock lock(&mutex_);
  file->size = size;
  file->synced = std::min(file->synced, size);
}

void UnsyncedChanges::Synced(File* file) {
  absl::MutexLock lock(&mutex_);
  file->synced = file->size;
}

void UnsyncedChanges::RenameKnown(const std::string& from,
                                  const std::string& to) {
  const auto file = files_.find(from);
  if (file == files_.end()) return;
  std::shared_ptr<File> moved = std::move(file->second);
  files_.erase(file);
  files_[to] = std::move(moved);
}

void UnsyncedChanges::MoveToTrash(const std::string& path, Change* change) {
  if (!std::filesystem::exists(path)) return;
  change->trash = StrCat(DirectoryOf(path), "/", kTrashName, trash_count_++);
  std::filesystem::rename(path, change->trash);
  const auto file = files_.find(path);
  if (file == files_.end()) return;
  change->trashed = std::move(file->second);
  files_.erase(file);
}

void UnsyncedChanges::BringBack(const std::string& path, const Change& change) {
  if (change.trash.empty()) return;
  std::filesystem::rename(change.trash, path);
  if (change.trashed != nullptr) files_[path] = change.trashed;
}

void UnsyncedChanges::Create(const std::string& path) {
  absl::MutexLock lock(&mutex_);
  Change change{.kind = Change::Kind::kCreate, .path = path};
  MoveToTrash(path, &change);
  changes_.push_back(std::move(change));
}

void UnsyncedChanges::CreateDirectory(const std::string& path) {
  absl::MutexLock lock(&mutex_);
  changes_.push_back({.kind = Change::Kind::kCreateDirectory, .path = path});
}

void UnsyncedChanges::Rename(const std::string& from, const std::string& to) {
  absl::MutexLock lock(&mutex_);
  Change change{.kind = Change::Kind::kRename, .path = from, .target = to};
  MoveToTrash(to, &change);
  std::filesystem::rename(from, to);
  RenameKnown(from, to);
  changes_.push_back(std::move(change));
}

void UnsyncedChanges::Delete(const std::string& path) {
  absl::MutexLock lock(&mutex_);
  Change change{.kind = Change::Kind::kDelete, .path = path};
  MoveToTrash(path, &change);
  changes_.push_back(std::move(change));
}

void UnsyncedChanges::SyncedDirectory(const std::string& directory) {
  absl::MutexLock lock(&mutex_);
  std::erase_if(changes_, [&](const Change& change) {
    if (DirectoryOf(change.path) != directory) return false;
    if (!change.trash.empty()) std::filesystem::remove(change.trash);
    return true;
  });
}

void UnsyncedChanges::Undo(const Change& change) {
  switch (change.kind) {
    case Change::Kind::kCreate:
      std::filesystem::remove(change.path);
      files_.erase(change.path);
      BringBack(change.path, change);
      break;
    case Change::Kind::kCreateDirectory:
      std::filesystem::remove_all(change.path);
      break;
    case Change::Kind::kRename:
      std::filesystem::rename(change.target, change.path);
      RenameKnown(change.target, change.path);
      BringBack(change.target, change);
      break;
    case Change::Kind::kDelete:
      BringBack(change.path, change);
      break;
  }
}

void UnsyncedChanges::Overwriting(const std::string& path) {
  absl::MutexLock lock(&mutex_);
  if (overwritten_.contains(path)) return;
  std::ostringstream contents;
  contents << std::ifstream(path, std::ios::binary).rdbuf();
  overwritten_[path] = contents.str();
}

void UnsyncedChanges::SyncedOverwrites(const std::string& path) {
  absl::MutexLock lock(&mutex_);
  overwritten_.erase(path);
}

void UnsyncedChanges::Lose(const std::function<size_t(size_t)>& random_below) {
  absl::MutexLock lock(&mutex_);
  const size_t kept_changes = random_below(changes_.size() + 1);
  while (changes_.size() > kept_changes) {
    Undo(changes_.back());
    changes_.pop_back();
  }
  for (const Change& change : changes_) {
    if (!change.trash.empty()) std::filesystem::remove(change.trash);
  }
  changes_.clear();
  for (const auto& [path, old] : overwritten_) {
    if (!std::filesystem::exists(path)) continue;
    // None, some or all of it; a sector need not be written whole.
    const size_t lost = random_below(3) == 0 ? random_below(old.size() + 1)
                                             : random_below(2) * old.size();
    std::fstream(path, std::ios::in | std::ios::out | std::ios::binary)
        .write(old.data(), static_cast<std::streamsize>(lost));
  }
  overwritten_.clear();
  for (const auto& [path, file] : files_) {
    LoseContents(path, file->synced, random_below);
  }
  files_.clear();
}

}  // namespace wasmd::testing
