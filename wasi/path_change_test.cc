#include <gtest/gtest.h>
#include <sys/stat.h>

#include "wasi/testing/errno_matchers.h"
#include "wasi/testing/temporary_directory.h"
#include "wasi/testing/test_guest.h"

namespace wasmd::wasi {
namespace {

class PathChangeTest : public ::testing::Test {
 protected:
  PathChangeTest() : guest_(Options{.preopens = {{directory_.path(), "/"}}}) {
    directory_.WriteFile("file", "text");
    directory_.MakeDirectory("dir/nested");
    directory_.WriteFile("dir/file", "in dir");
  }
  uint64_t InodeOf(std::string_view name) {
    struct stat status = {};
    EXPECT_EQ(::lstat(directory_.Path(name).c_str(), &status), 0) << name;
    return status.st_ino;
  }
  // A directory with all rights but these.
  uint32_t Without(Rights right) {
    return *guest_.Open(3, ".",
                        {.open_flags = oflags::kDirectory,
                         .base = rights::kDirectory & ~right,
                         .inheriting = rights::kInheriting});
  }

  TemporaryDirectory directory_;
  TestGuest guest_;
};

TEST_F(PathChangeTest, CreateDirectory) {
  constexpr char kCall[] = "path_create_directory";
  EXPECT_ERRNO(guest_.AtPath(kCall, 3, "new"), kSuccess);
  EXPECT_ERRNO(guest_.AtPath(kCall, 3, "new/below/"), kSuccess);
  EXPECT_TRUE(directory_.Exists("new/below"));
  EXPECT_ERRNO(guest_.AtPath(kCall, 3, "new"), kExist);
  EXPECT_ERRNO(guest_.AtPath(kCall, 3, "file"), kExist);
  EXPECT_ERRNO(guest_.AtPath(kCall, 3, "."), kExist);
  EXPECT_ERRNO(guest_.AtPath(kCall, 3, "dir/.."), kExist);
  EXPECT_ERRNO(guest_.AtPath(kCall, 3, "absent/new"), kNoent);
  EXPECT_ERRNO(guest_.AtPath(kCall, 3, "file/new"), kNotdir);
  EXPECT_ERRNO(guest_.AtPath(kCall, 3, "../new"), kNotCapable);
  EXPECT_ERRNO(guest_.AtPath(kCall, 3, ".."), kNotCapable);
  EXPECT_ERRNO(guest_.AtPath(kCall, 3, ""), kNoent);
  EXPECT_ERRNO(guest_.AtPath(kCall, Without(rights::kPathCreateDirectory), "x"),
               kNotCapable);
  EXPECT_ERRNO(guest_.AtPath(kCall, 99, "x"), kBadf);
  EXPECT_ERRNO(guest_.AtPath(kCall, 1, "x"), kNotdir);
}

TEST_F(PathChangeTest, UnlinkFile) {
  constexpr char kCall[] = "path_unlink_file";
  directory_.MakeLink("file", "link");
  directory_.MakeLink("dir", "to_dir");
  EXPECT_ERRNO(guest_.AtPath(kCall, 3, "dir"), kIsdir);
  EXPECT_ERRNO(guest_.AtPath(kCall, 3, "dir/"), kIsdir);
  EXPECT_ERRNO(guest_.AtPath(kCall, 3, "."), kIsdir);
  EXPECT_ERRNO(guest_.AtPath(kCall, 3, "dir/.."), kIsdir);
  EXPECT_ERRNO(guest_.AtPath(kCall, 3, "file/"), kNotdir);
  EXPECT_ERRNO(guest_.AtPath(kCall, 3, "to_dir/"), kNotdir);
  EXPECT_ERRNO(guest_.AtPath(kCall, 3, "absent"), kNoent);
  EXPECT_ERRNO(guest_.AtPath(kCall, Without(rights::kPathUnlinkFile), "file"),
               kNotCapable);
  EXPECT_ERRNO(guest_.AtPath(kCall, 3, "link"), kSuccess);
  EXPECT_TRUE(directory_.Exists("file"));
  EXPECT_ERRNO(guest_.AtPath(kCall, 3, "to_dir/file"), kSuccess);
  EXPECT_FALSE(directory_.Exists("dir/file"));
  EXPECT_ERRNO(guest_.AtPath(kCall, 3, "file"), kSuccess);
  EXPECT_FALSE(directory_.Exists("file"));
}

TEST_F(PathChangeTest, RemoveDirectory) {
  constexpr char kCall[] = "path_remove_directory";
  directory_.MakeLink("dir/nested", "link");
  EXPECT_ERRNO(guest_.AtPath(kCall, 3, "dir"), kNotEmpty);
  EXPECT_ERRNO(guest_.AtPath(kCall, 3, "file"), kNotdir);
  EXPECT_ERRNO(guest_.AtPath(kCall, 3, "file/"), kNotdir);
  EXPECT_ERRNO(guest_.AtPath(kCall, 3, "link"), kNotdir);
  EXPECT_ERRNO(guest_.AtPath(kCall, 3, "link/"), kNotdir);
  EXPECT_ERRNO(guest_.AtPath(kCall, 3, "absent"), kNoent);
  EXPECT_ERRNO(guest_.AtPath(kCall, 3, "."), kInval);
  EXPECT_ERRNO(guest_.AtPath(kCall, 3, "dir/nested/."), kInval);
  EXPECT_ERRNO(guest_.AtPath(kCall, 3, "dir/nested/.."), kNotEmpty);
  EXPECT_ERRNO(
      guest_.AtPath(kCall, Without(rights::kPathRemoveDirectory), "dir/nested"),
      kNotCapable);
  EXPECT_ERRNO(guest_.AtPath(kCall, 3, "dir/nested/"), kSuccess);
  EXPECT_FALSE(directory_.Exists("dir/nested"));
}

TEST_F(PathChangeTest, Rename) {
  const uint64_t inode = InodeOf("file");
  EXPECT_ERRNO(guest_.Rename(3, "file", 3, "dir/moved"), kSuccess);
  EXPECT_FALSE(directory_.Exists("file"));
  EXPECT_EQ(InodeOf("dir/moved"), inode);
  EXPECT_ERRNO(guest_.Rename(3, "dir/moved", 3, "dir/file"), kSuccess);
  EXPECT_EQ(directory_.ReadFile("dir/file"), "text");
  EXPECT_ERRNO(guest_.Rename(3, "dir/", 3, "dir2/"), kSuccess);
  EXPECT_ERRNO(guest_.Rename(3, "dir2", 3, "dir/"), kSuccess);
  EXPECT_EQ(directory_.ReadFile("dir/file"), "text");
}

TEST_F(PathChangeTest, RenameOfLinksMovesTheLink) {
  directory_.MakeLink("dir", "link");
  EXPECT_ERRNO(guest_.Rename(3, "link", 3, "link2"), kSuccess);
  EXPECT_EQ(*guest_.ReadLink(3, "link2"), "dir");
  EXPECT_ERRNO(guest_.Rename(3, "link2/", 3, "link3"), kNotdir);
  EXPECT_TRUE(directory_.Exists("dir"));
}

TEST_F(PathChangeTest, RenameErrors) {
  directory_.MakeDirectory("empty");
  EXPECT_ERRNO(guest_.Rename(3, "absent", 3, "x"), kNoent);
  EXPECT_ERRNO(guest_.Rename(3, "empty", 3, "dir"), kNotEmpty);
  EXPECT_ERRNO(guest_.Rename(3, "empty", 3, "dir/file"), kNotdir);
  EXPECT_ERRNO(guest_.Rename(3, "file", 3, "empty"), kIsdir);
  EXPECT_ERRNO(guest_.Rename(3, "file", 3, "x/"), kNotdir);
  EXPECT_ERRNO(guest_.Rename(3, "dir", 3, "dir/nested/x"), kInval);
  EXPECT_ERRNO(guest_.Rename(3, ".", 3, "x"), kBusy);
  EXPECT_ERRNO(guest_.Rename(3, "empty", 3, "dir/.."), kBusy);
  EXPECT_ERRNO(guest_.Rename(3, "../x", 3, "x"), kNotCapable);
  EXPECT_ERRNO(guest_.Rename(3, "file", 3, "../x"), kNotCapable);
  EXPECT_ERRNO(guest_.Rename(3, "file", 3, "/x"), kNotCapable);
  EXPECT_ERRNO(
      guest_.Rename(Without(rights::kPathRenameSource), "file", 3, "x"),
      kNotCapable);
  EXPECT_ERRNO(
      guest_.Rename(3, "file", Without(rights::kPathRenameTarget), "x"),
      kNotCapable);
  EXPECT_ERRNO(guest_.Rename(3, "file", 99, "x"), kBadf);
  EXPECT_EQ(directory_.ReadFile("file"), "text");
}

TEST_F(PathChangeTest, Symlink) {
  EXPECT_ERRNO(guest_.Symlink("file", 3, "link"), kSuccess);
  EXPECT_EQ(*guest_.ReadLink(3, "link"), "file");
  EXPECT_ERRNO(guest_.Symlink("anything at all", 3, "dir/link"), kSuccess);
  EXPECT_ERRNO(guest_.Symlink("x", 3, "link"), kExist);
  EXPECT_ERRNO(guest_.Symlink("x", 3, "file"), kExist);
  EXPECT_ERRNO(guest_.Symlink("x", 3, "dir"), kExist);
  EXPECT_ERRNO(guest_.Symlink("x", 3, "dir/"), kExist);
  EXPECT_ERRNO(guest_.Symlink("x", 3, "."), kExist);
  EXPECT_ERRNO(guest_.Symlink("x", 3, "new/"), kNoent);
  EXPECT_ERRNO(guest_.Symlink("", 3, "new"), kNoent);
  EXPECT_ERRNO(guest_.Symlink("/", 3, "new"), kNotCapable);
  EXPECT_ERRNO(guest_.Symlink("/etc/passwd", 3, "new"), kNotCapable);
  EXPECT_ERRNO(guest_.Symlink(std::string_view("a\0b", 3), 3, "new"), kInval);
  EXPECT_ERRNO(guest_.Symlink("x", 3, "../new"), kNotCapable);
  EXPECT_ERRNO(guest_.Symlink("x", Without(rights::kPathSymlink), "new"),
               kNotCapable);
  EXPECT_FALSE(directory_.Exists("new"));
}

TEST_F(PathChangeTest, Link) {
  EXPECT_ERRNO(guest_.Link(3, "file", 3, "dir/link"), kSuccess);
  EXPECT_EQ(InodeOf("dir/link"), InodeOf("file"));
  EXPECT_ERRNO(guest_.Link(3, "file", 3, "dir/link"), kExist);
  EXPECT_ERRNO(guest_.Link(3, "file", 3, "file"), kExist);
  EXPECT_ERRNO(guest_.Link(3, "file", 3, "dir"), kExist);
  EXPECT_ERRNO(guest_.Link(3, "file", 3, "."), kExist);
  EXPECT_ERRNO(guest_.Link(3, "file", 3, "new/"), kNoent);
  EXPECT_ERRNO(guest_.Link(3, "dir", 3, "new"), kPerm);
  EXPECT_ERRNO(guest_.Link(3, "dir/", 3, "new"), kPerm);
  EXPECT_ERRNO(guest_.Link(3, ".", 3, "new"), kPerm);
  EXPECT_ERRNO(guest_.Link(3, "file/", 3, "new"), kNotdir);
  EXPECT_ERRNO(guest_.Link(3, "absent", 3, "new"), kNoent);
  EXPECT_ERRNO(guest_.Link(3, "absent/", 3, "new"), kNoent);
  EXPECT_ERRNO(guest_.Link(3, "file", 3, "new", 2), kInval);
  EXPECT_ERRNO(guest_.Link(Without(rights::kPathLinkSource), "file", 3, "new"),
               kNotCapable);
  EXPECT_ERRNO(guest_.Link(3, "file", Without(rights::kPathLinkTarget), "new"),
               kNotCapable);
  EXPECT_FALSE(directory_.Exists("new"));
}

TEST_F(PathChangeTest, LinkOfALink) {
  directory_.MakeLink("file", "link");
  directory_.MakeLink("absent", "dangling");
  directory_.MakeLink("../outside", "leaves");
  EXPECT_ERRNO(guest_.Link(3, "link", 3, "a"), kSuccess);
  EXPECT_EQ(InodeOf("a"), InodeOf("link"));
  EXPECT_ERRNO(guest_.Link(3, "link", 3, "b", lookupflags::kSymlinkFollow),
               kSuccess);
  EXPECT_EQ(InodeOf("b"), InodeOf("file"));
  EXPECT_ERRNO(guest_.Link(3, "dangling", 3, "c"), kSuccess);
  EXPECT_ERRNO(guest_.Link(3, "dangling", 3, "d", lookupflags::kSymlinkFollow),
               kNoent);
  EXPECT_ERRNO(guest_.Link(3, "leaves", 3, "d", lookupflags::kSymlinkFollow),
               kNotCapable);
  EXPECT_ERRNO(guest_.Link(3, "file", 3, "dangling"), kExist);
}

TEST_F(PathChangeTest, BadPointersDoNothing) {
  const uint64_t path = guest_.Put("file");
  const uint64_t bad = TestGuest::kBadPointer;
  EXPECT_ERRNO(guest_.Call("path_unlink_file", {3, bad, 4}), kFault);
  EXPECT_ERRNO(guest_.Call("path_unlink_file", {3, path, 0xffffffff}), kFault);
  EXPECT_ERRNO(guest_.Call("path_rename", {3, path, 4, 3, bad, 4}), kFault);
  EXPECT_ERRNO(guest_.Call("path_rename", {3, bad, 4, 3, path, 4}), kFault);
  EXPECT_ERRNO(guest_.Call("path_symlink", {bad, 4, 3, path, 4}), kFault);
  EXPECT_ERRNO(guest_.Call("path_link", {3, 0, path, 4, 3, bad, 4}), kFault);
  EXPECT_EQ(directory_.ReadFile("file"), "text");
}

}  // namespace
}  // namespace wasmd::wasi
