#include "store/commit_batch.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>

#include "base/leb128.h"
#include "base/status_macros.h"
#include "base/str_cat.h"
#include "store/input_table.h"
#include "store/key.h"
#include "store/value.h"

namespace wasmd {
namespace {

constexpr size_t kMaxNameBytes = 255;
constexpr size_t kMaxLogStreams = 64;

absl::Status CheckHash(std::string_view hash) {
  if (hash.empty() || hash.size() == sizeof(Sha256Digest)) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      StrCat("a module hash of ", hash.size(), " bytes is not a SHA-256"));
}

Sha256Digest ToDigest(std::string_view hash) {
  Sha256Digest digest;
  std::memcpy(digest.data(), hash.data(), digest.size());
  return digest;
}

std::optional<int64_t> WakeTimeOf(const ProcessRecord& record) {
  if (record.status() != WAITING || record.wake_time_ns() == 0) {
    return std::nullopt;
  }
  return record.wake_time_ns();
}

// What the store itself needs to know of a process.
StoredProcess EncodeHead(const ProcessHead& head) {
  StoredProcess stored;
  for (const ProcessHead::LogStream& stream : head.log_streams) {
    LogStream* const log = stored.add_log_streams();
    log->set_stream(stream.stream);
    log->set_bytes(stream.bytes);
    log->set_indexed_at(stream.indexed_at);
  }
  stored.set_log_bytes(head.log_bytes);
  stored.set_redo_from(head.redo_from);
  stored.set_last_point(head.last_point);
  stored.set_parent(head.parent);
  stored.set_parent_sequence(head.parent_sequence);
  return stored;
}

// StoredProcess as bytes, without copying the record into one.
std::string EncodeStored(const ProcessRecord& record, const ProcessHead& head) {
  constexpr char kRecordTag = 1 << 3 | 2;  // field 1, length-delimited
  const StoredProcess rest = EncodeHead(head);
  std::string bytes(1, kRecordTag);
  AppendUnsignedLeb128(&bytes, record.ByteSizeLong());
  record.AppendToString(&bytes);
  rest.AppendToString(&bytes);
  return bytes;
}

// Null when there are too many streams.
ProcessHead::LogStream* FindStream(uint32_t stream, ProcessHead* head,
                                   bool* is_new) {
  for (ProcessHead::LogStream& known : head->log_streams) {
    if (known.stream == stream) return &known;
  }
  *is_new = true;
  if (head->log_streams.size() == kMaxLogStreams) return nullptr;
  return &head->log_streams.emplace_back(
      ProcessHead::LogStream{.stream = stream});
}

absl::Status AddLog(const Commit& commit, ProcessHead* head, BatchWriter* out) {
  uint32_t n = 0;
  std::string payload;
  for (const LogWrite& write : commit.log) {
    if (write.bytes.empty()) continue;
    bool is_new = false;
    ProcessHead::LogStream* const stream =
        FindStream(write.stream, head, &is_new);
    if (stream == nullptr) {
      return absl::ResourceExhaustedError(
          StrCat("process ", commit.process, " writes to more than ",
                 kMaxLogStreams, " log streams"));
    }
    const LogKey key{.process = commit.process,
                     .sequence = commit.record.sequence(),
                     .n = n++};
    if (is_new || head->log_bytes - stream->indexed_at >= kLogIndexInterval) {
      out->Put(MakeLogIndexKey({.process = commit.process,
                                .stream = write.stream,
                                .offset = stream->bytes})
                   .view(),
               AsBytes(MakeLogKey(key).view().substr(kLogPlaceAt)));
      stream->indexed_at = head->log_bytes;
    }
    payload.clear();
    AppendUnsignedLeb128(&payload, write.stream);
    AppendUnsignedLeb128(&payload, stream->bytes);
    payload.append(write.bytes);
    out->Put(MakeLogKey(key).view(), AsBytes(payload), Compression::kLz4);
    stream->bytes += write.bytes.size();
    head->log_bytes += write.bytes.size();
  }
  return absl::OkStatus();
}

void AddJournal(const Commit& commit, BatchWriter* out) {
  const auto key = [&commit](uint64_t first_event) {
    return MakeJournalKey(
        {.process = commit.process, .first_event = first_event});
  };
  for (const uint64_t first_event : commit.journal_trim) {
    out->Delete(key(first_event).view());
  }
  for (const JournalWrite& write : commit.journal) {
    out->Put(key(write.first_event).view(), write.bytes, Compression::kLz4);
  }
}

void PutTimer(uint64_t process, int64_t wake_time_ns, BatchWriter* out) {
  out->Put(
      MakeTimerKey({.wake_time_ns = wake_time_ns, .process = process}).view(),
      {});
}

void MoveTimer(uint64_t process, std::optional<int64_t> from,
               std::optional<int64_t> to, BatchWriter* out) {
  if (from == to) return;
  if (from.has_value()) {
    out->Delete(
        MakeTimerKey({.wake_time_ns = *from, .process = process}).view());
  }
  if (to.has_value()) PutTimer(process, *to, out);
}

void ChangeModuleUses(uint64_t process, const std::vector<Sha256Digest>& from,
                      const std::vector<Sha256Digest>& to, BatchWriter* out) {
  std::vector<Sha256Digest> changed;
  std::set_difference(from.begin(), from.end(), to.begin(), to.end(),
                      std::back_inserter(changed));
  for (const Sha256Digest& hash : changed) {
    out->Delete(MakeModuleUseKey(hash, process).view());
  }
  changed.clear();
  std::set_difference(to.begin(), to.end(), from.begin(), from.end(),
                      std::back_inserter(changed));
  for (const Sha256Digest& hash : changed) {
    out->Put(MakeModuleUseKey(hash, process).view(), {});
  }
}

// Keeps what a commit made of a process, of which everything is added already.
void AddPoint(const Commit& commit, const ProcessHead& head, BatchWriter* out) {
  StoredPoint point;
  *point.mutable_process() = MakeStored(commit.record, head);
  point.set_is_kept(true);
  point.set_state_bytes(commit.state->size());
  const uint64_t sequence = commit.record.sequence();
  out->Put(MakeSequenceKey(Table::kPoint, commit.process, sequence).view(),
           AsBytes(point.SerializeAsString()), Compression::kLz4);
  out->Put(MakeSequenceKey(Table::kPointState, commit.process, sequence).view(),
           *commit.state, Compression::kLz4);
}

absl::Status AddPagesAndState(const Commit& commit,
                              const CommitContext& context, ProcessHead* head,
                              BatchWriter* out) {
  if (head->tracker == nullptr) {
    // Before the first change: the batch must not hold any yet.
    ASSIGN_OR_RETURN(
        head->tracker,
        RedoTracker::Load(context.database, commit.process, head->redo_from,
                          commit.record.sequence() - 1, head->last_point,
                          context.budget));
    head->tracker->BeginBatch(context.commits_of_process);
  } else if (context.is_first) {
    head->tracker->BeginBatch(context.commits_of_process);
  }
  return head->tracker->Add({.commit = commit, .last_point = head->last_point},
                            context.database, out, &head->redo_from);
}

}  // namespace

