// Keeping the paths of open files up to date when the guest renames.

#include "base/str_cat.h"
#include "wasi/context_impl.h"
#include "wasi/host_paths.h"

namespace wasmd::wasi {
namespace {

// "./a" is "a"; anything below "." is what it is.
std::string_view WithoutDot(std::string_view path) {
  while (path.starts_with("./")) path.remove_prefix(2);
  return path;
}

}  // namespace

std::string ContextImpl::HostPathOf(uint32_t root,
                                    std::string_view path) const {
  const std::string& directory = roots_[root].real_path.empty()
                                     ? roots_[root].host_path
                                     : roots_[root].real_path;
  path = WithoutDot(path);
  if (path == ".") return directory;
  return StrCat(directory, directory.ends_with('/') ? "" : "/", path);
}

// Compares host paths, since one directory can be preopened as part of another.
void ContextImpl::NoteRename(uint32_t old_root, std::string_view old_path,
                             uint32_t new_root, std::string_view new_path) {
  const std::string from = HostPathOf(old_root, old_path);
  for (uint32_t fd = 0; fd < descriptors_.end(); ++fd) {
    Descriptor* open = descriptors_.Find(fd);
    if (open == nullptr || !open->has_path()) continue;
    const std::string path = HostPathOf(open->root, open->path);
    if (!IsAtOrBelow(path, from)) continue;
    const std::string rest = path.substr(from.size());  // "" or "/..."
    const std::string to = HostPathOf(new_root, new_path) + rest;
    const std::string same_root = RelativeTo(HostPathOf(open->root, "."), to);
    if (!same_root.empty()) {
      open->path = same_root;
    } else {
      open->root = new_root;
      open->path = StrCat(WithoutDot(new_path), rest);
    }
  }
}

}  // namespace wasmd::wasi
