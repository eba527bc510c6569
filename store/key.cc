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

// Takes big-endian numbers off the front of a key whose size was checked.
class KeyReader {
 public:
  explicit KeyReader(std::string_view key) : at_(key.data()) {}
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

std::string DescribeModuleKey(std::string_view key) {
  if (key.size() < sizeof(Sha256Digest)) {
    return StrCat("module key ", Printable(key));
  }
  KeyReader reader(key);
  std::string text = StrCat("module ", ToHex(reader.TakeHash()));
  if (key.size() == sizeof(Sha256Digest) + 4) {
    StrAppend(&text, ", chunk ", reader.Take32());
  }
  return text;
}

}  // namespace

std::string_view FamilyName(Family family) {
  switch (family) {
    case Family::kMeta:
      return "default";
    case Family::kModule:
      return "module.1";
    case Family::kModuleUse:
      return "module_use.1";
    case Family::kProcess:
      return "process.1";
    case Family::kName:
      return "name.1";
    case Family::kPage:
      return "page.1";
    case Family::kState:
      return "state.1";
    case Family::kLog:
      return "log.1";
    case Family::kLogIndex:
      return "log_index.1";
    case Family::kTimer:
      return "timer.1";
  }
  CHECK(false);
}

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

Key MakeProcessKey(uint64_t process) { return Key().Add64(process); }

Key MakePageKey(const PageKey& key) {
  return Key().Add64(key.process).Add32(key.memory).Add64(key.page);
}

Key MakeLogKey(const LogKey& key) {
  return Key().Add64(key.process).Add64(key.sequence).Add32(key.n);
}

Key MakeLogIndexKey(const LogIndexKey& key) {
  return Key().Add64(key.process).Add32(key.stream).Add64(key.offset);
}

Key MakeTimerKey(const TimerKey& key) {
  return Key()
      .Add64(std::bit_cast<uint64_t>(key.wake_time_ns) ^ kSignBit)
      .Add64(key.process);
}

Key MakeModuleKey(const Sha256Digest& hash) { return Key().AddHash(hash); }

Key MakeModuleChunkKey(const Sha256Digest& hash, uint32_t chunk) {
  return Key().AddHash(hash).Add32(chunk);
}

Key MakeModuleUseKey(const Sha256Digest& hash, uint64_t process) {
  return Key().AddHash(hash).Add64(process);
}

std::optional<uint64_t> ParseProcessKey(std::string_view key) {
  if (key.size() != 8) return std::nullopt;
  return KeyReader(key).Take64();
}

std::optional<PageKey> ParsePageKey(std::string_view key) {
  if (key.size() != 20) return std::nullopt;
  KeyReader reader(key);
  PageKey parsed;
  parsed.process = reader.Take64();
  parsed.memory = reader.Take32();
  parsed.page = reader.Take64();
  return parsed;
}

std::optional<LogKey> ParseLogKey(std::string_view key) {
  if (key.size() != 20) return std::nullopt;
  KeyReader reader(key);
  LogKey parsed;
  parsed.process = reader.Take64();
  parsed.sequence = reader.Take64();
  parsed.n = reader.Take32();
  return parsed;
}

std::optional<LogIndexKey> ParseLogIndexKey(std::string_view key) {
  if (key.size() != 20) return std::nullopt;
  KeyReader reader(key);
  LogIndexKey parsed;
  parsed.process = reader.Take64();
  parsed.stream = reader.Take32();
  parsed.offset = reader.Take64();
  return parsed;
}

std::optional<TimerKey> ParseTimerKey(std::string_view key) {
  if (key.size() != 16) return std::nullopt;
  KeyReader reader(key);
  TimerKey parsed;
  parsed.wake_time_ns = std::bit_cast<int64_t>(reader.Take64() ^ kSignBit);
  parsed.process = reader.Take64();
  return parsed;
}

std::optional<ModuleUseKey> ParseModuleUseKey(std::string_view key) {
  if (key.size() != sizeof(Sha256Digest) + 8) return std::nullopt;
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

std::string DescribeKey(Family family, std::string_view key) {
  switch (family) {
    case Family::kMeta:
      return StrCat("the store's own record \"", Printable(key), "\"");
    case Family::kModule:
      return DescribeModuleKey(key);
    case Family::kModuleUse:
      if (const auto use = ParseModuleUseKey(key)) {
        return StrCat("the use of module ", ToHex(use->hash), " by process ",
                      use->process);
      }
      break;
    case Family::kProcess:
      if (const auto process = ParseProcessKey(key)) {
        return StrCat("the record of process ", *process);
      }
      break;
    case Family::kName:
      return StrCat("the name \"", Printable(key), "\"");
    case Family::kPage:
      if (const auto page = ParsePageKey(key)) {
        return StrCat("page ", page->page, " of memory ", page->memory,
                      " of process ", page->process);
      }
      break;
    case Family::kState:
      if (const auto process = ParseProcessKey(key)) {
        return StrCat("the state of process ", *process);
      }
      break;
    case Family::kLog:
      if (const auto log = ParseLogKey(key)) {
        return StrCat("log record ", log->n, " of commit ", log->sequence,
                      " of process ", log->process);
      }
      break;
    case Family::kLogIndex:
      if (const auto index = ParseLogIndexKey(key)) {
        return StrCat("the log index at offset ", index->offset, " of stream ",
                      index->stream, " of process ", index->process);
      }
      break;
    case Family::kTimer:
      if (const auto timer = ParseTimerKey(key)) {
        return StrCat("the timer of process ", timer->process, " at ",
                      timer->wake_time_ns, " ns");
      }
      break;
  }
  return StrCat("key ", Printable(key), " of table ", FamilyName(family));
}

}  // namespace wasmd
