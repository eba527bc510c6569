#include "runtime/confined_child.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>

#include "absl/status/status.h"
#include "base/testing/status_matchers.h"
#include "gtest/gtest.h"

namespace wasmd {
namespace {

using Answer = std::function<void(std::string_view bytes)>;

TEST(ConfinedChild, GivesWhatWasAnswered) {
  const std::string text = "from the parent";
  const auto answer = RunConfined(
      [&](const Answer& write) {
        write(text);
        write(std::string(100000, 'x'));
      },
      {});
  ASSERT_OK(answer);
  EXPECT_EQ(*answer, text + std::string(100000, 'x'));
}

TEST(ConfinedChild, ACrashIsAnError) {
  const auto answer = RunConfined(
      [](const Answer& write) {
        write("something");
        volatile int* const nowhere = nullptr;
        *nowhere = 1;
      },
      {});
  EXPECT_EQ(answer.status().code(), absl::StatusCode::kInternal);
  EXPECT_FALSE(RunConfined([](const Answer&) { std::abort(); }, {}).ok());
}

TEST(ConfinedChild, AnEndlessLoopEnds) {
  const auto answer = RunConfined(
      [](const Answer&) {
        for (volatile int i = 0;; i = i + 1) {
        }
      },
      {.seconds = 1});
  EXPECT_FALSE(answer.ok());
}

TEST(ConfinedChild, WaitingForeverEnds) {
  const auto answer = RunConfined(
      [](const Answer&) {
        for (;;) pause();
      },
      {.seconds = 1});
  EXPECT_FALSE(answer.ok());
}

TEST(ConfinedChild, AnAnswerWithoutEndIsCut) {
  const auto answer = RunConfined(
      [](const Answer& write) {
        for (;;) write("0123456789");
      },
      {.answer_bytes = 1000});
  ASSERT_OK(answer);
  EXPECT_EQ(answer->size(), 1000u);
}

TEST(ConfinedChild, MemoryIsBounded) {
  const auto answer = RunConfined(
      [](const Answer& write) {
        // Never freed, and volatile lest the compiler does without.
        void* volatile much = std::malloc(size_t{1} << 28);
        void* volatile some = std::malloc(size_t{1} << 24);
        write(much == nullptr ? "no" : "yes");
        write(some == nullptr ? "no" : "yes");
      },
      {.memory_bytes = uint64_t{1} << 26});
  ASSERT_OK(answer);
  EXPECT_EQ(*answer, "noyes");
}

// What it tries, and the error it gets.
TEST(ConfinedChild, TheOutsideCannotBeReached) {
  int pair[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
  // Not where the child has its answer's end.
  const int there = fcntl(pair[0], F_DUPFD, 100);
  ASSERT_GE(there, 100);
  close(pair[0]);
  const auto answer = RunConfined(
      [&](const Answer& write) {
        const auto tell = [&](int result) {
          write(result >= 0 ? "!" : errno == EPERM ? "p" : "b");
        };
        tell(open("/etc/passwd", O_RDONLY));
        tell(socket(AF_INET, SOCK_STREAM, 0));
        tell(fork());
        tell(execl("/bin/true", "true", nullptr));
        tell(kill(getppid(), 0));
        tell(static_cast<int>(::write(there, "x", 1)));
        tell(static_cast<int>(::write(1, "x", 1)));
      },
      {});
  ASSERT_OK(answer);
  EXPECT_EQ(*answer, "pppppbb");
  close(there);
  char byte = 0;
  EXPECT_EQ(read(pair[1], &byte, 1), 0) << "the child wrote to it";
  close(pair[1]);
}

}  // namespace
}  // namespace wasmd
