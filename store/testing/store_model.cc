#include "store/testing/store_model.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "base/status_macros.h"
#include "base/str_cat.h"

namespace wasmd::testing {
namespace {

absl::Status Contradiction(const std::string& what, const std::string& name) {
  return absl::InternalError(
      StrCat("the store contradicts itself: ", what, " of ", name));
}

absl::Status ReadLogs(ProcessDb* db, ModelProcess* process) {
  RETURN_IF_ERROR(db->ForEachLogRecord(
      process->number, [&](uint32_t stream, ByteSpan bytes) {
        process->log.emplace_back(stream, AsText(bytes));
        return absl::OkStatus();
      }));
  std::map<uint32_t, std::string> streams;
  for (const auto& [stream, text] : process->log) streams[stream] += text;
  for (const auto& [stream, text] : streams) {
    const uint64_t offset = text.size() / 3;
    std::string found;
    RETURN_IF_ERROR(
        db->ForEachLog(process->number, stream, offset, [&](ByteSpan bytes) {
          found += AsText(bytes);
          return absl::OkStatus();
        }));
    if (found != text.substr(offset)) {
      return Contradiction(StrCat("stream ", stream), process->record.name());
    }
  }
  return absl::OkStatus();
}

absl::Status ReadProcess(ProcessDb* db, ModelProcess* process) {
  const std::string& name = process->record.name();
  ASSIGN_OR_RETURN(const ProcessNumber found, db->FindProcess(name));
  if (found != process->number) return Contradiction("the name", name);
  absl::StatusOr<std::string> state = db->GetState(process->number);
  if (state.ok()) {
    process->state = *std::move(state);
  } else if (!absl::IsNotFound(state.status())) {
    return state.status();
  }
  RETURN_IF_ERROR(db->ForEachPage(
      process->number, [&](uint32_t memory, uint64_t page, ByteSpan bytes) {
        process->pages[{memory, page}] = AsText(bytes);
        return absl::OkStatus();
      }));
  if (!process->record.module_hash().empty()) {
    Sha256Digest hash;
    std::memcpy(hash.data(), process->record.module_hash().data(), hash.size());
    RETURN_IF_ERROR(db->GetModule(hash).status());
  }
  RETURN_IF_ERROR(db->ForEachJournalBlock(
      process->number, 0, [&](uint64_t first_event, ByteSpan bytes) {
        process->journal[first_event] = AsText(bytes);
        return absl::OkStatus();
      }));
  return ReadLogs(db, process);
}

absl::Status CheckTimers(ProcessDb* db, const StoreModel& model) {
  std::vector<std::pair<int64_t, ProcessNumber>> expected;
  for (const auto& [name, process] : model) {
    if (process->record.status() == WAITING &&
        process->record.wake_time_ns() != 0) {
      expected.emplace_back(process->record.wake_time_ns(), process->number);
    }
  }
  std::sort(expected.begin(), expected.end());
  ASSIGN_OR_RETURN(const std::vector<ProcessNumber> due,
                   db->DueProcesses(std::numeric_limits<int64_t>::max(),
                                    model.size() + 100));
  if (due.size() != expected.size()) return Contradiction("timers", "all");
  for (size_t i = 0; i < due.size(); ++i) {
    if (due[i] != expected[i].second) return Contradiction("timers", "all");
  }
  return absl::OkStatus();
}

std::string ProcessDifference(const ModelProcess& expected,
                              const ModelProcess& found) {
  if (expected.number != 0 && expected.number != found.number) return "number";
  if (expected.record.SerializeAsString() != found.record.SerializeAsString()) {
    return StrCat("record, sequence ", found.record.sequence(), " for ",
                  expected.record.sequence());
  }
  if (expected.state != found.state) return "state";
  if (expected.pages != found.pages) return "pages";
  if (expected.log != found.log) return "log";
  if (expected.journal != found.journal) return "journal";
  return "";
}

}  // namespace

ModelProcess WithCommit(const ModelProcess& process, const Commit& commit) {
  ModelProcess next = process;
  next.record = commit.record;
  if (commit.state.has_value()) next.state = AsText(*commit.state);
  for (const PageWrite& page : commit.pages) {
    const std::string_view text = AsText(page.bytes);
    const bool is_zero =
        std::all_of(text.begin(), text.end(), [](char c) { return c == 0; });
    next.pages[{page.memory, page.page}] = is_zero ? "" : text;
  }
  for (const LogWrite& write : commit.log) {
    if (!write.bytes.empty()) next.log.emplace_back(write.stream, write.bytes);
  }
  for (const uint64_t first_event : commit.journal_trim) {
    next.journal.erase(first_event);
  }
  for (const JournalWrite& write : commit.journal) {
    next.journal[write.first_event] = AsText(write.bytes);
  }
  return next;
}

absl::StatusOr<StoreModel> ReadStore(ProcessDb* db) {
  StoreModel model;
  RETURN_IF_ERROR(db->ForEachProcess(
      [&](ProcessNumber number, const ProcessRecord& record) -> absl::Status {
        auto process = std::make_shared<ModelProcess>();
        process->number = number;
        process->record = record;
        RETURN_IF_ERROR(ReadProcess(db, process.get()));
        if (!model.emplace(record.name(), process).second) {
          return Contradiction("two processes", record.name());
        }
        return absl::OkStatus();
      }));
  RETURN_IF_ERROR(CheckTimers(db, model));
  return model;
}

std::string Difference(const StoreModel& expected, const StoreModel& found) {
  for (const auto& [name, process] : expected) {
    const auto other = found.find(name);
    if (other == found.end()) return StrCat(name, " is missing");
    const std::string difference = ProcessDifference(*process, *other->second);
    if (!difference.empty()) return StrCat(name, ": ", difference);
  }
  for (const auto& [name, process] : found) {
    if (!expected.contains(name)) return StrCat(name, " should not be there");
  }
  return "";
}

}  // namespace wasmd::testing
