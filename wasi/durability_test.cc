#include <gtest/gtest.h>

#include "wasi/testing/errno_matchers.h"
#include "wasi/testing/temporary_directory.h"
#include "wasi/testing/test_guest.h"

namespace wasmd::wasi {

inline void PrintTo(Durability durability, std::ostream* out) {
  constexpr const char* kNames[] = {"kPure", "kInput", "kOutput", "kEffect",
                                    "kBlocking"};
  *out << kNames[static_cast<size_t>(durability)];
}

namespace {

class DurabilityTest : public ::testing::Test {
 protected:
  DurabilityTest() : guest_(Options{.preopens = {{directory_.path(), "/"}}}) {
    directory_.WriteFile("file", "text");
    file_ = *guest_.Open(3, "file", {.base = rights::kFile});
  }
  void Expect(Durability expected, std::string_view function,
              std::vector<uint64_t> arguments) {
    EXPECT_EQ(guest_.DurabilityOf(function, arguments), expected) << function;
  }

  TemporaryDirectory directory_;
  TestGuest guest_;
  uint64_t file_ = 0;
};

TEST_F(DurabilityTest, Pure) {
  constexpr Durability kPure = Durability::kPure;
  for (const char* function :
       {"args_get", "args_sizes_get", "environ_get", "environ_sizes_get",
        "clock_res_get", "fd_prestat_get", "sock_shutdown"}) {
    Expect(kPure, function, {3, 0});
  }
  for (const uint64_t fd : {uint64_t{1}, uint64_t{3}, file_}) {
    Expect(kPure, "fd_fdstat_get", {fd, 0});
    Expect(kPure, "fd_fdstat_set_flags", {fd, 0});
    Expect(kPure, "fd_fdstat_set_rights", {fd, 0, 0});
    Expect(kPure, "fd_close", {fd});
    Expect(kPure, "fd_renumber", {fd, fd});
    Expect(kPure, "fd_tell", {fd, 0});
    Expect(kPure, "fd_advise", {fd, 0, 0, 0});
    Expect(kPure, "fd_seek", {fd, 0, whence::kSet, 0});
    Expect(kPure, "fd_seek", {fd, 0, whence::kCurrent, 0});
  }
  Expect(kPure, "sched_yield", {});
  Expect(kPure, "proc_exit", {0});
}

TEST_F(DurabilityTest, Input) {
  constexpr Durability kInput = Durability::kInput;
  Expect(kInput, "clock_time_get", {0, 0, 0});
  Expect(kInput, "random_get", {0, 8});
  Expect(kInput, "fd_read", {file_, 0, 0, 0});
  Expect(kInput, "fd_pread", {file_, 0, 0, 0, 0});
  Expect(kInput, "fd_seek", {file_, 0, whence::kEnd, 0});
  Expect(kInput, "fd_filestat_get", {file_, 0});
  Expect(kInput, "fd_filestat_get", {3, 0});
  Expect(kInput, "fd_readdir", {3, 0, 0, 0, 0});
  Expect(kInput, "fd_sync", {file_});
  Expect(kInput, "fd_datasync", {file_});
  Expect(kInput, "path_filestat_get", {3, 0, 0, 0, 0});
  Expect(kInput, "path_readlink", {3, 0, 0, 0, 0, 0});
  Expect(kInput, "path_open", {3, 0, 0, 0, 0, 0, 0, 0, 0});
  Expect(kInput, "path_open", {3, 0, 0, 0, oflags::kDirectory, 0, 0, 0, 0});
}

TEST_F(DurabilityTest, Output) {
  Expect(Durability::kOutput, "fd_write", {1, 0, 0, 0});
  Expect(Durability::kOutput, "fd_write", {2, 0, 0, 0});
}

TEST_F(DurabilityTest, Effect) {
  constexpr Durability kEffect = Durability::kEffect;
  Expect(kEffect, "fd_write", {file_, 0, 0, 0});
  Expect(kEffect, "fd_pwrite", {file_, 0, 0, 0, 0});
  Expect(kEffect, "fd_allocate", {file_, 0, 1});
  Expect(kEffect, "fd_filestat_set_size", {file_, 0});
  Expect(kEffect, "fd_filestat_set_times", {file_, 0, 0, 0});
  Expect(kEffect, "path_create_directory", {3, 0, 0});
  Expect(kEffect, "path_remove_directory", {3, 0, 0});
  Expect(kEffect, "path_unlink_file", {3, 0, 0});
  Expect(kEffect, "path_filestat_set_times", {3, 0, 0, 0, 0, 0, 0});
  Expect(kEffect, "path_link", {3, 0, 0, 0, 3, 0, 0});
  Expect(kEffect, "path_rename", {3, 0, 0, 3, 0, 0});
  Expect(kEffect, "path_symlink", {0, 0, 3, 0, 0});
  for (const uint64_t flags :
       {oflags::kCreat, oflags::kTrunc, oflags::kCreat | oflags::kExcl}) {
    Expect(kEffect, "path_open", {3, 0, 0, 0, flags, 0, 0, 0, 0});
  }
}

TEST_F(DurabilityTest, Blocking) {
  Expect(Durability::kBlocking, "fd_read", {0, 0, 0, 0});
  Expect(Durability::kBlocking, "poll_oneoff", {0, 0, 1, 0});
}

TEST_F(DurabilityTest, WhatFailsAtOnceIsPure) {
  Expect(Durability::kPure, "fd_write", {99, 0, 0, 0});
  Expect(Durability::kPure, "fd_read", {99, 0, 0, 0});
  Expect(Durability::kPure, "path_unlink_file", {99, 0, 0});
  Expect(Durability::kPure, "path_symlink", {0, 0, 99, 0, 0});
  Expect(Durability::kPure, "fd_filestat_set_size", {1, 0});
}

TEST_F(DurabilityTest, FollowsRenumbering) {
  ASSERT_ERRNO(guest_.Call("fd_renumber", {file_, 1}), kSuccess);
  Expect(Durability::kEffect, "fd_write", {1, 0, 0, 0});
  Expect(Durability::kPure, "fd_write", {file_, 0, 0, 0});
}

}  // namespace
}  // namespace wasmd::wasi
