#include <gtest/gtest.h>

#include <limits>

#include "wasi/testing/errno_matchers.h"
#include "wasi/testing/temporary_directory.h"
#include "wasi/testing/test_guest.h"

namespace wasmd::wasi {
namespace {

class FdIoTest : public ::testing::Test {
 protected:
  FdIoTest() : guest_(Options{.preopens = {{directory_.path(), "/"}}}) {
    directory_.WriteFile("file", "0123456789");
  }
  uint32_t OpenFile(std::string_view name, uint32_t open_flags = 0,
                    uint32_t flags = 0, Rights base = rights::kFile) {
    const ErrnoOr<uint32_t> fd = guest_.Open(
        3, name, {.open_flags = open_flags, .base = base, .flags = flags});
    EXPECT_TRUE(fd.ok()) << NameOf(fd.error());
    return fd.ok() ? *fd : 99;
  }

  TemporaryDirectory directory_;
  TestGuest guest_;
};

TEST_F(FdIoTest, ReadsFromTheOffset) {
  const uint32_t fd = OpenFile("file");
  EXPECT_EQ(*guest_.Read(fd, 4), "0123");
  EXPECT_EQ(*guest_.Read(fd, 100), "456789");
  EXPECT_EQ(*guest_.Read(fd, 4), "");
  EXPECT_EQ(*guest_.Seek(fd, 2, whence::kSet), 2u);
  EXPECT_EQ(*guest_.Read(fd, 2), "23");
}

TEST_F(FdIoTest, ScattersIntoSeveralBuffers) {
  const uint32_t fd = OpenFile("file");
  const uint32_t vectors = guest_.SpaceVectors({3, 0, 4, 20});
  const uint32_t size_at = guest_.Space(4);
  ASSERT_ERRNO(guest_.Call("fd_read", {fd, vectors, 4, size_at}), kSuccess);
  EXPECT_EQ(guest_.Get32(size_at), 10u);
  EXPECT_EQ(guest_.Get(guest_.Get32(vectors), 3), "012");
  EXPECT_EQ(guest_.Get(guest_.Get32(vectors + 16), 4), "3456");
  EXPECT_EQ(guest_.Get(guest_.Get32(vectors + 24), 3), "789");
}

TEST_F(FdIoTest, OnlyPagesThatGetBytesBecomeDirty) {
  const uint32_t fd = OpenFile("file");
  const uint32_t buffer = 40 * kCardPageBytes;
  const uint32_t vector[] = {buffer, 20 * kCardPageBytes};
  const uint32_t vectors =
      guest_.Put({reinterpret_cast<const char*>(vector), sizeof(vector)});
  const uint32_t size_at = guest_.Space(4);
  guest_.memory().ClearDirty();
  ASSERT_ERRNO(guest_.Call("fd_read", {fd, vectors, 1, size_at}), kSuccess);
  EXPECT_EQ(guest_.memory().DirtyPages(),
            (std::vector<uint64_t>{size_at / kCardPageBytes, 40}));
}

TEST_F(FdIoTest, WritesAtTheOffset) {
  const uint32_t fd = OpenFile("file");
  EXPECT_ERRNO(guest_.Write(fd, "ab"), kSuccess);
  EXPECT_ERRNO(guest_.Write(fd, "cd"), kSuccess);
  EXPECT_EQ(directory_.ReadFile("file"), "abcd456789");
  EXPECT_EQ(*guest_.Seek(fd, 0, whence::kCurrent), 4u);
  EXPECT_EQ(*guest_.Seek(fd, 12, whence::kSet), 12u);
  EXPECT_ERRNO(guest_.Write(fd, "X"), kSuccess);
  EXPECT_EQ(directory_.ReadFile("file"), std::string("abcd456789\0\0X", 13));
}

TEST_F(FdIoTest, GathersFromSeveralBuffers) {
  const uint32_t fd = OpenFile("new", oflags::kCreat);
  const uint32_t vectors = guest_.PutVectors({"ab", "", "cde", "f"});
  const uint32_t size_at = guest_.Space(4);
  ASSERT_ERRNO(guest_.Call("fd_write", {fd, vectors, 4, size_at}), kSuccess);
  EXPECT_EQ(guest_.Get32(size_at), 6u);
  EXPECT_EQ(directory_.ReadFile("new"), "abcdef");
}

TEST_F(FdIoTest, MoreVectorsThanTheHostTakesIsAShortWrite) {
  const uint32_t fd = OpenFile("new", oflags::kCreat);
  const uint32_t vectors =
      guest_.PutVectors(std::vector<std::string>(1500, "x"));
  const uint32_t size_at = guest_.Space(4);
  ASSERT_ERRNO(guest_.Call("fd_write", {fd, vectors, 1500, size_at}), kSuccess);
  EXPECT_EQ(guest_.Get32(size_at), 1024u);
  EXPECT_EQ(directory_.ReadFile("new"), std::string(1024, 'x'));
}

TEST_F(FdIoTest, AppendsWhereverTheOffsetIs) {
  const uint32_t fd = OpenFile("file", 0, fdflags::kAppend);
  EXPECT_EQ(*guest_.Seek(fd, 0, whence::kCurrent), 0u);
  EXPECT_ERRNO(guest_.Write(fd, "ab"), kSuccess);
  EXPECT_EQ(*guest_.Seek(fd, 0, whence::kCurrent), 12u);
  EXPECT_EQ(*guest_.Seek(fd, 3, whence::kSet), 3u);
  EXPECT_EQ(*guest_.Read(fd, 2), "34");
  EXPECT_ERRNO(guest_.Write(fd, "cd"), kSuccess);
  EXPECT_EQ(directory_.ReadFile("file"), "0123456789abcd");
  // The flag can be taken away, and given again.
  ASSERT_ERRNO(guest_.Call("fd_fdstat_set_flags", {fd, 0}), kSuccess);
  EXPECT_EQ(*guest_.Seek(fd, 0, whence::kSet), 0u);
  EXPECT_ERRNO(guest_.Write(fd, "X"), kSuccess);
  EXPECT_EQ(directory_.ReadFile("file"), "X123456789abcd");
}

TEST_F(FdIoTest, PreadAndPwriteLeaveTheOffset) {
  const uint32_t fd = OpenFile("file");
  const uint32_t vectors = guest_.PutVectors({"abc"});
  const uint32_t size_at = guest_.Space(4);
  ASSERT_ERRNO(guest_.Call("fd_pwrite", {fd, vectors, 1, 5, size_at}),
               kSuccess);
  EXPECT_EQ(directory_.ReadFile("file"), "01234abc89");
  const uint32_t space = guest_.SpaceVectors({4});
  ASSERT_ERRNO(guest_.Call("fd_pread", {fd, space, 1, 4, size_at}), kSuccess);
  EXPECT_EQ(guest_.Get32(size_at), 4u);
  EXPECT_EQ(guest_.Get(guest_.Get32(space), 4), "4abc");
  EXPECT_EQ(*guest_.Seek(fd, 0, whence::kCurrent), 0u);
  // Past the end there is nothing.
  ASSERT_ERRNO(guest_.Call("fd_pread", {fd, space, 1, 400, size_at}), kSuccess);
  EXPECT_EQ(guest_.Get32(size_at), 0u);
  EXPECT_ERRNO(guest_.Call("fd_pread", {fd, space, 1, ~uint64_t{0}, size_at}),
               kInval);
  EXPECT_ERRNO(
      guest_.Call("fd_pwrite", {fd, vectors, 1, ~uint64_t{0}, size_at}),
      kInval);
}

TEST_F(FdIoTest, PwriteWritesAtItsOffsetAlsoWhenAppending) {
  const uint32_t fd = OpenFile("file", 0, fdflags::kAppend);
  const uint32_t size_at = guest_.Space(4);
  ASSERT_ERRNO(
      guest_.Call("fd_pwrite", {fd, guest_.PutVectors({"ab"}), 1, 0, size_at}),
      kSuccess);
  EXPECT_EQ(directory_.ReadFile("file"), "ab23456789");
}

TEST_F(FdIoTest, Seeks) {
  const uint32_t fd = OpenFile("file");
  EXPECT_EQ(*guest_.Seek(fd, -3, whence::kEnd), 7u);
  EXPECT_EQ(*guest_.Seek(fd, -2, whence::kCurrent), 5u);
  EXPECT_EQ(*guest_.Seek(fd, 100, whence::kEnd), 110u);
  EXPECT_ERRNO(guest_.Seek(fd, -1, whence::kSet), kInval);
  EXPECT_ERRNO(guest_.Seek(fd, -11, whence::kEnd), kInval);
  EXPECT_ERRNO(guest_.Seek(fd, 0, 3), kInval);
  EXPECT_EQ(*guest_.Seek(fd, 0, whence::kCurrent), 110u);
  EXPECT_ERRNO(
      guest_.Seek(fd, std::numeric_limits<int64_t>::max(), whence::kCurrent),
      kOverflow);
  const uint32_t offset_at = guest_.Space(8);
  ASSERT_ERRNO(guest_.Call("fd_tell", {fd, offset_at}), kSuccess);
  EXPECT_EQ(guest_.Get64(offset_at), 110u);
}

// POSIX: what is behind the end of a file reads as nothing, what a file cannot
// hold is too big, and an offset below 0 is no offset.
TEST_F(FdIoTest, TheGreatestOffsets) {
  const uint32_t fd = OpenFile("file");
  const uint32_t space = guest_.SpaceVectors({4});
  const uint32_t text = guest_.PutVectors({"abcd"});
  const uint32_t size_at = guest_.Space(4);
  constexpr uint64_t kLast = std::numeric_limits<int64_t>::max();
  for (const uint64_t offset : {kLast, kLast - 1, kLast - (1u << 29)}) {
    SCOPED_TRACE(offset);
    ASSERT_ERRNO(guest_.Call("fd_pread", {fd, space, 1, offset, size_at}),
                 kSuccess);
    EXPECT_EQ(guest_.Get32(size_at), 0u);
    // As nothing is written, there is nothing that is too big.
    EXPECT_ERRNO(guest_.Call("fd_pwrite", {fd, text, 0, offset, size_at}),
                 kSuccess);
    ASSERT_TRUE(
        guest_.Seek(fd, static_cast<int64_t>(offset), whence::kSet).ok());
    EXPECT_EQ(*guest_.Read(fd, 1), "");
  }
  EXPECT_ERRNO(guest_.Call("fd_pwrite", {fd, text, 1, kLast, size_at}), kFbig);
  // Some file systems hold files as large as that.
  EXPECT_ERRNO_2(
      guest_.Call("fd_pwrite", {fd, text, 1, kLast - (1u << 29), size_at}),
      kFbig, kSuccess);
  for (const uint64_t offset : {kLast + 1, ~uint64_t{0}}) {
    EXPECT_ERRNO(guest_.Call("fd_pread", {fd, space, 1, offset, size_at}),
                 kInval);
    EXPECT_ERRNO(guest_.Call("fd_pwrite", {fd, text, 1, offset, size_at}),
                 kInval);
  }
  ASSERT_TRUE(guest_.Seek(fd, int64_t{kLast}, whence::kSet).ok());
  EXPECT_ERRNO(guest_.Write(fd, "x"), kFbig);
  EXPECT_ERRNO(guest_.Write(fd, ""), kSuccess);
  EXPECT_ERRNO(guest_.Seek(fd, 1, whence::kCurrent), kOverflow);
  EXPECT_EQ(*guest_.Seek(fd, 0, whence::kCurrent), kLast);
}

TEST_F(FdIoTest, StandardOutputAndError) {
  EXPECT_ERRNO(guest_.Write(1, "to out"), kSuccess);
  EXPECT_ERRNO(guest_.Write(2, "to err"), kSuccess);
  const uint32_t size_at = guest_.Space(4);
  ASSERT_ERRNO(
      guest_.Call("fd_write", {1, guest_.PutVectors({" a", "b"}), 2, size_at}),
      kSuccess);
  EXPECT_EQ(guest_.environment().output[1], "to out ab");
  EXPECT_EQ(guest_.environment().output[2], "to err");
}

TEST_F(FdIoTest, StandardInputWaitsForBytes) {
  const uint32_t vectors = guest_.SpaceVectors({4});
  const uint32_t size_at = guest_.Space(4);
  const Outcome waits = guest_.CallRaw("fd_read", {0, vectors, 1, size_at});
  EXPECT_EQ(waits.kind, Outcome::Kind::kWait);
  EXPECT_TRUE(waits.wait.input);
  EXPECT_EQ(waits.wait.deadline_ns, std::nullopt);
  guest_.environment().input = "abcdef";
  EXPECT_EQ(*guest_.Read(0, 4), "abcd");
  EXPECT_EQ(*guest_.Read(0, 4), "ef");
  EXPECT_EQ(guest_.CallRaw("fd_read", {0, vectors, 1, size_at}).kind,
            Outcome::Kind::kWait);
  guest_.environment().input_ended = true;
  EXPECT_EQ(*guest_.Read(0, 4), "");
  EXPECT_EQ(*guest_.Read(0, 4), "");
}

TEST_F(FdIoTest, StandardInputThatDoesNotWait) {
  ASSERT_ERRNO(guest_.Call("fd_fdstat_set_flags", {0, fdflags::kNonblock}),
               kSuccess);
  EXPECT_ERRNO(guest_.Read(0, 4), kAgain);
  guest_.environment().input = "ab";
  EXPECT_EQ(*guest_.Read(0, 4), "ab");
}

TEST_F(FdIoTest, AnEmptyReadOfStandardInputDoesNotWait) {
  const uint32_t size_at = guest_.Space(4);
  EXPECT_ERRNO(guest_.Call("fd_read", {0, 0, 0, size_at}), kSuccess);
  EXPECT_EQ(guest_.Get32(size_at), 0u);
}

TEST_F(FdIoTest, StreamsHaveNoOffset) {
  const uint32_t vectors = guest_.SpaceVectors({4});
  const uint32_t at = guest_.Space(8);
  for (const uint64_t fd : {0, 1, 2}) {
    EXPECT_ERRNO(guest_.Call("fd_seek", {fd, 0, 0, at}), kSpipe);
    EXPECT_ERRNO(guest_.Call("fd_tell", {fd, at}), kSpipe);
    EXPECT_ERRNO(guest_.Call("fd_pread", {fd, vectors, 1, 0, at}), kSpipe);
    EXPECT_ERRNO(guest_.Call("fd_pwrite", {fd, vectors, 1, 0, at}), kSpipe);
  }
  EXPECT_ERRNO(guest_.Read(1, 4), kNotCapable);
  EXPECT_ERRNO(guest_.Write(0, "x"), kNotCapable);
}

TEST_F(FdIoTest, DirectoriesAreNoFiles) {
  const uint32_t vectors = guest_.SpaceVectors({4});
  const uint32_t at = guest_.Space(8);
  EXPECT_ERRNO(guest_.Read(3, 4), kIsdir);
  EXPECT_ERRNO(guest_.Write(3, "x"), kIsdir);
  EXPECT_ERRNO(guest_.Seek(3, 0, whence::kCurrent), kIsdir);
  EXPECT_ERRNO(guest_.Call("fd_tell", {3, at}), kIsdir);
  EXPECT_ERRNO(guest_.Call("fd_pread", {3, vectors, 1, 0, at}), kIsdir);
  EXPECT_ERRNO(guest_.Call("fd_pwrite", {3, vectors, 1, 0, at}), kIsdir);
}

TEST_F(FdIoTest, RightsAreNeeded) {
  const uint32_t reads = OpenFile("file", 0, 0, rights::kFdRead);
  const uint32_t writes = OpenFile("file", 0, 0, rights::kFdWrite);
  const uint32_t tells =
      OpenFile("file", 0, 0, rights::kFdRead | rights::kFdTell);
  const uint32_t vectors = guest_.SpaceVectors({4});
  const uint32_t at = guest_.Space(8);
  EXPECT_TRUE(guest_.Read(reads, 1).ok());
  EXPECT_ERRNO(guest_.Write(reads, "x"), kNotCapable);
  EXPECT_ERRNO(guest_.Write(writes, "x"), kSuccess);
  EXPECT_ERRNO(guest_.Read(writes, 1), kNotCapable);
  EXPECT_ERRNO(guest_.Call("fd_pread", {reads, vectors, 1, 0, at}),
               kNotCapable);
  EXPECT_ERRNO(guest_.Call("fd_pwrite", {writes, vectors, 1, 0, at}),
               kNotCapable);
  EXPECT_ERRNO(guest_.Seek(reads, 0, whence::kCurrent), kNotCapable);
  EXPECT_TRUE(guest_.Seek(tells, 0, whence::kCurrent).ok());
  EXPECT_ERRNO(guest_.Seek(tells, 1, whence::kCurrent), kNotCapable);
  EXPECT_ERRNO(guest_.Seek(tells, 0, whence::kSet), kNotCapable);
  EXPECT_EQ(directory_.ReadFile("file"), "x123456789");
}

TEST_F(FdIoTest, BadDescriptors) {
  const uint32_t at = guest_.Space(8);
  for (const uint64_t fd : {4, 99, 4096, 0x7fffffff}) {
    EXPECT_ERRNO(guest_.Call("fd_read", {fd, 0, 0, at}), kBadf);
    EXPECT_ERRNO(guest_.Call("fd_write", {fd, 0, 0, at}), kBadf);
    EXPECT_ERRNO(guest_.Call("fd_seek", {fd, 0, 0, at}), kBadf);
  }
  EXPECT_ERRNO(guest_.Call("fd_read", {0xffffffff, 0, 0, at}), kBadf);
}

// A call with a bad pointer does nothing.
TEST_F(FdIoTest, BadPointers) {
  const uint32_t fd = OpenFile("file");
  const uint32_t bad = TestGuest::kBadPointer;
  const uint32_t good = guest_.PutVectors({"abc"});
  const uint32_t size_at = guest_.Space(4);
  const uint32_t vector[] = {bad, 3};
  const uint32_t bad_vector =
      guest_.Put({reinterpret_cast<const char*>(vector), sizeof(vector)});
  const uint32_t last[] = {TestGuest::kMemoryBytes - 2, 3};
  const uint32_t over_the_end =
      guest_.Put({reinterpret_cast<const char*>(last), sizeof(last)});
  for (const char* function : {"fd_read", "fd_write"}) {
    EXPECT_ERRNO(guest_.Call(function, {fd, bad, 1, size_at}), kFault);
    EXPECT_ERRNO(guest_.Call(function, {fd, bad_vector, 1, size_at}), kFault);
    EXPECT_ERRNO(guest_.Call(function, {fd, over_the_end, 1, size_at}), kFault);
    EXPECT_ERRNO(guest_.Call(function, {fd, good, 1, bad}), kFault);
    EXPECT_ERRNO(guest_.Call(function, {fd, good, 0xffffffff, size_at}),
                 kFault);
  }
  EXPECT_ERRNO(guest_.Call("fd_write", {1, good, 1, bad}), kFault);
  EXPECT_EQ(guest_.environment().output[1], "");
  EXPECT_EQ(directory_.ReadFile("file"), "0123456789");
  EXPECT_EQ(*guest_.Seek(fd, 0, whence::kCurrent), 0u);
  guest_.environment().input = "abc";
  EXPECT_ERRNO(guest_.Call("fd_read", {0, good, 1, bad}), kFault);
  EXPECT_EQ(guest_.environment().input, "abc");
}

TEST_F(FdIoTest, OneWriteToAStreamIsBounded) {
  // The whole memory, many times over.
  std::vector<uint32_t> array;
  for (int i = 0; i < 64; ++i) {
    array.push_back(0);
    array.push_back(TestGuest::kMemoryBytes);
  }
  const uint32_t vectors =
      guest_.Put({reinterpret_cast<const char*>(array.data()),
                  array.size() * sizeof(uint32_t)});
  const uint32_t size_at = guest_.Space(4);
  ASSERT_ERRNO(guest_.Call("fd_write", {1, vectors, 64, size_at}), kSuccess);
  EXPECT_EQ(guest_.Get32(size_at), 16u << 20);
  EXPECT_EQ(guest_.environment().output[1].size(), 16u << 20);
}

TEST_F(FdIoTest, SyncFlagsAreAccepted) {
  for (const uint32_t flags :
       {fdflags::kDsync, fdflags::kSync, fdflags::kRsync}) {
    const uint32_t fd = OpenFile("file", 0, flags);
    EXPECT_ERRNO(guest_.Write(fd, "ab"), kSuccess);
    EXPECT_EQ(directory_.ReadFile("file"), "ab23456789");
  }
}

TEST_F(FdIoTest, Devices) {
  TestGuest guest(Options{.preopens = {{"/dev", "/dev"}}});
  ASSERT_OK_ERRNO_AND_ASSIGN(
      const uint32_t zero,
      guest.Open(3, "zero", {.base = rights::kFdRead | rights::kFdWrite}));
  EXPECT_EQ(*guest.Read(zero, 3), std::string(3, '\0'));
  EXPECT_ERRNO(guest.Write(zero, "x"), kSuccess);
  EXPECT_ERRNO(guest.Seek(zero, 0, whence::kSet), kSpipe);
}

}  // namespace
}  // namespace wasmd::wasi
