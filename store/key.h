// Keys of the store (docs/store-format.md). The first byte of a key says which
// table it belongs to. Persisted: numbers and layouts here never change; a new
// layout is a new table.
//
// Numbers in keys are big-endian, so that RocksDB's order of keys is the order
// of the numbers and what belongs to a process is one range of each table.

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

enum class Table : uint8_t {
  kMeta = 1,       // name of a fact about the store -> the fact
  kModule = 2,     // hash -> size; hash, chunk -> bytes
  kModuleUse = 3,  // hash, process -> nothing: the process needs the module
  kProcess = 4,    // process -> StoredProcess
  kName = 5,       // name -> process
  kPage = 6,       // process, memory, page -> contents
  kState = 7,      // process -> state record
  kLog = 8,        // process, sequence, n -> what was written to a stream
  kLogIndex = 9,   // process, stream, offset -> sequence, n
  kTimer = 10,     // wake time, process -> nothing
  kRedo = 11,      // process, sequence -> what a commit changed
  kJournal = 12,   // process, first event -> a block of the journal
  kHistory = 14,  // process, memory, page, sequence -> what the page was before
  kPoint = 15,    // process, sequence -> StoredPoint
  kPointState = 16,  // process, sequence -> state record
  kFork = 17,        // parent, sequence, child -> nothing
  kInput = 18,       // process, offset -> what is to be read there
};

inline constexpr std::array<Table, 17> kTables = {
    Table::kMeta,     Table::kModule, Table::kModuleUse,  Table::kProcess,
    Table::kName,     Table::kPage,   Table::kState,      Table::kLog,
    Table::kLogIndex, Table::kTimer,  Table::kRedo,       Table::kJournal,
    Table::kHistory,  Table::kPoint,  Table::kPointState, Table::kFork,
    Table::kInput};

// Facts in kMeta.
inline constexpr std::string_view kFormatFact = "format";
inline constexpr std::string_view kNextProcessFact = "next_process";

// A key of at most 47 bytes, held in place.
class Key {
 public:
  explicit Key(Table table) : bytes_{static_cast<char>(table)} {}
  Key& Add32(uint32_t value);
  Key& Add64(uint64_t value);
  Key& AddHash(const Sha256Digest& hash);
  std::string_view view() const { return {bytes_.data(), size_}; }

 private:
  std::array<char, 47> bytes_;
  size_t size_ = 1;
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

struct JournalKey {
  uint64_t process = 0;
  uint64_t first_event = 0;
  auto operator<=>(const JournalKey&) const = default;
};

struct InputKey {
  uint64_t process = 0;
  uint64_t offset = 0;
  auto operator<=>(const InputKey&) const = default;
};

struct TimerKey {
  int64_t wake_time_ns = 0;
  uint64_t process = 0;
  auto operator<=>(const TimerKey&) const = default;
};

// Of kRedo, kPoint and kPointState.
struct SequenceKey {
  uint64_t process = 0;
  uint64_t sequence = 0;
  auto operator<=>(const SequenceKey&) const = default;
};

// The page was so until the commit with this sequence wrote it whole.
struct HistoryKey {
  uint64_t process = 0;
  uint32_t memory = 0;
  uint64_t page = 0;
  uint64_t sequence = 0;
  auto operator<=>(const HistoryKey&) const = default;
};

struct ForkKey {
  uint64_t parent = 0;
  uint64_t sequence = 0;
  uint64_t child = 0;
  auto operator<=>(const ForkKey&) const = default;
};

// Bounds of all keys of a table.
Key TableBegin(Table table);
Key TableEnd(Table table);

std::string MakeMetaKey(std::string_view fact);
std::string MakeNameKey(std::string_view name);
// kProcess and kState. In other tables that begin with a process this is the
// lower bound of its keys; the upper bound is that of the next number.
Key MakeProcessKey(Table table, uint64_t process);
Key MakePageKey(const PageKey& key);
Key MakeLogKey(const LogKey& key);
// Where sequence and n begin in a key of kLog.
inline constexpr size_t kLogPlaceAt = 9;
Key MakeLogIndexKey(const LogIndexKey& key);
Key MakeTimerKey(const TimerKey& key);
Key MakeJournalKey(const JournalKey& key);
Key MakeSequenceKey(Table table, uint64_t process, uint64_t sequence);
Key MakeHistoryKey(const HistoryKey& key);
Key MakeForkKey(const ForkKey& key);
Key MakeInputKey(const InputKey& key);
Key MakeModuleKey(const Sha256Digest& hash);
Key MakeModuleChunkKey(const Sha256Digest& hash, uint32_t chunk);
Key MakeModuleUseKey(const Sha256Digest& hash, uint64_t process);

// The reverse; nullopt when it is not such a key.
std::optional<uint64_t> ParseProcessKey(Table table, std::string_view key);
std::optional<PageKey> ParsePageKey(std::string_view key);
std::optional<LogKey> ParseLogKey(std::string_view key);
std::optional<LogIndexKey> ParseLogIndexKey(std::string_view key);
std::optional<TimerKey> ParseTimerKey(std::string_view key);
std::optional<JournalKey> ParseJournalKey(std::string_view key);
std::optional<SequenceKey> ParseSequenceKey(Table table, std::string_view key);
std::optional<HistoryKey> ParseHistoryKey(std::string_view key);
std::optional<ForkKey> ParseForkKey(std::string_view key);
std::optional<InputKey> ParseInputKey(std::string_view key);
struct ModuleUseKey {
  Sha256Digest hash;
  uint64_t process = 0;
};
std::optional<ModuleUseKey> ParseModuleUseKey(std::string_view key);

// The least key greater than every key that starts with `prefix`, which is not
// all FF.
std::string PrefixEnd(std::string_view prefix);

// For error messages: "page 3 of memory 0 of process 7".
std::string DescribeKey(std::string_view key);

}  // namespace wasmd

#endif  // WASMD_STORE_KEY_H_
