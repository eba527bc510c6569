#include "store/commit_priority.h"

#include <sched.h>

namespace wasmd {

CommitPriority::CommitPriority(std::atomic<bool>* is_denied) {
  if (is_denied->load(std::memory_order_relaxed)) return;
  if (sched_getscheduler(0) != SCHED_OTHER) return;
  sched_param least = {};
  least.sched_priority = sched_get_priority_min(SCHED_FIFO);
  is_raised_ = sched_setscheduler(0, SCHED_FIFO, &least) == 0;
  if (!is_raised_) is_denied->store(true, std::memory_order_relaxed);
}

CommitPriority::~CommitPriority() {
  if (!is_raised_) return;
  const sched_param none = {};
  (void)sched_setscheduler(0, SCHED_OTHER, &none);
}

}  // namespace wasmd
