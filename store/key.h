// Keys of the store and the tables ("column families") they live in
// (docs/store-format.md). Persisted: names, numbers and layouts here never
// change; a new layout is a new table with the next version in its name.
//
// Numbers in keys are big-endian, so that RocksDB's order of keys is the order
// of the numbers and all that belongs to a process is one range.

#ifndef WASMD_STORE_KEY_H_
#define WASMD_STORE_KEY_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/sha256.h"

namespace wasmd {

// The number of a table enters the checksums of its values.
enum class Family : uint8_t {
  kMeta = 1,       // facts about the store
  kModule = 2,     // hash -> header; hash, chunk -> bytes
  kModuleUse = 3,  // hash, process -> nothing: the process needs the module
  kProcess = 4,    // process -> StoredProcess
  kName = 5,       // name -> process
  kPage = 6,       // process, memory, page -> contents
  kState = 7,      // process -> state record
  kLog = 8,        // process, sequence, n -> what was written to a stream
  kLogIndex = 9,   // process, stream, offset -> sequence, n
  kTimer = 10,     // wake time, process -> nothing
};

inline constexpr std::array<Family, 10> kFamilies = {
    Family::kMeta,     Family::kModule, Family::kModuleUse, Family::kProcess,
    Family::kName,     Family::kPage,   Family::kState,     Family::kLog,
    Family::kLogIndex, Family::kTimer};

// The name of the table in RocksDB. kMeta is RocksDB's own "default", which
// every version has; the others end in the version of their layout.
std::string_view FamilyName(Family family);

// "format", "next_process": the keys of kMeta.
inline constexpr std::string_view kFormatKey = "format";
inline constexpr std::string_view kNextProcessKey = "next_process";

// A key of at most 44 bytes, held in place.
class Key {
 public:
  Key& Add32(uint32_t value);
  Key& Add64(uint64_t value);
  Key& AddHash(const Sha256Digest& hash);
  std::string_view view() const { return {bytes_.data(), size_}; }

 private:
  std::array<char, 44> bytes_;
  size_t size_ = 0;
};

struct PageKey {
  uint64_t process = 0;
  uint32_t memory = 0;
  uint64_t page = 0;
  bool operator==(const PageKey&) const = default;
};

struct LogKey {
  uint64_t process = 0;
  uint64_t sequence = 0;
  uint32_t n = 0;
  auto operator<=>(const LogKey&) const = default;
};

struct LogIndexKey {
  uint64_t process = 0;
  uint32_t stream = 0;
  uint64_t offset = 0;
  bool operator==(const LogIndexKey&) const = default;
};

struct TimerKey {
  int64_t wake_time_ns = 0;
  uint64_t process = 0;
  auto operator<=>(const TimerKey&) const = default;
};

// kProcess and kState. Also the lower bound of all keys of the process in
// kPage, kLog and kLogIndex; the upper bound is the key of the next number.
Key MakeProcessKey(uint64_t process);
Key MakePageKey(const PageKey& key);
Key MakeLogKey(const LogKey& key);
Key MakeLogIndexKey(const LogIndexKey& key);
Key MakeTimerKey(const TimerKey& key);
Key MakeModuleKey(const Sha256Digest& hash);
Key MakeModuleChunkKey(const Sha256Digest& hash, uint32_t chunk);
Key MakeModuleUseKey(const Sha256Digest& hash, uint64_t process);

// The reverse; nullopt when the size is not that of such a key.
std::optional<uint64_t> ParseProcessKey(std::string_view key);
std::optional<PageKey> ParsePageKey(std::string_view key);
std::optional<LogKey> ParseLogKey(std::string_view key);
std::optional<LogIndexKey> ParseLogIndexKey(std::string_view key);
std::optional<TimerKey> ParseTimerKey(std::string_view key);
struct ModuleUseKey {
  Sha256Digest hash;
  uint64_t process = 0;
};
std::optional<ModuleUseKey> ParseModuleUseKey(std::string_view key);

// The least key greater than every key that starts with `prefix`; empty if
// there is none.
std::string PrefixEnd(std::string_view prefix);

// For error messages: "page 3 of memory 0 of process 7".
std::string DescribeKey(Family family, std::string_view key);

}  // namespace wasmd

#endif  // WASMD_STORE_KEY_H_
