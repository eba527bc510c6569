#include "store/store_directory.h"

#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/status.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/cord.h"
#include "base/status_macros.h"
#include "base/str_cat.h"
#include "store/info_log.h"
#include "store/key.h"
#include "store/lock_owner.h"
#include "store/rocks_status.h"

namespace wasmd {
namespace {

constexpr char kInUsePayload[] = "wasmd/store-in-use";

// "000012.log": RocksDB's name for a file of this kind.
bool IsNumbered(std::string_view name, std::string_view extension) {
  if (!name.ends_with(extension) || name.size() == extension.size()) {
    return false;
  }
  name.remove_suffix(extension.size());
  return std::all_of(name.begin(), name.end(),
                     [](unsigned char c) { return std::isdigit(c) != 0; });
}

// Why a database with more than the default column family can not be opened.
absl::Status HasUnknownFamilies(rocksdb::Env* env,
                                const std::string& directory) {
  rocksdb::Options options;
  options.env = env;
  options.info_log = MakeSilentLog();
  rocksdb::DB* rocks = nullptr;
  const rocksdb::Status opened =
      rocksdb::DB::OpenForReadOnly(options, directory, &rocks);
  if (!opened.ok()) return OpenError(opened, directory);
  const std::unique_ptr<rocksdb::DB> owner(rocks);
  std::string format;
  if (!rocks->Get({}, MakeMetaKey(kFormatFact), &format).ok()) {
    return NotAStore(directory);
  }
  return absl::UnimplementedError(
      StrCat("store ", directory,
             " has parts that this wasmd does not know: use the newer wasmd "
             "that wrote it"));
}

absl::Status CannotCreate(const rocksdb::Status& status,
                          const std::string& directory) {
  return FromRocksStatus(status,
                         StrCat("cannot create the directory ", directory));
}

}  // namespace

absl::Status NotAStore(const std::string& directory) {
  return absl::FailedPreconditionError(
      StrCat(directory,
             " holds a database that is not a store: choose another "
             "directory"));
}

absl::StatusOr<bool> HasDatabase(rocksdb::Env* env,
                                 const std::string& directory) {
  const rocksdb::Status current = env->FileExists(directory + "/CURRENT");
  if (current.IsNotFound()) {
    // RocksDB would make a new database and take the old files for litter.
    std::vector<std::string> names;
    if (!env->GetChildren(directory, &names).ok()) return false;
    for (const std::string& name : names) {
      if (IsNumbered(name, ".sst") || IsNumbered(name, ".log") ||
          IsNumbered(name, ".blob")) {
        return absl::DataLossError(
            StrCat("store ", directory, " has ", name,
                   " but no file CURRENT: restore it from a backup"));
      }
    }
    return false;
  }
  if (!current.ok()) {
    return FromRocksStatus(current, StrCat("cannot open store ", directory));
  }
  rocksdb::DBOptions options;
  options.env = env;
  std::vector<std::string> families;
  const rocksdb::Status listed =
      rocksdb::DB::ListColumnFamilies(options, directory, &families);
  if (!listed.ok()) return OpenError(listed, directory);
  if (families.size() > 1) return HasUnknownFamilies(env, directory);
  return true;
}

absl::Status CreateDirectory(rocksdb::Env* env, const std::string& directory) {
  std::vector<std::string> missing;
  std::string at = directory;
  while (at.size() > 1 && at.back() == '/') at.pop_back();
  while (!at.empty() && !env->FileExists(at).ok()) {
    missing.push_back(at);
    const size_t slash = at.rfind('/');
    at = slash == std::string::npos ? "."
         : slash == 0               ? "/"
                                    : at.substr(0, slash);
  }
  std::reverse(missing.begin(), missing.end());
  for (const std::string& path : missing) {
    if (const rocksdb::Status made = env->CreateDirIfMissing(path);
        !made.ok()) {
      return CannotCreate(made, path);
    }
    std::unique_ptr<rocksdb::Directory> parent;
    rocksdb::Status synced = env->NewDirectory(at, &parent);
    if (synced.ok()) synced = parent->Fsync();
    if (!synced.ok()) return CannotCreate(synced, path);
    at = path;
  }
  if (!missing.empty()) {
    // Memories of guests may hold secrets. An Env need not be on disk, so this
    // may have nothing to act on.
    std::error_code ignored;
    std::filesystem::permissions(directory, std::filesystem::perms::owner_all,
                                 ignored);
  }
  return absl::OkStatus();
}

absl::StatusOr<StoreLock> StoreLock::Acquire(rocksdb::Env* env,
                                             const std::string& directory) {
  rocksdb::FileLock* lock = nullptr;
  const rocksdb::Status locked = env->LockFile(directory + "/LOCK", &lock);
  if (!locked.ok()) return OpenError(locked, directory);
  return StoreLock(env, lock);
}

StoreLock::~StoreLock() {
  if (lock_ != nullptr) (void)env_->UnlockFile(lock_);
}

absl::Status SyncWalFiles(rocksdb::Env* env, const std::string& directory) {
  std::vector<std::string> names;
  rocksdb::Status status = env->GetChildren(directory, &names);
  for (const std::string& name : names) {
    if (!status.ok()) break;
    if (!IsNumbered(name, ".log")) continue;
    std::unique_ptr<rocksdb::WritableFile> file;
    status = env->ReopenWritableFile(directory + "/" + name, &file, {});
    if (status.ok()) status = file->Sync();
    if (status.ok()) status = file->Close();
  }
  // That they are there at all, too.
  std::unique_ptr<rocksdb::Directory> entries;
  if (status.ok()) status = env->NewDirectory(directory, &entries);
  if (status.ok()) status = entries->Fsync();
  return FromRocksStatus(status, StrCat("cannot open store ", directory));
}

absl::StatusOr<std::string> FilesOf(rocksdb::Env* env,
                                    const std::string& directory) {
  std::vector<std::string> names;
  rocksdb::Status status = env->GetChildren(directory, &names);
  std::string current;
  if (status.ok()) {
    status = rocksdb::ReadFileToString(env, directory + "/CURRENT", &current);
  }
  if (!status.ok()) {
    return FromRocksStatus(status, StrCat("cannot open store ", directory));
  }
  while (!current.empty() && current.back() == '\n') current.pop_back();
  uint64_t manifest_bytes = 0;
  // The owner may have replaced it just now: then the names differ next time.
  (void)env->GetFileSize(directory + "/" + current, &manifest_bytes);
  std::sort(names.begin(), names.end());
  std::string files = StrCat(current, " ", manifest_bytes);
  for (const std::string& name : names) {
    if (IsNumbered(name, ".log")) StrAppend(&files, " ", name);
  }
  return files;
}

absl::Status MeasureFiles(rocksdb::Env* env, const std::string& directory,
                          StoreUsage* usage) {
  std::vector<rocksdb::Env::FileAttributes> files;
  const rocksdb::Status listed =
      env->GetChildrenFileAttributes(directory, &files);
  if (!listed.ok()) {
    return FromRocksStatus(listed, StrCat("cannot read store ", directory));
  }
  for (const rocksdb::Env::FileAttributes& file : files) {
    uint64_t* const sum =
        IsNumbered(file.name, ".sst")    ? &usage->table_file_bytes
        : IsNumbered(file.name, ".blob") ? &usage->blob_file_bytes
        : IsNumbered(file.name, ".log")  ? &usage->wal_bytes
                                         : &usage->other_file_bytes;
    *sum += file.size_bytes;
  }
  return absl::OkStatus();
}

absl::Status OpenError(const rocksdb::Status& status,
                       const std::string& directory) {
  const std::string text = status.ToString();
  // RocksDB has no code for this; a test holds it to these words.
  if (text.find("While lock file") == std::string::npos &&
      text.find("lock hold by current process") == std::string::npos) {
    return FromRocksStatus(status, StrCat("cannot open store ", directory));
  }
  std::string owner;
  if (const std::optional<int> pid = FindLockOwner(directory + "/LOCK")) {
    owner =
        *pid == getpid() ? " (this program)" : StrCat(" (process ", *pid, ")");
  }
  absl::Status in_use = absl::FailedPreconditionError(
      StrCat("store ", directory, " is in use by another wasmd", owner,
             ": stop it or choose another store"));
  in_use.SetPayload(kInUsePayload, absl::Cord());
  return in_use;
}

bool IsInUse(const absl::Status& status) {
  return status.GetPayload(kInUsePayload).has_value();
}

}  // namespace wasmd