absl::Status CheckRecord(const ProcessRecord& record) {
  if (record.name().size() > kMaxNameBytes) {
    return absl::InvalidArgumentError(
        StrCat("a process name of ", record.name().size(),
               " bytes is too long: at most ", kMaxNameBytes));
  }
  RETURN_IF_ERROR(CheckHash(record.module_hash()));
  for (const std::string& hash : record.other_module_hashes()) {
    RETURN_IF_ERROR(CheckHash(hash));
  }
  return absl::OkStatus();
}

absl::Status CheckCommit(const Commit& commit) {
  RETURN_IF_ERROR(CheckRecord(commit.record));
  if (commit.keep_point && !commit.state.has_value()) {
    return absl::InvalidArgumentError(
        StrCat("a commit of process ", commit.process,
               " without its state can not be kept as a point"));
  }
  for (const PageWrite& page : commit.pages) {
    if (page.bytes.size() <= kPageBytes) continue;
    return absl::InvalidArgumentError(
        StrCat("page ", page.page, " of memory ", page.memory, " of process ",
               commit.process, " has ", page.bytes.size(), " bytes, more than ",
               kPageBytes));
  }
  return absl::OkStatus();
}

std::vector<Sha256Digest> ModulesOf(const ProcessRecord& record) {
  std::vector<Sha256Digest> modules;
  if (!record.module_hash().empty()) {
    modules.push_back(ToDigest(record.module_hash()));
  }
  for (const std::string& hash : record.other_module_hashes()) {
    if (!hash.empty()) modules.push_back(ToDigest(hash));
  }
  std::sort(modules.begin(), modules.end());
  modules.erase(std::unique(modules.begin(), modules.end()), modules.end());
  return modules;
}

absl::Status NoSuchProcess(uint64_t process) {
  return absl::NotFoundError(StrCat("there is no process ", process));
}

void PutRecord(uint64_t process, const ProcessRecord& record,
               const ProcessHead& head, BatchWriter* out) {
  out->Put(MakeProcessKey(Table::kProcess, process).view(),
           AsBytes(EncodeStored(record, head)), Compression::kLz4);
}

StoredProcess MakeStored(const ProcessRecord& record, const ProcessHead& head) {
  StoredProcess stored = EncodeHead(head);
  *stored.mutable_record() = record;
  return stored;
}

