// StoreChecker: compares everything in a store with what it must agree with.
//
// It is given all keys in order, each with what its value holds, and so reads a
// store once. What it knows of earlier keys is bounded by the number of
// processes and modules and by the length of the logs / 64 KiB.

#ifndef WASMD_STORE_STORE_CHECKER_H_
#define WASMD_STORE_STORE_CHECKER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "base/bytes.h"
#include "base/sha256.h"
#include "store/head_table.h"
#include "store/key.h"
#include "store/store_report.h"

namespace wasmd {

// Confined to one thread.
class StoreChecker {
 public:
  // `found` outlives this.
  explicit StoreChecker(const std::function<void(const StoreFinding&)>& found)
      : found_(found) {}

  // In order of keys. `payload` is the error where the value is damaged.
  void Entry(std::string_view key, const absl::StatusOr<ByteSpan>& payload);

  // After all keys. Without it, when the keys could not all be read, what is
  // missing is not reported.
  void Finish();

  void Found(uint64_t process, std::string what);
  const StoreCensus& census() const { return census_; }

 private:
  struct Module {
    std::optional<uint64_t> size;
    std::vector<uint8_t> bytes;
    bool is_damaged = false;
  };
  struct Process {
    // Nothing more is said of what should agree with a damaged record.
    bool is_damaged = false;
    ProcessHead head;
    bool has_name = false;
    bool has_timer = false;
    // Of the log so far, reckoned as its writer does.
    ProcessHead log;
    std::optional<LogKey> last_log;
    bool log_is_damaged = false;
    // The record that its window begins with was seen.
    bool has_redo = false;
    bool has_fork = false;  // the key that ties it to its parent
    // Where its input ends, as far as it was seen; nullopt: nothing may follow.
    std::optional<uint64_t> input_end = 0;
    bool has_input = false;
  };
  // Whether it is kept, and whether its state was seen.
  struct PointSeen {
    bool is_kept = false;
    bool has_state = false;
    bool has_fork = false;
  };
  using IndexEntry = std::tuple<uint64_t, uint32_t, uint64_t>;

  void Meta(std::string_view key, ByteSpan payload);
  void ModulePart(std::string_view key,
                  const absl::StatusOr<ByteSpan>& payload);
  // No more of the module that came last.
  void EndModule();
  void ModuleUse(std::string_view key);
  void Record(std::string_view key, const absl::StatusOr<ByteSpan>& payload);
  void Name(std::string_view key, ByteSpan payload);
  void Page(std::string_view key, ByteSpan payload);
  void State(std::string_view key);
  void Log(std::string_view key, const absl::StatusOr<ByteSpan>& payload);
  void LogRecord(const LogKey& at, std::string_view key, ByteSpan payload,
                 Process* process);
  void LogIndex(std::string_view key, ByteSpan payload);
  void Timer(std::string_view key);
  void Journal(std::string_view key);
  void Redo(std::string_view key, ByteSpan payload);
  void History(std::string_view key, ByteSpan payload);
  void Point(std::string_view key, ByteSpan payload);
  void PointState(std::string_view key);
  void Fork(std::string_view key);
  void Input(std::string_view key, ByteSpan payload);
  void FinishProcess(uint64_t number, const Process& process);

  // Null, and a finding, when there is none.
  Process* OwnerOf(uint64_t process, std::string_view key);
  void Malformed(std::string_view key);

  const std::function<void(const StoreFinding&)>& found_;
  StoreCensus census_;
  std::map<Sha256Digest, Module> modules_;
  std::optional<Sha256Digest> open_module_;
  std::set<std::pair<Sha256Digest, uint64_t>> uses_;
  std::map<uint64_t, Process> processes_;
  std::map<SequenceKey, PointSeen> points_;
  // Entries that the index of the log must have, with what they must say.
  std::map<IndexEntry, std::string> index_;
  std::optional<uint64_t> unowned_;  // the last that was reported
};

}  // namespace wasmd

#endif  // WASMD_STORE_STORE_CHECKER_H_
