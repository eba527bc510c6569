#include <gtest/gtest.h>
#include <sys/stat.h>

#include <limits>

#include "wasi/testing/errno_matchers.h"
#include "wasi/testing/temporary_directory.h"
#include "wasi/testing/test_guest.h"

namespace wasmd::wasi {
namespace {

class FdFileTest : public ::testing::Test {
 protected:
  FdFileTest() : guest_(Options{.preopens = {{directory_.path(), "/"}}}) {
    directory_.WriteFile("file", "0123456789");
    fd_ = *guest_.Open(3, "file", {.base = rights::kFile});
  }
  struct stat HostStatus() {
    struct stat status = {};
    EXPECT_EQ(::stat(directory_.Path("file").c_str(), &status), 0);
    return status;
  }

  TemporaryDirectory directory_;
  TestGuest guest_;
  uint32_t fd_ = 0;
};

TEST_F(FdFileTest, Filestat) {
  const struct stat host = HostStatus();
  ASSERT_OK_ERRNO_AND_ASSIGN(const uint32_t at, guest_.Stat(fd_));
  EXPECT_EQ(guest_.Get64(at), host.st_dev);
  EXPECT_EQ(guest_.Get64(at + 8), host.st_ino);
  EXPECT_EQ(guest_.Get8(at + 16), 4);
  EXPECT_EQ(guest_.Get64(at + 24), 1u);
  EXPECT_EQ(guest_.Get64(at + 32), 10u);
  EXPECT_EQ(guest_.Get64(at + 40), ToGuestTime(host.st_atim));
  EXPECT_EQ(guest_.Get64(at + 48), ToGuestTime(host.st_mtim));
  EXPECT_EQ(guest_.Get64(at + 56), ToGuestTime(host.st_ctim));
  ASSERT_OK_ERRNO_AND_ASSIGN(const uint32_t directory, guest_.Stat(3));
  EXPECT_EQ(guest_.Get8(directory + 16), 3);
  EXPECT_ERRNO(guest_.Call("fd_filestat_get", {fd_, TestGuest::kBadPointer}),
               kFault);
  EXPECT_ERRNO(
      guest_.Call("fd_filestat_get", {fd_, TestGuest::kMemoryBytes - 63}),
      kFault);
}

TEST_F(FdFileTest, FilestatLeavesNoHostBytesInPadding) {
  const uint32_t at = guest_.Put(std::string(64, '\xaa'));
  ASSERT_ERRNO(guest_.Call("fd_filestat_get", {fd_, at}), kSuccess);
  EXPECT_EQ(guest_.Get(at + 17, 7), std::string(7, '\0'));
}

TEST_F(FdFileTest, FilestatOfStreams) {
  ASSERT_OK_ERRNO_AND_ASSIGN(const uint32_t at, guest_.Stat(1));
  EXPECT_EQ(guest_.Get8(at + 16), 0);
  EXPECT_EQ(guest_.Get64(at + 32), 0u);
}

TEST_F(FdFileTest, SetSize) {
  EXPECT_ERRNO(guest_.Call("fd_filestat_set_size", {fd_, 4}), kSuccess);
  EXPECT_EQ(directory_.ReadFile("file"), "0123");
  EXPECT_ERRNO(guest_.Call("fd_filestat_set_size", {fd_, 6}), kSuccess);
  EXPECT_EQ(directory_.ReadFile("file"), std::string("0123\0\0", 6));
  EXPECT_ERRNO(guest_.Call("fd_filestat_set_size", {fd_, ~uint64_t{0}}), kFbig);
  EXPECT_ERRNO(guest_.Call("fd_filestat_set_size", {3, 0}), kIsdir);
  EXPECT_ERRNO(guest_.Call("fd_filestat_set_size", {1, 0}), kInval);
}

TEST_F(FdFileTest, Allocate) {
  const Errno first = guest_.Call("fd_allocate", {fd_, 0, 100});
  if (first == Errno::kNotsup) GTEST_SKIP() << "the file system cannot";
  ASSERT_ERRNO(first, kSuccess);
  EXPECT_EQ(HostStatus().st_size, 100);
  EXPECT_ERRNO(guest_.Call("fd_allocate", {fd_, 10, 10}), kSuccess);
  EXPECT_EQ(HostStatus().st_size, 100);
  EXPECT_ERRNO(guest_.Call("fd_allocate", {fd_, 90, 20}), kSuccess);
  EXPECT_EQ(HostStatus().st_size, 110);
  EXPECT_EQ(directory_.ReadFile("file").substr(0, 10), "0123456789");
}

TEST_F(FdFileTest, AllocateRefuses) {
  EXPECT_ERRNO(guest_.Call("fd_allocate", {fd_, 0, 0}), kInval);
  EXPECT_ERRNO(guest_.Call("fd_allocate", {fd_, 1, ~uint64_t{0}}), kFbig);
  EXPECT_ERRNO(guest_.Call("fd_allocate", {fd_, ~uint64_t{0}, 1}), kFbig);
  EXPECT_ERRNO(guest_.Call("fd_allocate", {3, 0, 1}), kIsdir);
  EXPECT_ERRNO(guest_.Call("fd_allocate", {1, 0, 1}), kSpipe);
}

TEST_F(FdFileTest, OnlyFilesAreAllocated) {
  TestGuest guest(
      {.preopens = {{"/dev", "/dev"}}, .listeners = {"127.0.0.1:0"}});
  ASSERT_OK_ERRNO_AND_ASSIGN(const uint32_t device,
                             guest.Open(3, "null", {.base = rights::kFdWrite}));
  EXPECT_ERRNO(guest.Call("fd_allocate", {device, 0, 1}), kNodev);
  EXPECT_ERRNO(guest.Call("fd_allocate", {4, 0, 1}), kNodev);
  EXPECT_ERRNO(guest.Call("fd_allocate", {99, 0, 1}), kBadf);
}

TEST_F(FdFileTest, Advise) {
  for (uint64_t advice = 0; advice < 6; ++advice) {
    EXPECT_ERRNO(guest_.Call("fd_advise", {fd_, 2, 5, advice}), kSuccess);
  }
  EXPECT_ERRNO(guest_.Call("fd_advise", {fd_, 2, 5, 6}), kInval);
  EXPECT_ERRNO(guest_.Call("fd_advise", {fd_, ~uint64_t{0}, 5, 0}), kInval);
  EXPECT_ERRNO(guest_.Call("fd_advise", {fd_, 0, ~uint64_t{0}, 0}), kInval);
  // The end of the range may be behind everything; length 0 is to the end.
  constexpr uint64_t kLast = std::numeric_limits<int64_t>::max();
  EXPECT_ERRNO(guest_.Call("fd_advise", {fd_, kLast / 2, kLast, 0}), kSuccess);
  EXPECT_ERRNO(guest_.Call("fd_advise", {fd_, kLast, kLast, 3}), kSuccess);
  EXPECT_ERRNO(guest_.Call("fd_advise", {fd_, 5, 0, 4}), kSuccess);
  EXPECT_ERRNO(guest_.Call("fd_advise", {1, 0, 0, 0}), kSpipe);
  EXPECT_EQ(HostStatus().st_size, 10);
}

TEST_F(FdFileTest, Sync) {
  EXPECT_ERRNO(guest_.Call("fd_sync", {fd_}), kSuccess);
  EXPECT_ERRNO(guest_.Call("fd_datasync", {fd_}), kSuccess);
  EXPECT_ERRNO(guest_.Call("fd_sync", {3}), kSuccess);
  EXPECT_ERRNO(guest_.Call("fd_sync", {1}), kInval);
  EXPECT_ERRNO(guest_.Call("fd_sync", {99}), kBadf);
}

TEST_F(FdFileTest, SetTimes) {
  EXPECT_ERRNO(
      guest_.Call("fd_filestat_set_times", {fd_, 1'000'000'001, 2'123'456'789,
                                            fstflags::kAtim | fstflags::kMtim}),
      kSuccess);
  EXPECT_EQ(ToGuestTime(HostStatus().st_atim), 1'000'000'001u);
  EXPECT_EQ(ToGuestTime(HostStatus().st_mtim), 2'123'456'789u);
  EXPECT_ERRNO(
      guest_.Call("fd_filestat_set_times", {fd_, 7, 3, fstflags::kMtim}),
      kSuccess);
  EXPECT_EQ(ToGuestTime(HostStatus().st_atim), 1'000'000'001u);
  EXPECT_EQ(ToGuestTime(HostStatus().st_mtim), 3u);
  EXPECT_ERRNO(
      guest_.Call("fd_filestat_set_times", {fd_, 7, 7, fstflags::kAtimNow}),
      kSuccess);
  EXPECT_GT(ToGuestTime(HostStatus().st_atim), 1'600'000'000'000'000'000u);
  EXPECT_EQ(ToGuestTime(HostStatus().st_mtim), 3u);
  for (const uint32_t flags : {3u, 12u, 15u, 16u, 0x80000000u}) {
    EXPECT_ERRNO(guest_.Call("fd_filestat_set_times", {fd_, 9, 9, flags}),
                 kInval);
  }
  EXPECT_EQ(ToGuestTime(HostStatus().st_mtim), 3u);
  EXPECT_ERRNO(guest_.Call("fd_filestat_set_times", {1, 9, 9, 1}), kInval);
}

TEST_F(FdFileTest, RightsAreNeeded) {
  ASSERT_OK_ERRNO_AND_ASSIGN(const uint32_t bare,
                             guest_.Open(3, "file", {.base = rights::kFdRead}));
  EXPECT_ERRNO(guest_.Stat(bare), kNotCapable);
  EXPECT_ERRNO(guest_.Call("fd_filestat_set_size", {bare, 0}), kNotCapable);
  EXPECT_ERRNO(guest_.Call("fd_filestat_set_times", {bare, 0, 0, 4}),
               kNotCapable);
  EXPECT_ERRNO(guest_.Call("fd_allocate", {bare, 0, 1}), kNotCapable);
  EXPECT_ERRNO(guest_.Call("fd_advise", {bare, 0, 1, 0}), kNotCapable);
  EXPECT_ERRNO(guest_.Call("fd_sync", {bare}), kNotCapable);
  EXPECT_ERRNO(guest_.Call("fd_datasync", {bare}), kNotCapable);
  EXPECT_EQ(HostStatus().st_size, 10);
}

}  // namespace
}  // namespace wasmd::wasi
