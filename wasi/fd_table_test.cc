#include <gtest/gtest.h>

#include "wasi/testing/errno_matchers.h"
#include "wasi/testing/temporary_directory.h"
#include "wasi/testing/test_guest.h"

namespace wasmd::wasi {
namespace {

class FdTableTest : public ::testing::Test {
 protected:
  FdTableTest()
      : guest_(Options{.preopens = {{directory_.path(), "/"},
                                    {directory_.path(), "/read/only", true}}}) {
    directory_.WriteFile("file", "0123456789");
    directory_.MakeDirectory("dir");
  }
  uint32_t Fdstat(uint32_t fd) {
    const uint32_t at = guest_.Space(fdstat::kSizeBytes);
    EXPECT_ERRNO(guest_.Call("fd_fdstat_get", {fd, at}), kSuccess);
    return at;
  }
  Rights Inheriting(uint32_t fd) {
    return guest_.Get64(Fdstat(fd) + fdstat::kRightsInheriting);
  }

  TemporaryDirectory directory_;
  TestGuest guest_;
};

TEST_F(FdTableTest, Preopens) {
  const uint32_t at = guest_.Space(prestat::kSizeBytes);
  ASSERT_ERRNO(guest_.Call("fd_prestat_get", {3, at}), kSuccess);
  EXPECT_EQ(guest_.Get32(at), 0u);
  EXPECT_EQ(guest_.Get32(at + 4), 1u);
  ASSERT_ERRNO(guest_.Call("fd_prestat_get", {4, at}), kSuccess);
  EXPECT_EQ(guest_.Get32(at + 4), 10u);
  const uint32_t name = guest_.Put(std::string(16, '.'));
  ASSERT_ERRNO(guest_.Call("fd_prestat_dir_name", {4, name, 10}), kSuccess);
  EXPECT_EQ(guest_.Get(name, 11), "/read/only.");
  EXPECT_ERRNO(guest_.Call("fd_prestat_dir_name", {3, name, 16}), kSuccess);
  EXPECT_ERRNO(guest_.Call("fd_prestat_dir_name", {4, name, 9}), kNameTooLong);
  EXPECT_ERRNO(
      guest_.Call("fd_prestat_dir_name", {4, TestGuest::kBadPointer, 10}),
      kFault);
}

TEST_F(FdTableTest, WhatIsNoPreopen) {
  const uint32_t at = guest_.Space(prestat::kSizeBytes);
  ASSERT_OK_ERRNO_AND_ASSIGN(const uint32_t dir,
                             guest_.OpenDirectory(3, "dir"));
  for (const uint64_t fd : {uint64_t{0}, uint64_t{1}, uint64_t{5},
                            uint64_t{dir}, uint64_t{0xffffffff}}) {
    EXPECT_ERRNO(guest_.Call("fd_prestat_get", {fd, at}), kBadf);
    EXPECT_ERRNO(guest_.Call("fd_prestat_dir_name", {fd, at, 8}), kBadf);
  }
}

TEST_F(FdTableTest, FdstatOfADirectory) {
  const uint32_t at = Fdstat(3);
  EXPECT_EQ(guest_.Get8(at), 3);
  EXPECT_EQ(guest_.Get16(at + 2), 0);
  EXPECT_EQ(guest_.RightsOf(3), rights::kDirectory);
  EXPECT_EQ(Inheriting(3), rights::kInheriting);
  EXPECT_FALSE(guest_.RightsOf(3) & rights::kFdFilestatSetSize);
  EXPECT_FALSE(guest_.RightsOf(3) & rights::kFdSeek);
}

TEST_F(FdTableTest, FdstatOfAFile) {
  ASSERT_OK_ERRNO_AND_ASSIGN(
      const uint32_t fd,
      guest_.Open(3, "file",
                  {.base = rights::kFdRead | rights::kPathOpen,
                   .inheriting = rights::kFdRead,
                   .flags = fdflags::kAppend | fdflags::kNonblock}));
  const uint32_t at = Fdstat(fd);
  EXPECT_EQ(guest_.Get8(at), 4);
  EXPECT_EQ(guest_.Get16(at + 2), fdflags::kAppend | fdflags::kNonblock);
  // What does not apply to a file is dropped.
  EXPECT_EQ(guest_.RightsOf(fd), rights::kFdRead);
  EXPECT_EQ(Inheriting(fd), 0u);
}

TEST_F(FdTableTest, FdstatOfStreams) {
  EXPECT_EQ(guest_.Get8(Fdstat(0)), 0);
  EXPECT_EQ(guest_.RightsOf(0), rights::kStandardInput);
  EXPECT_EQ(guest_.RightsOf(1), rights::kStandardOutput);
  // C libraries take a character device that cannot seek for a terminal.
  EXPECT_FALSE(guest_.RightsOf(1) & (rights::kFdSeek | rights::kFdTell));
}

TEST(FdTableTerminalTest, TerminalsAreCharacterDevices) {
  class Terminal : public FakeEnvironment {
   public:
    Terminal() { terminals = 2; }
  } environment;
  auto context = Context::Create(Options{}, &environment);
  ASSERT_TRUE(context.ok());
  MemoryType type;
  type.limits.min = 1;
  auto memory = MemoryInstance::Create(type, 1 << 16);
  ASSERT_TRUE(memory.ok());
  const uint32_t function = *Context::FindFunction("fd_fdstat_get");
  const auto type_of = [&](uint64_t fd) {
    EXPECT_EQ((*context)->Call(function, {{fd, 64}}, **memory, false).kind,
              Outcome::Kind::kReturn);
    return (*memory)->data()[64];
  };
  EXPECT_EQ(type_of(0), 0);
  EXPECT_EQ(type_of(1), 2);
  // Of this process it stays one, wherever it goes on.
  const std::string saved = (*context)->Save();
  FakeEnvironment no_terminal;
  context = Context::Load(AsBytes(saved), &no_terminal, nullptr);
  ASSERT_TRUE(context.ok());
  EXPECT_EQ(type_of(1), 2);
}

TEST_F(FdTableTest, RightsOnlyShrink) {
  ASSERT_OK_ERRNO_AND_ASSIGN(
      const uint32_t fd,
      guest_.Open(
          3, "file",
          {.base = rights::kFdRead | rights::kFdWrite | rights::kFdSeek}));
  EXPECT_ERRNO(guest_.Call("fd_fdstat_set_rights",
                           {fd, rights::kFdRead | rights::kFdSeek, 0}),
               kSuccess);
  EXPECT_ERRNO(guest_.Write(fd, "x"), kNotCapable);
  EXPECT_ERRNO(guest_.Call("fd_fdstat_set_rights",
                           {fd, rights::kFdRead | rights::kFdWrite, 0}),
               kNotCapable);
  EXPECT_ERRNO(guest_.Call("fd_fdstat_set_rights", {fd, 0, rights::kFdRead}),
               kNotCapable);
  EXPECT_EQ(guest_.RightsOf(fd), rights::kFdRead | rights::kFdSeek);
  EXPECT_ERRNO(guest_.Call("fd_fdstat_set_rights", {fd, 0, 0}), kSuccess);
  EXPECT_ERRNO(guest_.Read(fd, 1), kNotCapable);
}

TEST_F(FdTableTest, InheritingRightsBindWhatIsOpenedBelow) {
  ASSERT_OK_ERRNO_AND_ASSIGN(
      const uint32_t dir,
      guest_.Open(3, "dir",
                  {.open_flags = oflags::kDirectory,
                   .base = rights::kPathOpen | rights::kPathCreateFile,
                   .inheriting = rights::kFdRead | rights::kFdSeek}));
  EXPECT_ERRNO(
      guest_.Open(dir, "new",
                  {.open_flags = oflags::kCreat, .base = rights::kFdWrite}),
      kNotCapable);
  EXPECT_FALSE(directory_.Exists("dir/new"));
  EXPECT_TRUE(guest_
                  .Open(dir, "new",
                        {.open_flags = oflags::kCreat, .base = rights::kFdRead})
                  .ok());
  EXPECT_ERRNO(
      guest_.Open(dir, "new", {.base = 0, .inheriting = rights::kFdWrite}),
      kNotCapable);
}

TEST_F(FdTableTest, SetFlags) {
  ASSERT_OK_ERRNO_AND_ASSIGN(const uint32_t fd,
                             guest_.Open(3, "file", {.base = rights::kFile}));
  EXPECT_ERRNO(guest_.Call("fd_fdstat_set_flags", {fd, fdflags::kAppend}),
               kSuccess);
  EXPECT_EQ(guest_.Get16(Fdstat(fd) + 2), fdflags::kAppend);
  EXPECT_ERRNO(guest_.Call("fd_fdstat_set_flags", {fd, 32}), kInval);
  EXPECT_ERRNO(guest_.Call("fd_fdstat_set_flags", {3, 0}), kNotCapable);
  ASSERT_OK_ERRNO_AND_ASSIGN(const uint32_t bare,
                             guest_.Open(3, "file", {.base = rights::kFdRead}));
  EXPECT_ERRNO(guest_.Call("fd_fdstat_set_flags", {bare, 0}), kNotCapable);
}

TEST_F(FdTableTest, CloseAndNumbers) {
  ASSERT_OK_ERRNO_AND_ASSIGN(const uint32_t a, guest_.Open(3, "file"));
  ASSERT_OK_ERRNO_AND_ASSIGN(const uint32_t b, guest_.Open(3, "file"));
  EXPECT_EQ(a, 5u);
  EXPECT_EQ(b, 6u);
  EXPECT_ERRNO(guest_.Close(a), kSuccess);
  EXPECT_ERRNO(guest_.Close(a), kBadf);
  // Those of the standard streams are never given to others.
  EXPECT_ERRNO(guest_.Close(1), kSuccess);
  EXPECT_ERRNO(guest_.Write(1, "x"), kBadf);
  EXPECT_EQ(*guest_.Open(3, "file"), 5u);
  EXPECT_EQ(*guest_.Open(3, "file"), 7u);
  // A preopened directory can be closed.
  EXPECT_ERRNO(guest_.Close(3), kSuccess);
  const uint32_t at = guest_.Space(8);
  EXPECT_ERRNO(guest_.Call("fd_prestat_get", {3, at}), kBadf);
  EXPECT_ERRNO(guest_.Open(3, "file"), kBadf);
  EXPECT_EQ(*guest_.Read(b, 1), "0");
}

TEST_F(FdTableTest, Renumber) {
  ASSERT_OK_ERRNO_AND_ASSIGN(const uint32_t a,
                             guest_.Open(3, "file", {.base = rights::kFdRead}));
  ASSERT_OK_ERRNO_AND_ASSIGN(const uint32_t b,
                             guest_.Open(3, "dir", {.base = 0}));
  EXPECT_EQ(*guest_.Read(a, 2), "01");
  EXPECT_ERRNO(guest_.Call("fd_renumber", {a, b}), kSuccess);
  EXPECT_ERRNO(guest_.Read(a, 1), kBadf);
  EXPECT_EQ(*guest_.Read(b, 1), "2");
  EXPECT_EQ(guest_.RightsOf(b), rights::kFdRead);
  EXPECT_ERRNO(guest_.Call("fd_renumber", {b, a}), kBadf);
  EXPECT_ERRNO(guest_.Call("fd_renumber", {a, b}), kBadf);
  EXPECT_ERRNO(guest_.Call("fd_renumber", {b, b}), kSuccess);
  EXPECT_ERRNO(guest_.Call("fd_renumber", {b, 0x40000000}), kBadf);
  // Over a standard stream: what is written to it goes to the file.
  ASSERT_OK_ERRNO_AND_ASSIGN(
      const uint32_t out,
      guest_.Open(3, "out", {.open_flags = oflags::kCreat}));
  EXPECT_ERRNO(guest_.Call("fd_renumber", {out, 1}), kSuccess);
  EXPECT_ERRNO(guest_.Write(1, "to the file"), kSuccess);
  EXPECT_EQ(directory_.ReadFile("out"), "to the file");
  EXPECT_EQ(guest_.environment().output[1], "");
}

TEST_F(FdTableTest, ThereIsALimit) {
  uint32_t opened = 0;
  Errno error = Errno::kSuccess;
  while (error == Errno::kSuccess && opened < 5000) {
    // Not the guest's own Open: its memory is not large enough for so many.
    const uint32_t path = 64;
    if (opened == 0) {
      GuestMemory(guest_.memory()).Write(path, AsBytes("file"));
    }
    error = guest_.Call("path_open",
                        {3, 0, path, 4, 0, rights::kFdRead, 0, 0, 128});
    if (error == Errno::kSuccess) ++opened;
  }
  EXPECT_EQ(error, Errno::kMfile);
  // Either ours or the host's.
  EXPECT_LE(opened, DescriptorTable::kMaxDescriptors - 5);
  EXPECT_GE(opened, 100u);
}

TEST_F(FdTableTest, AReadOnlyDirectory) {
  const uint32_t kReadOnly = 4;
  EXPECT_EQ(guest_.RightsOf(kReadOnly) & rights::kChanging, 0u);
  EXPECT_EQ(Inheriting(kReadOnly) & rights::kChanging, 0u);
  EXPECT_TRUE(guest_.Open(kReadOnly, "file").ok());
  EXPECT_ERRNO(guest_.Open(kReadOnly, "file", {.base = rights::kFdWrite}),
               kNotCapable);
  EXPECT_ERRNO(
      guest_.Open(kReadOnly, "new", {.open_flags = oflags::kCreat, .base = 0}),
      kNotCapable);
  EXPECT_ERRNO(
      guest_.Open(kReadOnly, "file", {.open_flags = oflags::kTrunc, .base = 0}),
      kNotCapable);
  for (const char* function :
       {"path_create_directory", "path_unlink_file", "path_remove_directory"}) {
    EXPECT_ERRNO(guest_.AtPath(function, kReadOnly, "file"), kNotCapable);
  }
  EXPECT_ERRNO(guest_.Rename(kReadOnly, "file", kReadOnly, "new"), kNotCapable);
  EXPECT_ERRNO(guest_.Rename(kReadOnly, "file", 3, "new"), kNotCapable);
  EXPECT_ERRNO(guest_.Rename(3, "file", kReadOnly, "new"), kNotCapable);
  EXPECT_ERRNO(guest_.Symlink("file", kReadOnly, "new"), kNotCapable);
  EXPECT_ERRNO(guest_.Link(3, "file", kReadOnly, "new"), kNotCapable);
  // The file could be written by way of the link.
  EXPECT_ERRNO(guest_.Link(kReadOnly, "file", 3, "new"), kNotCapable);
  EXPECT_EQ(directory_.ReadFile("file"), "0123456789");
  EXPECT_FALSE(directory_.Exists("new"));
}

TEST(ContextCreateTest, SaysWhatIsWrong) {
  FakeEnvironment environment;
  EXPECT_EQ(
      Context::Create(Options{.preopens = {{"/absent/dir", "/"}}}, &environment)
          .status()
          .code(),
      absl::StatusCode::kNotFound);
  const TemporaryDirectory directory;
  directory.WriteFile("file", "");
  EXPECT_EQ(
      Context::Create(Options{.preopens = {{directory.Path("file"), "/"}}},
                      &environment)
          .status()
          .code(),
      absl::StatusCode::kNotFound);
  EXPECT_EQ(Context::Create(Options{.arguments = {std::string("a\0b", 3)}},
                            &environment)
                .status()
                .code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Context::Create(Options{.environment = {std::string(2 << 20, 'x')}},
                            &environment)
                .status()
                .code(),
            absl::StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace wasmd::wasi
