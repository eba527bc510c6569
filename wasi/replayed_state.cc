#include "wasi/replayed_state.h"

#include <limits>
#include <utility>

#include "base/leb128.h"
#include "base/status_macros.h"
#include "base/str_cat.h"
#include "wasi/abi.h"
#include "wasi/state_change.h"
#include "wasi/wasi_state.pb.h"

namespace wasmd::wasi {
namespace {

absl::Status Damaged(std::string_view what) {
  return absl::DataLossError(
      StrCat("what was recorded of a WASI call is damaged: ", what));
}

bool Parse(ByteSpan bytes, WasiState* state) {
  return bytes.size() <= std::numeric_limits<int>::max() &&
         state->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
}

void SetClock(uint32_t clock, int64_t answer_ns, int64_t time_ns,
              SavedClocks* clocks) {
  switch (clock) {
    case clock_id::kRealtime:
      clocks->set_realtime_ns(answer_ns);
      break;
    case clock_id::kMonotonic:
      clocks->set_monotonic_ns(answer_ns);
      clocks->set_monotonic_at_realtime_ns(time_ns);
      break;
    default:
      clocks->set_cpu_ns(answer_ns);
      break;
  }
}

}  // namespace

ReplayedState::ReplayedState(std::unique_ptr<WasiState> state)
    : state_(std::move(state)) {}
ReplayedState::ReplayedState(ReplayedState&& other) noexcept = default;
ReplayedState& ReplayedState::operator=(ReplayedState&& other) noexcept =
    default;
ReplayedState::~ReplayedState() = default;

absl::StatusOr<ReplayedState> ReplayedState::Create(ByteSpan saved) {
  auto state = std::make_unique<WasiState>();
  if (!Parse(saved, state.get())) return Damaged("the state before it");
  return ReplayedState(std::move(state));
}

absl::Status ReplayedState::Replace(ByteSpan saved_for_replay) {
  auto next = std::make_unique<WasiState>();
  if (!Parse(saved_for_replay, next.get()))
    return Damaged("the state after it");
  next->mutable_arguments()->Swap(state_->mutable_arguments());
  next->mutable_environment()->Swap(state_->mutable_environment());
  state_ = std::move(next);
  return absl::OkStatus();
}

absl::Status ReplayedState::MoveOffset(const RecordedCall& call,
                                       uint64_t offset) {
  if (call.arguments.empty()) return Damaged("an offset of no descriptor");
  const auto number = FromSlot<uint32_t>(call.arguments[0]);
  for (SavedDescriptor& descriptor : *state_->mutable_descriptors()) {
    if (descriptor.number() != number) continue;
    descriptor.set_offset(offset);
    if (call.function == "fd_write" && descriptor.has_identity()) {
      // The file is not what it was when the state was saved, by our doing.
      descriptor.mutable_identity()->set_modified_ns(0);
    }
    return absl::OkStatus();
  }
  return Damaged(StrCat("there is no descriptor ", number));
}

absl::Status ReplayedState::Apply(const RecordedCall& call) {
  // Those of calls that ended.
  state_->clear_poll();
  state_->clear_effect();
  if (call.function == "clock_time_get" && call.errno_value == 0) {
    if (call.last_written.size() != sizeof(int64_t) || call.arguments.empty()) {
      return Damaged("a clock without a time");
    }
    SetClock(FromSlot<uint32_t>(call.arguments[0]),
             LoadLittle<int64_t>(call.last_written.data()), call.time_ns,
             state_->mutable_clocks());
    return absl::OkStatus();
  }
  if (call.change.empty()) return absl::OkStatus();
  const std::string_view rest = call.change.substr(1);
  switch (call.change[0]) {
    case state_change::kOffset:
    case state_change::kTakenInput: {
      const auto number = ReadUnsignedLeb128<uint64_t>(AsBytes(rest));
      if (number.error != Leb128Error::kNone) return Damaged("a number");
      if (call.change[0] == state_change::kOffset) {
        return MoveOffset(call, number.value);
      }
      if (number.value > state_->input().size()) return Damaged("input");
      state_->mutable_input()->erase(0, static_cast<size_t>(number.value));
      state_->set_input_ended(false);
      return absl::OkStatus();
    }
    case state_change::kNewInput:
      state_->set_input(std::string(rest));
      state_->set_input_ended(false);
      return absl::OkStatus();
    case state_change::kInputAt: {
      const auto size = ReadUnsignedLeb128<uint64_t>(AsBytes(rest));
      if (size.error != Leb128Error::kNone ||
          size.value > rest.size() - size.size_bytes) {
        return Damaged("a position");
      }
      const std::string_view position = rest.substr(size.size_bytes);
      state_->set_input_position(std::string(position.substr(0, size.value)));
      state_->set_input(std::string(position.substr(size.value)));
      state_->set_input_ended(false);
      return absl::OkStatus();
    }
    case state_change::kAll:
      return Replace(AsBytes(rest));
    default:
      return Damaged("an unknown change");
  }
}

void ReplayedState::ExpectWrites() {
  for (SavedDescriptor& descriptor : *state_->mutable_descriptors()) {
    if (descriptor.kind() == SavedDescriptor::FILE &&
        descriptor.host_writes() && descriptor.has_identity()) {
      descriptor.mutable_identity()->set_modified_ns(0);
    }
  }
}

uint32_t ReplayedState::OutputStreamOf(uint32_t descriptor) const {
  for (const SavedDescriptor& known : state_->descriptors()) {
    if (known.number() != descriptor) continue;
    if (known.kind() == SavedDescriptor::STDOUT) return 1;
    if (known.kind() == SavedDescriptor::STDERR) return 2;
  }
  return 0;
}

std::string ReplayedState::Save() const { return state_->SerializeAsString(); }

}  // namespace wasmd::wasi
