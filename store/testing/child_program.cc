#include "store/testing/child_program.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.h"

namespace wasmd::testing {
namespace {

constexpr int kToldFile = 3;
constexpr char kDirectoryVariable[] = "WASMD_TEST_CHILD_DIRECTORY";

}  // namespace

ChildProgram::ChildProgram(const std::string& test,
                           const std::string& directory) {
  int ends[2];
  CHECK(pipe(ends) == 0);
  // Everything that allocates comes before fork: other threads may hold locks.
  const std::string filter = "--gtest_filter=" + test;
  CHECK(setenv(kDirectoryVariable, directory.c_str(), 1) == 0);
  pid_ = fork();
  CHECK(pid_ >= 0);
  if (pid_ == 0) {
    dup2(ends[1], kToldFile);
    execl("/proc/self/exe", "child", filter.c_str(),
          "--gtest_also_run_disabled_tests",
          "--gtest_output=", static_cast<char*>(nullptr));
    _exit(127);
  }
  close(ends[1]);
  told_ = ends[0];
}

ChildProgram::~ChildProgram() {
  Kill();
  close(told_);
}

std::optional<uint64_t> ChildProgram::Next() {
  uint64_t number;
  if (read(told_, &number, sizeof(number)) != sizeof(number)) {
    return std::nullopt;
  }
  return number;
}

int ChildProgram::Wait() {
  int status = 0;
  CHECK(waitpid(pid_, &status, 0) == pid_);
  pid_ = -1;
  return status;
}

void ChildProgram::Kill() {
  if (pid_ < 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

std::string ChildProgram::Directory() {
  const char* const directory = getenv(kDirectoryVariable);
  CHECK(directory != nullptr);
  return directory;
}

void ChildProgram::Tell(uint64_t number) {
  CHECK(write(kToldFile, &number, sizeof(number)) == sizeof(number));
}

}  // namespace wasmd::testing
