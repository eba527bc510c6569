// Nothing that a guest calls leads out of its preopened directories, whichever
// way paths are resolved. path_resolver_test.cc has the paths themselves; here
// is every function that takes one.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "wasi/testing/errno_matchers.h"
#include "wasi/testing/temporary_directory.h"
#include "wasi/testing/test_guest.h"

namespace wasmd::wasi {
namespace {

class SandboxTest : public ::testing::TestWithParam<PathResolver::Method> {
 protected:
  SandboxTest() : guest_(MakeOutside(), GetParam()) {
    struct stat status = {};
    EXPECT_EQ(::stat(outside_.Path("secret").c_str(), &status), 0);
    before_ = status;
  }
  Options MakeOutside() {
    outside_.MakeDirectory("root/dir");
    outside_.MakeDirectory("empty");
    outside_.WriteFile("secret", "secret");
    outside_.WriteFile("root/file", "in root");
    return Options{.preopens = {{outside_.Path("root"), "/"}}};
  }
  // What is outside is as it was.
  void TearDown() override {
    struct stat status = {};
    ASSERT_EQ(::stat(outside_.Path("secret").c_str(), &status), 0);
    EXPECT_EQ(outside_.ReadFile("secret"), "secret");
    EXPECT_EQ(status.st_nlink, 1u);
    EXPECT_EQ(status.st_mtim.tv_sec, before_.st_mtim.tv_sec);
    EXPECT_EQ(status.st_mtim.tv_nsec, before_.st_mtim.tv_nsec);
    EXPECT_TRUE(outside_.Exists("empty"));
    EXPECT_FALSE(outside_.Exists("made"));
  }
  // Every function with a path that leads to `name` outside.
  void ExpectAllRefuse(std::string_view path, std::string_view empty,
                       std::string_view made) {
    EXPECT_ERRNO(guest_.Open(3, path), kNotCapable) << path;
    EXPECT_ERRNO(
        guest_.Open(3, path,
                    {.open_flags = oflags::kTrunc, .base = rights::kFdWrite}),
        kNotCapable);
    EXPECT_ERRNO(guest_.Open(3, made, {.open_flags = oflags::kCreat}),
                 kNotCapable);
    EXPECT_ERRNO(guest_.Stat(3, path), kNotCapable);
    EXPECT_ERRNO(guest_.Call("path_filestat_set_times",
                             {3, 1, guest_.Put(path), path.size(), 1, 1, 5}),
                 kNotCapable);
    EXPECT_ERRNO(guest_.ReadLink(3, path), kNotCapable);
    EXPECT_ERRNO(guest_.AtPath("path_create_directory", 3, made), kNotCapable);
    EXPECT_ERRNO(guest_.AtPath("path_unlink_file", 3, path), kNotCapable);
    EXPECT_ERRNO(guest_.AtPath("path_remove_directory", 3, empty), kNotCapable);
    EXPECT_ERRNO(guest_.Rename(3, path, 3, "x"), kNotCapable);
    EXPECT_ERRNO(guest_.Rename(3, "file", 3, made), kNotCapable);
    EXPECT_ERRNO(guest_.Link(3, path, 3, "x"), kNotCapable);
    EXPECT_ERRNO(guest_.Link(3, "file", 3, made), kNotCapable);
    EXPECT_ERRNO(guest_.Symlink("file", 3, made), kNotCapable);
  }

