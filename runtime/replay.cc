#include "runtime/replay.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/status_macros.h"
#include "base/str_cat.h"
#include "runtime/journal.h"
#include "wasi/wasi.h"

namespace wasmd {
namespace {

std::string CallText(std::string_view name, std::span<const Slot> arguments) {
  std::string text = StrCat(name, "(");
  for (size_t i = 0; i < arguments.size(); ++i) {
    StrAppend(&text, i == 0 ? "" : ", ", arguments[i]);
  }
  return StrCat(text, ")");
}

// Without the module.
std::string_view FunctionOf(std::string_view import) {
  return import.substr(import.rfind('.') + 1);
}

}  // namespace

absl::StatusOr<Replay> Replay::Create(ProcessDb& db, ProcessNumber process,
                                      uint64_t state_event, uint64_t end_event,
                                      bool with_end,
                                      wasi::ReplayedState state) {
  Replay replay(end_event, with_end, std::move(state));
  replay.next_event_ = state_event + 1;
  RETURN_IF_ERROR(db.ForEachJournalBlock(
      process, state_event + 1, [&](uint64_t first_event, ByteSpan bytes) {
        // The intent for the event after the last begins a block of its own.
        if (first_event <= end_event + (with_end ? 1 : 0)) {
          replay.blocks_.emplace_back(first_event, AsText(bytes));
        }
        return absl::OkStatus();
      }));
  RETURN_IF_ERROR(replay.Advance());
  return replay;
}

absl::Status Replay::TakeBlock() {
  const auto [first_event, bytes] = std::move(blocks_.front());
  blocks_.pop_front();
  return ReadJournalBlock(first_event, AsBytes(bytes),
                          [this](JournalEvent event) {
                            events_.push_back(std::move(event));
                            return absl::OkStatus();
                          });
}

absl::Status Replay::Advance() {
  next_.reset();
  for (;;) {
    while (events_.empty() && !blocks_.empty()) RETURN_IF_ERROR(TakeBlock());
    if (events_.empty()) break;
    JournalEvent event = std::move(events_.front());
    events_.pop_front();
    using Kind = JournalEvent::Kind;
    if (event.kind == Kind::kState) {
      // Exact where it comes, which is where the process was.
      if (event.number + 1 == next_event_ && event.number <= end_event_ &&
          (with_end_ || event.number < end_event_)) {
        RETURN_IF_ERROR(state_.Replace(AsBytes(event.state)));
      }
      continue;
    }
    // Before the state, or the intent of a call that was answered after.
    if (event.number < next_event_) continue;
    if (event.kind == Kind::kIntent) {
      if (event.number == end_event_ + 1 && with_end_ &&
          next_event_ == event.number) {
        RETURN_IF_ERROR(state_.Replace(AsBytes(event.state)));
        intent_ = std::move(event);
        return absl::OkStatus();
      }
      continue;
    }
    if (event.number > end_event_) continue;
    if (event.number > next_event_ || event.kind == Kind::kExit ||
        event.kind == Kind::kCut) {
      break;
    }
    next_ = std::move(event);
    return absl::OkStatus();
  }
  if (next_event_ > end_event_) return absl::OkStatus();
  return absl::DataLossError(
      StrCat("the journal lacks event ", next_event_, " of ", end_event_));
}

absl::Status Replay::Diverged(std::string_view what) const {
  const JournalEvent* const expected = next_.has_value()     ? &*next_
                                       : intent_.has_value() ? &*intent_
                                                             : nullptr;
  return absl::DataLossError(StrCat(
      "at event ", next_event_, " the journal has ",
      expected == nullptr ? "nothing"
                          : CallText(expected->function, expected->arguments),
      ", but run again the guest ", what));
}

absl::Status Replay::Match(uint32_t function,
                           std::span<const Slot> arguments) const {
  const JournalEvent& expected = next_.has_value() ? *next_ : *intent_;
  const std::string name = ImportName(function);
  if (expected.function == name &&
      std::equal(arguments.begin(), arguments.end(), expected.arguments.begin(),
                 expected.arguments.end())) {
    return absl::OkStatus();
  }
  return Diverged(StrCat("calls ", CallText(name, arguments)));
}

absl::Status Replay::TellOutput(MemoryInstance& memory) const {
  constexpr uint64_t kVectorBytes = 8;  // address and size, 4 bytes each
  if (FunctionOf(next_->function) != "fd_write" || next_->result != 0 ||
      next_->arguments.size() != 4 || next_->writes.empty()) {
    return absl::OkStatus();
  }
  const std::string& written = next_->writes.back().bytes;
  const uint32_t stream =
      state_.OutputStreamOf(FromSlot<uint32_t>(next_->arguments[0]));
  if (stream == 0 || written.size() != sizeof(uint32_t)) {
    return absl::OkStatus();
  }
  uint64_t rest = LoadLittle<uint32_t>(AsBytes(written).data());
  uint64_t at = FromSlot<uint32_t>(next_->arguments[1]);
  const uint64_t end =
      at + FromSlot<uint32_t>(next_->arguments[2]) * kVectorBytes;
  std::string text;
  for (; at < end && rest > 0; at += kVectorBytes) {
    const absl::StatusOr<ByteSpan> vector = memory.Bytes(at, kVectorBytes);
    if (!vector.ok()) return Diverged("has less memory");
    const uint64_t size = std::min<uint64_t>(
        LoadLittle<uint32_t>(vector->data() + sizeof(uint32_t)), rest);
    const absl::StatusOr<ByteSpan> bytes =
        memory.Bytes(LoadLittle<uint32_t>(vector->data()), size);
    if (!bytes.ok()) return Diverged("has less memory");
    text.append(AsText(*bytes));
    rest -= size;
  }
  if (rest > 0) return Diverged("writes less");
  on_output_(stream, std::move(text));
  return absl::OkStatus();
}

absl::Status Replay::Give(MemoryInstance& memory) {
  if (on_output_ != nullptr) RETURN_IF_ERROR(TellOutput(memory));
  for (const JournalWriteToMemory& write : next_->writes) {
    const absl::StatusOr<MutableByteSpan> to =
        memory.MutableBytes(write.address, write.bytes.size());
    if (!to.ok()) return Diverged("has less memory");
    std::copy(write.bytes.begin(), write.bytes.end(), to->begin());
  }
  RETURN_IF_ERROR(
      state_.Apply({.function = FunctionOf(next_->function),
                    .arguments = next_->arguments,
                    .errno_value = static_cast<uint16_t>(next_->result),
                    .time_ns = next_->time_ns,
                    .last_written = next_->writes.empty()
                                        ? ByteSpan()
                                        : AsBytes(next_->writes.back().bytes),
                    .change = next_->state}));
  ++next_event_;
  return Advance();
}

bool Replay::AnswerInRun(uint32_t function, std::span<const Slot> arguments,
                         MemoryInstance& memory, std::span<Slot> results) {
  // Whatever is wrong is found when it is asked again, as a pending call.
  if (!next_.has_value() || next_event_ >= end_event_) return false;
  if (!Match(function, arguments).ok()) return false;
  const Slot result = next_->result;
  failure_ = Give(memory);
  if (!failure_.ok()) return false;
  if (!results.empty()) results[0] = result;
  return true;
}

absl::StatusOr<std::optional<uint32_t>> Replay::AnswerPending(
    uint32_t function, std::span<const Slot> arguments,
    MemoryInstance& memory) {
  RETURN_IF_ERROR(failure_);
  if (is_done()) return Diverged("goes on");
  RETURN_IF_ERROR(Match(function, arguments));
  if (!next_.has_value()) {
    intent_.reset();
    return std::optional<uint32_t>();
  }
  const uint32_t result = next_->result;
  RETURN_IF_ERROR(Give(memory));
  return std::optional<uint32_t>(result);
}

}  // namespace wasmd
