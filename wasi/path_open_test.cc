#include <gtest/gtest.h>
#include <sys/stat.h>

#include "wasi/testing/errno_matchers.h"
#include "wasi/testing/temporary_directory.h"
#include "wasi/testing/test_guest.h"

namespace wasmd::wasi {
namespace {

class PathOpenTest : public ::testing::Test {
 protected:
  PathOpenTest() : guest_(Options{.preopens = {{directory_.path(), "/"}}}) {
    directory_.WriteFile("file", "0123456789");
    directory_.MakeDirectory("dir");
  }

  TemporaryDirectory directory_;
  TestGuest guest_;
};

TEST_F(PathOpenTest, CreatesAndTruncates) {
  EXPECT_TRUE(guest_.Open(3, "new", {.open_flags = oflags::kCreat}).ok());
  EXPECT_EQ(directory_.ReadFile("new"), "");
  EXPECT_TRUE(guest_.Open(3, "file", {.open_flags = oflags::kCreat}).ok());
  EXPECT_EQ(directory_.ReadFile("file"), "0123456789");
  EXPECT_ERRNO(
      guest_.Open(3, "file", {.open_flags = oflags::kCreat | oflags::kExcl}),
      kExist);
  EXPECT_TRUE(
      guest_.Open(3, "new2", {.open_flags = oflags::kCreat | oflags::kExcl})
          .ok());
  // Without the right to write the descriptor itself.
  EXPECT_TRUE(
      guest_.Open(3, "file", {.open_flags = oflags::kTrunc, .base = 0}).ok());
  EXPECT_EQ(directory_.ReadFile("file"), "");
}

TEST_F(PathOpenTest, Errors) {
  EXPECT_ERRNO(guest_.Open(3, "absent"), kNoent);
  EXPECT_ERRNO(guest_.Open(3, ""), kNoent);
  EXPECT_ERRNO(guest_.Open(3, "file/"), kNotdir);
  EXPECT_ERRNO(guest_.Open(3, std::string_view("file\0", 5)), kInval);
  EXPECT_ERRNO(guest_.Open(3, std::string(100'000, 'x')), kNameTooLong);
  EXPECT_ERRNO(guest_.Open(3, "file", {.open_flags = oflags::kDirectory}),
               kNotdir);
  EXPECT_ERRNO(guest_.Open(3, "dir",
                           {.open_flags = oflags::kDirectory,
                            .base = rights::kFdRead | rights::kFdWrite}),
               kIsdir);
  EXPECT_ERRNO(guest_.Open(3, "dir",
                           {.open_flags = oflags::kDirectory | oflags::kCreat,
                            .base = 0}),
               kInval);
  EXPECT_ERRNO(guest_.Open(3, "file", {.open_flags = 16}), kInval);
  EXPECT_ERRNO(guest_.Open(3, "file", {.flags = 32}), kInval);
  EXPECT_ERRNO(guest_.Open(3, "file", {.lookup = 2}), kInval);
  EXPECT_ERRNO(guest_.Open(99, "file"), kBadf);
  EXPECT_ERRNO(guest_.Open(1, "file"), kNotdir);
  ASSERT_OK_ERRNO_AND_ASSIGN(const uint32_t file, guest_.Open(3, "file"));
  EXPECT_ERRNO(guest_.Open(file, "x", {.open_flags = oflags::kCreat}), kNotdir);
}

TEST_F(PathOpenTest, BadPointersDoNothing) {
  const uint32_t path = guest_.Put("new");
  EXPECT_ERRNO(guest_.Call("path_open", {3, 0, path, 3, oflags::kCreat, 0, 0, 0,
                                         TestGuest::kBadPointer}),
               kFault);
  EXPECT_ERRNO(guest_.Call("path_open", {3, 0, TestGuest::kBadPointer, 3,
                                         oflags::kCreat, 0, 0, 0, path}),
               kFault);
  EXPECT_ERRNO(guest_.Call("path_open", {3, 0, path, 0xffffffff, oflags::kCreat,
                                         0, 0, 0, path}),
               kFault);
  EXPECT_FALSE(directory_.Exists("new"));
}

TEST_F(PathOpenTest, RightsOfTheDirectory) {
  const auto with = [this](Rights base) {
    return *guest_.Open(3, ".",
                        {.open_flags = oflags::kDirectory,
                         .base = base,
                         .inheriting = rights::kInheriting});
  };
  EXPECT_ERRNO(
      guest_.Open(with(rights::kDirectory & ~rights::kPathOpen), "file"),
      kNotCapable);
  EXPECT_ERRNO(guest_.Open(with(rights::kDirectory & ~rights::kPathCreateFile),
                           "new", {.open_flags = oflags::kCreat}),
               kNotCapable);
  const uint32_t no_size =
      with(rights::kDirectory & ~rights::kPathFilestatSetSize);
  EXPECT_ERRNO(guest_.Open(no_size, "file", {.open_flags = oflags::kTrunc}),
               kNotCapable);
  EXPECT_TRUE(guest_.Open(no_size, "file").ok());
  EXPECT_EQ(directory_.ReadFile("file"), "0123456789");
  EXPECT_FALSE(directory_.Exists("new"));
}

TEST_F(PathOpenTest, RightsToWaitForTheDisk) {
  ASSERT_OK_ERRNO_AND_ASSIGN(
      const uint32_t no_sync,
      guest_.Open(3, ".",
                  {.open_flags = oflags::kDirectory,
                   .base = rights::kDirectory,
                   .inheriting = rights::kInheriting & ~rights::kFdSync &
                                 ~rights::kFdDatasync}));
  for (const uint32_t flags :
       {fdflags::kDsync, fdflags::kSync, fdflags::kRsync}) {
    EXPECT_ERRNO(
        guest_.Open(no_sync, "file", {.base = rights::kFdRead, .flags = flags}),
        kNotCapable);
  }
}

TEST_F(PathOpenTest, DirectoriesWithAllTheirRights) {
  ASSERT_OK_ERRNO_AND_ASSIGN(const uint32_t same,
                             guest_.Open(3, ".",
                                         {.lookup = 0,
                                          .base = rights::kDirectory,
                                          .inheriting = rights::kInheriting}));
  EXPECT_EQ(guest_.RightsOf(same), rights::kDirectory);
  // Reading and seeking do not apply and are dropped.
  ASSERT_OK_ERRNO_AND_ASSIGN(
      const uint32_t seeks,
      guest_.Open(3, "dir",
                  {.base = rights::kFdSeek | rights::kFdRead,
                   .flags = fdflags::kNonblock}));
  EXPECT_EQ(guest_.RightsOf(seeks), 0u);
}

TEST_F(PathOpenTest, Links) {
  directory_.MakeLink("file", "link");
  directory_.MakeLink("absent", "dangling");
  EXPECT_TRUE(guest_.Open(3, "link").ok());
  EXPECT_ERRNO(guest_.Open(3, "link", {.lookup = 0}), kLoop);
  EXPECT_ERRNO(guest_.Open(3, "dangling", {.lookup = 0}), kLoop);
  EXPECT_ERRNO(guest_.Open(3, "dangling"), kNoent);
}

TEST_F(PathOpenTest, WhatCannotBeOpenedAgainIsNotOpened) {
  ASSERT_EQ(::mkfifo(directory_.Path("fifo").c_str(), 0600), 0);
  EXPECT_ERRNO(guest_.Open(3, "fifo", {.base = rights::kFdRead}), kNotsup);
}

}  // namespace
}  // namespace wasmd::wasi
