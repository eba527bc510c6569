// Each effect is made, or not, before a crash, and then repeated: both must end
// the same, answer and files alike.

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "wasi/testing/errno_matchers.h"
#include "wasi/testing/temporary_directory.h"
#include "wasi/testing/test_guest.h"

namespace wasmd::wasi {
namespace {

// The parameter: did it happen before the crash?
class InDoubtTest : public ::testing::TestWithParam<bool> {
 protected:
  InDoubtTest() : guest_(Options{.preopens = {{directory_.path(), "/"}}}) {
    directory_.WriteFile("file", "0123456789");
    directory_.MakeDirectory("dir");
  }
  Errno Repeat(std::string_view function,
               const std::vector<uint64_t>& arguments) {
    return guest_.CallWithCrash(function, arguments, GetParam());
  }
  Errno RepeatAtPath(std::string_view function, std::string_view path) {
    return Repeat(function, {3, guest_.Put(path), path.size()});
  }
  std::vector<uint64_t> RenameCall(std::string_view from, std::string_view to) {
    return {3, guest_.Put(from), from.size(), 3, guest_.Put(to), to.size()};
  }
  std::vector<uint64_t> LinkCall(std::string_view from, std::string_view to) {
    return {3, 0, guest_.Put(from), from.size(), 3, guest_.Put(to), to.size()};
  }
  std::vector<uint64_t> SymlinkCall(std::string_view text,
                                    std::string_view path) {
    return {guest_.Put(text), text.size(), 3, guest_.Put(path), path.size()};
  }
  // Writes and repeats; what the second time says it wrote.
  ErrnoOr<uint32_t> RepeatWrite(uint32_t fd, const std::string& text) {
    const uint32_t size_at = guest_.Space(4);
    RETURN_IF_ERRNO(
        Repeat("fd_write", {fd, guest_.PutVectors({text}), 1, size_at}));
    return guest_.Get32(size_at);
  }
  void AppendFromOutside(std::string_view text) {
    std::ofstream(directory_.Path("file"), std::ios::app) << text;
  }

