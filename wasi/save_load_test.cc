#include <gtest/gtest.h>

#include "base/testing/status_matchers.h"
#include "wasi/testing/errno_matchers.h"
#include "wasi/testing/temporary_directory.h"
#include "wasi/testing/test_guest.h"

namespace wasmd::wasi {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::wasmd::testing::StatusIs;

class SaveLoadTest : public ::testing::Test {
 protected:
  SaveLoadTest()
      : guest_(Options{.arguments = {"name", "argument"},
                       .environment = {"KEY=VALUE", "E=\xff"},
                       .preopens = {{directory_.path(), "/"},
                                    {directory_.path(), "/ro", true}}}) {
    directory_.WriteFile("file", "0123456789");
    directory_.MakeDirectory("dir");
    directory_.WriteFile("dir/file", "abcdefghij");
  }
  absl::Status LoadError(std::string_view saved) {
    FakeEnvironment environment;
    return Context::Load(AsBytes(saved), &environment, nullptr).status();
  }

  TemporaryDirectory directory_;
  TestGuest guest_;
};

TEST_F(SaveLoadTest, WhatWasLoadedSavesTheSame) {
  const uint32_t file = *guest_.Open(
      3, "file", {.base = rights::kFile, .flags = fdflags::kAppend});
  const uint32_t dir = *guest_.OpenDirectory(3, "dir");
  ASSERT_TRUE(guest_.Read(file, 3).ok());
  ASSERT_TRUE(guest_.Open(dir, "file").ok());
  ASSERT_ERRNO(guest_.Close(file), kSuccess);
  guest_.environment().input = "abc";
  ASSERT_TRUE(guest_.Read(0, 1).ok());
  const std::string saved = guest_.context().Save();
  EXPECT_EQ(guest_.context().Save(), saved);
  guest_.Restart();
  EXPECT_EQ(guest_.context().Save(), saved);
  EXPECT_THAT(guest_.warnings(), IsEmpty());
}

TEST_F(SaveLoadTest, ArgumentsAndEnvironment) {
  guest_.Restart();
  const uint32_t count_at = guest_.Space(4);
  const uint32_t size_at = guest_.Space(4);
  ASSERT_ERRNO(guest_.Call("args_sizes_get", {count_at, size_at}), kSuccess);
  EXPECT_EQ(guest_.Get32(count_at), 2u);
  EXPECT_EQ(guest_.Get32(size_at), 14u);
  const uint32_t pointers = guest_.Space(8);
  const uint32_t buffer = guest_.Space(32);
  ASSERT_ERRNO(guest_.Call("environ_get", {pointers, buffer}), kSuccess);
  EXPECT_EQ(guest_.Get(buffer, 14), std::string("KEY=VALUE\0E=\xff\0", 14));
}

TEST_F(SaveLoadTest, OffsetsRightsAndFlags) {
  const uint32_t fd = *guest_.Open(
      3, "file",
      {.base = rights::kFdRead | rights::kFdSeek | rights::kFdFdstatSetFlags,
       .flags = fdflags::kNonblock});
  EXPECT_EQ(*guest_.Read(fd, 3), "012");
  guest_.Restart();
  EXPECT_EQ(*guest_.Read(fd, 3), "345");
  EXPECT_EQ(guest_.RightsOf(fd),
            rights::kFdRead | rights::kFdSeek | rights::kFdFdstatSetFlags);
  EXPECT_ERRNO(guest_.Write(fd, "x"), kNotCapable);
  const uint32_t at = guest_.Space(fdstat::kSizeBytes);
  ASSERT_ERRNO(guest_.Call("fd_fdstat_get", {fd, at}), kSuccess);
  EXPECT_EQ(guest_.Get16(at + fdstat::kFlags), fdflags::kNonblock);
  // The numbers are the same, and the next one is the one that it would be.
  EXPECT_EQ(*guest_.Open(3, "file"), fd + 1);
}

TEST_F(SaveLoadTest, WritingGoesOn) {
  const uint32_t fd = *guest_.Open(3, "new", {.open_flags = oflags::kCreat});
  EXPECT_ERRNO(guest_.Write(fd, "abc"), kSuccess);
  guest_.Restart();
  EXPECT_ERRNO(guest_.Write(fd, "def"), kSuccess);
  // Opened to create or truncate, it is not created or truncated again.
  const uint32_t cut =
      *guest_.Open(3, "file", {.open_flags = oflags::kCreat | oflags::kTrunc});
  EXPECT_ERRNO(guest_.Write(cut, "xyz"), kSuccess);
  guest_.Restart();
  EXPECT_EQ(directory_.ReadFile("new"), "abcdef");
  EXPECT_EQ(directory_.ReadFile("file"), "xyz");
}

TEST_F(SaveLoadTest, ClosedAndRenumberedDescriptors) {
  const uint32_t fd = *guest_.Open(3, "file");
  ASSERT_ERRNO(guest_.Call("fd_renumber", {fd, 0}), kSuccess);
  ASSERT_ERRNO(guest_.Close(1), kSuccess);
  ASSERT_ERRNO(guest_.Call("fd_renumber", {2, 4}), kSuccess);
  ASSERT_ERRNO(guest_.Close(3), kSuccess);
  guest_.Restart();
  EXPECT_EQ(*guest_.Read(0, 2), "01");
  EXPECT_ERRNO(guest_.Write(1, "x"), kBadf);
  EXPECT_ERRNO(guest_.Write(2, "x"), kBadf);
  EXPECT_ERRNO(guest_.Write(4, "to err"), kSuccess);
  EXPECT_EQ(guest_.environment().output[2], "to err");
  EXPECT_ERRNO(guest_.Open(3, "file"), kBadf);
}

TEST_F(SaveLoadTest, StandardInputThatWasReadAhead) {
  guest_.environment().input = "abcdef";
  // Looking whether there is any reads it.
  const std::vector<uint64_t> poll = {guest_.Put(std::string(48, '\0')),
                                      guest_.Space(32), 1, guest_.Space(4)};
  GuestMemory memory(guest_.memory());
  ASSERT_ERRNO(memory.Store<uint8_t>(static_cast<uint32_t>(poll[0]) + 8, 1),
               kSuccess);
  ASSERT_ERRNO(guest_.Call("poll_oneoff", poll), kSuccess);
  EXPECT_EQ(guest_.environment().input, "");
  guest_.Restart();
  EXPECT_EQ(*guest_.Read(0, 2), "ab");
  guest_.Restart();
  EXPECT_EQ(*guest_.Read(0, 10), "cdef");
}

TEST_F(SaveLoadTest, HowFarItsInputWasRead) {
  guest_.environment().input = "abcdef";
  EXPECT_EQ(*guest_.Read(0, 2), "ab");
  guest_.environment().has_input_position = true;
  EXPECT_EQ(*guest_.Read(0, 3), "cde");
  const std::string saved = guest_.context().Save();
  guest_.environment().input_read = 0;
  guest_.Load(saved);
  EXPECT_EQ(guest_.environment().InputPosition(), "5");
}

TEST_F(SaveLoadTest, AnEndOfInputThatWasSeen) {
  guest_.environment().input_ended = true;
  const std::vector<uint64_t> poll = {guest_.Put(std::string(48, '\0')),
                                      guest_.Space(32), 1, guest_.Space(4)};
  GuestMemory memory(guest_.memory());
  ASSERT_ERRNO(memory.Store<uint8_t>(static_cast<uint32_t>(poll[0]) + 8, 1),
               kSuccess);
  ASSERT_ERRNO(guest_.Call("poll_oneoff", poll), kSuccess);
  guest_.Restart();
  guest_.environment().input_ended = false;
  EXPECT_EQ(*guest_.Read(0, 2), "");
}

TEST_F(SaveLoadTest, AFileThatChangedIsReported) {
  const uint32_t fd = *guest_.Open(3, "file");
  EXPECT_EQ(*guest_.Read(fd, 2), "01");
  const std::string saved = guest_.context().Save();
  directory_.WriteFile("file", "changed by others");
  guest_.Load(saved);
  EXPECT_THAT(guest_.warnings(),
              ElementsAre(AllOf(HasSubstr(directory_.Path("file")),
                                HasSubstr("changed"), HasSubstr("10 bytes"),
                                HasSubstr("17"))));
  EXPECT_EQ(*guest_.Read(fd, 5), "anged");
}

TEST_F(SaveLoadTest, AFileThatWasReplacedIsReported) {
  const uint32_t fd = *guest_.Open(3, "file");
  const std::string saved = guest_.context().Save();
  directory_.WriteFile("other", "another file");
  directory_.Rename("other", "file");
  guest_.Load(saved);
  EXPECT_THAT(guest_.warnings(), ElementsAre(HasSubstr("was replaced")));
  EXPECT_EQ(*guest_.Read(fd, 7), "another");
}

TEST_F(SaveLoadTest, AFileThatIsGoneFailsWithIo) {
  const uint32_t fd = *guest_.Open(3, "file", {.base = rights::kFile});
  const uint32_t below = *guest_.Open(3, "dir/file");
  const uint32_t dir = *guest_.OpenDirectory(3, "dir");
  const std::string saved = guest_.context().Save();
  directory_.Remove("file");
  directory_.Remove("dir");
  guest_.Load(saved);
  EXPECT_EQ(guest_.warnings().size(), 3u);
  EXPECT_THAT(guest_.warnings()[0],
              AllOf(HasSubstr(directory_.Path("file")), HasSubstr("EIO"),
                    HasSubstr("No such file")));
  EXPECT_ERRNO(guest_.Read(fd, 1), kIo);
  EXPECT_ERRNO(guest_.Write(fd, "x"), kIo);
  EXPECT_ERRNO(guest_.Seek(fd, 0, whence::kSet), kIo);
  EXPECT_ERRNO(guest_.Stat(fd), kIo);
  EXPECT_ERRNO(guest_.Read(below, 1), kIo);
  EXPECT_ERRNO(guest_.Open(dir, "file"), kIo);
  EXPECT_ERRNO(guest_.AtPath("path_create_directory", dir, "x"), kIo);
  // It stays so, can be closed, and the rest works.
  guest_.Restart();
  EXPECT_ERRNO(guest_.Read(fd, 1), kIo);
  EXPECT_ERRNO(guest_.Close(fd), kSuccess);
  EXPECT_TRUE(guest_.Open(3, "new", {.open_flags = oflags::kCreat}).ok());
}

TEST_F(SaveLoadTest, AFileThatCameBackWorksAgain) {
  const uint32_t fd = *guest_.Open(3, "file");
  EXPECT_EQ(*guest_.Read(fd, 4), "0123");
  const std::string saved = guest_.context().Save();
  directory_.Rename("file", "away");
  guest_.Load(saved);
  EXPECT_ERRNO(guest_.Read(fd, 1), kIo);
  const std::string saved_lost = guest_.context().Save();
  EXPECT_EQ(saved_lost, saved);
  directory_.Rename("away", "file");
  guest_.Load(saved_lost);
  EXPECT_EQ(*guest_.Read(fd, 4), "4567");
}

TEST_F(SaveLoadTest, AFileThatWasDeletedWhileOpen) {
  const uint32_t fd = *guest_.Open(3, "file");
  ASSERT_ERRNO(guest_.AtPath("path_unlink_file", 3, "file"), kSuccess);
  EXPECT_EQ(*guest_.Read(fd, 2), "01");
  // Another one of that name is not it.
  directory_.WriteFile("file", "not this one");
  guest_.Restart();
  EXPECT_THAT(guest_.warnings(),
              ElementsAre(AllOf(HasSubstr("deleted"), HasSubstr("EIO"))));
  EXPECT_ERRNO(guest_.Read(fd, 1), kIo);
  guest_.Restart();
  EXPECT_ERRNO(guest_.Read(fd, 1), kIo);
}

TEST_F(SaveLoadTest, AnotherKindOfThingIsNotTheFile) {
  const uint32_t fd = *guest_.Open(3, "file");
  const std::string saved = guest_.context().Save();
  directory_.Remove("file");
  directory_.MakeDirectory("file");
  guest_.Load(saved);
  EXPECT_ERRNO(guest_.Read(fd, 1), kIo);
  EXPECT_EQ(guest_.warnings().size(), 1u);
}

TEST_F(SaveLoadTest, ALinkInPlaceOfTheFileDoesNotLeadOut) {
  const uint32_t fd = *guest_.Open(3, "dir/file");
  const std::string saved = guest_.context().Save();
  const TemporaryDirectory outside;
  outside.WriteFile("file", "secret");
  directory_.Remove("dir");
  directory_.MakeLink(outside.path(), "dir");
  guest_.Load(saved);
  EXPECT_ERRNO(guest_.Read(fd, 1), kIo);
}

TEST_F(SaveLoadTest, ADirectoryThatIsGone) {
  const uint32_t fd = *guest_.Open(3, "file");
  const std::string saved = guest_.context().Save();
  const std::string moved = directory_.path() + ".moved";
  std::filesystem::rename(directory_.path(), moved);
  guest_.Load(saved);
  EXPECT_EQ(guest_.warnings().size(), 2u);  // one for each preopen
  EXPECT_THAT(guest_.warnings()[0],
              AllOf(HasSubstr(directory_.path()), HasSubstr("EIO")));
  EXPECT_ERRNO(guest_.Read(fd, 1), kIo);
  EXPECT_ERRNO(guest_.Open(3, "file"), kIo);
  EXPECT_ERRNO(guest_.Write(1, "still runs"), kSuccess);
  std::filesystem::rename(moved, directory_.path());
  guest_.Restart();
  EXPECT_EQ(*guest_.Read(fd, 2), "01");
}

TEST_F(SaveLoadTest, FilesAreFoundUnderTheirNewNames) {
  const uint32_t fd = *guest_.Open(3, "dir/file");
  const uint32_t dir = *guest_.OpenDirectory(3, "dir");
  ASSERT_ERRNO(guest_.Rename(3, "dir", 3, "dir2"), kSuccess);
  ASSERT_ERRNO(guest_.Rename(dir, "file", 3, "file2"), kSuccess);
  guest_.Restart();
  EXPECT_THAT(guest_.warnings(), IsEmpty());
  EXPECT_EQ(*guest_.Read(fd, 3), "abc");
  EXPECT_ERRNO(guest_.Open(dir, "file"), kNoent);
  EXPECT_EQ(directory_.ReadFile("file2"), "abcdefghij");
}

TEST_F(SaveLoadTest, FilesOpenedByWayOfALinkAreFoundWithoutIt) {
  directory_.MakeLink("dir", "link");
  const uint32_t fd = *guest_.Open(3, "link/file");
  directory_.Remove("link");
  guest_.Restart();
  EXPECT_EQ(*guest_.Read(fd, 3), "abc");
}

TEST_F(SaveLoadTest, ReadOnlyStaysReadOnly) {
  const uint32_t dir = *guest_.Open(
      4, "dir", {.base = rights::kPathOpen, .inheriting = rights::kFdRead});
  guest_.Restart();
  EXPECT_ERRNO(guest_.Open(4, "file", {.base = rights::kFdWrite}), kNotCapable);
  EXPECT_ERRNO(guest_.Open(dir, "file", {.base = rights::kFdWrite}),
               kNotCapable);
}

TEST_F(SaveLoadTest, DamageIsAnError) {
  const std::string saved = guest_.context().Save();
  EXPECT_THAT(LoadError(""), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(LoadError("nonsense"), StatusIs(absl::StatusCode::kDataLoss));
  for (size_t size = 0; size < saved.size(); ++size) {
    // Some cuts are between fields and leave a state that is whole.
    const absl::Status status = LoadError(saved.substr(0, size));
    EXPECT_TRUE(status.ok() || status.code() == absl::StatusCode::kDataLoss);
  }
}

TEST_F(SaveLoadTest, ChangedBytesAreNoCrash) {
  ASSERT_TRUE(guest_.Open(3, "dir/file").ok());
  ASSERT_TRUE(guest_.OpenDirectory(3, "dir").ok());
  guest_.Prepare("path_rename",
                 {3, guest_.Put("dir"), 3, 3, guest_.Put("new"), 3});
  const std::string saved = guest_.context().Save();
  int loaded = 0;
  for (size_t at = 0; at < saved.size(); ++at) {
    for (const int flip : {0x01, 0x80, 0xff}) {
      std::string changed = saved;
      changed[at] = static_cast<char>(changed[at] ^ flip);
      FakeEnvironment environment;
      const auto context =
          Context::Load(AsBytes(changed), &environment, nullptr);
      if (context.ok()) {
        ++loaded;
        EXPECT_FALSE((*context)->Save().empty());
      }
    }
  }
  EXPECT_GT(loaded, 0);
}

TEST_F(SaveLoadTest, ANewerVersionIsSaidToBe) {
  // Field 1, varint.
  EXPECT_THAT(LoadError(std::string_view("\x08\x04", 2)),
              StatusIs(absl::StatusCode::kUnimplemented, HasSubstr("newer")));
  EXPECT_THAT(LoadError(std::string_view("\x08\x01", 2)),
              ::wasmd::testing::IsOk());
}

}  // namespace
}  // namespace wasmd::wasi
