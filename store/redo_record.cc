#include "store/redo_record.h"

#include <algorithm>

#include "base/leb128.h"
#include "store/byte_patch.h"
#include "store/value.h"

namespace wasmd {
namespace {

void AppendPage(const PageId& page, std::string* out) {
  AppendUnsignedLeb128(out, page.memory);
  AppendUnsignedLeb128(out, page.page);
}

// Takes numbers and ranges off the front of bytes; the first error sticks.
class Reader {
 public:
  explicit Reader(ByteSpan bytes) : rest_(bytes) {}

  template <typename T>
  T Number() {
    const auto number = ReadUnsignedLeb128<T>(rest_);
    if (number.error != Leb128Error::kNone) {
      Fail();
      return 0;
    }
    rest_ = rest_.subspan(number.size_bytes);
    return number.value;
  }
  ByteSpan Take(uint64_t size) {
    if (size > rest_.size()) {
      Fail();
      return {};
    }
    const ByteSpan taken = rest_.first(size);
    rest_ = rest_.subspan(size);
    return taken;
  }
  PageId Page() {
    const auto memory = Number<uint32_t>();
    return {.memory = memory, .page = Number<uint64_t>()};
  }
  void Fail() {
    failed_ = true;
    rest_ = {};
  }
  bool failed() const { return failed_; }
  ByteSpan rest() const { return rest_; }

 private:
  ByteSpan rest_;
  bool failed_ = false;
};

size_t CommonPrefix(ByteSpan a, ByteSpan b) {
  const size_t size = std::min(a.size(), b.size());
  return static_cast<size_t>(
      std::mismatch(a.begin(), a.begin() + static_cast<ptrdiff_t>(size),
                    b.begin())
          .first -
      a.begin());
}

size_t CommonSuffix(ByteSpan a, ByteSpan b) {
  const size_t limit = std::min(a.size(), b.size());
  const uint8_t* const a_end = a.data() + a.size();
  const uint8_t* const b_end = b.data() + b.size();
  size_t size = 0;
  // Words first: a state can be megabytes, of which little changed.
  while (limit - size >= sizeof(uint64_t) &&
         LoadLittle<uint64_t>(a_end - size - sizeof(uint64_t)) ==
             LoadLittle<uint64_t>(b_end - size - sizeof(uint64_t))) {
    size += sizeof(uint64_t);
  }
  while (size < limit && *(a_end - size - 1) == *(b_end - size - 1)) ++size;
  return size;
}

}  // namespace

void RedoRecordBuilder::Clear() {
  state_change_ = StateChange::kNone;
  state_.clear();
  fold_count_ = 0;
  folds_.clear();
  patch_count_ = 0;
  patches_.clear();
}

void RedoRecordBuilder::AddFold(const PageId& page) {
  ++fold_count_;
  AppendPage(page, &folds_);
}

bool RedoRecordBuilder::AddPatch(const PageId& page, ByteSpan now,
                                 MutableByteSpan shadow, size_t max_bytes,
                                 bool* is_changed) {
  patch_.clear();
  const bool fits = AppendPatch(now, shadow, max_bytes, &patch_);
  *is_changed = !fits || !patch_.empty();
  if (patch_.empty()) return fits;
  AddPatchBytes(page);
  return true;
}

void RedoRecordBuilder::AddSum(const PageId& page, ByteSpan now,
                               const ChangedWords& changed) {
  patch_.clear();
  changed.AppendPatch(now, &patch_);
  AddPatchBytes(page);
}

void RedoRecordBuilder::AddPatchBytes(const PageId& page) {
  ++patch_count_;
  AppendPage(page, &patches_);
  AppendUnsignedLeb128(&patches_, patch_.size());
  patches_.append(patch_);
}

bool RedoRecordBuilder::AddStatePatch(ByteSpan now, std::string* shadow,
                                      size_t max_bytes, bool* is_changed) {
  state_.clear();
  if (now.size() == shadow->size()) {
    const bool fits =
        AppendPatch(now,
                    MutableByteSpan(reinterpret_cast<uint8_t*>(shadow->data()),
                                    shadow->size()),
                    max_bytes, &state_);
    *is_changed = !fits || !state_.empty();
    if (!state_.empty()) state_change_ = StateChange::kPatch;
    return fits;
  }
  *is_changed = true;
  const ByteSpan before = AsBytes(*shadow);
  const size_t prefix = CommonPrefix(before, now);
  const size_t suffix =
      CommonSuffix(before.subspan(prefix), now.subspan(prefix));
  const ByteSpan inserted = now.subspan(prefix, now.size() - prefix - suffix);
  const size_t removed = before.size() - prefix - suffix;
  const bool fits = inserted.size() <= max_bytes;
  if (fits) {
    state_change_ = StateChange::kSplice;
    AppendUnsignedLeb128(&state_, prefix);
    AppendUnsignedLeb128(&state_, removed);
    state_.append(AsText(inserted));
  }
  shadow->replace(prefix, removed, AsText(inserted));
  return fits;
}

ByteSpan RedoRecordBuilder::Finish() {
  record_.clear();
  record_.push_back(static_cast<char>(state_change_));
  if (state_change_ >= StateChange::kPatch) {
    AppendUnsignedLeb128(&record_, state_.size());
    record_.append(state_);
  }
  AppendUnsignedLeb128(&record_, fold_count_);
  record_.append(folds_);
  AppendUnsignedLeb128(&record_, patch_count_);
  record_.append(patches_);
  return AsBytes(record_);
}

absl::StatusOr<RedoRecord> ParseRedoRecord(std::string_view key,
                                           ByteSpan payload) {
  RedoRecord record;
  Reader reader(payload);
  const ByteSpan change = reader.Take(1);
  if (!change.empty() &&
      change[0] <= static_cast<uint8_t>(StateChange::kSplice)) {
    record.state_change = static_cast<StateChange>(change[0]);
  } else {
    reader.Fail();
  }
  if (record.state_change >= StateChange::kPatch) {
    record.state = reader.Take(reader.Number<uint64_t>());
  }
  for (auto n = reader.Number<uint64_t>(); n > 0 && !reader.failed(); --n) {
    record.folds.push_back(reader.Page());
  }
  for (auto n = reader.Number<uint64_t>(); n > 0 && !reader.failed(); --n) {
    const PageId page = reader.Page();
    record.patches.push_back(
        {.page = page, .bytes = reader.Take(reader.Number<uint64_t>())});
  }
  if (reader.failed() || !reader.rest().empty()) {
    return DamagedValue(key, "it is malformed");
  }
  return record;
}

bool ApplyStateChange(StateChange change, ByteSpan bytes, std::string* state) {
  if (change == StateChange::kPatch) {
    return ApplyPatch(bytes,
                      MutableByteSpan(reinterpret_cast<uint8_t*>(state->data()),
                                      state->size()));
  }
  Reader reader(bytes);
  const auto prefix = reader.Number<uint64_t>();
  const auto removed = reader.Number<uint64_t>();
  if (reader.failed() || prefix > state->size() ||
      removed > state->size() - prefix ||
      state->size() - removed + reader.rest().size() > kMaxValueBytes) {
    return false;
  }
  state->replace(prefix, removed, AsText(reader.rest()));
  return true;
}

}  // namespace wasmd
