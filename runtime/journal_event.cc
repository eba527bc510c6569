#include "runtime/journal_event.h"

#include <algorithm>
#include <cstring>
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

// The most common sizes, of numbers and times, without a call.
char* PutBytes(char* to, ByteSpan bytes) {
  if (bytes.size() == sizeof(uint64_t)) {
    std::memcpy(to, bytes.data(), sizeof(uint64_t));
  } else if (bytes.size() == sizeof(uint32_t)) {
    std::memcpy(to, bytes.data(), sizeof(uint32_t));
  } else if (!bytes.empty()) {
    std::memcpy(to, bytes.data(), bytes.size());
  }
  return to + bytes.size();
}

int64_t UnZigZag(uint64_t value) {
  return static_cast<int64_t>((value >> 1) ^ (~(value & 1) + 1));
}

// The first byte of an event.
uint8_t KindsOf(const JournalBlock::Head& head) {
  return static_cast<uint8_t>(static_cast<uint8_t>(head.kind) | head.durability
                                                                    << 4);
}

// As many of `known` as `some` has. They are few: no call for them.
bool HasSame(std::span<const Slot> some, std::span<const Slot> known) {
  for (size_t i = 0; i < some.size(); ++i) {
    if (some[i] != known[i]) return false;
  }
  return true;
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

void JournalBlock::Grow(size_t more_bytes) {
  constexpr size_t kFirstBytes = 1024;
  JournalBuffer larger;
  larger.size_bytes =
      std::max({kFirstBytes, 2 * buffer_.size_bytes, size_bytes_ + more_bytes});
  larger.bytes = std::make_unique_for_overwrite<char[]>(larger.size_bytes);
  std::copy_n(buffer_.bytes.get(), size_bytes_, larger.bytes.get());
  buffer_ = std::move(larger);
}

bool JournalBlock::IsLikeLast(const Head& head, size_t write_count) const {
  return last_.size_bytes != 0 && last_.function == head.function &&
         last_.kinds == KindsOf(head) && last_.result == head.result &&
         last_.write_count == write_count && head.duration_ns <= 0 &&
         last_.argument_count == head.arguments.size() &&
         HasSame(head.arguments, last_.arguments);
}

void JournalBlock::KeepAsLast(const Head& head, uint32_t name,
                              size_t write_count, std::string_view bytes) {
  last_.size_bytes = 0;
  last_.size_with_write_bytes = 0;
  if (head.duration_ns > 0 || name >= 0x80 || bytes.size() > Like::kMaxBytes ||
      head.arguments.size() > Like::kMaxArguments) {
    return;
  }
  last_.kinds = KindsOf(head);
  last_.name = static_cast<uint8_t>(name);
  last_.function = head.function;
  last_.result = head.result;
  last_.write_count = write_count;
  last_.argument_count = head.arguments.size();
  std::copy(head.arguments.begin(), head.arguments.end(),
            last_.arguments.begin());
  last_.size_bytes = bytes.size();
  std::copy(bytes.begin(), bytes.end(), last_.bytes.begin());
}

char* JournalBlock::PutHead(char* at, const Head& head, size_t write_count) {
  if (size_bytes_ == 0) *at++ = kBlockVersion;
  *at++ = static_cast<char>(KindsOf(head));
  if (head.function >= names_.size()) names_.resize(head.function + 1);
  uint32_t& name = names_[head.function];
  if (name != 0) {
    at = PutNumber(at, name - 1);
  } else {
    at = PutNumber(at, name_count_);
    at = PutNumber(at, head.name.size());
    at = std::copy(head.name.begin(), head.name.end(), at);
    name = ++name_count_;
  }
  at = PutNumber(at, ZigZag(head.time_ns - time_ns_));
  time_ns_ = head.time_ns;
  const char* const behind_time = at;
  at = PutNumber(at,
                 static_cast<uint64_t>(std::max<int64_t>(head.duration_ns, 0)));
  at = PutNumber(at, head.arguments.size());
  for (const Slot argument : head.arguments) at = PutNumber(at, argument);
  at = PutNumber(at, head.result);
  at = PutNumber(at, write_count);
  KeepAsLast(head, name - 1, write_count,
             {behind_time, static_cast<size_t>(at - behind_time)});
  return at;
}

// Up to the time; behind that is what is kept, of which the caller knows how
// much is wanted.
char* JournalBlock::PutHeadLikeLast(const Head& head, char* at) {
  *at++ = static_cast<char>(last_.kinds);
  *at++ = static_cast<char>(last_.name);
  at = PutNumber(at, ZigZag(head.time_ns - time_ns_));
  time_ns_ = head.time_ns;
  // All that there may be: that takes no loop.
  std::copy(last_.bytes.begin(), last_.bytes.end(), at);
  return at;
}

bool JournalBlock::AddLikeLast(const Head& head, uint32_t address,
                               ByteSpan bytes) {
  if (last_.size_with_write_bytes == 0 || last_.address != address ||
      last_.written_bytes != bytes.size() || !IsLikeLast(head, 1)) {
    return false;
  }
  char* at = MakeRoom(Like::kMaxHeadBytes + bytes.size() + 1);
  at = PutHeadLikeLast(head, at) + last_.size_with_write_bytes;
  at = PutBytes(at, bytes);
  *at++ = 0;  // no state
  MoveEnd(at);
  return true;
}

void JournalBlock::Begin(const Head& head, size_t write_count) {
  if (IsLikeLast(head, write_count)) {
    char* const at = MakeRoom(Like::kMaxHeadBytes);
    MoveEnd(PutHeadLikeLast(head, at) + last_.size_bytes);
    return;
  }
  CHECK(head.arguments.size() <= kMaxArguments);
  // The version, the kinds, and at most so many numbers.
  const size_t most_bytes =
      2 + (7 + head.arguments.size()) * kMaxLeb128Bytes + head.name.size();
  MoveEnd(PutHead(MakeRoom(most_bytes), head, write_count));
}

void JournalBlock::AddWrite(uint32_t address, ByteSpan bytes) {
  char* const begin = MakeRoom(2 * kMaxLeb128Bytes + bytes.size());
  char* const at = PutNumber(PutNumber(begin, address), bytes.size());
  const auto place_bytes = static_cast<size_t>(at - begin);
  if (last_.size_bytes != 0 && last_.write_count == 1 &&
      last_.size_bytes + place_bytes <= Like::kMaxBytes) {
    std::copy(begin, at, last_.bytes.begin() + last_.size_bytes);
    last_.address = address;
    last_.written_bytes = bytes.size();
    last_.size_with_write_bytes = last_.size_bytes + place_bytes;
  }
  MoveEnd(PutBytes(at, bytes));
}

void JournalBlock::End(std::string_view state) {
  char* const at =
      PutNumber(MakeRoom(kMaxLeb128Bytes + state.size()), state.size());
  MoveEnd(std::copy(state.begin(), state.end(), at));
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
