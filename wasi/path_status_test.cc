#include <gtest/gtest.h>
#include <sys/stat.h>

#include "wasi/testing/errno_matchers.h"
#include "wasi/testing/temporary_directory.h"
#include "wasi/testing/test_guest.h"

namespace wasmd::wasi {
namespace {

class PathStatusTest : public ::testing::Test {
 protected:
  PathStatusTest() : guest_(Options{.preopens = {{directory_.path(), "/"}}}) {
    directory_.WriteFile("file", "0123456789");
    directory_.MakeDirectory("dir");
    directory_.MakeLink("file", "link");
    directory_.MakeLink("absent", "dangling");
    directory_.MakeLink("../file", "dir/up");
  }
  Errno SetTimes(std::string_view path, uint32_t lookup, uint64_t access,
                 uint64_t modify, uint32_t flags) {
    return guest_.Call(
        "path_filestat_set_times",
        {3, lookup, guest_.Put(path), path.size(), access, modify, flags});
  }
  struct stat HostStatus(std::string_view name) {
    struct stat status = {};
    EXPECT_EQ(::lstat(directory_.Path(name).c_str(), &status), 0);
    return status;
  }
  uint64_t ModifiedOf(std::string_view name) {
    return ToGuestTime(HostStatus(name).st_mtim);
  }

