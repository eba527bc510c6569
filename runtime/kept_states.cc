#include "runtime/kept_states.h"

#include <algorithm>
#include <vector>

#include "base/status_macros.h"

namespace wasmd {

absl::Status KeptStates::Load(ProcessDb& db, ProcessNumber process,
                              uint64_t fuel, uint64_t page_bytes) {
  ASSIGN_OR_RETURN(const std::vector<KeptPoint> points, db.ListPoints(process));
  fuel_ = fuel;
  page_bytes_ = page_bytes;
  for (const KeptPoint& point : points) {
    ProcessOptions options;
    // What is damaged is counted as nothing.
    if (!options.ParseFromString(point.record.runtime_state())) options = {};
    states_.push_back({.sequence = point.sequence,
                       .state_bytes = point.state_bytes,
                       .time_ns = point.record.updated_ns(),
                       .page_bytes = options.written_page_bytes(),
                       .input = options.state_input()});
  }
  return absl::OkStatus();
}

bool KeptStates::Wants(uint64_t fuel) const {
  const uint64_t interval = settings_.has_interval_fuel()
                                ? settings_.interval_fuel()
                                : kDefaultIntervalFuel;
  return is_empty() || fuel - fuel_ >= interval ||
         journal_bytes_ >= kIntervalJournalBytes;
}

uint64_t KeptStates::AddPages(std::span<const PageContent> pages) {
  for (const PageContent& page : pages) {
    // Memories have less than 2^40 pages.
    const uint64_t key = (uint64_t{page.memory} << 40) ^ page.page;
    if (pages_.insert(key).second) page_bytes_ += page.bytes.size();
  }
  return page_bytes_;
}

void KeptStates::NoteKept(uint64_t sequence, uint64_t state_bytes,
                          int64_t now_ns, uint64_t fuel, uint64_t input) {
  states_.push_back({.sequence = sequence,
                     .state_bytes = state_bytes,
                     .time_ns = now_ns,
                     .page_bytes = page_bytes_,
                     .input = input});
  fuel_ = fuel;
  journal_bytes_ = 0;
  pages_.clear();
}

size_t KeptStates::FirstToKeep(int64_t now_ns) const {
  size_t first = 0;
  if (settings_.max_count() != 0 && states_.size() > settings_.max_count()) {
    first = states_.size() - static_cast<size_t>(settings_.max_count());
  }
  if (settings_.max_age_ns() != 0) {
    // The newest of those that are too old stays: what came after it is not.
    while (first + 1 < states_.size() &&
           states_[first + 1].time_ns < now_ns - settings_.max_age_ns()) {
      ++first;
    }
  }
  if (settings_.max_bytes() == 0) return first;
  uint64_t state_bytes = 0;
  size_t fits = states_.size();
  for (; fits > first; --fits) {
    const State& state = states_[fits - 1];
    state_bytes += state.state_bytes;
    const uint64_t bytes = state_bytes + page_bytes_ - state.page_bytes;
    // The newest stays whatever it takes.
    if (bytes > settings_.max_bytes() && fits < states_.size()) break;
  }
  return fits;
}

std::optional<PointRetention> KeptStates::TakeRetention(int64_t now_ns) {
  if (states_.empty()) return std::nullopt;
  const size_t dropped = FirstToKeep(now_ns);
  // To find what only they held, all that is kept is looked through.
  if (dropped == 0 || dropped < (states_.size() - dropped) / 8) {
    return std::nullopt;
  }
  states_.erase(states_.begin(),
                states_.begin() + static_cast<ptrdiff_t>(dropped));
  return PointRetention{.min_sequence = states_.front().sequence};
}

}  // namespace wasmd
