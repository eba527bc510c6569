#include "runtime/journal_event.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <utility>

#include "base/check.h"
#include "base/leb128.h"
#include "base/status_macros.h"
#include "base/str_cat.h"

namespace wasmd {
namespace {

// The first byte of every block.
constexpr char kBlockVersion = 1;
// A call has at most so many; WASI's longest has 9.
constexpr uint64_t kMaxArguments = 64;

uint64_t ZigZag(int64_t value) {
  return (static_cast<uint64_t>(value) << 1) ^
         static_cast<uint64_t>(value >> 63);
}
// Writes LEB128 at `to`, where there is room; its end.
constexpr size_t kMaxLeb128Bytes = 10;
char* PutNumber(char* to, uint64_t value) {
  for (; value >= 0x80; value >>= 7) *to++ = static_cast<char>(value | 0x80);
  *to++ = static_cast<char>(value);
  return to;
}

int64_t UnZigZag(uint64_t value) {
  return static_cast<int64_t>((value >> 1) ^ (~(value & 1) + 1));
}

class BlockReader {
 public:
  BlockReader(uint64_t first_event, ByteSpan bytes)
      : first_event_(first_event), next_(first_event), rest_(bytes) {}

  absl::Status Read(
      const std::function<absl::Status(JournalEvent event)>& sink) {
    if (rest_.empty() || rest_[0] != static_cast<uint8_t>(kBlockVersion)) {
      return Damaged("its version is unknown");
    }
    rest_ = rest_.subspan(1);
    while (!rest_.empty()) {
      JournalEvent event;
      if (!ReadEvent(&event)) return Damaged("it is malformed");
      RETURN_IF_ERROR(sink(std::move(event)));
    }
    return absl::OkStatus();
  }

 private:
  absl::Status Damaged(std::string_view how) const {
    return absl::DataLossError(StrCat("the journal from event ", first_event_,
                                      " is damaged at event ", next_, ": ",
                                      how));
  }

  bool Number(uint64_t* value) {
    const auto number = ReadUnsignedLeb128<uint64_t>(rest_);
    if (number.error != Leb128Error::kNone) return false;
    rest_ = rest_.subspan(number.size_bytes);
    *value = number.value;
    return true;
  }
  bool Number32(uint32_t* value) {
    uint64_t number = 0;
    if (!Number(&number) || number > ~uint32_t{0}) return false;
    *value = static_cast<uint32_t>(number);
    return true;
  }
  bool Text(std::string* text) {
    uint64_t size = 0;
    if (!Number(&size) || size > rest_.size()) return false;
    *text = AsText(rest_.first(static_cast<size_t>(size)));
    rest_ = rest_.subspan(static_cast<size_t>(size));
    return true;
  }

  bool ReadName(std::string* name) {
    uint64_t number = 0;
    if (!Number(&number) || number > names_.size()) return false;
    if (number == names_.size()) {
      std::string text;
      if (!Text(&text)) return false;
      names_.push_back(std::move(text));
    }
    *name = names_[static_cast<size_t>(number)];
    return true;
  }

  bool ReadTimes(JournalEvent* event) {
    uint64_t since = 0;
    uint64_t duration = 0;
    if (!Number(&since) || !Number(&duration)) return false;
    time_ns_ = static_cast<int64_t>(static_cast<uint64_t>(time_ns_) +
                                    static_cast<uint64_t>(UnZigZag(since)));
    event->time_ns = time_ns_;
    event->duration_ns = static_cast<int64_t>(duration & ~(uint64_t{1} << 63));
    return true;
  }

  bool ReadEvent(JournalEvent* event) {
    const uint8_t kinds = rest_[0];
    rest_ = rest_.subspan(1);
    const uint8_t kind = kinds & 15;
    if (kind > static_cast<uint8_t>(JournalEvent::Kind::kCut)) return false;
    event->kind = static_cast<JournalEvent::Kind>(kind);
    event->durability = kinds >> 4;
    uint64_t count = 0;
    if (!ReadName(&event->function) || !ReadTimes(event) || !Number(&count) ||
        count > kMaxArguments) {
      return false;
    }
    event->arguments.resize(static_cast<size_t>(count));
    for (Slot& argument : event->arguments) {
      if (!Number(&argument)) return false;
    }
    if (!Number32(&event->result) || !Number(&count) || count > rest_.size()) {
      return false;
    }
    event->writes.resize(static_cast<size_t>(count));
    for (JournalWriteToMemory& write : event->writes) {
      if (!Number32(&write.address) || !Text(&write.bytes)) return false;
    }
    if (!Text(&event->state)) return false;
    // A state comes after the event whose number it has.
    const bool is_state = event->kind == JournalEvent::Kind::kState;
    event->number = is_state ? next_ - 1 : next_;
    if (!is_state) ++next_;
    return true;
  }

