#include "store/testing/fault_env.h"

#include <rocksdb/file_system.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "base/check.h"
#include "base/str_cat.h"

namespace wasmd::testing {
namespace {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

constexpr std::string_view kTrashName = ".trash-";
constexpr uint64_t kSectorBytes = 512;

std::string DirectoryOf(const std::string& path) {
  return std::filesystem::path(path).parent_path().string();
}

// What is known of a file that was written since the power came on.
struct FileState {
  uint64_t size = 0;
  uint64_t synced = 0;
};

// A change of a directory that is not synced yet.
struct DirectoryChange {
  enum class Kind : uint8_t { kCreate, kCreateDirectory, kRename, kDelete };
  Kind kind = Kind::kCreate;
  std::string path;
  std::string target = {};  // kRename
  // Where the file went that was deleted or overwritten; empty: none was.
  std::string trash = {};
  std::shared_ptr<FileState> trashed_state = {};
};

}  // namespace

class FaultFileSystem : public rocksdb::FileSystemWrapper {
 public:
  explicit FaultFileSystem(uint64_t seed)
      : FileSystemWrapper(FileSystem::Default()), random_(seed) {}
  const char* Name() const override { return "FaultFileSystem"; }

  void Inject(const Fault& fault) {
    absl::MutexLock lock(&mutex_);
    faults_.push_back(fault);
  }
  void ClearFaults() {
    absl::MutexLock lock(&mutex_);
    faults_.clear();
  }
  uint64_t faults_met() const {
    absl::MutexLock lock(&mutex_);
    return faults_met_;
  }
  void CutPower(uint64_t after) {
    absl::MutexLock lock(&mutex_);
    power_ends_at_ = operations_ + after;
    if (after == 0) power_is_cut_ = true;
  }
  bool power_is_cut() const {
    absl::MutexLock lock(&mutex_);
    return power_is_cut_;
  }
  uint64_t operations() const {
    absl::MutexLock lock(&mutex_);
    return operations_;
  }
  void RestorePower();

  // For the files this makes. `bytes` of an append that fails are cut to what
  // was written all the same.
  IOStatus Begin(FileOperation operation, const std::string& path)
      ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    return BeginLocked(operation, path);
  }
  size_t RandomBelow(size_t bound) {
    absl::MutexLock lock(&mutex_);
    return Below(bound);
  }
  void Appended(FileState* file, size_t bytes) {
    absl::MutexLock lock(&mutex_);
    file->size += bytes;
  }
  void Truncated(FileState* file, uint64_t size) {
    absl::MutexLock lock(&mutex_);
    file->size = size;
    file->synced = std::min(file->synced, size);
  }
  void Synced(FileState* file) {
    absl::MutexLock lock(&mutex_);
    file->synced = file->size;
  }
  void SyncedDirectory(const std::string& directory);

  IOStatus NewWritableFile(const std::string& path,
                           const rocksdb::FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* result,
                           IODebugContext* debug) override;
  IOStatus ReopenWritableFile(const std::string& path,
                              const rocksdb::FileOptions& options,
                              std::unique_ptr<rocksdb::FSWritableFile>* result,
                              IODebugContext* debug) override;
  IOStatus ReuseWritableFile(const std::string&, const std::string&,
                             const rocksdb::FileOptions&,
                             std::unique_ptr<rocksdb::FSWritableFile>*,
                             IODebugContext*) override {
    return IOStatus::NotSupported("FaultEnv does not reuse files");
  }
  IOStatus NewRandomRWFile(const std::string&, const rocksdb::FileOptions&,
                           std::unique_ptr<rocksdb::FSRandomRWFile>*,
                           IODebugContext*) override {
    return IOStatus::NotSupported("FaultEnv does not overwrite files");
  }
  IOStatus NewRandomAccessFile(
      const std::string& path, const rocksdb::FileOptions& options,
      std::unique_ptr<rocksdb::FSRandomAccessFile>* result,
      IODebugContext* debug) override;
  IOStatus NewDirectory(const std::string& path, const IOOptions& options,
                        std::unique_ptr<rocksdb::FSDirectory>* result,
                        IODebugContext* debug) override;
  IOStatus GetChildren(const std::string& directory, const IOOptions& options,
                       std::vector<std::string>* names,
                       IODebugContext* debug) override;
  IOStatus DeleteFile(const std::string& path, const IOOptions& options,
                      IODebugContext* debug) override;
  IOStatus Truncate(const std::string& path, size_t size,
                    const IOOptions& options, IODebugContext* debug) override;
  IOStatus CreateDir(const std::string& path, const IOOptions& options,
                     IODebugContext* debug) override;
  IOStatus CreateDirIfMissing(const std::string& path, const IOOptions& options,
                              IODebugContext* debug) override;
  IOStatus RenameFile(const std::string& from, const std::string& to,
                      const IOOptions& options, IODebugContext* debug) override;
  IOStatus LinkFile(const std::string&, const std::string&, const IOOptions&,
                    IODebugContext*) override {
    return IOStatus::NotSupported("FaultEnv does not link files");
  }

