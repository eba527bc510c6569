#include "wasi/call_trace.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "interp/memory_instance.h"
#include "wasi/abi.h"
#include "wasi/call_names.h"
#include "wasi/call_text.h"
#include "wasi/function_table.h"
#include "wasi/testing/temporary_directory.h"
#include "wasi/testing/test_guest.h"

namespace wasmd::wasi {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(CallText, TheRowsAreThoseOfTheFunctions) {
  for (uint32_t i = 0; i < Functions().size(); ++i) {
    EXPECT_EQ(CallText::ArgumentCount(i), Functions()[i].type.params.size())
        << Functions()[i].name;
  }
}

class CallTrace : public ::testing::Test {
 protected:
  CallTrace() : guest_({.preopens = {{directory_.path(), "/d", false}}}) {}

  // A call of the guest, as CallText shows it.
  std::string Shown(std::string_view function,
                    const std::vector<uint64_t>& arguments) {
    const uint32_t number = *Context::FindFunction(function);
    std::vector<Slot> slots;
    for (const uint64_t argument : arguments) slots.push_back(ToSlot(argument));
    const CallText text(number, slots, guest_.memory());
    return text.Ended(guest_.Call(function, arguments));
  }

  TemporaryDirectory directory_;
  TestGuest guest_;
};

TEST_F(CallTrace, PathsFlagsAndResults) {
  const uint32_t opened_at = guest_.Space(4);
  EXPECT_EQ(Shown("path_open",
                  guest_.OpenCall(3, "a\n\xC3.txt",
                                  {.open_flags = oflags::kCreat,
                                   .base = rights::kFdRead | rights::kFdWrite,
                                   .flags = fdflags::kAppend},
                                  opened_at)),
            "path_open(fd=3, dirflags=SYMLINK_FOLLOW, path=\"a\\n\\xc3.txt\", "
            "oflags=CREAT, base=FD_READ|FD_WRITE, inheriting=0, "
            "fdflags=APPEND, opened_fd=4) = 0");
  const uint32_t size_at = guest_.Space(4);
  EXPECT_EQ(Shown("fd_write",
                  {4, guest_.PutVectors({"hello\n", "a \"b\""}), 2, size_at}),
            "fd_write(fd=4, iovs=[\"hello\\n\", \"a \\\"b\\\"\"], "
            "nwritten=11) = 0");
  EXPECT_EQ(Shown("fd_close", {4}), "fd_close(fd=4) = 0");
  EXPECT_EQ(Shown("fd_close", {4}),
            "fd_close(fd=4) = EBADF (Bad file descriptor)");
}

TEST_F(CallTrace, WhatWasReadIsShownAndNoMore) {
  guest_.environment().input = "ab\n";
  const uint32_t vectors_at = guest_.SpaceVectors({2, 8});
  EXPECT_EQ(Shown("fd_read", {0, vectors_at, 2, guest_.Space(4)}),
            "fd_read(fd=0, iovs=[\"ab\", \"\\n\"], nread=3) = 0");
}

TEST_F(CallTrace, LongTextsAreCut) {
  const std::string line = Shown(
      "fd_write",
      {1, guest_.PutVectors({std::string(5000, 'x')}), 1, guest_.Space(4)});
  EXPECT_THAT(line, HasSubstr("xxx\"..."));
  EXPECT_LT(line.size(), 120u);
}

TEST_F(CallTrace, WhatIsNotInMemoryIsAnAddress) {
  const uint64_t bad = TestGuest::kBadPointer;
  EXPECT_EQ(Shown("path_unlink_file", {3, bad, 16}),
            "path_unlink_file(fd=3, path=0x100001[16]) = EFAULT (Bad address)");
  EXPECT_THAT(Shown("fd_write", {1, bad, 2, bad}),
              HasSubstr("iovs=0x100001[2], nwritten=0x100001) = EFAULT"));
  EXPECT_THAT(Shown("poll_oneoff", {bad, bad, 0xFFFFFFFF, bad}),
              StartsWith("poll_oneoff(in=0x100001, out=0x100001"));
}

TEST_F(CallTrace, Structures) {
  EXPECT_THAT(Shown("fd_prestat_get", {3, guest_.Space(8)}),
              HasSubstr("buf={dir, name_len=2}) = 0"));
  EXPECT_EQ(Shown("fd_prestat_dir_name", {3, guest_.Space(2), 2}),
            "fd_prestat_dir_name(fd=3, path=\"/d\") = 0");
  EXPECT_THAT(Shown("fd_fdstat_get", {1, guest_.Space(24)}),
              HasSubstr("{unknown, flags=0, base=FD_FDSTAT_SET_FLAGS"));
  EXPECT_THAT(Shown("fd_filestat_get", {3, guest_.Space(64)}),
              HasSubstr("buf={directory, ino="));
  EXPECT_THAT(Shown("clock_time_get", {0, 1, guest_.Space(8)}),
              HasSubstr("id=REALTIME, precision=1, time=1700000000.0"));
  EXPECT_THAT(Shown("fd_seek", {1, uint64_t(-3), 1, guest_.Space(8)}),
              HasSubstr("offset=-3, whence=CUR, newoffset=0x"));
}

TEST(CallNames, Sets) {
  EXPECT_EQ(OpenFlagsText(0), "0");
  EXPECT_EQ(OpenFlagsText(9), "CREAT|TRUNC");
  EXPECT_EQ(FdFlagsText(0x101), "APPEND|0x100");
  EXPECT_EQ(RightsText(rights::kSockAccept), "SOCK_ACCEPT");
  EXPECT_EQ(RightsText(rights::kFdRead | uint64_t{1} << 63),
            "FD_READ|0x8000000000000000");
  EXPECT_EQ(RightsText(rights::kFile), "0x8e001ff");
  EXPECT_EQ(ClockText(7), "7");
  EXPECT_EQ(SymbolOf(Errno::kNotCapable), "ENOTCAPABLE");
}

// A process with its calls told of.
class TracedProcess : public ::testing::Test {
 protected:
  TracedProcess() {
    auto context = Context::Create({}, &environment_);
    context_ =
        Traced(*std::move(context), &environment_,
               [this](const std::string& line) { lines_.push_back(line); });
    auto memory = MemoryInstance::Create(
        MemoryType{.limits = {.min = 1, .max = 1}}, 1 << 16);
    memory_ = *std::move(memory);
  }