absl::StatusOr<StoredProcess> ReadStoredProcess(
    const Database& database, uint64_t process,
    const rocksdb::Snapshot* snapshot) {
  const Key key = MakeProcessKey(Table::kProcess, process);
  ASSIGN_OR_RETURN(const std::optional<std::string> bytes,
                   database.Read(key.view(), kMaxValueBytes, snapshot));
  if (!bytes.has_value()) return NoSuchProcess(process);
  StoredProcess stored;
  if (!stored.ParseFromString(*bytes) || !CheckRecord(stored.record()).ok()) {
    return DamagedValue(key.view(), "it is malformed");
  }
  return stored;
}

ProcessHead HeadOf(const StoredProcess& stored) {
  ProcessHead head{.sequence = stored.record().sequence(),
                   .name = stored.record().name(),
                   .modules = ModulesOf(stored.record()),
                   .wake_time_ns = WakeTimeOf(stored.record()),
                   .log_bytes = stored.log_bytes(),
                   .redo_from = stored.redo_from(),
                   .last_point = stored.last_point(),
                   .parent = stored.parent(),
                   .parent_sequence = stored.parent_sequence()};
  for (const LogStream& stream : stored.log_streams()) {
    head.log_streams.push_back({.stream = stream.stream(),
                                .bytes = stream.bytes(),
                                .indexed_at = stream.indexed_at()});
  }
  return head;
}

std::string EncodeProcessNumber(uint64_t process) {
  std::string bytes;
  AppendUnsignedLeb128(&bytes, process);
  return bytes;
}

std::optional<uint64_t> ParseProcessNumber(ByteSpan bytes) {
  const auto number = ReadUnsignedLeb128<uint64_t>(bytes);
  if (number.error != Leb128Error::kNone) return std::nullopt;
  return number.value;
}

ProcessHead AddNewProcess(uint64_t process, const ProcessRecord& record,
                          BatchWriter* out, const ParentPoint& parent) {
  ProcessHead head{.sequence = record.sequence(),
                   .name = record.name(),
                   .modules = ModulesOf(record),
                   .wake_time_ns = WakeTimeOf(record),
                   .parent = parent.process,
                   .parent_sequence = parent.sequence};
  PutRecord(process, record, head, out);
  if (!record.name().empty()) {
    out->Put(MakeNameKey(record.name()), AsBytes(EncodeProcessNumber(process)));
  }
  MoveTimer(process, std::nullopt, head.wake_time_ns, out);
  ChangeModuleUses(process, {}, head.modules, out);
  return head;
}

absl::Status CheckFollows(uint64_t process, const ProcessRecord& record,
                          const ProcessHead& head) {
  if (record.sequence() != head.sequence + 1) {
    return absl::FailedPreconditionError(StrCat(
        "commit ", record.sequence(), " of process ", process,
        " does not follow commit ", head.sequence, ": read its record again"));
  }
  if (record.name() != head.name) {
    return absl::InvalidArgumentError(
        StrCat("a commit can not rename process ", process));
  }
  return absl::OkStatus();
}

void FollowRecord(uint64_t process, const ProcessRecord& record,
                  ProcessHead* head, BatchWriter* out) {
  head->sequence = record.sequence();
  const std::optional<int64_t> wake = WakeTimeOf(record);
  MoveTimer(process, head->wake_time_ns, wake, out);
  head->wake_time_ns = wake;
  std::vector<Sha256Digest> modules = ModulesOf(record);
  ChangeModuleUses(process, head->modules, modules, out);
  head->modules = std::move(modules);
}

absl::Status AddCommit(const Commit& commit, const CommitContext& context,
                       ProcessHead* head, BatchWriter* out) {
  const ProcessRecord& record = commit.record;
  RETURN_IF_ERROR(CheckFollows(commit.process, record, *head));
  RETURN_IF_ERROR(AddLog(commit, head, out));
  FollowRecord(commit.process, record, head, out);
  if (ChangesMachine(commit)) {
    RETURN_IF_ERROR(AddPagesAndState(commit, context, head, out));
  }
  if (commit.keep_point) {
    head->last_point = record.sequence();
    AddPoint(commit, *head, out);
  }
  AddJournal(commit, out);
  if (commit.input_read.has_value()) {
    RETURN_IF_ERROR(AddInputTrim(context.database, commit.process,
                                 *commit.input_read, out));
  }
  return out->status();
}

absl::StatusOr<StoredLog> ParseStoredLog(std::string_view key,
                                         ByteSpan payload) {
  const auto stream = ReadUnsignedLeb128<uint32_t>(payload);
  if (stream.error == Leb128Error::kNone) {
    const auto offset =
        ReadUnsignedLeb128<uint64_t>(payload.subspan(stream.size_bytes));
    if (offset.error == Leb128Error::kNone) {
      return StoredLog{
          .stream = stream.value,
          .offset = offset.value,
          .bytes = payload.subspan(stream.size_bytes + offset.size_bytes)};
    }
  }
  return DamagedValue(key, "it is malformed");
}

}  // namespace wasmd