 private:
  IOStatus BeginLocked(FileOperation operation, const std::string& path)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  size_t Below(size_t bound) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return bound == 0 ? 0 : random_() % bound;
  }
  std::shared_ptr<FileState> StateOf(const std::string& path)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Moves a file that is there out of the way, remembering it in `change`.
  void MoveToTrash(const std::string& path, DirectoryChange* change)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void BringBack(const std::string& path, const DirectoryChange& change)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Undo(const DirectoryChange& change)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void LoseContents(const std::string& path, const FileState& file)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable absl::Mutex mutex_;
  std::mt19937_64 random_ ABSL_GUARDED_BY(mutex_);
  std::vector<Fault> faults_ ABSL_GUARDED_BY(mutex_);
  uint64_t faults_met_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t operations_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t power_ends_at_ ABSL_GUARDED_BY(mutex_) =
      std::numeric_limits<uint64_t>::max();
  bool power_is_cut_ ABSL_GUARDED_BY(mutex_) = false;
  std::map<std::string, std::shared_ptr<FileState>> files_
      ABSL_GUARDED_BY(mutex_);
  std::vector<DirectoryChange> changes_ ABSL_GUARDED_BY(mutex_);
  uint64_t trash_count_ ABSL_GUARDED_BY(mutex_) = 0;
};

namespace {

class FaultWritableFile : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  FaultWritableFile(FaultFileSystem* file_system, std::string path,
                    std::shared_ptr<FileState> state,
                    std::unique_ptr<rocksdb::FSWritableFile> file)
      : FSWritableFileOwnerWrapper(std::move(file)),
        file_system_(file_system),
        path_(std::move(path)),
        state_(std::move(state)) {}

  using FSWritableFileOwnerWrapper::Append;
  using FSWritableFileOwnerWrapper::PositionedAppend;
  IOStatus Append(const Slice& data, const IOOptions& options,
                  IODebugContext* debug) override {
    IOStatus begun = file_system_->Begin(FileOperation::kAppend, path_);
    size_t size = data.size();
    if (!begun.ok()) {
      if (file_system_->power_is_cut()) return begun;
      size = file_system_->RandomBelow(size);
    }
    const IOStatus written =
        target()->Append(Slice(data.data(), size), options, debug);
    if (written.ok()) file_system_->Appended(state_.get(), size);
    return begun.ok() ? written : begun;
  }
  IOStatus Append(const Slice& data, const IOOptions& options,
                  const rocksdb::DataVerificationInfo&,
                  IODebugContext* debug) override {
    return Append(data, options, debug);
  }
  IOStatus PositionedAppend(const Slice&, uint64_t, const IOOptions&,
                            IODebugContext*) override {
    return IOStatus::NotSupported("FaultEnv only appends");
  }
  IOStatus Truncate(uint64_t size, const IOOptions& options,
                    IODebugContext* debug) override {
    IOStatus begun = file_system_->Begin(FileOperation::kTruncate, path_);
    if (!begun.ok()) return begun;
    file_system_->Truncated(state_.get(), size);
    return target()->Truncate(size, options, debug);
  }
  IOStatus Sync(const IOOptions&, IODebugContext*) override {
    IOStatus begun = file_system_->Begin(FileOperation::kSync, path_);
    if (begun.ok()) file_system_->Synced(state_.get());
    return begun;
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return Sync(options, debug);
  }
  IOStatus RangeSync(uint64_t, uint64_t, const IOOptions&,
                     IODebugContext*) override {
    return IOStatus::OK();
  }
  void PrepareWrite(size_t, size_t, const IOOptions&,
                    IODebugContext*) override {}
  IOStatus Allocate(uint64_t, uint64_t, const IOOptions&,
                    IODebugContext*) override {
    return IOStatus::OK();
  }

 private:
  FaultFileSystem* const file_system_;
  const std::string path_;
  const std::shared_ptr<FileState> state_;
};

