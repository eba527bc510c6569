// Runs one test of this test program in a program of its own, to be killed.
//
//   TEST(XTest, DISABLED_Child) { ... ChildProgram::Tell(1); ... }
//   TEST(XTest, Parent) {
//     ChildProgram child("XTest.DISABLED_Child", directory.path());
//     child.Next(); child.Kill();
//   }

#ifndef WASMD_STORE_TESTING_CHILD_PROGRAM_H_
#define WASMD_STORE_TESTING_CHILD_PROGRAM_H_

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

namespace wasmd::testing {

class ChildProgram {
 public:
  ChildProgram(const std::string& test, const std::string& directory);
  ~ChildProgram();
  ChildProgram(const ChildProgram&) = delete;
  ChildProgram& operator=(const ChildProgram&) = delete;

  pid_t pid() const { return pid_; }
  // The next number that the child told; nullopt once it is dead.
  std::optional<uint64_t> Next();
  // Waits for its end: the status as waitpid gives it.
  int Wait();
  // kill -9. Numbers that it told before can still be read.
  void Kill();

  // In the child: what the parent gave, and a word to it.
  static std::string Directory();
  static void Tell(uint64_t number);

 private:
  pid_t pid_ = -1;
  int told_ = -1;
};

}  // namespace wasmd::testing

#endif  // WASMD_STORE_TESTING_CHILD_PROGRAM_H_
