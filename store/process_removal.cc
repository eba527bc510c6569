#include "store/process_removal.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "base/status_macros.h"
#include "store/commit_batch.h"
#include "store/head_table.h"
#include "store/key.h"
#include "store/module_table.h"
#include "store/process_record.pb.h"

namespace wasmd {
namespace {

// What refers to a process from under another key.
struct References {
  std::vector<std::string> names = {};
  std::vector<int64_t> wake_times_ns = {};
  std::vector<Sha256Digest> modules = {};
};

References ReferencesOf(const StoredProcess& stored) {
  ProcessHead head = HeadOf(stored);
  References found{.modules = std::move(head.modules)};
  if (!head.name.empty()) found.names.push_back(std::move(head.name));
  if (head.wake_time_ns.has_value()) {
    found.wake_times_ns.push_back(*head.wake_time_ns);
  }
  return found;
}

// The same without the record. Skips what is damaged itself.
References SearchReferences(const Database& database, uint64_t process) {
  References found;
  Cursor names(database, Table::kName);
  for (names.SeekToFirst(); names.Valid(); names.Next()) {
    const absl::StatusOr<ByteSpan> number = names.Payload();
    if (number.ok() && ParseProcessNumber(*number) == process) {
      found.names.emplace_back(names.key().substr(1));
    }
  }
  Cursor timers(database, Table::kTimer);
  for (timers.SeekToFirst(); timers.Valid(); timers.Next()) {
    const std::optional<TimerKey> timer = ParseTimerKey(timers.key());
    if (timer.has_value() && timer->process == process) {
      found.wake_times_ns.push_back(timer->wake_time_ns);
    }
  }
  Cursor uses(database, Table::kModuleUse);
  for (uses.SeekToFirst(); uses.Valid(); uses.Next()) {
    const std::optional<ModuleUseKey> use = ParseModuleUseKey(uses.key());
    if (use.has_value() && use->process == process) {
      found.modules.push_back(use->hash);
    }
  }
  return found;
}

}  // namespace

absl::Status AddRemoval(
    const Database& database, uint64_t process,
    const std::function<bool(const Sha256Digest&)>& is_pinned,
    BatchWriter* out) {
  const absl::StatusOr<StoredProcess> stored =
      ReadStoredProcess(database, process);
  if (!stored.ok() && !absl::IsDataLoss(stored.status())) {
    return stored.status();
  }
  const References references =
      stored.ok() ? ReferencesOf(*stored) : SearchReferences(database, process);

  for (const Table table : {Table::kProcess, Table::kState}) {
    out->Delete(MakeProcessKey(table, process).view());
  }
  for (const Table table : {Table::kPage, Table::kLog, Table::kLogIndex,
                            Table::kRedo, Table::kJournal, Table::kHistory,
                            Table::kPoint, Table::kPointState, Table::kInput}) {
    out->DeleteSparseRange(MakeProcessKey(table, process).view(),
                           MakeProcessKey(table, process + 1).view());
  }
  for (const std::string& name : references.names) {
    out->Delete(MakeNameKey(name));
  }
  for (const int64_t wake_time_ns : references.wake_times_ns) {
    out->Delete(MakeTimerKey({.wake_time_ns = wake_time_ns, .process = process})
                    .view());
  }
  for (const Sha256Digest& hash : references.modules) {
    out->Delete(MakeModuleUseKey(hash, process).view());
    ASSIGN_OR_RETURN(const std::vector<uint64_t> users,
                     ModuleUsers(database, hash, 2));
    const bool is_last = users.size() == 1 && users.front() == process;
    if (is_last && !is_pinned(hash)) AddModuleRemoval(hash, out);
  }
  return out->status();
}

}  // namespace wasmd