  Outcome Call(std::string_view function,
               const std::vector<uint64_t>& arguments, bool in_doubt = false) {
    std::vector<Slot> slots;
    for (const uint64_t argument : arguments) slots.push_back(ToSlot(argument));
    return context_->Call(*Context::FindFunction(function), slots, *memory_,
                          in_doubt);
  }

  FakeEnvironment environment_;
  std::vector<std::string> lines_;
  std::unique_ptr<Context> context_;
  std::unique_ptr<MemoryInstance> memory_;
};

TEST_F(TracedProcess, AWaitIsToldOnceAndItsTimeCounts) {
  const MutableByteSpan bytes = *memory_->MutableBytes(0, 48);
  StoreLittle<uint32_t>(&bytes[16], clock_id::kMonotonic);
  StoreLittle<uint64_t>(&bytes[24], 1'500'000'000);
  const std::vector<uint64_t> arguments = {0, 64, 1, 128};
  EXPECT_EQ(Call("poll_oneoff", arguments).kind, Outcome::Kind::kWait);
  environment_.Advance(500'000'000);
  EXPECT_EQ(Call("poll_oneoff", arguments).kind, Outcome::Kind::kWait);
  environment_.Advance(1'000'000'000);
  EXPECT_EQ(Call("poll_oneoff", arguments, true).kind, Outcome::Kind::kReturn);
  EXPECT_THAT(
      lines_,
      ElementsAre("poll_oneoff(in=[clock(MONOTONIC, 1.500000000 s)], out=0x40, "
                  "nsubscriptions=1, nevents=0x80) waits for 1.500000 s",
                  "poll_oneoff(in=[clock(MONOTONIC, 1.500000000 s)], "
                  "out=[clock], nsubscriptions=1, nevents=1) = 0 <1.500000> "
                  "(repeated)"));
}

TEST_F(TracedProcess, TheEndIsToldOnce) {
  EXPECT_EQ(Call("sched_yield", {}).kind, Outcome::Kind::kReturn);
  EXPECT_EQ(Call("proc_exit", {3}).kind, Outcome::Kind::kExit);
  EXPECT_EQ(Call("proc_exit", {3}).kind, Outcome::Kind::kExit);
  EXPECT_THAT(lines_,
              ElementsAre("sched_yield() = 0 <0.000000>", "proc_exit(rval=3)"));
}

}  // namespace
}  // namespace wasmd::wasi