class FaultRandomAccessFile : public rocksdb::FSRandomAccessFileOwnerWrapper {
 public:
  FaultRandomAccessFile(FaultFileSystem* file_system, std::string path,
                        std::unique_ptr<rocksdb::FSRandomAccessFile> file)
      : FSRandomAccessFileOwnerWrapper(std::move(file)),
        file_system_(file_system),
        path_(std::move(path)) {}

  IOStatus Read(uint64_t offset, size_t size, const IOOptions& options,
                Slice* result, char* scratch,
                IODebugContext* debug) const override {
    IOStatus begun = file_system_->Begin(FileOperation::kRead, path_);
    if (!begun.ok()) return begun;
    return target()->Read(offset, size, options, result, scratch, debug);
  }

 private:
  FaultFileSystem* const file_system_;
  const std::string path_;
};

class FaultDirectory : public rocksdb::FSDirectory {
 public:
  FaultDirectory(FaultFileSystem* file_system, std::string path,
                 std::unique_ptr<rocksdb::FSDirectory> directory)
      : file_system_(file_system),
        path_(std::move(path)),
        directory_(std::move(directory)) {}

  IOStatus Fsync(const IOOptions&, IODebugContext*) override {
    IOStatus begun = file_system_->Begin(FileOperation::kSyncDirectory, path_);
    if (begun.ok()) file_system_->SyncedDirectory(path_);
    return begun;
  }
  IOStatus Close(const IOOptions& options, IODebugContext* debug) override {
    return directory_->Close(options, debug);
  }
  size_t GetUniqueId(char* id, size_t max_size) const override {
    return directory_->GetUniqueId(id, max_size);
  }

 private:
  FaultFileSystem* const file_system_;
  const std::string path_;
  const std::unique_ptr<rocksdb::FSDirectory> directory_;
};

// Without a slash at the end, as DirectoryOf gives it.
std::string Normalize(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

}  // namespace

IOStatus FaultFileSystem::BeginLocked(FileOperation operation,
                                      const std::string& path) {
  if (operation != FileOperation::kRead) {
    if (power_is_cut_ || operations_ >= power_ends_at_) {
      power_is_cut_ = true;
      return IOStatus::IOError("the power is off", path);
    }
    ++operations_;
  }
  for (Fault& fault : faults_) {
    if (fault.operation != operation || fault.times == 0 ||
        !path.ends_with(fault.suffix)) {
      continue;
    }
    if (fault.nth > 1) {
      --fault.nth;
      continue;
    }
    if (fault.times != Fault::kAlways) --fault.times;
    ++faults_met_;
    return fault.disk_full ? IOStatus::NoSpace("injected", path)
                           : IOStatus::IOError("injected", path);
  }
  return IOStatus::OK();
}

std::shared_ptr<FileState> FaultFileSystem::StateOf(const std::string& path) {
  std::shared_ptr<FileState>& state = files_[path];
  if (state == nullptr) {
    state = std::make_shared<FileState>();
    std::error_code absent;
    const auto size = std::filesystem::file_size(path, absent);
    if (!absent) state->size = state->synced = size;
  }
  return state;
}

void FaultFileSystem::MoveToTrash(const std::string& path,
                                  DirectoryChange* change) {
  if (!std::filesystem::exists(path)) return;
  change->trash = StrCat(DirectoryOf(path), "/", kTrashName, trash_count_++);
  std::filesystem::rename(path, change->trash);
  const auto state = files_.find(path);
  if (state != files_.end()) {
    change->trashed_state = std::move(state->second);
    files_.erase(state);
  }
}

void FaultFileSystem::BringBack(const std::string& path,
                                const DirectoryChange& change) {
  if (change.trash.empty()) return;
  std::filesystem::rename(change.trash, path);
  if (change.trashed_state != nullptr) files_[path] = change.trashed_state;
}

void FaultFileSystem::SyncedDirectory(const std::string& directory) {
  absl::MutexLock lock(&mutex_);
  std::erase_if(changes_, [&](const DirectoryChange& change) {
    if (DirectoryOf(change.path) != directory) return false;
    if (!change.trash.empty()) std::filesystem::remove(change.trash);
    return true;
  });
}

