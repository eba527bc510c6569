#include "store/key.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/check.h"
#include "base/str_cat.h"

namespace wasmd {
namespace {

// Flips the sign bit, so that negative times sort before positive ones.
constexpr uint64_t kSignBit = uint64_t{1} << 63;

// Takes numbers off a key whose size was checked, behind the table.
class KeyReader {
 public:
  explicit KeyReader(std::string_view key) : at_(key.data() + 1) {}
  uint32_t Take32() {
    uint32_t value;
    std::memcpy(&value, at_, sizeof(value));
    at_ += sizeof(value);
    return __builtin_bswap32(value);
  }
  uint64_t Take64() {
    uint64_t value;
    std::memcpy(&value, at_, sizeof(value));
    at_ += sizeof(value);
    return __builtin_bswap64(value);
  }
  Sha256Digest TakeHash() {
    Sha256Digest hash;
    std::memcpy(hash.data(), at_, hash.size());
    at_ += hash.size();
    return hash;
  }

 private:
  const char* at_;
};

std::string Printable(std::string_view text) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const char c : text) {
    if (c >= ' ' && c <= '~') {
      out.push_back(c);
    } else {
      const auto byte = static_cast<uint8_t>(c);
      out += {'\\', 'x', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return out;
}

bool IsKey(std::string_view key, Table table, size_t size) {
  return key.size() == 1 + size && key[0] == static_cast<char>(table);
}

std::string DescribeModuleKey(std::string_view key) {
  KeyReader reader(key);
  std::string text = StrCat("module ", ToHex(reader.TakeHash()));
  if (key.size() == 1 + sizeof(Sha256Digest) + 4) {
    StrAppend(&text, ", chunk ", reader.Take32());
  }
  return text;
}

}  // namespace

Key& Key::Add32(uint32_t value) {
  DCHECK(size_ + sizeof(value) <= bytes_.size());
  value = __builtin_bswap32(value);
  std::memcpy(bytes_.data() + size_, &value, sizeof(value));
  size_ += sizeof(value);
  return *this;
}

Key& Key::Add64(uint64_t value) {
  DCHECK(size_ + sizeof(value) <= bytes_.size());
  value = __builtin_bswap64(value);
  std::memcpy(bytes_.data() + size_, &value, sizeof(value));
  size_ += sizeof(value);
  return *this;
}

Key& Key::AddHash(const Sha256Digest& hash) {
  DCHECK(size_ + hash.size() <= bytes_.size());
  std::memcpy(bytes_.data() + size_, hash.data(), hash.size());
  size_ += hash.size();
  return *this;
}

Key TableBegin(Table table) { return Key(table); }

Key TableEnd(Table table) {
  return Key(static_cast<Table>(static_cast<uint8_t>(table) + 1));
}

std::string MakeMetaKey(std::string_view fact) {
  return StrCat(Key(Table::kMeta).view(), fact);
}

std::string MakeNameKey(std::string_view name) {
  return StrCat(Key(Table::kName).view(), name);
}

Key MakeProcessKey(Table table, uint64_t process) {
  return Key(table).Add64(process);
}

Key MakePageKey(const PageKey& key) {
  return Key(Table::kPage).Add64(key.process).Add32(key.memory).Add64(key.page);
}

Key MakeLogKey(const LogKey& key) {
  return Key(Table::kLog).Add64(key.process).Add64(key.sequence).Add32(key.n);
}

Key MakeLogIndexKey(const LogIndexKey& key) {
  return Key(Table::kLogIndex)
      .Add64(key.process)
      .Add32(key.stream)
      .Add64(key.offset);
}

Key MakeTimerKey(const TimerKey& key) {
  return Key(Table::kTimer)
      .Add64(std::bit_cast<uint64_t>(key.wake_time_ns) ^ kSignBit)
      .Add64(key.process);
}

Key MakeInputKey(const InputKey& key) {
  return Key(Table::kInput).Add64(key.process).Add64(key.offset);
}

Key MakeJournalKey(const JournalKey& key) {
  return Key(Table::kJournal).Add64(key.process).Add64(key.first_event);
}

Key MakeSequenceKey(Table table, uint64_t process, uint64_t sequence) {
  return Key(table).Add64(process).Add64(sequence);
}

Key MakeHistoryKey(const HistoryKey& key) {
  return Key(Table::kHistory)
      .Add64(key.process)
      .Add32(key.memory)
      .Add64(key.page)
      .Add64(key.sequence);
}

Key MakeForkKey(const ForkKey& key) {
  return Key(Table::kFork)
      .Add64(key.parent)
      .Add64(key.sequence)
      .Add64(key.child);
}

Key MakeModuleKey(const Sha256Digest& hash) {
  return Key(Table::kModule).AddHash(hash);
}

Key MakeModuleChunkKey(const Sha256Digest& hash, uint32_t chunk) {
  return Key(Table::kModule).AddHash(hash).Add32(chunk);
}

Key MakeModuleUseKey(const Sha256Digest& hash, uint64_t process) {
  return Key(Table::kModuleUse).AddHash(hash).Add64(process);
}

std::optional<uint64_t> ParseProcessKey(Table table, std::string_view key) {
  if (!IsKey(key, table, 8)) return std::nullopt;
  return KeyReader(key).Take64();
}

std::optional<PageKey> ParsePageKey(std::string_view key) {
  if (!IsKey(key, Table::kPage, 20)) return std::nullopt;
  KeyReader reader(key);
  PageKey parsed;
  parsed.process = reader.Take64();
  parsed.memory = reader.Take32();
  parsed.page = reader.Take64();
  return parsed;
}

std::optional<LogKey> ParseLogKey(std::string_view key) {
  if (!IsKey(key, Table::kLog, 20)) return std::nullopt;
  KeyReader reader(key);
  LogKey parsed;
  parsed.process = reader.Take64();
  parsed.sequence = reader.Take64();
  parsed.n = reader.Take32();
  return parsed;
}

std::optional<LogIndexKey> ParseLogIndexKey(std::string_view key) {
  if (!IsKey(key, Table::kLogIndex, 20)) return std::nullopt;
  KeyReader reader(key);
  LogIndexKey parsed;
  parsed.process = reader.Take64();
  parsed.stream = reader.Take32();
  parsed.offset = reader.Take64();
  return parsed;
}

std::optional<TimerKey> ParseTimerKey(std::string_view key) {
  if (!IsKey(key, Table::kTimer, 16)) return std::nullopt;
  KeyReader reader(key);
  TimerKey parsed;
  parsed.wake_time_ns = std::bit_cast<int64_t>(reader.Take64() ^ kSignBit);
  parsed.process = reader.Take64();
  return parsed;
}

std::optional<InputKey> ParseInputKey(std::string_view key) {
  if (!IsKey(key, Table::kInput, 16)) return std::nullopt;
  KeyReader reader(key);
  InputKey parsed;
  parsed.process = reader.Take64();
  parsed.offset = reader.Take64();
  return parsed;
}

std::optional<JournalKey> ParseJournalKey(std::string_view key) {
  if (!IsKey(key, Table::kJournal, 16)) return std::nullopt;
  KeyReader reader(key);
  JournalKey parsed;
  parsed.process = reader.Take64();
  parsed.first_event = reader.Take64();
  return parsed;
}

std::optional<SequenceKey> ParseSequenceKey(Table table, std::string_view key) {
  if (!IsKey(key, table, 16)) return std::nullopt;
  KeyReader reader(key);
  SequenceKey parsed;
  parsed.process = reader.Take64();
  parsed.sequence = reader.Take64();
  return parsed;
}

std::optional<HistoryKey> ParseHistoryKey(std::string_view key) {
  if (!IsKey(key, Table::kHistory, 28)) return std::nullopt;
  KeyReader reader(key);
  HistoryKey parsed;
  parsed.process = reader.Take64();
  parsed.memory = reader.Take32();
  parsed.page = reader.Take64();
  parsed.sequence = reader.Take64();
  return parsed;
}

std::optional<ForkKey> ParseForkKey(std::string_view key) {
  if (!IsKey(key, Table::kFork, 24)) return std::nullopt;
  KeyReader reader(key);
  ForkKey parsed;
  parsed.parent = reader.Take64();
  parsed.sequence = reader.Take64();
  parsed.child = reader.Take64();
  return parsed;
}

std::optional<ModuleUseKey> ParseModuleUseKey(std::string_view key) {
  if (!IsKey(key, Table::kModuleUse, sizeof(Sha256Digest) + 8))
    return std::nullopt;
  KeyReader reader(key);
  ModuleUseKey parsed;
  parsed.hash = reader.TakeHash();
  parsed.process = reader.Take64();
  return parsed;
}

std::string PrefixEnd(std::string_view prefix) {
  std::string end(prefix);
  while (!end.empty() && static_cast<uint8_t>(end.back()) == 0xFF) {
    end.pop_back();
  }
  if (!end.empty()) end.back() = static_cast<char>(end.back() + 1);
  return end;
}

std::string DescribeKey(std::string_view key) {
  const auto table = static_cast<Table>(key.empty() ? 0 : key.front());
  switch (table) {
    case Table::kMeta:
      return StrCat("the store's \"", Printable(key.substr(1)), "\"");
    case Table::kModule:
      if (key.size() > sizeof(Sha256Digest)) return DescribeModuleKey(key);
      break;
    case Table::kModuleUse:
      if (const auto use = ParseModuleUseKey(key)) {
        return StrCat("the use of module ", ToHex(use->hash), " by process ",
                      use->process);
      }
      break;
    case Table::kProcess:
      if (const auto process = ParseProcessKey(table, key)) {
        return StrCat("the record of process ", *process);
      }
      break;
    case Table::kName:
      return StrCat("the name \"", Printable(key.substr(1)), "\"");
    case Table::kPage:
      if (const auto page = ParsePageKey(key)) {
        return StrCat("page ", page->page, " of memory ", page->memory,
                      " of process ", page->process);
      }
      break;
    case Table::kState:
      if (const auto process = ParseProcessKey(table, key)) {
        return StrCat("the state of process ", *process);
      }
      break;
    case Table::kLog:
      if (const auto log = ParseLogKey(key)) {
        return StrCat("log record ", log->n, " of commit ", log->sequence,
                      " of process ", log->process);
      }
      break;
    case Table::kLogIndex:
      if (const auto index = ParseLogIndexKey(key)) {
        return StrCat("the log index at offset ", index->offset, " of stream ",
                      index->stream, " of process ", index->process);
      }
      break;
    case Table::kTimer:
      if (const auto timer = ParseTimerKey(key)) {
        return StrCat("the timer of process ", timer->process, " at ",
                      timer->wake_time_ns, " ns");
      }
      break;
    case Table::kRedo:
      if (const auto at = ParseSequenceKey(table, key)) {
        return StrCat("the change by commit ", at->sequence, " of process ",
                      at->process);
      }
      break;
    case Table::kHistory:
      if (const auto page = ParseHistoryKey(key)) {
        return StrCat("page ", page->page, " of memory ", page->memory,
                      " of process ", page->process, " as before commit ",
                      page->sequence);
      }
      break;
    case Table::kPoint:
    case Table::kPointState:
      if (const auto at = ParseSequenceKey(table, key)) {
        return StrCat(table == Table::kPoint ? "the" : "the state of the",
                      " kept point ", at->sequence, " of process ",
                      at->process);
      }
      break;
    case Table::kFork:
      if (const auto fork = ParseForkKey(key)) {
        return StrCat("the fork of process ", fork->parent, " at ",
                      fork->sequence, " to process ", fork->child);
      }
      break;
    case Table::kJournal:
      if (const auto block = ParseJournalKey(key)) {
        return StrCat("the journal from event ", block->first_event,
                      " of process ", block->process);
      }
      break;
    case Table::kInput:
      if (const auto input = ParseInputKey(key)) {
        return StrCat("the input of process ", input->process, " at offset ",
                      input->offset);
      }
      break;
  }
  return StrCat("what has the key ", Printable(key));
}

}  // namespace wasmd
