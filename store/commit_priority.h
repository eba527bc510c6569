// CommitPriority: the calling thread goes before all others of the machine
// while this lives, where the system permits that.
//
// A sync is a wait for the disk, and on a machine whose cores are all busy what
// follows is a wait for a core: several milliseconds, many times the sync.
// Neither niceness nor a shorter time slice changes that on Linux (measured
// with 6.18); its least real-time priority does. It takes CAP_SYS_NICE or a
// limit on real-time priority (RLIMIT_RTPRIO, "rtprio" in limits.conf) of 1 or
// more; without it nothing changes.
//
// For the few microseconds of CPU that a write takes: who computes under it
// takes a whole core.

#ifndef WASMD_STORE_COMMIT_PRIORITY_H_
#define WASMD_STORE_COMMIT_PRIORITY_H_

#include <atomic>

namespace wasmd {

class CommitPriority {
 public:
  // `is_denied` is set once the system did not permit it: then it is not asked
  // again. A thread that has a policy of its own keeps that.
  explicit CommitPriority(std::atomic<bool>* is_denied);
  ~CommitPriority();
  CommitPriority(const CommitPriority&) = delete;
  CommitPriority& operator=(const CommitPriority&) = delete;

 private:
  bool is_raised_ = false;
};

}  // namespace wasmd

#endif  // WASMD_STORE_COMMIT_PRIORITY_H_