IOStatus FaultFileSystem::NewWritableFile(
    const std::string& path, const rocksdb::FileOptions& options,
    std::unique_ptr<rocksdb::FSWritableFile>* result, IODebugContext* debug) {
  absl::MutexLock lock(&mutex_);
  IOStatus status = BeginLocked(FileOperation::kCreate, path);
  if (!status.ok()) return status;
  DirectoryChange change{.kind = DirectoryChange::Kind::kCreate, .path = path};
  MoveToTrash(path, &change);
  std::unique_ptr<rocksdb::FSWritableFile> file;
  status = target()->NewWritableFile(path, options, &file, debug);
  changes_.push_back(std::move(change));
  if (!status.ok()) return status;
  files_.erase(path);
  *result = std::make_unique<FaultWritableFile>(this, path, StateOf(path),
                                                std::move(file));
  return status;
}

IOStatus FaultFileSystem::ReopenWritableFile(
    const std::string& path, const rocksdb::FileOptions& options,
    std::unique_ptr<rocksdb::FSWritableFile>* result, IODebugContext* debug) {
  absl::MutexLock lock(&mutex_);
  IOStatus status = BeginLocked(FileOperation::kCreate, path);
  if (!status.ok()) return status;
  const bool is_new = !std::filesystem::exists(path);
  std::unique_ptr<rocksdb::FSWritableFile> file;
  status = target()->ReopenWritableFile(path, options, &file, debug);
  if (!status.ok()) return status;
  if (is_new) {
    changes_.push_back({.kind = DirectoryChange::Kind::kCreate, .path = path});
  }
  *result = std::make_unique<FaultWritableFile>(this, path, StateOf(path),
                                                std::move(file));
  return status;
}

IOStatus FaultFileSystem::NewRandomAccessFile(
    const std::string& path, const rocksdb::FileOptions& options,
    std::unique_ptr<rocksdb::FSRandomAccessFile>* result,
    IODebugContext* debug) {
  std::unique_ptr<rocksdb::FSRandomAccessFile> file;
  IOStatus status = target()->NewRandomAccessFile(path, options, &file, debug);
  if (status.ok()) {
    *result =
        std::make_unique<FaultRandomAccessFile>(this, path, std::move(file));
  }
  return status;
}

IOStatus FaultFileSystem::NewDirectory(
    const std::string& path, const IOOptions& options,
    std::unique_ptr<rocksdb::FSDirectory>* result, IODebugContext* debug) {
  std::unique_ptr<rocksdb::FSDirectory> directory;
  IOStatus status = target()->NewDirectory(path, options, &directory, debug);
  if (status.ok()) {
    *result = std::make_unique<FaultDirectory>(this, Normalize(path),
                                               std::move(directory));
  }
  return status;
}

IOStatus FaultFileSystem::GetChildren(const std::string& directory,
                                      const IOOptions& options,
                                      std::vector<std::string>* names,
                                      IODebugContext* debug) {
  IOStatus status = target()->GetChildren(directory, options, names, debug);
  std::erase_if(*names, [](const std::string& name) {
    return name.starts_with(kTrashName);
  });
  return status;
}

IOStatus FaultFileSystem::DeleteFile(const std::string& path,
                                     const IOOptions& options,
                                     IODebugContext* debug) {
  absl::MutexLock lock(&mutex_);
  IOStatus status = BeginLocked(FileOperation::kDelete, path);
  if (!status.ok()) return status;
  if (!std::filesystem::exists(path)) {
    return target()->DeleteFile(path, options, debug);
  }
  DirectoryChange change{.kind = DirectoryChange::Kind::kDelete, .path = path};
  MoveToTrash(path, &change);
  changes_.push_back(std::move(change));
  return status;
}

IOStatus FaultFileSystem::Truncate(const std::string& path, size_t size,
                                   const IOOptions& options,
                                   IODebugContext* debug) {
  absl::MutexLock lock(&mutex_);
  IOStatus status = BeginLocked(FileOperation::kTruncate, path);
  if (!status.ok()) return status;
  const std::shared_ptr<FileState> file = StateOf(path);
  file->size = size;
  file->synced = std::min<uint64_t>(file->synced, size);
  return target()->Truncate(path, size, options, debug);
}

IOStatus FaultFileSystem::CreateDir(const std::string& path,
                                    const IOOptions& options,
                                    IODebugContext* debug) {
  absl::MutexLock lock(&mutex_);
  IOStatus status = BeginLocked(FileOperation::kCreate, path);
  if (!status.ok()) return status;
  status = target()->CreateDir(path, options, debug);
  if (status.ok()) {
    changes_.push_back({.kind = DirectoryChange::Kind::kCreateDirectory,
                        .path = Normalize(path)});
  }
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
  absl::MutexLock lock(&mutex_);
  IOStatus status = BeginLocked(FileOperation::kRename, to);
  if (!status.ok()) return status;
  if (!std::filesystem::exists(from)) {
    return target()->RenameFile(from, to, options, debug);
  }
  DirectoryChange change{
      .kind = DirectoryChange::Kind::kRename, .path = from, .target = to};
  MoveToTrash(to, &change);
  status = target()->RenameFile(from, to, options, debug);
  const auto state = files_.find(from);
  if (state != files_.end()) {
    files_[to] = std::move(state->second);
    files_.erase(state);
  }
  changes_.push_back(std::move(change));
  return status;
}

