#include "wasi/call_text.h"

#include <algorithm>
#include <cctype>
#include <optional>

#include "absl/strings/str_cat.h"
#include "base/str_cat.h"
#include "wasi/abi.h"
#include "wasi/call_names.h"
#include "wasi/wasi.h"

namespace wasmd::wasi {
namespace {

constexpr size_t kMaxQuotedBytes = 48;
constexpr uint32_t kMaxShownVectors = 4;
constexpr uint32_t kMaxShownEvents = 4;
constexpr uint32_t kVectorBytes = 8;

enum class ArgumentKind : uint8_t {
  kNumber,
  kLong,
  kDelta,
  kTime,
  kAddress,
  kClock,
  kAdvice,
  kWhence,
  kRights,
  kLookupFlags,
  kOpenFlags,
  kFdFlags,
  kFstFlags,
  kReceiveFlags,
  kShutdownFlags,
  kSubscriptions,
  // Results: known after the call.
  kShortResult,
  kSizeResult,
  kLongResult,
  kTimeResult,
  kFdstatResult,
  kFilestatResult,
  kPrestatResult,
  kEventsResult,
  // Of two arguments.
  kText,
  kWriteVectors,
  kBuffer,
  kReadVectors,  // a result, as the next is
  kTextResult,
};

bool TakesTwo(ArgumentKind kind) { return kind >= ArgumentKind::kText; }

struct ArgumentRow {
  std::string_view name;
  ArgumentKind kind;
};

const std::vector<ArgumentRow>& RowsOf(uint32_t function) {
  // Never destroyed: calls may come until the program ends.
  static const auto& table = *new std::vector<std::vector<ArgumentRow>>{
#define ARGUMENT(name, kind) \
  ArgumentRow { #name, ArgumentKind::kind }
#define CALL_ARGUMENTS(function, ...) {__VA_ARGS__},
#include "wasi/call_arguments.def"
  };
  return table.at(function);
}

std::string AddressText(uint32_t address) {
  return StrCat("0x", absl::Hex(address));
}

std::string TimeText(uint64_t ns) {
  return StrCat(ns / 1'000'000'000, ".",
                absl::Dec(ns % 1'000'000'000, absl::kZeroPad9), " s");
}

// Reads what arguments refer to. Every member answers nullopt for what is not
// in the memory.
class ArgumentReader {
 public:
  ArgumentReader(std::span<const Slot> arguments, const GuestMemory& memory)
      : arguments_(arguments), memory_(memory) {}

  uint32_t Number(size_t at) const {
    return FromSlot<uint32_t>(arguments_[at]);
  }
  uint64_t Long(size_t at) const { return FromSlot<uint64_t>(arguments_[at]); }

  template <typename T>
  std::optional<T> Loaded(uint32_t address) const {
    const ErrnoOr<T> value = memory_.Load<T>(address);
    if (!value.ok()) return std::nullopt;
    return *value;
  }
  std::optional<std::string> Quoted(uint32_t address, uint64_t size) const {
    const ErrnoOr<ByteSpan> bytes = memory_.Bytes(address, size);
    if (!bytes.ok()) return std::nullopt;
    return QuotedText(AsText(*bytes));
  }
  // Of the vectors, the first `size` bytes.
  std::optional<std::string> Vectors(uint32_t address, uint32_t count,
                                     uint64_t size) const {
    std::string text = "[";
    for (uint32_t i = 0; i < count; ++i) {
      if (i == kMaxShownVectors) return text + ", ...]";
      const std::optional<uint64_t> vector =
          Loaded<uint64_t>(address + i * kVectorBytes);
      if (!vector.has_value()) return std::nullopt;
      const uint64_t shown = std::min(*vector >> 32, size);
      const auto quoted = Quoted(static_cast<uint32_t>(*vector), shown);
      if (!quoted.has_value()) return std::nullopt;
      StrAppend(&text, i == 0 ? "" : ", ", *quoted);
      size -= shown;
    }
    return text + "]";
  }
  std::optional<std::string> Subscriptions(uint32_t address,
                                           uint32_t count) const {
    std::string text = "[";
    for (uint32_t i = 0; i < count; ++i) {
      if (i == kMaxShownEvents) return text + ", ...]";
      const ErrnoOr<ByteSpan> bytes = memory_.Bytes(
          address + i * subscription::kSizeBytes, subscription::kSizeBytes);
      if (!bytes.ok()) return std::nullopt;
      StrAppend(&text, i == 0 ? "" : ", ", Subscription(bytes->data()));
    }
    return text + "]";
  }
  std::optional<std::string> Events(uint32_t address, uint32_t count) const {
    std::string text = "[";
    for (uint32_t i = 0; i < count; ++i) {
      if (i == kMaxShownEvents) return text + ", ...]";
      const ErrnoOr<ByteSpan> bytes =
          memory_.Bytes(address + i * event::kSizeBytes, event::kSizeBytes);
      if (!bytes.ok()) return std::nullopt;
      StrAppend(&text, i == 0 ? "" : ", ", Event(bytes->data()));
    }
    return text + "]";
  }
  std::optional<std::string> Fdstat(uint32_t address) const {
    const ErrnoOr<ByteSpan> bytes = memory_.Bytes(address, fdstat::kSizeBytes);
    if (!bytes.ok()) return std::nullopt;
    const uint8_t* at = bytes->data();
    return StrCat(
        "{", FileTypeText(at[fdstat::kFileType]),
        ", flags=", FdFlagsText(LoadLittle<uint16_t>(at + fdstat::kFlags)),
        ", base=", RightsText(LoadLittle<uint64_t>(at + fdstat::kRightsBase)),
        "}");
  }
  std::optional<std::string> Filestat(uint32_t address) const {
    const ErrnoOr<ByteSpan> bytes =
        memory_.Bytes(address, filestat::kSizeBytes);
    if (!bytes.ok()) return std::nullopt;
    const uint8_t* at = bytes->data();
    return StrCat("{", FileTypeText(at[filestat::kFileType]),
                  ", ino=", LoadLittle<uint64_t>(at + filestat::kInode),
                  ", size=", LoadLittle<uint64_t>(at + filestat::kFileSize),
                  "}");
  }
  std::optional<std::string> Prestat(uint32_t address) const {
    const auto length = Loaded<uint32_t>(address + prestat::kNameLength);
    if (!length.has_value()) return std::nullopt;
    return StrCat("{dir, name_len=", *length, "}");
  }

 private:
  static std::string Subscription(const uint8_t* at) {
    const uint8_t type = at[subscription::kType];
    if (type != event_type::kClock) {
      return StrCat(type == event_type::kFdRead ? "fd_read(" : "fd_write(",
                    LoadLittle<uint32_t>(at + subscription::kFd), ")");
    }
    const bool is_absolute =
        LoadLittle<uint16_t>(at + subscription::kClockFlags) & kClockIsAbsolute;
    return StrCat(
        "clock(", ClockText(LoadLittle<uint32_t>(at + subscription::kClockId)),
        is_absolute ? ", at " : ", ",
        TimeText(LoadLittle<uint64_t>(at + subscription::kTimeout)), ")");
  }
  static std::string Event(const uint8_t* at) {
    constexpr std::string_view kNames[] = {"clock", "fd_read", "fd_write"};
    const uint8_t type = at[event::kType];
    const auto error =
        static_cast<Errno>(LoadLittle<uint16_t>(at + event::kError));
    std::string text =
        type <= event_type::kFdWrite ? std::string(kNames[type]) : StrCat(type);
    if (error != Errno::kSuccess) StrAppend(&text, " ", SymbolOf(error));
    return text;
  }

  const std::span<const Slot> arguments_;
  const GuestMemory& memory_;
};

std::string BeforeText(ArgumentKind kind, size_t at,
                       const ArgumentReader& reader) {
  const uint32_t number = reader.Number(at);
  switch (kind) {
    case ArgumentKind::kNumber:
      return StrCat(number);
    case ArgumentKind::kLong:
      return StrCat(reader.Long(at));
    case ArgumentKind::kDelta:
      return StrCat(static_cast<int64_t>(reader.Long(at)));
    case ArgumentKind::kTime:
      return TimeText(reader.Long(at));
    case ArgumentKind::kClock:
      return ClockText(number);
    case ArgumentKind::kAdvice:
      return AdviceText(number);
    case ArgumentKind::kWhence:
      return WhenceText(number);
    case ArgumentKind::kRights:
      return RightsText(reader.Long(at));
    case ArgumentKind::kLookupFlags:
      return LookupFlagsText(number);
    case ArgumentKind::kOpenFlags:
      return OpenFlagsText(number);
    case ArgumentKind::kFdFlags:
      return FdFlagsText(number);
    case ArgumentKind::kFstFlags:
      return FstFlagsText(number);
    case ArgumentKind::kReceiveFlags:
      return ReceiveFlagsText(number);
    case ArgumentKind::kShutdownFlags:
      return ShutdownFlagsText(number);
    case ArgumentKind::kSubscriptions:
      return reader.Subscriptions(number, reader.Number(at + 2))
          .value_or(AddressText(number));
    case ArgumentKind::kText:
      return reader.Quoted(number, reader.Number(at + 1))
          .value_or(
              StrCat(AddressText(number), "[", reader.Number(at + 1), "]"));
    case ArgumentKind::kWriteVectors:
      return reader.Vectors(number, reader.Number(at + 1), UINT64_MAX)
          .value_or(
              StrCat(AddressText(number), "[", reader.Number(at + 1), "]"));
    case ArgumentKind::kBuffer:
    case ArgumentKind::kReadVectors:
    case ArgumentKind::kTextResult:
      return StrCat(AddressText(number), "[", reader.Number(at + 1), "]");
    default:
      return AddressText(number);
  }
}

// nullopt: as before the call. `size` is the size that the call answers, if it
// answers one.
std::optional<std::string> ResultText(ArgumentKind kind, size_t at,
                                      uint32_t size,
                                      const ArgumentReader& reader) {
  const uint32_t number = reader.Number(at);
  const auto as_text = [](const auto& value) -> std::optional<std::string> {
    if (!value.has_value()) return std::nullopt;
    return StrCat(*value);
  };
  switch (kind) {
    case ArgumentKind::kShortResult:
      return as_text(reader.Loaded<uint16_t>(number));
    case ArgumentKind::kSizeResult:
      return as_text(reader.Loaded<uint32_t>(number));
    case ArgumentKind::kLongResult:
      return as_text(reader.Loaded<uint64_t>(number));
    case ArgumentKind::kTimeResult: {
      const auto time = reader.Loaded<uint64_t>(number);
      if (!time.has_value()) return std::nullopt;
      return TimeText(*time);
    }
    case ArgumentKind::kFdstatResult:
      return reader.Fdstat(number);
    case ArgumentKind::kFilestatResult:
      return reader.Filestat(number);
    case ArgumentKind::kPrestatResult:
      return reader.Prestat(number);
    case ArgumentKind::kEventsResult:
      return reader.Events(number, size);
    case ArgumentKind::kReadVectors:
      return reader.Vectors(number, reader.Number(at + 1), size);
    case ArgumentKind::kTextResult:
      return reader.Quoted(number, std::min(reader.Number(at + 1), size));
    default:
      return std::nullopt;
  }
}

}  // namespace

CallText::CallText(uint32_t function, std::span<const Slot> arguments,
                   MemoryInstance& memory)
    : function_(function), arguments_(arguments), memory_(memory) {
  const ArgumentReader reader(arguments_, memory_);
  size_t at = 0;
  for (const ArgumentRow& row : RowsOf(function_)) {
    before_.push_back(BeforeText(row.kind, at, reader));
    at += TakesTwo(row.kind) ? 2 : 1;
  }
}

size_t CallText::ArgumentCount(uint32_t function) {
  size_t count = 0;
  for (const ArgumentRow& row : RowsOf(function)) {
    count += TakesTwo(row.kind) ? 2 : 1;
  }
  return count;
}

std::string CallText::Text(bool with_results) const {
  const std::vector<ArgumentRow>& rows = RowsOf(function_);
  const ArgumentReader reader(arguments_, memory_);
  // A text whose length is no result is as long as its buffer.
  uint32_t size = UINT32_MAX;
  size_t at = 0;
  for (const ArgumentRow& row : rows) {
    if (row.kind == ArgumentKind::kSizeResult) {
      size = reader.Loaded<uint32_t>(reader.Number(at)).value_or(0);
    }
    at += TakesTwo(row.kind) ? 2 : 1;
  }
  std::string text = StrCat(Context::NameOf(function_), "(");
  at = 0;
  for (size_t i = 0; i < rows.size(); ++i) {
    std::optional<std::string> shown;
    if (with_results) shown = ResultText(rows[i].kind, at, size, reader);
    StrAppend(&text, i == 0 ? "" : ", ", rows[i].name, "=",
              shown.value_or(before_[i]));
    at += TakesTwo(rows[i].kind) ? 2 : 1;
  }
  return text + ")";
}

std::string CallText::Begun() const { return Text(/*with_results=*/false); }

std::string CallText::Ended(Errno result) const {
  const bool is_success = result == Errno::kSuccess;
  std::string text = StrCat(Text(is_success), " = ", SymbolOf(result));
  if (!is_success) StrAppend(&text, " (", Describe(result), ")");
  return text;
}

std::string SymbolOf(Errno errno_value) {
  if (errno_value == Errno::kSuccess) return "0";
  std::string symbol(NameOf(errno_value));  // "kNoent"
  if (symbol == "?") return StrCat(static_cast<uint16_t>(errno_value));
  symbol[0] = 'E';
  for (char& c : symbol) {
    c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return symbol;
}

std::string QuotedText(std::string_view bytes) {
  std::string text = "\"";
  for (const char c : bytes.substr(0, kMaxQuotedBytes)) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n') {
      text += "\\n";
    } else if (c == '\t') {
      text += "\\t";
    } else if (c == '"' || c == '\\') {
      text += {'\\', c};
    } else if (byte >= 0x20 && byte < 0x7F) {
      text.push_back(c);
    } else {
      StrAppend(&text, "\\x", absl::Hex(byte, absl::kZeroPad2));
    }
  }
  return text + (bytes.size() > kMaxQuotedBytes ? "\"..." : "\"");
}

}  // namespace wasmd::wasi