  TemporaryDirectory directory_;
  TestGuest guest_;
};

TEST_F(PathStatusTest, Filestat) {
  ASSERT_OK_ERRNO_AND_ASSIGN(const uint32_t file, guest_.Stat(3, "file"));
  EXPECT_EQ(guest_.Get8(file + 16), 4);
  EXPECT_EQ(guest_.Get64(file + 32), 10u);
  EXPECT_EQ(guest_.Get64(file + 8), HostStatus("file").st_ino);
  ASSERT_OK_ERRNO_AND_ASSIGN(const uint32_t link, guest_.Stat(3, "link", 0));
  EXPECT_EQ(guest_.Get8(link + 16), 7);
  ASSERT_OK_ERRNO_AND_ASSIGN(const uint32_t followed, guest_.Stat(3, "link"));
  EXPECT_EQ(guest_.Get64(followed + 8), HostStatus("file").st_ino);
  ASSERT_OK_ERRNO_AND_ASSIGN(const uint32_t up, guest_.Stat(3, "dir/up"));
  EXPECT_EQ(guest_.Get64(up + 8), HostStatus("file").st_ino);
  EXPECT_TRUE(guest_.Stat(3, ".").ok());
  EXPECT_TRUE(guest_.Stat(3, "dir/..").ok());
  EXPECT_TRUE(guest_.Stat(3, "dir/").ok());
}

TEST_F(PathStatusTest, FilestatErrors) {
  EXPECT_ERRNO(guest_.Stat(3, "absent"), kNoent);
  EXPECT_ERRNO(guest_.Stat(3, "dangling"), kNoent);
  EXPECT_TRUE(guest_.Stat(3, "dangling", 0).ok());
  EXPECT_ERRNO(guest_.Stat(3, "file/"), kNotdir);
  EXPECT_ERRNO(guest_.Stat(3, "..", 0), kNotCapable);
  EXPECT_ERRNO(guest_.Stat(3, "/", 0), kNotCapable);
  EXPECT_ERRNO(guest_.Stat(3, "file", 2), kInval);
  EXPECT_ERRNO(guest_.Stat(99, "file"), kBadf);
  EXPECT_ERRNO(guest_.Stat(0, "file"), kNotdir);
  const uint64_t path = guest_.Put("file");
  EXPECT_ERRNO(
      guest_.Call("path_filestat_get", {3, 0, path, 4, TestGuest::kBadPointer}),
      kFault);
  ASSERT_OK_ERRNO_AND_ASSIGN(const uint32_t bare,
                             guest_.Open(3, ".", {.base = 0}));
  EXPECT_ERRNO(guest_.Stat(bare, "file"), kNotCapable);
}

TEST_F(PathStatusTest, SetTimes) {
  const uint64_t accessed = ToGuestTime(HostStatus("file").st_atim);
  EXPECT_ERRNO(SetTimes("file", 0, 5, 1'234'567'891, fstflags::kMtim),
               kSuccess);
  EXPECT_EQ(ModifiedOf("file"), 1'234'567'891u);
  EXPECT_EQ(ToGuestTime(HostStatus("file").st_atim), accessed);
  // Of the link, or of what it leads to.
  EXPECT_ERRNO(SetTimes("link", 0, 0, 77, fstflags::kMtim), kSuccess);
  EXPECT_EQ(ModifiedOf("link"), 77u);
  EXPECT_EQ(ModifiedOf("file"), 1'234'567'891u);
  EXPECT_ERRNO(SetTimes("dir/up", 1, 0, 88, fstflags::kMtim), kSuccess);
  EXPECT_EQ(ModifiedOf("file"), 88u);
  // Of directories, however they are called.
  for (const char* path : {"dir", "dir/", "dir/.", "./dir"}) {
    EXPECT_ERRNO(SetTimes("dir", 0, 0, 1, fstflags::kMtim), kSuccess);
    EXPECT_ERRNO(SetTimes(path, 0, 0, 99, fstflags::kMtim), kSuccess) << path;
    EXPECT_EQ(ModifiedOf("dir"), 99u) << path;
  }
}

TEST_F(PathStatusTest, SetTimesErrors) {
  const uint64_t before = ModifiedOf("file");
  EXPECT_ERRNO(SetTimes("file", 0, 1, 1, fstflags::kMtim | fstflags::kMtimNow),
               kInval);
  EXPECT_ERRNO(SetTimes("file", 0, 1, 1, fstflags::kAtim | fstflags::kAtimNow),
               kInval);
  EXPECT_ERRNO(SetTimes("file/", 0, 1, 1, fstflags::kMtim), kNotdir);
  EXPECT_ERRNO(SetTimes("absent", 0, 1, 1, fstflags::kMtim), kNoent);
  EXPECT_ERRNO(SetTimes("dangling", 1, 1, 1, fstflags::kMtim), kNoent);
  EXPECT_ERRNO(SetTimes("..", 0, 1, 1, fstflags::kMtim), kNotCapable);
  EXPECT_ERRNO(SetTimes("../x", 0, 1, 1, fstflags::kMtim), kNotCapable);
  directory_.MakeLink("../x", "leaves");
  EXPECT_ERRNO(SetTimes("leaves", 1, 1, 1, fstflags::kMtim), kNotCapable);
  ASSERT_OK_ERRNO_AND_ASSIGN(const uint32_t bare,
                             guest_.Open(3, ".", {.base = 0}));
  EXPECT_ERRNO(guest_.Call("path_filestat_set_times",
                           {bare, 0, guest_.Put("file"), 4, 0, 0, 4}),
               kNotCapable);
  EXPECT_EQ(ModifiedOf("file"), before);
}

TEST_F(PathStatusTest, Readlink) {
  EXPECT_EQ(*guest_.ReadLink(3, "link"), "file");
  EXPECT_EQ(*guest_.ReadLink(3, "dir/up"), "../file");
  EXPECT_EQ(*guest_.ReadLink(3, "dangling"), "absent");
  EXPECT_ERRNO(guest_.ReadLink(3, "file"), kInval);
  EXPECT_ERRNO(guest_.ReadLink(3, "dir"), kInval);
  EXPECT_ERRNO(guest_.ReadLink(3, "absent"), kNoent);
  EXPECT_ERRNO(guest_.ReadLink(3, "../x"), kNotCapable);
  ASSERT_OK_ERRNO_AND_ASSIGN(const uint32_t bare,
                             guest_.Open(3, ".", {.base = 0}));
  EXPECT_ERRNO(guest_.ReadLink(bare, "link"), kNotCapable);
}

TEST_F(PathStatusTest, ReadlinkFillsWhatThereIs) {
  const uint64_t path = guest_.Put("link");
  const uint32_t buffer = guest_.Put(std::string(8, '.'));
  const uint32_t used_at = guest_.Space(4);
  EXPECT_ERRNO(guest_.Call("path_readlink", {3, path, 4, buffer, 2, used_at}),
               kSuccess);
  EXPECT_EQ(guest_.Get32(used_at), 2u);
  EXPECT_EQ(guest_.Get(buffer, 8), "fi......");
  EXPECT_ERRNO(guest_.Call("path_readlink", {3, path, 4, buffer, 8, used_at}),
               kSuccess);
  EXPECT_EQ(guest_.Get32(used_at), 4u);
  EXPECT_EQ(guest_.Get(buffer, 8), "file....");
  EXPECT_ERRNO(guest_.Call("path_readlink", {3, path, 4, buffer, 0, used_at}),
               kSuccess);
  EXPECT_EQ(guest_.Get32(used_at), 0u);
  EXPECT_ERRNO(guest_.Call("path_readlink",
                           {3, path, 4, TestGuest::kBadPointer, 8, used_at}),
               kFault);
}

}  // namespace
}  // namespace wasmd::wasi
