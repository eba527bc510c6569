#include "store/redo_window.h"

#include <utility>

#include "base/status_macros.h"
#include "base/str_cat.h"
#include "store/byte_patch.h"
#include "store/key.h"
#include "store/value.h"

namespace wasmd {

absl::StatusOr<RedoWindow> RedoWindow::Load(const Database& database,
                                            const rocksdb::Snapshot* snapshot,
                                            uint64_t process, uint64_t first,
                                            uint64_t last) {
  RedoWindow window;
  window.process_ = process;
  if (first == 0 || first > last) return window;
  const Key lower = MakeSequenceKey(Table::kRedo, process, first);
  const Key upper = MakeSequenceKey(Table::kRedo, process, last + 1);
  Cursor cursor(database, lower.view(), upper.view(), snapshot);
  for (cursor.SeekToFirst(); cursor.Valid(); cursor.Next()) {
    const std::optional<SequenceKey> key =
        ParseSequenceKey(Table::kRedo, cursor.key());
    ASSIGN_OR_RETURN(const ByteSpan payload, cursor.Payload());
    if (!key.has_value()) return DamagedValue(cursor.key(), "it is malformed");
    RETURN_IF_ERROR(window.Add(key->sequence, cursor.key(), payload));
  }
  RETURN_IF_ERROR(cursor.status(StrCat("the changes of process ", process)));
  if (window.records_.empty() || window.records_.front().sequence != first) {
    return DamagedValue(lower.view(), "it is missing");
  }
  return window;
}

absl::Status RedoWindow::Add(uint64_t sequence, std::string_view key,
                             ByteSpan payload) {
  payloads_.push_back(std::make_unique<const std::string>(AsText(payload)));
  const ByteSpan kept = AsBytes(*payloads_.back());
  records_.push_back({.sequence = sequence, .size_bytes = kept.size()});
  ASSIGN_OR_RETURN(const RedoRecord record, ParseRedoRecord(key, kept));
  for (const RedoRecord::Patch& patch : record.patches) {
    pages_[patch.page].push_back({.sequence = sequence, .bytes = patch.bytes});
  }
  // What was written whole at this commit has all that came before it.
  for (const PageId& page : record.folds) pages_.erase(page);
  if (record.state_change == StateChange::kWhole) {
    state_.clear();
  } else if (record.state_change != StateChange::kNone) {
    state_.push_back({.sequence = sequence,
                      .change = record.state_change,
                      .bytes = record.state});
  }
  return absl::OkStatus();
}

absl::Status RedoWindow::ApplyToPage(const PageId& page,
                                     std::string* bytes) const {
  const auto patches = pages_.find(page);
  if (patches == pages_.end()) return absl::OkStatus();
  const MutableByteSpan target(reinterpret_cast<uint8_t*>(bytes->data()),
                               bytes->size());
  for (const Patch& patch : patches->second) {
    if (ApplyPatch(patch.bytes, target)) continue;
    return DamagedValue(
        MakeSequenceKey(Table::kRedo, process_, patch.sequence).view(),
        StrCat("its patch does not fit page ", page.page, " of memory ",
               page.memory));
  }
  return absl::OkStatus();
}

absl::Status RedoWindow::ApplyToState(std::string* state) const {
  for (const StatePatch& patch : state_) {
    if (ApplyStateChange(patch.change, patch.bytes, state)) continue;
    return DamagedValue(
        MakeSequenceKey(Table::kRedo, process_, patch.sequence).view(),
        "its patch does not fit the state");
  }
  return absl::OkStatus();
}

void RedoWindow::ForEachPatched(
    const std::function<void(const PageId&, uint64_t first_sequence)>& callback)
    const {
  for (const auto& [page, patches] : pages_) {
    callback(page, patches.front().sequence);
  }
}

std::optional<uint64_t> RedoWindow::first_state_patch() const {
  if (state_.empty()) return std::nullopt;
  return state_.front().sequence;
}

}  // namespace wasmd
