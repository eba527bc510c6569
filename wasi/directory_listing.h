// DirectoryListing: the entries of a directory in an order that depends on
// their names only, so that a cookie stays good when entries come and go, when
// the directory is read again, and after a resume: whoever goes on at a cookie
// misses no entry that was there all the time and sees none twice.
//
// A cookie is the position from which to go on: 0 and 1 are "." and "..", then
// XXH3 of the name, halved. It lives in guest memory, so this never changes.

#ifndef WASMD_WASI_DIRECTORY_LISTING_H_
#define WASMD_WASI_DIRECTORY_LISTING_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "wasi/abi.h"
#include "wasi/errno.h"

namespace wasmd::wasi {

class DirectoryListing {
 public:
  struct Entry {
    std::string name;
    uint64_t inode = 0;
    FileType type = FileType::kUnknown;
    uint64_t position = 0;  // unique, ascending

    uint64_t next_cookie() const { return position + 1; }
  };

  // Reads the directory that `directory` is open on, from its start, whatever
  // the descriptor's own offset. kNomem for more than kMaxEntries.
  static constexpr size_t kMaxEntries = 1'000'000;
  static ErrnoOr<DirectoryListing> Read(int directory);

  // The entries at `cookie` and after.
  std::span<const Entry> From(uint64_t cookie) const;
  size_t size() const { return entries_.size(); }

 private:
  explicit DirectoryListing(std::vector<Entry> entries)
      : entries_(std::move(entries)) {}
  std::vector<Entry> entries_;
};

// The position of a name, collisions aside.
uint64_t DirectoryPosition(std::string_view name);

}  // namespace wasmd::wasi

#endif  // WASMD_WASI_DIRECTORY_LISTING_H_
