// ReplayedState: the saved state of a Context (Context::Save), brought from
// call to call by what was recorded of them, without looking at the outside.

#ifndef WASMD_WASI_REPLAYED_STATE_H_
#define WASMD_WASI_REPLAYED_STATE_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/bytes.h"
#include "interp/slot.h"

namespace wasmd::wasi {

class WasiState;

// A call that returned.
struct RecordedCall {
  std::string_view function;  // its name
  std::span<const Slot> arguments;
  uint16_t errno_value = 0;
  int64_t time_ns = 0;  // realtime
  // What it wrote to guest memory last.
  ByteSpan last_written = {};
  std::string_view change;  // CallRecord::change
};

class ReplayedState {
 public:
  // From what Context::Save gave. DataLoss if it is damaged.
  static absl::StatusOr<ReplayedState> Create(ByteSpan saved);
  ReplayedState(ReplayedState&& other) noexcept;
  ReplayedState& operator=(ReplayedState&& other) noexcept;
  ~ReplayedState();

  // DataLoss if the change is not one.
  absl::Status Apply(const RecordedCall& call);
  // What Context::SaveForReplay gave later.
  absl::Status Replace(ByteSpan saved_for_replay);

  // The process ran on without saving: what its files have now, those that it
  // has open for writing, is no news.
  void ExpectWrites();

  // 1 if the descriptor is standard output, 2 standard error, 0 neither.
  uint32_t OutputStreamOf(uint32_t descriptor) const;

  // For Context::Load.
  std::string Save() const;

 private:
  explicit ReplayedState(std::unique_ptr<WasiState> state);
  absl::Status MoveOffset(const RecordedCall& call, uint64_t offset);

  std::unique_ptr<WasiState> state_;
};

}  // namespace wasmd::wasi

#endif  // WASMD_WASI_REPLAYED_STATE_H_
