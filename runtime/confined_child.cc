#include "runtime/confined_child.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <optional>

#include "absl/status/status.h"
#include "base/str_cat.h"

namespace wasmd {
namespace {

#if defined(__x86_64__)
constexpr uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#else
#error "name the architecture as seccomp does"
#endif

// The only descriptor of the child: where its answer goes.
constexpr int kAnswerFd = 3;

// From here on only memory can be had, and what is open be written. Other calls
// fail, as they may in the middle of somebody's code.
bool ForbidSystemCalls() {
  constexpr uint32_t kAllowed[] = {
      SYS_brk,   SYS_mmap,  SYS_munmap,     SYS_mremap, SYS_madvise,
      SYS_futex, SYS_write, SYS_exit_group, SYS_exit,   SYS_rt_sigreturn,
  };
  sock_filter program[8 + 2 * std::size(kAllowed)];
  unsigned short size = 0;
  const auto add = [&](sock_filter instruction) {
    program[size++] = instruction;
  };
  add(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)));
  add(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, kArchitecture, 1, 0));
  add(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));
  add(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)));
  for (const uint32_t number : kAllowed) {
    add(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1));
    add(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  }
  add(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM));
  const sock_fprog filter = {size, program};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

// The address space of this process now; 0 if it is not known.
uint64_t AddressSpaceBytes() {
  const int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  char text[64] = {};
  const ssize_t size = read(fd, text, sizeof text - 1);
  close(fd);
  uint64_t pages = 0;
  for (ssize_t i = 0; i < size && text[i] >= '0' && text[i] <= '9'; ++i) {
    pages = pages * 10 + static_cast<uint64_t>(text[i] - '0');
  }
  return pages * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

bool SetLimit(int resource, uint64_t value) {
  const rlimit limit = {value, value};
  return setrlimit(static_cast<__rlimit_resource>(resource), &limit) == 0;
}

bool Confine(int answer_fd, const ConfinedLimits& limits) {
  const uint64_t space = AddressSpaceBytes();
  if (space == 0) return false;
  if (answer_fd != kAnswerFd && dup2(answer_fd, kAnswerFd) < 0) return false;
  for (int fd = 0; fd < kAnswerFd; ++fd) close(fd);
  closefrom(kAnswerFd + 1);
  // It crashes as it likes: nobody is to see a core file or a handler's words.
  for (const int signal : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGXCPU}) {
    if (::signal(signal, SIG_DFL) == SIG_ERR) return false;
  }
  return SetLimit(RLIMIT_CORE, 0) && SetLimit(RLIMIT_CPU, limits.seconds) &&
         SetLimit(RLIMIT_AS, space + limits.memory_bytes) &&
         ForbidSystemCalls();
}

void WriteAnswer(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t size = write(kAnswerFd, bytes.data(), bytes.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) _exit(1);  // nobody reads any more
    bytes.remove_prefix(static_cast<size_t>(size));
  }
}

int64_t NowMs() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

// What comes out of the pipe until its end; nullopt if that does not come in
// time.
std::optional<std::string> ReadAnswer(int fd, const ConfinedLimits& limits) {
  std::string answer;
  const int64_t deadline_ms = NowMs() + int64_t{limits.seconds} * 2000;
  while (answer.size() < limits.answer_bytes) {
    pollfd ready = {fd, POLLIN, 0};
    const int64_t left_ms = deadline_ms - NowMs();
    if (left_ms <= 0) return std::nullopt;
    if (poll(&ready, 1, static_cast<int>(left_ms)) <= 0) continue;
    char buffer[4096];
    const ssize_t size = read(fd, buffer, sizeof buffer);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) break;
    answer.append(buffer, static_cast<size_t>(size));
  }
  answer.resize(std::min(answer.size(), limits.answer_bytes));
  return answer;
}

// Waits for the child to end. Was it by itself, and well?
bool EndedWell(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return false;
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

absl::StatusOr<std::string> RunConfined(
    const std::function<
        void(const std::function<void(std::string_view bytes)>& answer)>& work,
    const ConfinedLimits& limits) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) {
    return absl::InternalError(StrCat("pipe: ", std::strerror(errno)));
  }
  const pid_t child = fork();
  if (child == 0) {
    if (!Confine(ends[1], limits)) _exit(1);
    work(WriteAnswer);
    _exit(0);
  }
  const int fork_error = errno;
  close(ends[1]);
  if (child < 0) {
    close(ends[0]);
    return absl::InternalError(StrCat("fork: ", std::strerror(fork_error)));
  }
  std::optional<std::string> answer = ReadAnswer(ends[0], limits);
  close(ends[0]);
  const bool is_cut =
      answer.has_value() && answer->size() == limits.answer_bytes;
  if (is_cut || !answer.has_value()) kill(child, SIGKILL);
  const bool ended_well = EndedWell(child);
  if (!answer.has_value()) {
    return absl::InternalError("a confined child was too long at its work");
  }
  if (!is_cut && !ended_well) {
    return absl::InternalError("a confined child crashed");
  }
  return *std::move(answer);
}

}  // namespace wasmd
