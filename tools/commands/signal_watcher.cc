#include "tools/commands/signal_watcher.h"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cstdint>
#include <utility>

#include "base/check.h"
#include "tools/commands/command.h"

namespace wasmd {

SignalWatcher::SignalWatcher() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal_number : {SIGINT, SIGTERM, SIGHUP}) {
    // One that is ignored (nohup) stays so.
    struct sigaction action;
    CHECK(sigaction(signal_number, nullptr, &action) == 0);
    if (action.sa_handler != SIG_IGN) sigaddset(&signals, signal_number);
  }
  CHECK(pthread_sigmask(SIG_BLOCK, &signals, nullptr) == 0);
  // What these say, the failed write says too.
  CHECK(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
  CHECK(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
  signal_fd_ = signalfd(-1, &signals, SFD_CLOEXEC);
  quit_fd_ = eventfd(0, EFD_CLOEXEC);
  CHECK(signal_fd_ >= 0 && quit_fd_ >= 0);
}

SignalWatcher::~SignalWatcher() {
  if (thread_.joinable()) {
    const uint64_t one = 1;
    CHECK(write(quit_fd_, &one, sizeof one) == sizeof one);
    thread_.join();
  }
  close(signal_fd_);
  close(quit_fd_);
}

void SignalWatcher::Start(std::function<void()> on_stop) {
  on_stop_ = std::move(on_stop);
  thread_ = std::thread([this] { Watch(); });
}

void SignalWatcher::Watch() {
  bool is_first = true;
  for (;;) {
    pollfd ready[2] = {{quit_fd_, POLLIN, 0}, {signal_fd_, POLLIN, 0}};
    if (poll(ready, 2, -1) < 0) continue;
    if (ready[0].revents != 0) return;
    signalfd_siginfo info;
    if (read(signal_fd_, &info, sizeof info) != sizeof info) continue;
    // What is not committed was not acknowledged either.
    if (!std::exchange(is_first, false)) _exit(kExitParked);
    on_stop_();
  }
}

}  // namespace wasmd
