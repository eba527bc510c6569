// A redo record: what a commit changed in pages and state, instead of the pages
// and the state themselves (docs/store-format.md, "Redo records").

#ifndef WASMD_STORE_REDO_RECORD_H_
#define WASMD_STORE_REDO_RECORD_H_

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/bytes.h"
#include "store/changed_words.h"

namespace wasmd {

struct PageId {
  uint32_t memory = 0;
  uint64_t page = 0;
  auto operator<=>(const PageId&) const = default;
};

struct PageIdHash {
  size_t operator()(const PageId& id) const {
    // Pages of a memory come in a row; their high bits are 0.
    return std::hash<uint64_t>()((id.page ^ uint64_t{id.memory} << 44) *
                                 0x9E3779B97F4A7C15u);
  }
};

// What a record says of the state.
enum class StateChange : uint8_t {
  kNone = 0,
  kWhole = 1,   // the commit wrote it whole
  kPatch = 2,   // a patch; its size stays
  kSplice = 3,  // one range of it is replaced
};

// Collects a record. Reusable; confined to one thread.
class RedoRecordBuilder {
 public:
  void Clear();

  void AddFold(const PageId& page);
  void SetStateWhole() { state_change_ = StateChange::kWhole; }
  // The patch that `append` appends, if it does (AppendPatch). Makes `shadow`
  // equal to `now` either way. False if it was too much.
  bool AddPatch(const PageId& page, ByteSpan now, MutableByteSpan shadow,
                size_t max_bytes, bool* is_changed);
  // That patch.
  ByteSpan last_patch() const { return AsBytes(patch_); }
  // What changed in a page since it was written whole, once more.
  void AddSum(const PageId& page, ByteSpan now, const ChangedWords& changed);
  // The same as AddPatch for the state, whose size may change.
  bool AddStatePatch(ByteSpan now, std::string* shadow, size_t max_bytes,
                     bool* is_changed);

  // Nothing would be lost without the record, but for the folds.
  bool has_patches() const {
    return patch_count_ > 0 || state_change_ >= StateChange::kPatch;
  }
  bool has_folds() const {
    return fold_count_ > 0 || state_change_ == StateChange::kWhole;
  }
  // Valid until the next call.
  ByteSpan Finish();

 private:
  void AddPatchBytes(const PageId& page);

  StateChange state_change_ = StateChange::kNone;
  std::string state_;
  size_t fold_count_ = 0;
  std::string folds_;
  size_t patch_count_ = 0;
  std::string patches_;
  std::string patch_;
  std::string record_;
};

// Borrows from the bytes it was parsed from.
struct RedoRecord {
  struct Patch {
    PageId page;
    ByteSpan bytes;
  };
  StateChange state_change = StateChange::kNone;
  ByteSpan state = {};  // kPatch: a patch; kSplice: see ApplyState
  std::vector<PageId> folds = {};
  std::vector<Patch> patches = {};
};

// DataLoss, naming what `key` stands for, if it is malformed.
absl::StatusOr<RedoRecord> ParseRedoRecord(std::string_view key,
                                           ByteSpan payload);

// Brings a state up to date with a kPatch or kSplice. False if it does not fit.
bool ApplyStateChange(StateChange change, ByteSpan bytes, std::string* state);

}  // namespace wasmd

#endif  // WASMD_STORE_REDO_RECORD_H_