  const uint64_t first_event_;
  uint64_t next_;
  ByteSpan rest_;
  int64_t time_ns_ = 0;
  std::vector<std::string> names_;
};

}  // namespace

void JournalBlock::Begin(const Head& head, size_t write_count) {
  CHECK(head.arguments.size() <= kMaxArguments);
  if (bytes_.empty()) bytes_.push_back(kBlockVersion);
  // In place first: this is done for every call of a host function.
  std::array<char, (7 + kMaxArguments) * kMaxLeb128Bytes> head_bytes;
  char* at = head_bytes.data();
  *at++ =
      static_cast<char>(static_cast<uint8_t>(head.kind) | head.durability << 4);
  if (head.function >= names_.size()) names_.resize(head.function + 1);
  uint32_t& name = names_[head.function];
  if (name != 0) {
    at = PutNumber(at, name - 1);
  } else {
    at = PutNumber(at, name_count_);
    at = PutNumber(at, head.name.size());
    bytes_.append(head_bytes.data(), at).append(head.name);
    at = head_bytes.data();
    name = ++name_count_;
  }
  at = PutNumber(at, ZigZag(head.time_ns - time_ns_));
  time_ns_ = head.time_ns;
  at = PutNumber(at,
                 static_cast<uint64_t>(std::max<int64_t>(head.duration_ns, 0)));
  at = PutNumber(at, head.arguments.size());
  for (const Slot argument : head.arguments) at = PutNumber(at, argument);
  at = PutNumber(at, head.result);
  at = PutNumber(at, write_count);
  bytes_.append(head_bytes.data(), at);
}

void JournalBlock::AddWrite(uint32_t address, ByteSpan bytes) {
  std::array<char, 2 * kMaxLeb128Bytes> place;
  char* const end = PutNumber(PutNumber(place.data(), address), bytes.size());
  bytes_.append(place.data(), end).append(AsText(bytes));
}

void JournalBlock::End(std::string_view state) {
  std::array<char, kMaxLeb128Bytes> size;
  bytes_.append(size.data(), PutNumber(size.data(), state.size()));
  bytes_.append(state);
}

absl::Status ReadJournalBlock(
    uint64_t first_event, ByteSpan bytes,
    const std::function<absl::Status(JournalEvent event)>& sink) {
  return BlockReader(first_event, bytes).Read(sink);
}

absl::StatusOr<JournalBlock> FirstEvents(uint64_t first_event, ByteSpan bytes,
                                         uint64_t last_event) {
  JournalBlock block(first_event);
  std::map<std::string, uint32_t> functions;
  RETURN_IF_ERROR(
      ReadJournalBlock(first_event, bytes, [&](const JournalEvent& event) {
        using Kind = JournalEvent::Kind;
        const bool is_last_state =
            event.kind == Kind::kState && event.number == last_event;
        if (event.number > last_event || event.kind == Kind::kIntent ||
            is_last_state) {
          return absl::OkStatus();
        }
        const auto number = static_cast<uint32_t>(functions.size());
        const auto [function, is_new] =
            functions.try_emplace(event.function, number);
        block.Begin({.kind = event.kind,
                     .durability = event.durability,
                     .function = function->second,
                     .name = event.function,
                     .arguments = event.arguments,
                     .time_ns = event.time_ns,
                     .duration_ns = event.duration_ns,
                     .result = event.result},
                    event.writes.size());
        for (const JournalWriteToMemory& write : event.writes) {
          block.AddWrite(write.address, AsBytes(write.bytes));
        }
        block.End(event.state);
        return absl::OkStatus();
      }));
  return block;
}

}  // namespace wasmd
