#include "store/head_table.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace wasmd {

HeadTable::Claim::~Claim() {
  if (table_ != nullptr) table_->Release(*this);
}

size_t HeadTable::Claim::IndexOf(uint64_t process) const {
  const auto at =
      std::lower_bound(processes_.begin(), processes_.end(), process);
  CHECK(at != processes_.end() && *at == process);
  return static_cast<size_t>(at - processes_.begin());
}

HeadTable::Claim HeadTable::Acquire(std::vector<uint64_t> processes) {
  std::sort(processes.begin(), processes.end());
  processes.erase(std::unique(processes.begin(), processes.end()),
                  processes.end());
  Claim claim;
  claim.processes_ = std::move(processes);
  claim.entries_.reserve(claim.processes_.size());

  absl::MutexLock lock(&mutex_);
  const auto all_free = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    for (const uint64_t process : claim.processes_) {
      const auto at = entries_.find(process);
      if (at != entries_.end() && at->second->claimed) return false;
    }
    return true;
  };
  mutex_.Await(absl::Condition(&all_free));
  for (const uint64_t process : claim.processes_) {
    std::unique_ptr<Entry>& entry = entries_[process];
    if (entry == nullptr) entry = std::make_unique<Entry>();
    entry->claimed = true;
    claim.entries_.push_back(entry.get());
  }
  claim.table_ = this;
  return claim;
}

void HeadTable::Release(const Claim& claim) {
  absl::MutexLock lock(&mutex_);
  for (size_t i = 0; i < claim.entries_.size(); ++i) {
    claim.entries_[i]->claimed = false;
    if (!claim.entries_[i]->head.has_value()) {
      entries_.erase(claim.processes_[i]);
    }
  }
  if (entries_.size() <= capacity_) return;
  std::erase_if(entries_,
                [](const auto& entry) { return !entry.second->claimed; });
}

}  // namespace wasmd