  TemporaryDirectory outside_;
  TestGuest guest_;
  struct stat before_ = {};
};

INSTANTIATE_TEST_SUITE_P(Methods, SandboxTest,
                         ::testing::Values(PathResolver::Method::kKernel,
                                           PathResolver::Method::kWalk),
                         [](const auto& parameter) {
                           return parameter.param ==
                                          PathResolver::Method::kKernel
                                      ? "Kernel"
                                      : "Walk";
                         });

TEST_P(SandboxTest, DotDot) {
  ExpectAllRefuse("../secret", "../empty", "../made");
  ExpectAllRefuse("dir/../../secret", "dir/../../empty", "dir/../../made");
  ExpectAllRefuse("./.././secret", "././../empty", "dir/./../../made");
}

TEST_P(SandboxTest, AbsolutePaths) {
  ExpectAllRefuse(outside_.Path("secret"), outside_.Path("empty"),
                  outside_.Path("made"));
}

TEST_P(SandboxTest, LinksThatWereThere) {
  outside_.MakeLink("..", "root/up");
  ExpectAllRefuse("up/secret", "up/empty", "up/made");
  outside_.MakeLink(outside_.path(), "root/absolute");
  ExpectAllRefuse("absolute/secret", "absolute/empty", "absolute/made");
  outside_.MakeLink("dir/../../", "root/around");
  ExpectAllRefuse("around/secret", "around/empty", "around/made");
  outside_.MakeLink("up/../root/up", "root/chain");
  ExpectAllRefuse("chain/secret", "chain/empty", "chain/made");
}

TEST_P(SandboxTest, LinksThatTheGuestMakes) {
  ASSERT_ERRNO(guest_.Symlink("..", 3, "up"), kSuccess);
  ExpectAllRefuse("up/secret", "up/empty", "up/made");
  ASSERT_ERRNO(guest_.Symlink("../..", 3, "dir/up"), kSuccess);
  ExpectAllRefuse("dir/up/secret", "dir/up/empty", "dir/up/made");
  // Harmless where it was made, and moved to where it is not.
  ASSERT_ERRNO(guest_.Symlink("../", 3, "dir/near"), kSuccess);
  EXPECT_TRUE(guest_.Open(3, "dir/near/file").ok());
  ASSERT_ERRNO(guest_.Rename(3, "dir/near", 3, "far"), kSuccess);
  ExpectAllRefuse("far/secret", "far/empty", "far/made");
}

TEST_P(SandboxTest, ALinkAtTheEnd) {
  ASSERT_ERRNO(guest_.Symlink("../secret", 3, "link"), kSuccess);
  ASSERT_ERRNO(guest_.Symlink("../made", 3, "dangling"), kSuccess);
  EXPECT_ERRNO(guest_.Open(3, "link"), kNotCapable);
  EXPECT_ERRNO(
      guest_.Open(3, "link",
                  {.open_flags = oflags::kTrunc, .base = rights::kFdWrite}),
      kNotCapable);
  EXPECT_ERRNO(guest_.Open(3, "dangling", {.open_flags = oflags::kCreat}),
               kNotCapable);
  EXPECT_ERRNO(guest_.Stat(3, "link"), kNotCapable);
  EXPECT_ERRNO(guest_.Call("path_filestat_set_times",
                           {3, 1, guest_.Put("link"), 4, 1, 1, 5}),
               kNotCapable);
  EXPECT_ERRNO(guest_.Link(3, "link", 3, "x", lookupflags::kSymlinkFollow),
               kNotCapable);
  // The link itself is the guest's to do with as it likes.
  EXPECT_TRUE(guest_.Stat(3, "link", 0).ok());
  EXPECT_ERRNO(guest_.Call("path_filestat_set_times",
                           {3, 0, guest_.Put("link"), 4, 1, 1, 5}),
               kSuccess);
  EXPECT_EQ(*guest_.ReadLink(3, "link"), "../secret");
  EXPECT_ERRNO(guest_.Rename(3, "link", 3, "link2"), kSuccess);
  EXPECT_ERRNO(guest_.AtPath("path_unlink_file", 3, "link2"), kSuccess);
  EXPECT_ERRNO(guest_.AtPath("path_create_directory", 3, "dangling"), kExist);
}

TEST_P(SandboxTest, ADescriptorBindsToItsDirectory) {
  ASSERT_OK_ERRNO_AND_ASSIGN(const uint32_t dir,
                             guest_.OpenDirectory(3, "dir"));
  EXPECT_ERRNO(guest_.Open(dir, "../file"), kNotCapable);
  EXPECT_ERRNO(guest_.Open(dir, ".."), kNotCapable);
  EXPECT_ERRNO(guest_.Stat(dir, ".."), kNotCapable);
  ASSERT_ERRNO(guest_.Symlink("../file", dir, "up"), kSuccess);
  EXPECT_ERRNO(guest_.Open(dir, "up"), kNotCapable);
  EXPECT_TRUE(guest_.Open(3, "dir/up").ok());
  // Also when it is moved.
  ASSERT_ERRNO(guest_.AtPath("path_create_directory", 3, "a"), kSuccess);
  ASSERT_ERRNO(guest_.Rename(3, "dir", 3, "a/dir"), kSuccess);
  EXPECT_ERRNO(guest_.Open(dir, "../../file"), kNotCapable);
}

TEST_P(SandboxTest, TheParentOfTheRootDoesNotShow) {
  ASSERT_OK_ERRNO_AND_ASSIGN(const uint32_t root, guest_.Stat(3));
  struct stat outside = {};
  ASSERT_EQ(::stat(outside_.path().c_str(), &outside), 0);
  const uint32_t buffer = guest_.Space(256);
  ASSERT_ERRNO(guest_.Call("fd_readdir", {3, buffer, 256, 1, guest_.Space(4)}),
               kSuccess);
  EXPECT_EQ(guest_.Get(buffer + 24, 2), "..");
  EXPECT_NE(guest_.Get64(buffer + 8), outside.st_ino);
  EXPECT_EQ(guest_.Get64(buffer + 8), guest_.Get64(root + 8));
}

// Others exchange a directory for a link out of the root all the time.
TEST_P(SandboxTest, Races) {
  outside_.MakeDirectory("root/a");
  outside_.MakeLink("..", "root/link");
  std::atomic<bool> stop = false;
  std::thread attacker([&] {
    const std::string a = outside_.Path("root/a");
    const std::string link = outside_.Path("root/link");
    while (!stop) {
      ::syscall(SYS_renameat2, AT_FDCWD, a.c_str(), AT_FDCWD, link.c_str(),
                2 /* RENAME_EXCHANGE */);
    }
  });
  const std::vector<uint64_t> create = guest_.OpenCall(
      3, "a/made", {.open_flags = oflags::kCreat}, guest_.Space(4));
  const std::vector<uint64_t> made = {3, guest_.Put("a/made"), 6};
  const std::vector<uint64_t> secret = {3, guest_.Put("a/secret"), 8};
  const std::vector<uint64_t> link = {
      3, 0, guest_.Put("file"), 4, 3, guest_.Put("a/made"), 6};
  const std::vector<uint64_t> rename = {3, guest_.Put("a/secret"), 8,
                                        3, guest_.Put("stolen"),   6};
  int created = 0;
  for (int i = 0; i < 1500; ++i) {
    if (guest_.Call("path_open", create) == Errno::kSuccess) {
      ++created;
      guest_.Close(4);
    }
    guest_.Call("path_unlink_file", made);
    guest_.Call("path_link", link);
    guest_.Call("path_unlink_file", made);
    guest_.Call("path_create_directory", made);
    guest_.Call("path_remove_directory", made);
    EXPECT_ERRNO_2(guest_.Call("path_unlink_file", secret), kNoent,
                   kNotCapable);
    EXPECT_ERRNO_2(guest_.Call("path_rename", rename), kNoent, kNotCapable);
  }
  stop = true;
  attacker.join();
  EXPECT_GT(created, 0);
}

// Others move a directory out of the root, and back, while paths with ".." in
// them are on their way through it.
TEST_P(SandboxTest, ADirectoryThatIsMovedOutMeanwhile) {
  outside_.MakeDirectory("root/x/y");
  outside_.MakeDirectory("other/place");
  outside_.WriteFile("other/secret", "secret");
  std::atomic<bool> stop = false;
  std::thread attacker([&] {
    const std::string inside = outside_.Path("root/x/y");
    const std::string out = outside_.Path("other/place/y");
    while (!stop) {
      ::rename(inside.c_str(), out.c_str());
      ::rename(out.c_str(), inside.c_str());
    }
  });
  int passed = 0;
  for (int i = 0; i < 2000; ++i) {
    // From "other/place/y" the first would be "other/secret".
    EXPECT_FALSE(guest_.Open(3, "x/y/../../secret").ok());
    EXPECT_FALSE(guest_.Open(3, "x/y/../../../secret").ok());
    const ErrnoOr<uint32_t> opened = guest_.Open(3, "x/y/../../file");
    if (opened.ok()) {
      ++passed;
      EXPECT_ERRNO(guest_.Close(*opened), kSuccess);
    }
    EXPECT_NE(guest_.AtPath("path_unlink_file", 3, "x/y/../../secret"),
              Errno::kSuccess);
  }
  stop = true;
  attacker.join();
  EXPECT_GT(passed, 0);
  EXPECT_EQ(outside_.ReadFile("other/secret"), "secret");
}

// A directory that is open stays what it is, wherever others move it; nothing
// above it can be reached from it.
TEST_P(SandboxTest, AnOpenDirectoryThatWasMovedOut) {
  outside_.WriteFile("root/dir/mine", "mine");
  ASSERT_OK_ERRNO_AND_ASSIGN(const uint32_t dir,
                             guest_.OpenDirectory(3, "dir"));
  outside_.Rename("root/dir", "moved");
  EXPECT_TRUE(guest_.Open(dir, "mine").ok());
  EXPECT_ERRNO(guest_.Open(dir, "../secret"), kNotCapable);
  EXPECT_ERRNO(guest_.Open(dir, "x/../../secret").error(), kNoent);
}

// A link to a file is made to what has the name in the root, never to what a
// symbolic link says.
TEST_P(SandboxTest, HardLinks) {
  outside_.MakeLink("../secret", "root/leaves");
  EXPECT_ERRNO(guest_.Link(3, "leaves", 3, "hard", lookupflags::kSymlinkFollow),
               kNotCapable);
  EXPECT_FALSE(outside_.Exists("root/hard"));
  // Of the symbolic link itself: it leads out as before.
  EXPECT_ERRNO(guest_.Link(3, "leaves", 3, "hard"), kSuccess);
  EXPECT_ERRNO(guest_.Open(3, "hard"), kNotCapable);
  EXPECT_ERRNO(guest_.Link(3, "../secret", 3, "hard2"), kNotCapable);
  EXPECT_ERRNO(guest_.Link(3, "file", 3, "../made"), kNotCapable);
  EXPECT_ERRNO(guest_.Link(3, "dir", 3, "hard3"), kPerm);
}

// Links that the kernel follows by itself, past every directory.
TEST_P(SandboxTest, ProcLeadsNowhere) {
  guest_.Reset({.preopens = {{"/proc/self", "/"}}});
  for (const char* path :
       {"root/etc/passwd", "cwd/.", "exe", "fd/0", "task/../root/etc"}) {
    const Errno error = guest_.Open(3, path).error();
    // Read as text, "pipe:[1]" is the name of nothing.
    EXPECT_TRUE(error == Errno::kLoop || error == Errno::kNotCapable ||
                error == Errno::kNoent)
        << path << ": " << Describe(error);
    EXPECT_NE(guest_.Stat(3, path).error(), Errno::kSuccess) << path;
  }
  EXPECT_NE(guest_.Link(3, "exe", 3, "x", lookupflags::kSymlinkFollow),
            Errno::kSuccess);
}

}  // namespace
}  // namespace wasmd::wasi
