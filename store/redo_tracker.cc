#include "store/redo_tracker.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/check.h"
#include "base/status_macros.h"
#include "base/str_cat.h"
#include "store/key.h"
#include "store/value.h"

namespace wasmd {
namespace {

// Pages of commits with more than this are not likely to be written again soon:
// they get no shadow.
constexpr size_t kMaxNewShadows = 4096;
// A smaller state is written whole: a patch would save nothing.
constexpr size_t kMinPatchedState = 128;
constexpr size_t kMaxStateShadow = size_t{4} << 20;
// A page that was not written in so many commits is cold.
constexpr uint64_t kColdAfter = 2048;
constexpr size_t kMaxDeletes = 16;
// Below this fullness nothing is folded. From there on all that is pending is
// folded once in so much of a window, at an even pace: hot pages become pending
// together at the start, and records are deleted when the last of those is
// folded. What folded them when the window was nearly full wrote twenty pages a
// commit in one commit of twenty.
constexpr double kFoldFrom = 1.0 / 16;
constexpr double kTurn = 0.85;
// From here on everything is folded that can be, two at least with each commit.
constexpr double kNearlyFull = 0.9375;
// Patches that are written once more fill at most so much of a window.
constexpr uint64_t kSumsOfWindow = 4;
// Patches are what is new. Of so few bytes compression saves less than it costs
// to try.
constexpr size_t kMinCompressedRecord = 2048;

bool IsZero(ByteSpan bytes) {
  return bytes.empty() ||
         (bytes[0] == 0 &&
          std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0);
}

}  // namespace

bool RedoBudget::Take(size_t bytes) {
  if (used_bytes_.fetch_add(bytes) + bytes <= limits_.shadow_bytes) {
    return true;
  };
  used_bytes_ -= bytes;
  return false;
}

absl::StatusOr<std::unique_ptr<RedoTracker>> RedoTracker::Load(
    const Database& database, uint64_t process, uint64_t first, uint64_t last,
    uint64_t last_point, RedoBudget* budget) {
  auto tracker = std::unique_ptr<RedoTracker>(new RedoTracker(process, budget));
  RETURN_IF_ERROR(tracker->FindGarbage(database, first, last_point));
  ASSIGN_OR_RETURN(RedoWindow window,
                   RedoWindow::Load(database, nullptr, process, first, last));
  tracker->TakeOver(std::move(window));
  return tracker;
}

RedoTracker::~RedoTracker() {
  for (auto& [id, page] : pages_) DropShadow(&page);
  budget_->Return(state_budget_);
}

absl::Status RedoTracker::FindGarbage(const Database& database, uint64_t first,
                                      uint64_t last_point) {
  const Key lower = MakeSequenceKey(Table::kRedo, process_, last_point + 1);
  const Key upper = first > 0 ? MakeSequenceKey(Table::kRedo, process_, first)
                              : MakeProcessKey(Table::kRedo, process_ + 1);
  if (lower.view() >= upper.view()) return absl::OkStatus();
  Cursor cursor(database, lower.view(), upper.view());
  for (cursor.SeekToFirst(); cursor.Valid(); cursor.Next()) {
    const auto key = ParseSequenceKey(Table::kRedo, cursor.key());
    if (key.has_value()) garbage_.push_back(key->sequence);
  }
  return cursor.status(StrCat("the changes of process ", process_));
}

void RedoTracker::TakeOver(RedoWindow window) {
  for (const RedoWindow::Record& record : window.records()) {
    records_.push_back(record);
    record_bytes_ += record.size_bytes;
  }
  window.ForEachPatched([this](const PageId& id, uint64_t first_sequence) {
    SetPending(first_sequence, &pages_[id]);
    pending_.push_back({.page = id, .first_sequence = first_sequence});
  });
  if (const auto first = window.first_state_patch()) {
    state_pending_since_ = *first;
    pending_.push_back({.is_state = true, .first_sequence = *first});
  }
  std::sort(pending_.begin(), pending_.end(),
            [](const Pending& a, const Pending& b) {
              return a.first_sequence < b.first_sequence;
            });
  if (!records_.empty()) loaded_ = std::move(window);
}

absl::Status RedoTracker::Add(const Change& change, const Database& database,
                              BatchWriter* out, uint64_t* redo_from) {
  const uint64_t sequence = change.commit.record.sequence();
  builder_.Clear();
  // First what is to be folded, so that it is not patched as well.
  RETURN_IF_ERROR(Fold(change, FoldCount(change.commit), database, out));
  RETURN_IF_ERROR(AddState(change, out));
  for (const PageWrite& write : change.commit.pages) {
    RETURN_IF_ERROR(AddPage(change, write, database, out));
  }
  Trim(change.last_point, out);
  // Without anything pending nobody needs to be told what is not.
  if (!pending_.empty() && (builder_.has_patches() || builder_.has_folds())) {
    const ByteSpan record = builder_.Finish();
    out->Put(MakeSequenceKey(Table::kRedo, process_, sequence).view(), record,
             record.size() < kMinCompressedRecord ? Compression::kNone
                                                  : Compression::kLz4);
    records_.push_back({.sequence = sequence, .size_bytes = record.size()});
    record_bytes_ += record.size();
  }
  *redo_from = records_.empty() ? 0 : records_.front().sequence;
  return out->status();
}

// Pages.

absl::Status RedoTracker::AddPage(const Change& change, const PageWrite& write,
                                  const Database& database, BatchWriter* out) {
  const PageId id = {.memory = write.memory, .page = write.page};
  const uint64_t sequence = change.commit.record.sequence();
  const auto found = pages_.find(id);
  const bool is_zero = IsZero(write.bytes);
  if (found != pages_.end()) {
    Page& page = found->second;
    page.last_write = sequence;
    // What this commit wrote whole already is not patched by it too.
    const bool may_patch =
        page.shadow != nullptr && page.size == write.bytes.size() && !is_zero &&
        page.whole_at != sequence && (page.pending_since > 0 || Fullness() < 1);
    if (may_patch) {
      bool is_changed = false;
      const bool is_patched = builder_.AddPatch(
          id, write.bytes, MutableByteSpan(page.shadow.get(), page.size),
          write.bytes.size() / 2, &is_changed);
      if (!is_changed) return absl::OkStatus();
      if (is_patched) {
        if (page.changed == nullptr) {
          page.changed = std::make_unique<ChangedWords>();
        }
        page.changed->Mark(builder_.last_patch());
        if (page.pending_since == 0) {
          SetPending(sequence, &page);
          pending_.push_back({.page = id, .first_sequence = sequence});
        }
        return absl::OkStatus();
      }
    }
  }
  RETURN_IF_ERROR(
      PutPage(change, id, is_zero ? ByteSpan() : write.bytes, database, out));
  const bool is_large = change.commit.pages.size() > kMaxNewShadows;
  if (found == pages_.end() && (is_large || is_zero)) return absl::OkStatus();
  Page& page = found == pages_.end() ? pages_[id] : found->second;
  page.last_write = sequence;
  page.whole_at = sequence;
  page.changed.reset();
  SetPending(0, &page);
  if (!is_zero && !is_large &&
      MakeShadow(&page, write.bytes.size(), sequence)) {
    std::memcpy(page.shadow.get(), write.bytes.data(), write.bytes.size());
  } else {
    DropShadow(&page);
    pages_.erase(id);
  }
  return absl::OkStatus();
}

absl::Status RedoTracker::PutPage(const Change& change, const PageId& id,
                                  ByteSpan bytes, const Database& database,
                                  BatchWriter* out) {
  RETURN_IF_ERROR(history_.BeforeWrite(id, change.commit.record.sequence(),
                                       change.last_point, database, out));
  out->Put(
      MakePageKey({.process = process_, .memory = id.memory, .page = id.page})
          .view(),
      bytes, Compression::kLz4);
  builder_.AddFold(id);
  history_.AfterWrite(id, bytes);
  return absl::OkStatus();
}

bool RedoTracker::MakeShadow(Page* page, size_t size, uint64_t sequence) {
  if (page->shadow != nullptr && page->size == size) return true;
  DropShadow(page);
  if (!budget_->Take(size)) {
    if (sequence - last_drop_ < kColdAfter / 2) return false;
    DropCold(sequence);
    if (!budget_->Take(size)) return false;
  }
  page->shadow = std::make_unique_for_overwrite<uint8_t[]>(size);
  page->size = static_cast<uint32_t>(size);
  return true;
}

void RedoTracker::DropShadow(Page* page) {
  if (page->shadow == nullptr) return;
  budget_->Return(page->size);
  page->shadow = nullptr;
  page->size = 0;
}

void RedoTracker::DropCold(uint64_t sequence) {
  last_drop_ = sequence;
  for (auto& [id, page] : pages_) {
    const bool is_cold = page.last_write + kColdAfter < sequence;
    if (is_cold && page.pending_since == 0) DropShadow(&page);
  }
  std::erase_if(pages_, [sequence](const auto& entry) {
    const Page& page = entry.second;
    return page.shadow == nullptr && page.pending_since == 0 &&
           page.last_write != sequence;
  });
}

// The state.

absl::Status RedoTracker::AddState(const Change& change, BatchWriter* out) {
  if (!change.commit.state.has_value()) return absl::OkStatus();
  const ByteSpan state = *change.commit.state;
  if (state_.has_value() && state.size() >= kMinPatchedState &&
      (state_pending_since_ > 0 || Fullness() < 1)) {
    bool is_changed = false;
    const bool is_patched =
        builder_.AddStatePatch(state, &*state_, state.size() / 2, &is_changed);
    if (!is_changed) return absl::OkStatus();
    if (is_patched) {
      if (state_pending_since_ == 0) {
        state_pending_since_ = change.commit.record.sequence();
        pending_.push_back(
            {.is_state = true, .first_sequence = state_pending_since_});
      }
      return absl::OkStatus();
    }
  }
  PutState(state, out);
  KeepStateShadow(state);
  return absl::OkStatus();
}

void RedoTracker::PutState(ByteSpan bytes, BatchWriter* out) {
  out->Put(MakeProcessKey(Table::kState, process_).view(), bytes,
           Compression::kLz4);
  builder_.SetStateWhole();
  state_pending_since_ = 0;
}

void RedoTracker::KeepStateShadow(ByteSpan state) {
  const bool is_small =
      state.size() >= kMinPatchedState && state.size() <= kMaxStateShadow;
  if (is_small && state_.has_value()) {
    // Its size moves with the state; the budget is what it began with.
    state_->assign(AsText(state));
  } else if (is_small && budget_->Take(state.size())) {
    state_budget_ = state.size();
    state_ = AsText(state);
  } else {
    budget_->Return(std::exchange(state_budget_, 0));
    state_.reset();
  }
}

// Folding.

double RedoTracker::Fullness() const {
  return std::max(static_cast<double>(records_.size()) /
                      static_cast<double>(budget_->limits().window_records),
                  static_cast<double>(record_bytes_) /
                      static_cast<double>(budget_->limits().window_bytes));
}

size_t RedoTracker::FoldCount(const Commit& commit) {
  const double fullness = Fullness();
  if (fullness >= 1) return 2 + commit.pages.size() / 4;
  if (fullness < kFoldFrom) return 0;
  const double window_commits = static_cast<double>(records_.size()) / fullness;
  const size_t pending = pending_pages_ + (state_pending_since_ > 0 ? 1 : 0);
  folds_due_ += static_cast<double>(pending) / (kTurn * window_commits);
  const auto count = static_cast<size_t>(folds_due_);
  folds_due_ -= static_cast<double>(count);
  return fullness < kNearlyFull ? count : std::max<size_t>(count, 2);
}

void RedoTracker::SetPending(uint64_t sequence, Page* page) {
  if (page->pending_since > 0) --pending_pages_;
  if (sequence > 0) ++pending_pages_;
  page->pending_since = sequence;
}

bool RedoTracker::IsPending(const Pending& entry) const {
  if (entry.is_state) return state_pending_since_ == entry.first_sequence;
  const auto page = pages_.find(entry.page);
  return page != pages_.end() &&
         page->second.pending_since == entry.first_sequence;
}

void RedoTracker::PopDone() {
  while (!pending_.empty() && !IsPending(pending_.front())) {
    pending_.pop_front();
  }
}

absl::Status RedoTracker::Fold(const Change& change, size_t count,
                               const Database& database, BatchWriter* out) {
  for (; count > 0; --count) {
    PopDone();
    if (pending_.empty()) return absl::OkStatus();
    const Pending entry = pending_.front();
    // All have had their turn.
    if (entry.first_sequence == change.commit.record.sequence()) break;
    if (entry.is_state) {
      // With a new state, that one will be written whole.
      if (change.commit.state.has_value()) {
        PutState(*change.commit.state, out);
        KeepStateShadow(*change.commit.state);
      } else {
        RETURN_IF_ERROR(FoldState(database, out));
      }
    } else {
      RETURN_IF_ERROR(FoldPage(change, entry.page, database, out));
    }
  }
  return absl::OkStatus();
}

absl::Status RedoTracker::FoldPage(const Change& change, const PageId& id,
                                   const Database& database, BatchWriter* out) {
  Page& page = pages_[id];
  const uint64_t sequence = change.commit.record.sequence();
  if (AddSum(sequence, id, &page)) return absl::OkStatus();
  // Written whole by this commit below, or here.
  const auto write =
      std::find_if(change.commit.pages.rbegin(), change.commit.pages.rend(),
                   [&id](const PageWrite& other) {
                     return other.memory == id.memory && other.page == id.page;
                   });
  SetPending(0, &page);
  page.whole_at = sequence;
  page.changed.reset();
  if (write != change.commit.pages.rend()) return absl::OkStatus();
  if (page.shadow != nullptr) {
    return PutPage(change, id, ByteSpan(page.shadow.get(), page.size), database,
                   out);
  }
  CHECK(loaded_.has_value());
  const Key key =
      MakePageKey({.process = process_, .memory = id.memory, .page = id.page});
  ASSIGN_OR_RETURN(std::optional<std::string> bytes,
                   database.Read(key.view(), kPageBytes));
  if (!bytes.has_value()) return DamagedValue(key.view(), "it is missing");
  RETURN_IF_ERROR(loaded_->ApplyToPage(id, &*bytes));
  return PutPage(change, id, AsBytes(*bytes), database, out);
}

bool RedoTracker::AddSum(uint64_t sequence, const PageId& id, Page* page) {
  // Without its shadow nobody knows what changed. What is not written any more
  // is better done with.
  if (page->shadow == nullptr || page->changed == nullptr ||
      page->last_write <= page->pending_since || Fullness() >= kNearlyFull) {
    return false;
  }
  const uint64_t share =
      budget_->limits().window_bytes / kSumsOfWindow / pending_pages_;
  if (page->changed->PatchBytes() > std::min<uint64_t>(share, page->size / 2)) {
    return false;
  }
  builder_.AddSum(id, ByteSpan(page->shadow.get(), page->size), *page->changed);
  SetPending(sequence, page);
  pending_.push_back({.page = id, .first_sequence = sequence});
  return true;
}

absl::Status RedoTracker::FoldState(const Database& database,
                                    BatchWriter* out) {
  if (state_.has_value()) {
    PutState(AsBytes(*state_), out);
    return absl::OkStatus();
  }
  CHECK(loaded_.has_value());
  const Key key = MakeProcessKey(Table::kState, process_);
  ASSIGN_OR_RETURN(std::optional<std::string> state, database.Read(key.view()));
  if (!state.has_value()) return DamagedValue(key.view(), "it is missing");
  RETURN_IF_ERROR(loaded_->ApplyToState(&*state));
  PutState(AsBytes(*state), out);
  return absl::OkStatus();
}

void RedoTracker::Trim(uint64_t last_point, BatchWriter* out) {
  PopDone();
  while (!records_.empty() &&
         (pending_.empty() ||
          records_.front().sequence < pending_.front().first_sequence)) {
    if (records_.front().sequence > last_point) {
      garbage_.push_back(records_.front().sequence);
    }
    record_bytes_ -= records_.front().size_bytes;
    records_.pop_front();
  }
  if (loaded_.has_value() &&
      (records_.empty() ||
       records_.front().sequence > loaded_->records().back().sequence)) {
    loaded_.reset();
  }
  for (size_t i = 0; i < kMaxDeletes && !garbage_.empty(); ++i) {
    out->Delete(
        MakeSequenceKey(Table::kRedo, process_, garbage_.front()).view());
    garbage_.pop_front();
  }
}

}  // namespace wasmd