  TemporaryDirectory directory_;
  TestGuest guest_;
};

INSTANTIATE_TEST_SUITE_P(Crash, InDoubtTest, ::testing::Bool(),
                         [](const auto& parameter) {
                           return parameter.param ? "AfterTheEffect"
                                                  : "BeforeTheEffect";
                         });

TEST_P(InDoubtTest, Write) {
  const uint32_t fd = *guest_.Open(3, "file", {.base = rights::kFile});
  ASSERT_TRUE(guest_.Seek(fd, 3, whence::kSet).ok());
  EXPECT_EQ(*RepeatWrite(fd, "abc"), 3u);
  EXPECT_EQ(directory_.ReadFile("file"), "012abc6789");
  EXPECT_EQ(*guest_.Seek(fd, 0, whence::kCurrent), 6u);
  EXPECT_TRUE(guest_.warnings().empty());
}

TEST_P(InDoubtTest, OnlyChangesOfOthersAreReported) {
  directory_.WriteFile("other", "other");
  const uint32_t fd = *guest_.Open(3, "file", {.base = rights::kFile});
  ASSERT_TRUE(guest_.Open(3, "file").ok());  // the same once more
  ASSERT_TRUE(guest_.Open(3, "other").ok());
  const std::vector<uint64_t> call = {fd, guest_.PutVectors({"a long text"}), 1,
                                      guest_.Space(4)};
  guest_.Prepare("fd_write", call);
  const std::string saved = guest_.context().Save();
  if (GetParam()) ASSERT_ERRNO(guest_.Call("fd_write", call), kSuccess);
  guest_.Load(saved);
  EXPECT_THAT(guest_.warnings(), ::testing::IsEmpty());
  directory_.WriteFile("other", "changed");
  guest_.Load(saved);
  EXPECT_THAT(guest_.warnings(),
              ::testing::ElementsAre(::testing::HasSubstr("other changed")));
}

TEST_P(InDoubtTest, WritePastTheEnd) {
  const uint32_t fd = *guest_.Open(3, "file", {.base = rights::kFile});
  ASSERT_TRUE(guest_.Seek(fd, 0, whence::kEnd).ok());
  EXPECT_EQ(*RepeatWrite(fd, "abc"), 3u);
  EXPECT_EQ(*RepeatWrite(fd, "def"), 3u);
  EXPECT_EQ(directory_.ReadFile("file"), "0123456789abcdef");
}

TEST_P(InDoubtTest, Append) {
  const uint32_t fd = *guest_.Open(
      3, "file", {.base = rights::kFile, .flags = fdflags::kAppend});
  EXPECT_EQ(*RepeatWrite(fd, "abc"), 3u);
  EXPECT_EQ(*RepeatWrite(fd, "abc"), 3u);
  EXPECT_EQ(directory_.ReadFile("file"), "0123456789abcabc");
  EXPECT_EQ(*guest_.Seek(fd, 0, whence::kCurrent), 16u);
}

TEST_P(InDoubtTest, AppendToAFileThatIsOpenForWritingOnly) {
  const uint32_t fd = *guest_.Open(
      3, "file", {.base = rights::kFdWrite, .flags = fdflags::kAppend});
  EXPECT_EQ(*RepeatWrite(fd, "abc"), 3u);
  EXPECT_EQ(*RepeatWrite(fd, "def"), 3u);
  EXPECT_EQ(directory_.ReadFile("file"), "0123456789abcdef");
}

TEST_P(InDoubtTest, AppendOfSeveralBuffers) {
  const uint32_t fd = *guest_.Open(
      3, "file", {.base = rights::kFile, .flags = fdflags::kAppend});
  const uint32_t size_at = guest_.Space(4);
  EXPECT_ERRNO(
      Repeat("fd_write", {fd, guest_.PutVectors({"ab", "", "cd"}), 3, size_at}),
      kSuccess);
  EXPECT_EQ(guest_.Get32(size_at), 4u);
  EXPECT_EQ(directory_.ReadFile("file"), "0123456789abcd");
}

TEST_P(InDoubtTest, Pwrite) {
  const uint32_t fd = *guest_.Open(3, "file", {.base = rights::kFile});
  const uint32_t size_at = guest_.Space(4);
  EXPECT_ERRNO(
      Repeat("fd_pwrite", {fd, guest_.PutVectors({"abc"}), 1, 9, size_at}),
      kSuccess);
  EXPECT_EQ(directory_.ReadFile("file"), "012345678abc");
}

TEST_P(InDoubtTest, SizeAllocationAndTimes) {
  const uint32_t fd = *guest_.Open(3, "file", {.base = rights::kFile});
  EXPECT_ERRNO(Repeat("fd_filestat_set_size", {fd, 4}), kSuccess);
  EXPECT_EQ(directory_.ReadFile("file"), "0123");
  EXPECT_ERRNO(Repeat("fd_filestat_set_times", {fd, 0, 5, fstflags::kMtim}),
               kSuccess);
  ASSERT_OK_ERRNO_AND_ASSIGN(const uint32_t at, guest_.Stat(fd));
  EXPECT_EQ(guest_.Get64(at + filestat::kModifyTime), 5u);
  EXPECT_ERRNO_2(Repeat("fd_allocate", {fd, 0, 8}), kSuccess, kNotsup);
}

TEST_P(InDoubtTest, CreateDirectory) {
  EXPECT_ERRNO(RepeatAtPath("path_create_directory", "new"), kSuccess);
  EXPECT_TRUE(directory_.Exists("new"));
  // What was there before is still an error.
  EXPECT_ERRNO(RepeatAtPath("path_create_directory", "dir"), kExist);
  EXPECT_ERRNO(RepeatAtPath("path_create_directory", "file"), kExist);
}

TEST_P(InDoubtTest, RemoveDirectory) {
  EXPECT_ERRNO(RepeatAtPath("path_remove_directory", "dir"), kSuccess);
  EXPECT_FALSE(directory_.Exists("dir"));
  EXPECT_ERRNO(RepeatAtPath("path_remove_directory", "dir"), kNoent);
  EXPECT_ERRNO(RepeatAtPath("path_remove_directory", "file"), kNotdir);
}

TEST_P(InDoubtTest, UnlinkFile) {
  EXPECT_ERRNO(RepeatAtPath("path_unlink_file", "file"), kSuccess);
  EXPECT_FALSE(directory_.Exists("file"));
  EXPECT_ERRNO(RepeatAtPath("path_unlink_file", "file"), kNoent);
  EXPECT_ERRNO(RepeatAtPath("path_unlink_file", "dir"), kIsdir);
}

TEST_P(InDoubtTest, Rename) {
  EXPECT_ERRNO(Repeat("path_rename", RenameCall("file", "moved")), kSuccess);
  EXPECT_FALSE(directory_.Exists("file"));
  EXPECT_EQ(directory_.ReadFile("moved"), "0123456789");
  EXPECT_ERRNO(Repeat("path_rename", RenameCall("file", "moved")), kNoent);
  EXPECT_ERRNO(Repeat("path_rename", RenameCall("absent", "x")), kNoent);
}

TEST_P(InDoubtTest, RenameOverAnother) {
  directory_.WriteFile("other", "other");
  EXPECT_ERRNO(Repeat("path_rename", RenameCall("file", "other")), kSuccess);
  EXPECT_EQ(directory_.ReadFile("other"), "0123456789");
  EXPECT_FALSE(directory_.Exists("file"));
}

TEST_P(InDoubtTest, RenameOverAnotherThatLooksTheSame) {
  // Two files of one size, made in one instant.
  directory_.WriteFile("a", "");
  directory_.WriteFile("b", "");
  EXPECT_ERRNO(Repeat("path_rename", RenameCall("a", "b")), kSuccess);
  EXPECT_FALSE(directory_.Exists("a"));
  EXPECT_TRUE(directory_.Exists("b"));
}

TEST_P(InDoubtTest, RenameOfADirectory) {
  directory_.WriteFile("dir/file", "x");
  EXPECT_ERRNO(Repeat("path_rename", RenameCall("dir/", "dir2/")), kSuccess);
  EXPECT_EQ(directory_.ReadFile("dir2/file"), "x");
  EXPECT_FALSE(directory_.Exists("dir"));
}

// The file is open under the old name.
TEST_P(InDoubtTest, RenameOfAnOpenFile) {
  directory_.WriteFile("dir/open", "abcdef");
  const uint32_t fd = *guest_.Open(3, "dir/open", {.base = rights::kFile});
  const uint32_t dir = *guest_.OpenDirectory(3, "dir");
  EXPECT_EQ(*guest_.Read(fd, 2), "ab");
  EXPECT_ERRNO(Repeat("path_rename", RenameCall("dir", "moved")), kSuccess);
  EXPECT_TRUE(guest_.warnings().empty());
  EXPECT_EQ(*guest_.Read(fd, 2), "cd");
  EXPECT_TRUE(guest_.Open(dir, "open").ok());
  guest_.Restart();
  EXPECT_EQ(*guest_.Read(fd, 2), "ef");
  EXPECT_TRUE(guest_.Open(dir, "open").ok());
  EXPECT_TRUE(guest_.warnings().empty());
}

TEST_P(InDoubtTest, Symlink) {
  EXPECT_ERRNO(Repeat("path_symlink", SymlinkCall("text", "link")), kSuccess);
  EXPECT_EQ(*guest_.ReadLink(3, "link"), "text");
  // It says the same, but it was there before.
  EXPECT_ERRNO(Repeat("path_symlink", SymlinkCall("text", "link")), kExist);
  EXPECT_ERRNO(Repeat("path_symlink", SymlinkCall("text", "file")), kExist);
}

TEST_P(InDoubtTest, Link) {
  EXPECT_ERRNO(Repeat("path_link", LinkCall("file", "link")), kSuccess);
  struct stat status;
  ASSERT_EQ(::stat(directory_.Path("file").c_str(), &status), 0);
  EXPECT_EQ(status.st_nlink, 2u);
  EXPECT_ERRNO(Repeat("path_link", LinkCall("file", "link")), kExist);
  EXPECT_ERRNO(Repeat("path_link", LinkCall("file", "dir")), kExist);
}

TEST_P(InDoubtTest, OpenThatCreates) {
  const uint32_t opened_at = guest_.Space(4);
  EXPECT_ERRNO(
      Repeat("path_open",
             guest_.OpenCall(3, "new",
                             {.open_flags = oflags::kCreat | oflags::kExcl},
                             opened_at)),
      kSuccess);
  EXPECT_EQ(guest_.Get32(opened_at), 4u);
  EXPECT_ERRNO(guest_.Write(4, "abc"), kSuccess);
  EXPECT_EQ(directory_.ReadFile("new"), "abc");
  EXPECT_ERRNO(
      Repeat("path_open",
             guest_.OpenCall(3, "new",
                             {.open_flags = oflags::kCreat | oflags::kExcl},
                             opened_at)),
      kExist);
}

TEST_P(InDoubtTest, OpenThatTruncates) {
  const uint32_t opened_at = guest_.Space(4);
  EXPECT_ERRNO(
      Repeat("path_open",
             guest_.OpenCall(3, "file",
                             {.open_flags = oflags::kCreat | oflags::kTrunc},
                             opened_at)),
      kSuccess);
  EXPECT_EQ(guest_.Get32(opened_at), 4u);
  EXPECT_EQ(directory_.ReadFile("file"), "");
}

// What others do between the effect and its repeat.

TEST_P(InDoubtTest, OthersAppendedMeanwhile) {
  const uint32_t fd = *guest_.Open(
      3, "file", {.base = rights::kFile, .flags = fdflags::kAppend});
  const std::vector<uint64_t> call = {fd, guest_.PutVectors({"ours"}), 1,
                                      guest_.Space(4)};
  guest_.Prepare("fd_write", call);
  AppendFromOutside("before");
  if (GetParam()) AppendFromOutside("ours");
  AppendFromOutside("after");
  EXPECT_ERRNO(guest_.Call("fd_write", call, true), kSuccess);
  EXPECT_EQ(directory_.ReadFile("file"), GetParam()
                                             ? "0123456789beforeoursafter"
                                             : "0123456789beforeafterours");
  EXPECT_EQ(*guest_.Seek(fd, 0, whence::kCurrent), GetParam() ? 20u : 25u);
}

TEST_P(InDoubtTest, OthersMadeANewFileOfTheName) {
  const std::vector<uint64_t> call = {3, guest_.Put("file"), 4};
  guest_.Prepare("path_unlink_file", call);
  if (GetParam()) {
    directory_.Rename("file", "away");  // so that the inode is not used again
    directory_.WriteFile("file", "of others");
  }
  EXPECT_ERRNO(guest_.Call("path_unlink_file", call, true), kSuccess);
  EXPECT_EQ(directory_.ReadFile("file"), GetParam() ? "of others" : "<absent>");
}

TEST_P(InDoubtTest, OthersMadeANewSourceOfARename) {
  const std::vector<uint64_t> call = RenameCall("file", "moved");
  guest_.Prepare("path_rename", call);
  if (GetParam()) {
    directory_.Rename("file", "moved");
    directory_.WriteFile("file", "of others");
  }
  EXPECT_ERRNO(guest_.Call("path_rename", call, true), kSuccess);
  EXPECT_EQ(directory_.ReadFile("moved"), "0123456789");
  EXPECT_EQ(directory_.ReadFile("file"), GetParam() ? "of others" : "<absent>");
}

TEST(PartlyWrittenTest, APartOfAnAppendIsCompleted) {
  const TemporaryDirectory directory;
  directory.WriteFile("file", "0123456789");
  TestGuest guest(Options{.preopens = {{directory.path(), "/"}}});
  const uint32_t fd = *guest.Open(
      3, "file", {.base = rights::kFile, .flags = fdflags::kAppend});
  const std::vector<uint64_t> call = {fd, guest.PutVectors({"abc", "def"}), 2,
                                      guest.Space(4)};
  guest.Prepare("fd_write", call);
  std::ofstream(directory.Path("file"), std::ios::app) << "abcd";
  EXPECT_ERRNO(guest.Call("fd_write", call, true), kSuccess);
  EXPECT_EQ(directory.ReadFile("file"), "0123456789abcdef");
}

// A runtime that does not prepare: what is there already counts as done.
TEST(UnpreparedTest, WhatIsThereCountsAsDone) {
  const TemporaryDirectory directory;
  directory.WriteFile("file", "");
  directory.MakeDirectory("dir");
  directory.MakeLink("text", "link");
  TestGuest guest(Options{.preopens = {{directory.path(), "/"}}});
  const auto at = [&guest](std::string_view path) {
    return std::vector<uint64_t>{3, guest.Put(path), path.size()};
  };
  EXPECT_ERRNO(guest.Call("path_create_directory", at("dir"), true), kSuccess);
  EXPECT_ERRNO(guest.Call("path_create_directory", at("file"), true), kExist);
  EXPECT_ERRNO(guest.Call("path_unlink_file", at("absent"), true), kSuccess);
  EXPECT_ERRNO(guest.Call("path_remove_directory", at("absent"), true),
               kSuccess);
  EXPECT_ERRNO(
      guest.Call("path_rename",
                 {3, guest.Put("gone"), 4, 3, guest.Put("file"), 4}, true),
      kSuccess);
  EXPECT_ERRNO(
      guest.Call("path_rename",
                 {3, guest.Put("gone"), 4, 3, guest.Put("also"), 4}, true),
      kNoent);
  EXPECT_ERRNO(
      guest.Call("path_symlink",
                 {guest.Put("text"), 4, 3, guest.Put("link"), 4}, true),
      kSuccess);
  EXPECT_ERRNO(
      guest.Call("path_symlink",
                 {guest.Put("test"), 4, 3, guest.Put("link"), 4}, true),
      kExist);
  EXPECT_ERRNO(
      guest.Call("path_open",
                 guest.OpenCall(3, "file",
                                {.open_flags = oflags::kCreat | oflags::kExcl},
                                guest.Space(4)),
                 true),
      kSuccess);
}

}  // namespace
}  // namespace wasmd::wasi
