// The functions that are no files: arguments, environment, random numbers, the
// process itself, and the sockets that are not there.

#include <gtest/gtest.h>

#include "wasi/testing/errno_matchers.h"
#include "wasi/testing/temporary_directory.h"
#include "wasi/testing/test_guest.h"

namespace wasmd::wasi {
namespace {

TEST(ArgumentsTest, SizesAndContents) {
  TestGuest guest(Options{.arguments = {"program", "", "two words"},
                          .environment = {"A=1"}});
  const uint32_t count_at = guest.Space(4);
  const uint32_t size_at = guest.Space(4);
  ASSERT_ERRNO(guest.Call("args_sizes_get", {count_at, size_at}), kSuccess);
  EXPECT_EQ(guest.Get32(count_at), 3u);
  EXPECT_EQ(guest.Get32(size_at), 19u);
  const uint32_t argv = guest.Space(12);
  const uint32_t buffer = guest.Put(std::string(20, '!'));
  ASSERT_ERRNO(guest.Call("args_get", {argv, buffer}), kSuccess);
  EXPECT_EQ(guest.Get32(argv), buffer);
  EXPECT_EQ(guest.Get32(argv + 4), buffer + 8);
  EXPECT_EQ(guest.Get32(argv + 8), buffer + 9);
  EXPECT_EQ(guest.Get(buffer, 20), std::string("program\0\0two words\0!", 20));
  ASSERT_ERRNO(guest.Call("environ_sizes_get", {count_at, size_at}), kSuccess);
  EXPECT_EQ(guest.Get32(count_at), 1u);
  EXPECT_EQ(guest.Get32(size_at), 4u);
  ASSERT_ERRNO(guest.Call("environ_get", {argv, buffer}), kSuccess);
  EXPECT_EQ(guest.Get(buffer, 4), std::string("A=1\0", 4));
}

TEST(ArgumentsTest, None) {
  TestGuest guest(Options{});
  const uint32_t count_at = guest.Space(4);
  const uint32_t size_at = guest.Space(4);
  ASSERT_ERRNO(guest.Call("args_sizes_get", {count_at, size_at}), kSuccess);
  EXPECT_EQ(guest.Get32(count_at), 0u);
  EXPECT_EQ(guest.Get32(size_at), 0u);
  EXPECT_ERRNO(guest.Call("environ_get", {count_at, size_at}), kSuccess);
}

TEST(ArgumentsTest, BadPointers) {
  TestGuest guest(Options{.arguments = {"program"}});
  const uint64_t bad = TestGuest::kBadPointer;
  const uint32_t good = guest.Space(16);
  EXPECT_ERRNO(guest.Call("args_sizes_get", {bad, good}), kFault);
  EXPECT_ERRNO(guest.Call("args_sizes_get", {good, bad}), kFault);
  EXPECT_ERRNO(guest.Call("args_get", {bad, good}), kFault);
  EXPECT_ERRNO(guest.Call("args_get", {good, bad}), kFault);
  EXPECT_ERRNO(guest.Call("args_get", {good, TestGuest::kMemoryBytes - 7}),
               kFault);
}

TEST(RandomTest, FillsTheBuffer) {
  TestGuest guest(Options{});
  const uint32_t buffer = guest.Space(16);
  ASSERT_ERRNO(guest.Call("random_get", {buffer, 3}), kSuccess);
  EXPECT_EQ(guest.Get(buffer, 4), std::string("\1\2\3\0", 4));
  EXPECT_ERRNO(guest.Call("random_get", {buffer, 0}), kSuccess);
  EXPECT_ERRNO(guest.Call("random_get", {TestGuest::kBadPointer, 1}), kFault);
  EXPECT_ERRNO(guest.Call("random_get", {buffer, 0xffffffff}), kFault);
}

TEST(ProcessTest, Exit) {
  TestGuest guest(Options{});
  for (const uint32_t code : {0u, 33u, 0xffffffffu}) {
    const Outcome outcome = guest.CallRaw("proc_exit", {code});
    EXPECT_EQ(outcome.kind, Outcome::Kind::kExit);
    EXPECT_EQ(outcome.exit_code, code);
  }
}

TEST(ProcessTest, Raise) {
  TestGuest guest(Options{});
  const Outcome abort = guest.CallRaw("proc_raise", {6});
  EXPECT_EQ(abort.kind, Outcome::Kind::kExit);
  EXPECT_EQ(abort.exit_code, 134u);
  for (const uint64_t ignored : {0, 16, 17, 22, 27}) {
    EXPECT_ERRNO(guest.Call("proc_raise", {ignored}), kSuccess);
  }
  for (const uint64_t stops : {18, 19, 20, 21}) {
    EXPECT_ERRNO(guest.Call("proc_raise", {stops}), kNotsup);
  }
  EXPECT_ERRNO(guest.Call("proc_raise", {31}), kInval);
  EXPECT_ERRNO(guest.Call("proc_raise", {0xffffffff}), kInval);
}

TEST(ProcessTest, Yield) {
  TestGuest guest(Options{});
  EXPECT_ERRNO(guest.Call("sched_yield", {}), kSuccess);
}

TEST(SocketsTest, ThereAreNone) {
  const TemporaryDirectory directory;
  directory.WriteFile("file", "");
  TestGuest guest(Options{.preopens = {{directory.path(), "/"}}});
  const uint64_t file = *guest.Open(3, "file");
  for (const uint64_t fd : {uint64_t{1}, uint64_t{3}, file}) {
    EXPECT_ERRNO(guest.Call("sock_shutdown", {fd, 1}), kNotSock);
    EXPECT_ERRNO(guest.Call("sock_accept", {fd, 0, 64}), kNotSock);
    EXPECT_ERRNO(guest.Call("sock_recv", {fd, 0, 0, 0, 64, 68}), kNotSock);
    EXPECT_ERRNO(guest.Call("sock_send", {fd, 0, 0, 0, 64}), kNotSock);
  }
  EXPECT_ERRNO(guest.Call("sock_shutdown", {99, 1}), kBadf);
  EXPECT_ERRNO(guest.Call("sock_accept", {99, 0, 64}), kBadf);
  EXPECT_ERRNO(guest.Call("sock_recv", {99, 0, 0, 0, 64, 68}), kBadf);
  EXPECT_ERRNO(guest.Call("sock_send", {99, 0, 0, 0, 64}), kBadf);
}

}  // namespace
}  // namespace wasmd::wasi
