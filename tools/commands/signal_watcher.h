// SignalWatcher: turns the signals that ask this program to end into a call.

#ifndef WASMD_TOOLS_COMMANDS_SIGNAL_WATCHER_H_
#define WASMD_TOOLS_COMMANDS_SIGNAL_WATCHER_H_

#include <atomic>
#include <functional>
#include <thread>

namespace wasmd {

// Must be made before any other thread, which then inherits that these signals
// are its own to wait for: SIGINT, SIGTERM, SIGHUP. Also makes SIGPIPE and
// SIGXFSZ (a file grown past a limit) errors of write.
class SignalWatcher {
 public:
  SignalWatcher();
  ~SignalWatcher();
  SignalWatcher(const SignalWatcher&) = delete;
  SignalWatcher& operator=(const SignalWatcher&) = delete;

  // Calls `on_stop`, on a thread of its own, at the first of the signals; the
  // second ends this program at once with kExitParked. Once only. `on_stop`
  // must stay callable until this is destroyed.
  void Start(std::function<void()> on_stop);

 private:
  void Watch();

  int signal_fd_ = -1;
  int quit_fd_ = -1;
  std::function<void()> on_stop_;
  std::thread thread_;
};

}  // namespace wasmd

#endif  // WASMD_TOOLS_COMMANDS_SIGNAL_WATCHER_H_