void FaultFileSystem::Undo(const DirectoryChange& change) {
  switch (change.kind) {
    case DirectoryChange::Kind::kCreate:
      std::filesystem::remove(change.path);
      files_.erase(change.path);
      BringBack(change.path, change);
      break;
    case DirectoryChange::Kind::kCreateDirectory:
      std::filesystem::remove_all(change.path);
      break;
    case DirectoryChange::Kind::kRename: {
      std::filesystem::rename(change.target, change.path);
      const auto state = files_.find(change.target);
      if (state != files_.end()) {
        files_[change.path] = std::move(state->second);
        files_.erase(state);
      }
      BringBack(change.target, change);
      break;
    }
    case DirectoryChange::Kind::kDelete:
      BringBack(change.path, change);
      break;
  }
}

void FaultFileSystem::LoseContents(const std::string& path,
                                   const FileState& file) {
  std::error_code absent;
  const uint64_t size = std::filesystem::file_size(path, absent);
  if (absent || size <= file.synced) return;
  const size_t unsynced = static_cast<size_t>(size - file.synced);
  // All lost, all kept, a part, or a part with sectors that were not written.
  const size_t fate = Below(4);
  uint64_t kept = file.synced;
  if (fate == 1) kept = size;
  if (fate >= 2) kept += Below(unsynced + 1);
  std::filesystem::resize_file(path, kept);
  if (fate != 3) return;
  std::fstream stream(path, std::ios::in | std::ios::out | std::ios::binary);
  for (size_t hole = 1 + Below(3); hole > 0 && kept > file.synced; --hole) {
    const uint64_t at =
        file.synced + Below(static_cast<size_t>(kept - file.synced));
    const uint64_t sector_end = (at / kSectorBytes + 1) * kSectorBytes;
    const char noise = static_cast<char>(Below(2) == 0 ? 0 : random_());
    stream.seekp(static_cast<std::streamoff>(at));
    for (uint64_t i = at; i < std::min(sector_end, kept); ++i) {
      stream.put(noise);
    }
  }
}

void FaultFileSystem::RestorePower() {
  absl::MutexLock lock(&mutex_);
  const size_t kept_changes = Below(changes_.size() + 1);
  while (changes_.size() > kept_changes) {
    Undo(changes_.back());
    changes_.pop_back();
  }
  for (const DirectoryChange& change : changes_) {
    if (!change.trash.empty()) std::filesystem::remove(change.trash);
  }
  changes_.clear();
  for (const auto& [path, file] : files_) LoseContents(path, *file);
  files_.clear();
  faults_.clear();
  power_ends_at_ = std::numeric_limits<uint64_t>::max();
  power_is_cut_ = false;
}

FaultEnv::FaultEnv(uint64_t seed)
    : file_system_(std::make_shared<FaultFileSystem>(seed)),
      env_(rocksdb::NewCompositeEnv(file_system_)) {}

FaultEnv::~FaultEnv() = default;

void FaultEnv::Inject(const Fault& fault) { file_system_->Inject(fault); }
void FaultEnv::ClearFaults() { file_system_->ClearFaults(); }
uint64_t FaultEnv::faults_met() const { return file_system_->faults_met(); }
void FaultEnv::CutPower(uint64_t after_operations) {
  file_system_->CutPower(after_operations);
}
bool FaultEnv::power_is_cut() const { return file_system_->power_is_cut(); }
void FaultEnv::RestorePower() { file_system_->RestorePower(); }
uint64_t FaultEnv::operations() const { return file_system_->operations(); }

void FlipBit(const std::string& path, uint64_t bit) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  const auto at = static_cast<std::streamoff>(bit / 8);
  file.seekg(at);
  const int byte = file.get();
  CHECK(byte != std::fstream::traits_type::eof());
  file.seekp(at);
  file.put(static_cast<char>(byte ^ (1 << (bit % 8))));
  file.flush();
  CHECK(file.good());
}

}  // namespace wasmd::testing
