// UnsyncedChanges: what a power cut may take back of a directory tree.
//
// It follows what was written and what of that was synced, and in the end loses
// some of the rest: file contents by sectors, changes of directories from some
// point on, as a journaling file system loses them.
//
// Thread-safe.

#ifndef WASMD_STORE_TESTING_UNSYNCED_CHANGES_H_
#define WASMD_STORE_TESTING_UNSYNCED_CHANGES_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace wasmd::testing {

class UnsyncedChanges {
 public:
  // A file, by whatever name it has.
  class File {
   private:
    friend class UnsyncedChanges;
    uint64_t size = 0;
    uint64_t synced = 0;
  };

  // Names that the tree seems not to have: where replaced files are meanwhile.
  static bool IsHidden(std::string_view name);

  // The file of this name, for the calls below.
  std::shared_ptr<File> Find(const std::string& path);
  void Appended(File* file, size_t bytes);
  void Truncated(File* file, uint64_t size);
  void Synced(File* file);

  // A file that keeps its size, before it is written over in place and after
  // that was synced.
  void Overwriting(const std::string& path);
  void SyncedOverwrites(const std::string& path);

  // To be called in place of, or right before, what they are named for; paths
  // without a slash at the end. A file that is deleted or replaced is moved out
  // of the way, so that it can come back.
  void Create(const std::string& path);
  void CreateDirectory(const std::string& path);
  void Rename(const std::string& from, const std::string& to);
  void Delete(const std::string& path);

  void SyncedDirectory(const std::string& directory);

  // Decides what was lost, and loses it. `random_below(n)` gives a number below
  // n, or 0. Nothing is open.
  void Lose(const std::function<size_t(size_t)>& random_below);

 private:
  struct Change {
    enum class Kind : uint8_t { kCreate, kCreateDirectory, kRename, kDelete };
    Kind kind = Kind::kCreate;
    std::string path;
    std::string target = {};  // kRename
    // Where the file went that was deleted or replaced; empty: none was.
    std::string trash = {};
    std::shared_ptr<File> trashed = {};
  };

  std::shared_ptr<File> FindLocked(const std::string& path)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void RenameKnown(const std::string& from, const std::string& to)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Moves a file that is there out of the way, remembering it in `change`.
  void MoveToTrash(const std::string& path, Change* change)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void BringBack(const std::string& path, const Change& change)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Undo(const Change& change) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  absl::Mutex mutex_;
  // Those that were written since the power came on.
  std::map<std::string, std::shared_ptr<File>> files_ ABSL_GUARDED_BY(mutex_);
  std::vector<Change> changes_ ABSL_GUARDED_BY(mutex_);
  // What files had that were written over.
  std::map<std::string, std::string> overwritten_ ABSL_GUARDED_BY(mutex_);
  uint64_t trash_count_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace wasmd::testing

#endif  // WASMD_STORE_TESTING_UNSYNCED_CHANGES_H_
