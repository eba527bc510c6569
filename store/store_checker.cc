#include "store/store_checker.h"

#include <algorithm>
#include <cstring>

#include "base/leb128.h"
#include "base/str_cat.h"
#include "store/commit.h"
#include "store/commit_batch.h"
#include "store/input_table.h"
#include "store/page_history.h"
#include "store/process_record.pb.h"
#include "store/redo_record.h"

namespace wasmd {
namespace {

std::string MessageOf(const absl::Status& status) {
  return std::string(ToStd(status.message()));
}

// The process that a key belongs to; 0: none, or it is malformed.
uint64_t ProcessOf(std::string_view key) {
  switch (static_cast<Table>(key.front())) {
    case Table::kProcess:
    case Table::kState:
      return ParseProcessKey(static_cast<Table>(key.front()), key).value_or(0);
    case Table::kPage:
      return ParsePageKey(key).value_or(PageKey()).process;
    case Table::kLog:
      return ParseLogKey(key).value_or(LogKey()).process;
    case Table::kLogIndex:
      return ParseLogIndexKey(key).value_or(LogIndexKey()).process;
    case Table::kTimer:
      return ParseTimerKey(key).value_or(TimerKey()).process;
    case Table::kRedo:
    case Table::kPoint:
    case Table::kPointState:
      return ParseSequenceKey(static_cast<Table>(key.front()), key)
          .value_or(SequenceKey())
          .process;
    case Table::kJournal:
      return ParseJournalKey(key).value_or(JournalKey()).process;
    case Table::kHistory:
      return ParseHistoryKey(key).value_or(HistoryKey()).process;
    case Table::kFork:
      return ParseForkKey(key).value_or(ForkKey()).child;
    case Table::kInput:
      return ParseInputKey(key).value_or(InputKey()).process;
    default:
      return 0;
  }
}

}  // namespace

void StoreChecker::Found(uint64_t process, std::string what) {
  ++census_.findings;
  found_({.process = process, .what = std::move(what)});
}

void StoreChecker::Malformed(std::string_view key) {
  Found(ProcessOf(key), StrCat(DescribeKey(key), " is malformed"));
}

void StoreChecker::Entry(std::string_view key,
                         const absl::StatusOr<ByteSpan>& payload) {
  const Table table =
      key.empty() ? Table::kMeta : static_cast<Table>(key.front());
  if (table != Table::kModule) EndModule();
  if (!payload.ok()) {
    Found(key.empty() ? 0 : ProcessOf(key), MessageOf(payload.status()));
  }
  // These three have to know of damaged values too.
  if (table == Table::kModule) return ModulePart(key, payload);
  if (table == Table::kProcess) return Record(key, payload);
  if (table == Table::kLog) return Log(key, payload);
  if (!payload.ok()) return;
  switch (table) {
    case Table::kMeta:
      return Meta(key, *payload);
    case Table::kModuleUse:
      return ModuleUse(key);
    case Table::kName:
      return Name(key, *payload);
    case Table::kPage:
      return Page(key, *payload);
    case Table::kState:
      return State(key);
    case Table::kLogIndex:
      return LogIndex(key, *payload);
    case Table::kTimer:
      return Timer(key);
    case Table::kRedo:
      return Redo(key, *payload);
    case Table::kJournal:
      return Journal(key);
    case Table::kHistory:
      return History(key, *payload);
    case Table::kPoint:
      return Point(key, *payload);
    case Table::kPointState:
      return PointState(key);
    case Table::kFork:
      return Fork(key);
    case Table::kInput:
      return Input(key, *payload);
    default:
      Found(0, StrCat(DescribeKey(key), " is of no known table"));
  }
}

void StoreChecker::Meta(std::string_view key, ByteSpan payload) {
  if (key == MakeMetaKey(kNextProcessFact)) {
    if (!ParseProcessNumber(payload).has_value()) Malformed(key);
  } else if (key != MakeMetaKey(kFormatFact)) {
    Malformed(key);
  }
}

void StoreChecker::ModulePart(std::string_view key,
                              const absl::StatusOr<ByteSpan>& payload) {
  Sha256Digest hash;
  if (key.size() < 1 + hash.size()) return Malformed(key);
  std::memcpy(hash.data(), key.data() + 1, hash.size());
  if (open_module_ != hash) EndModule();
  open_module_ = hash;
  Module& module = modules_[hash];
  if (!payload.ok()) {
    module.is_damaged = true;
  } else if (key == MakeModuleKey(hash).view()) {
    const auto size = ReadUnsignedLeb128<uint64_t>(*payload);
    if (size.error != Leb128Error::kNone) return Malformed(key);
    module.size = size.value;
  } else {
    module.bytes.insert(module.bytes.end(), payload->begin(), payload->end());
  }
}

void StoreChecker::EndModule() {
  if (!open_module_.has_value()) return;
  const Sha256Digest hash = *std::exchange(open_module_, std::nullopt);
  Module& module = modules_[hash];
  ++census_.modules;
  const bool is_whole =
      module.size == module.bytes.size() && Sha256(module.bytes) == hash;
  if (!is_whole && !module.is_damaged) {
    Found(0, StrCat("module ", ToHex(hash), " is not whole: its ",
                    module.bytes.size(), " bytes do not have this hash"));
  }
  module.bytes = {};
}

void StoreChecker::ModuleUse(std::string_view key) {
  const auto use = ParseModuleUseKey(key);
  if (!use.has_value()) return Malformed(key);
  uses_.emplace(use->hash, use->process);
}

void StoreChecker::Record(std::string_view key,
                          const absl::StatusOr<ByteSpan>& payload) {
  const auto number = ParseProcessKey(Table::kProcess, key);
  if (!number.has_value()) return Malformed(key);
  ++census_.processes;
  Process& process = processes_[*number];
  StoredProcess stored;
  process.is_damaged =
      !payload.ok() ||
      !stored.ParseFromArray(payload->data(),
                             static_cast<int>(payload->size())) ||
      !CheckRecord(stored.record()).ok();
  if (process.is_damaged) {
    if (payload.ok()) Malformed(key);
    return;
  }
  process.head = HeadOf(stored);
  for (const Sha256Digest& hash : process.head.modules) {
    if (!modules_.contains(hash)) {
      Found(*number, StrCat("process ", *number, " needs module ", ToHex(hash),
                            ", which is not there"));
    }
    if (uses_.erase({hash, *number}) == 0) {
      Found(*number, StrCat("the use of module ", ToHex(hash), " by process ",
                            *number, " is missing"));
    }
  }
}

StoreChecker::Process* StoreChecker::OwnerOf(uint64_t process,
                                             std::string_view key) {
  const auto found = processes_.find(process);
  if (found != processes_.end()) return &found->second;
  if (unowned_ != process) {
    Found(0, StrCat(DescribeKey(key), " is there, but not the process"));
  }
  unowned_ = process;  // once for all of its pages
  return nullptr;
}

void StoreChecker::Name(std::string_view key, ByteSpan payload) {
  const std::optional<uint64_t> number = ParseProcessNumber(payload);
  if (!number.has_value()) return Malformed(key);
  Process* const process = OwnerOf(*number, key);
  if (process == nullptr || process->is_damaged) return;
  if (key.substr(1) == process->head.name) {
    process->has_name = true;
  } else {
    Found(*number, StrCat(DescribeKey(key), " is given to process ", *number,
                          ", which has another"));
  }
}

void StoreChecker::Page(std::string_view key, ByteSpan payload) {
  const auto page = ParsePageKey(key);
  if (!page.has_value()) return Malformed(key);
  ++census_.pages;
  (void)OwnerOf(page->process, key);
  if (payload.size() > kPageBytes) Malformed(key);
}

void StoreChecker::State(std::string_view key) {
  const auto number = ParseProcessKey(Table::kState, key);
  if (!number.has_value()) return Malformed(key);
  (void)OwnerOf(*number, key);
}

void StoreChecker::Log(std::string_view key,
                       const absl::StatusOr<ByteSpan>& payload) {
  const auto at = ParseLogKey(key);
  if (!at.has_value()) return Malformed(key);
  ++census_.log_records;
  Process* const process = OwnerOf(at->process, key);
  if (process == nullptr || process->log_is_damaged) return;
  if (payload.ok()) {
    LogRecord(*at, key, *payload, process);
  } else {
    process->log_is_damaged = true;
  }
}

void StoreChecker::LogRecord(const LogKey& at, std::string_view key,
                             ByteSpan payload, Process* process) {
  const absl::StatusOr<StoredLog> record = ParseStoredLog(key, payload);
  const bool follows = process->last_log.has_value() &&
                               process->last_log->sequence == at.sequence
                           ? at.n == process->last_log->n + 1
                           : at.n == 0;
  process->last_log = at;
  ProcessHead& log = process->log;
  bool is_new = false;
  const auto find = [&] {
    return std::find_if(
        log.log_streams.begin(), log.log_streams.end(),
        [&](const auto& known) { return known.stream == record->stream; });
  };
  if (record.ok() && find() == log.log_streams.end()) {
    is_new = true;
    log.log_streams.push_back({.stream = record->stream});
  }
  if (!record.ok() || !follows || record->offset != find()->bytes) {
    Found(at.process, record.ok() ? StrCat(DescribeKey(key),
                                           " does not follow the one "
                                           "before it")
                                  : MessageOf(record.status()));
    process->log_is_damaged = true;
    return;
  }
  ProcessHead::LogStream& stream = *find();
  if (is_new || log.log_bytes - stream.indexed_at >= kLogIndexInterval) {
    index_[{at.process, stream.stream, stream.bytes}] = key.substr(kLogPlaceAt);
    stream.indexed_at = log.log_bytes;
  }
  stream.bytes += record->bytes.size();
  log.log_bytes += record->bytes.size();
}

void StoreChecker::LogIndex(std::string_view key, ByteSpan payload) {
  const auto at = ParseLogIndexKey(key);
  if (!at.has_value()) return Malformed(key);
  Process* const process = OwnerOf(at->process, key);
  if (process == nullptr || process->log_is_damaged) return;
  const auto expected = index_.find({at->process, at->stream, at->offset});
  if (expected == index_.end() || expected->second != AsText(payload)) {
    Found(at->process, StrCat(DescribeKey(key), " leads to the wrong record"));
  }
  if (expected != index_.end()) index_.erase(expected);
}

void StoreChecker::Timer(std::string_view key) {
  const auto at = ParseTimerKey(key);
  if (!at.has_value()) return Malformed(key);
  Process* const process = OwnerOf(at->process, key);
  if (process == nullptr || process->is_damaged) return;
  if (process->head.wake_time_ns == at->wake_time_ns) {
    process->has_timer = true;
  } else {
    Found(at->process,
          StrCat(DescribeKey(key), " is there, but it does not wait for that"));
  }
}

void StoreChecker::Journal(std::string_view key) {
  const auto at = ParseJournalKey(key);
  if (!at.has_value()) return Malformed(key);
  ++census_.journal_blocks;
  (void)OwnerOf(at->process, key);
}

void StoreChecker::Input(std::string_view key, ByteSpan payload) {
  const auto at = ParseInputKey(key);
  const absl::StatusOr<StoredInput> block = ParseStoredInput(key, payload);
  if (!at.has_value() || !block.ok()) return Malformed(key);
  Process* const process = OwnerOf(at->process, key);
  if (process == nullptr) return;
  // What was read is gone, from the beginning on.
  if (process->has_input && process->input_end != at->offset) {
    Found(at->process,
          StrCat(DescribeKey(key), " does not follow what is before it"));
  }
  process->has_input = true;
  process->input_end.reset();
  if (!block->closes) process->input_end = at->offset + block->bytes.size();
}

void StoreChecker::Redo(std::string_view key, ByteSpan payload) {
  const auto at = ParseSequenceKey(Table::kRedo, key);
  if (!at.has_value() || !ParseRedoRecord(key, payload).ok()) {
    return Malformed(key);
  }
  Process* const process = OwnerOf(at->process, key);
  if (process == nullptr || process->is_damaged) return;
  if (at->sequence == process->head.redo_from) process->has_redo = true;
  if (at->sequence > process->head.sequence) {
    Found(at->process, StrCat(DescribeKey(key), " is there, but its last is ",
                              process->head.sequence));
  }
}

void StoreChecker::History(std::string_view key, ByteSpan payload) {
  const auto at = ParseHistoryKey(key);
  if (!at.has_value() || !ParseHistory(key, payload).ok()) {
    return Malformed(key);
  }
  ++census_.old_pages;
  (void)OwnerOf(at->process, key);
}

void StoreChecker::Point(std::string_view key, ByteSpan payload) {
  const auto at = ParseSequenceKey(Table::kPoint, key);
  StoredPoint point;
  if (!at.has_value() ||
      !point.ParseFromArray(payload.data(), static_cast<int>(payload.size())) ||
      point.process().record().sequence() != at->sequence) {
    return Malformed(key);
  }
  ++census_.points;
  points_[*at].is_kept = point.is_kept();
  Process* const process = OwnerOf(at->process, key);
  if (process == nullptr || process->is_damaged) return;
  if (at->sequence > process->head.last_point) {
    Found(at->process, StrCat(DescribeKey(key), " is not known to it"));
  }
}

void StoreChecker::PointState(std::string_view key) {
  const auto at = ParseSequenceKey(Table::kPointState, key);
  if (!at.has_value()) return Malformed(key);
  if (OwnerOf(at->process, key) == nullptr) return;
  const auto point = points_.find(*at);
  if (point != points_.end()) {
    point->second.has_state = true;
  } else {
    Found(at->process, StrCat(DescribeKey(key), " is there without it"));
  }
}

void StoreChecker::Fork(std::string_view key) {
  const auto fork = ParseForkKey(key);
  if (!fork.has_value()) return Malformed(key);
  Process* const child = OwnerOf(fork->child, key);
  const auto point =
      points_.find({.process = fork->parent, .sequence = fork->sequence});
  if (point == points_.end()) {
    return Found(fork->child,
                 StrCat(DescribeKey(key), " shares pages that are not kept"));
  }
  point->second.has_fork = true;
  if (child == nullptr || child->is_damaged) return;
  if (child->head.parent == fork->parent &&
      child->head.parent_sequence == fork->sequence) {
    child->has_fork = true;
  } else {
    Found(fork->child, StrCat(DescribeKey(key), " is not known to it"));
  }
}

void StoreChecker::FinishProcess(uint64_t number, const Process& process) {
  if (process.is_damaged) return;
  const ProcessHead& head = process.head;
  if (!head.name.empty() && !process.has_name) {
    Found(number, StrCat("process ", number, " is not found by its name"));
  }
  if (head.wake_time_ns.has_value() && !process.has_timer) {
    Found(number, StrCat("process ", number, " waits without a timer"));
  }
  if (head.redo_from != 0 && !process.has_redo) {
    Found(number, StrCat("the change by commit ", head.redo_from,
                         " of process ", number, " is missing"));
  }
  if (head.parent != 0 && !process.has_fork) {
    Found(number, StrCat("process ", number, " shares pages of process ",
                         head.parent, ", which does not keep them"));
  }
  if (process.log_is_damaged) return;
  const auto same = [](const auto& a, const auto& b) {
    return a.stream == b.stream && a.bytes == b.bytes &&
           a.indexed_at == b.indexed_at;
  };
  if (process.log.log_bytes != head.log_bytes ||
      !std::equal(process.log.log_streams.begin(),
                  process.log.log_streams.end(), head.log_streams.begin(),
                  head.log_streams.end(), same)) {
    Found(number,
          StrCat("the log of process ", number, " has ", process.log.log_bytes,
                 " bytes, but it wrote ", head.log_bytes));
  }
}

void StoreChecker::Finish() {
  EndModule();
  for (const auto& [number, process] : processes_) {
    FinishProcess(number, process);
  }
  for (const auto& [at, point] : points_) {
    if (point.is_kept && !point.has_state) {
      Found(at.process, StrCat("kept point ", at.sequence, " of process ",
                               at.process, " has no state"));
    } else if (!point.is_kept && !point.has_fork) {
      Found(at.process, StrCat("point ", at.sequence, " of process ",
                               at.process, " is there for nobody"));
    }
  }
  for (const auto& [hash, number] : uses_) {
    const auto process = processes_.find(number);
    if (process != processes_.end() && process->second.is_damaged) continue;
    Found(number, StrCat("module ", ToHex(hash), " is kept for process ",
                         number, ", which does not use it"));
  }
  for (const auto& [entry, place] : index_) {
    const uint64_t number = std::get<0>(entry);
    if (processes_[number].log_is_damaged) continue;
    Found(number,
          StrCat("the index of the log of process ", number, " lacks offset ",
                 std::get<2>(entry), " of stream ", std::get<1>(entry)));
  }
}

}  // namespace wasmd
