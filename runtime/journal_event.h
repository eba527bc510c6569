// JournalEvent: a call of a host function, as the journal keeps it, and blocks
// of them as bytes (docs/journal-format.md). Persisted.

#ifndef WASMD_RUNTIME_JOURNAL_EVENT_H_
#define WASMD_RUNTIME_JOURNAL_EVENT_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/bytes.h"
#include "interp/slot.h"

namespace wasmd {

// Guest memory that a call wrote.
struct JournalWriteToMemory {
  uint32_t address = 0;
  std::string bytes;
};

struct JournalEvent {
  // Persisted.
  enum class Kind : uint8_t {
    kAnswer = 0,  // a call that returned
    kIntent = 1,  // an effect that is about to start
    kExit = 2,    // a call that ended the process
    kState = 3,   // no call: the WASI side after the event before it
    kCut = 4,     // a call that returned more than is kept: what it wrote is
                  // not here, so that nothing can be run again across it
  };
  Kind kind = Kind::kAnswer;
  // From 1 on; of kState that of the event before it.
  uint64_t number = 0;
  uint8_t durability = 0;     // wasi::Durability
  std::string function = {};  // "wasi_snapshot_preview1.fd_write"
  std::vector<Slot> arguments = {};
  int64_t time_ns = 0;  // realtime, when it began
  int64_t duration_ns = 0;
  uint32_t result = 0;  // an errno; kExit: the exit code
  std::vector<JournalWriteToMemory> writes = {};
  // wasi::CallRecord::change; kIntent and kState: what
  // wasi::Context::SaveForReplay gave.
  std::string state = {};
};

// Memory for the bytes of a block, which others can use again.
struct JournalBuffer {
  std::unique_ptr<char[]> bytes;
  size_t size_bytes = 0;
};

// Makes a block. Confined to one thread.
class JournalBlock {
 public:
  // What is the same for all kinds.
  struct Head {
    JournalEvent::Kind kind = JournalEvent::Kind::kAnswer;
    uint8_t durability = 0;
    // A small number that stands for the name, in this program.
    uint32_t function = 0;
    std::string_view name = {};
    std::span<const Slot> arguments = {};
    int64_t time_ns = 0;
    int64_t duration_ns = 0;
    uint32_t result = 0;
  };

  explicit JournalBlock(uint64_t first_event, JournalBuffer buffer = {})
      : first_event_(first_event), buffer_(std::move(buffer)) {}
  // Nothing may be done with the block after it.
  JournalBuffer TakeBuffer() { return std::move(buffer_); }

  // Begin, AddWrite once and End without a state, of an event that is like the
  // one before it but for the time and what was written. False, with nothing
  // added, if it is not.
  bool AddLikeLast(const Head& head, uint32_t address, ByteSpan bytes);

  // Then AddWrite for each write, and End.
  void Begin(const Head& head, size_t write_count);
  void AddWrite(uint32_t address, ByteSpan bytes);
  void End(std::string_view state);

  uint64_t first_event() const { return first_event_; }
  // Borrowed until the next event.
  std::string_view bytes() const { return {buffer_.bytes.get(), size_bytes_}; }
  size_t size_bytes() const { return size_bytes_; }

 private:
  // What follows the time in the head of the last event. Most events are like
  // the one before them, and it is copied then.
  struct Like {
    static constexpr size_t kMaxBytes = 32;
    static constexpr size_t kMaxArguments = 9;
    // With kinds, name and time before them.
    static constexpr size_t kMaxHeadBytes = 2 + 10 + kMaxBytes;
    uint8_t kinds = 0;
    uint8_t name = 0;  // its number
    uint32_t function = 0;
    uint32_t result = 0;
    size_t write_count = 0;
    size_t argument_count = 0;
    std::array<Slot, kMaxArguments> arguments = {};
    size_t size_bytes = 0;  // 0: there is none
    std::array<char, kMaxBytes> bytes = {};
    // If there is one write: with where that was.
    uint32_t address = 0;
    size_t written_bytes = 0;
    size_t size_with_write_bytes = 0;  // 0: there is none
  };

  bool IsLikeLast(const Head& head, size_t write_count) const;
  char* PutHeadLikeLast(const Head& head, char* at);
  // `name` is its number; `bytes` are those after the time.
  void KeepAsLast(const Head& head, uint32_t name, size_t write_count,
                  std::string_view bytes);
  char* PutHead(char* at, const Head& head, size_t write_count);
  // Where so many bytes more have room; then MoveEnd to where they end.
  char* MakeRoom(size_t more_bytes) {
    if (buffer_.size_bytes - size_bytes_ < more_bytes) Grow(more_bytes);
    return buffer_.bytes.get() + size_bytes_;
  }
  void Grow(size_t more_bytes);
  void MoveEnd(const char* end) {
    size_bytes_ = static_cast<size_t>(end - buffer_.bytes.get());
  }

  uint64_t first_event_;
  JournalBuffer buffer_;
  size_t size_bytes_ = 0;
  int64_t time_ns_ = 0;  // of the last event
  Like last_;
  // By function: one more than its number in the block; 0: not named yet.
  std::vector<uint32_t> names_;
  uint32_t name_count_ = 0;
};

// Calls `sink` for each event of a block. DataLoss if it is damaged, or what
// `sink` returns.
absl::Status ReadJournalBlock(
    uint64_t first_event, ByteSpan bytes,
    const std::function<absl::Status(JournalEvent event)>& sink);

// The block without what comes after `last_event`, which it has. Intents are
// left out, of which the answers are there. DataLoss if it is damaged.
absl::StatusOr<JournalBlock> FirstEvents(uint64_t first_event, ByteSpan bytes,
                                         uint64_t last_event);

}  // namespace wasmd

#endif  // WASMD_RUNTIME_JOURNAL_EVENT_H_
