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

std::map<uint32_t, uint64_t> LogBytes(
    const std::vector<std::pair<uint32_t, std::string>>& log) {
  std::map<uint32_t, uint64_t> bytes = {{1, 0}, {2, 0}};
  for (const auto& [stream, text] : log) bytes[stream] += text.size();
  return bytes;
}

absl::StatusOr<ModelPages> ReadAllPages(const PageReader& reader) {
  ModelPages pages;
  RETURN_IF_ERROR(
      reader.ReadAll([&](uint32_t memory, uint64_t page, ByteSpan bytes) {
        pages[{memory, page}] = AsText(bytes);
        return absl::OkStatus();
      }));
  return pages;
}

// Reads pages one by one and in ranges, which must be the same.
absl::Status CheckReader(const PageReader& reader, const ModelPages& pages,
                         const std::string& name) {
  ASSIGN_OR_RETURN(const ModelPages all, ReadAllPages(reader));
  if (all != pages) return Contradiction("the reader", name);
  ModelPages found;
  for (uint32_t memory = 0; memory < 4; ++memory) {
    const auto sink = [&](uint64_t page, ByteSpan bytes) {
      found[{memory, page}] = AsText(bytes);
      return absl::OkStatus();
    };
    for (uint64_t page = 0; page < 6; ++page) {
      RETURN_IF_ERROR(reader.Read(memory, page, 1, sink));
    }
    RETURN_IF_ERROR(reader.Read(memory, 6, 10, sink));
    RETURN_IF_ERROR(reader.Read(memory, 16, ~uint64_t{0}, sink));
  }
  return found == pages ? absl::OkStatus() : Contradiction("ranges", name);
}

absl::Status ReadPoints(ProcessDb* db, ModelProcess* process) {
  ASSIGN_OR_RETURN(const std::vector<KeptPoint> points,
                   db->ListPoints(process->number));
  for (const KeptPoint& kept : points) {
    ModelPoint& point = process->points[kept.sequence];
    point.record = kept.record.SerializeAsString();
    ASSIGN_OR_RETURN(const ProcessRecord record,
                     db->GetRecordAt(process->number, kept.sequence));
    if (record.SerializeAsString() != point.record) {
      return Contradiction("the points", record.name());
    }
    ASSIGN_OR_RETURN(point.state,
                     db->GetStateAt(process->number, kept.sequence));
    ASSIGN_OR_RETURN(const auto reader,
                     db->OpenPages(process->number, kept.sequence));
    ASSIGN_OR_RETURN(point.pages, ReadAllPages(*reader));
    RETURN_IF_ERROR(CheckReader(*reader, point.pages, record.name()));
    for (const uint32_t stream : {1, 2}) {
      ASSIGN_OR_RETURN(point.log_bytes[stream],
                       db->LogBytesAt(process->number, kept.sequence, stream));
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
  ASSIGN_OR_RETURN(const auto reader, db->OpenPages(process->number));
  RETURN_IF_ERROR(CheckReader(*reader, process->pages, name));
  RETURN_IF_ERROR(ReadPoints(db, process));
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

std::string PageDifference(const ModelPages& expected,
                           const ModelPages& found) {
  for (const auto& [page, bytes] : expected) {
    const auto other = found.find(page);
    if (other != found.end() && other->second == bytes) continue;
    return StrCat("page ", page.second, " of memory ", page.first,
                  other == found.end() ? " is missing" : " is another");
  }
  return StrCat(found.size() - expected.size(), " pages too many");
}

std::string ProcessDifference(const ModelProcess& expected,
                              const ModelProcess& found) {
  if (expected.number != 0 && expected.number != found.number) return "number";
  if (expected.record.SerializeAsString() != found.record.SerializeAsString()) {
    return StrCat("record, sequence ", found.record.sequence(), " for ",
                  expected.record.sequence());
  }
  if (expected.state != found.state) return "state";
  if (expected.pages != found.pages) {
    return PageDifference(expected.pages, found.pages);
  }
  if (expected.log != found.log) return "log";
  if (expected.journal != found.journal) return "journal";
  if (expected.points != found.points) {
    return StrCat("points, ", found.points.size(), " for ",
                  expected.points.size());
  }
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
  if (commit.keep_point) {
    next.points[commit.record.sequence()] = {
        .record = commit.record.SerializeAsString(),
        .state = *next.state,
        .pages = next.pages,
        .log_bytes = LogBytes(next.log)};
  }
  return next;
}

ModelProcess Rewound(const ModelProcess& process, uint64_t point,
                     const ProcessRecord& record) {
  ModelProcess next = process;
  const ModelPoint& then = process.points.at(point);
  next.record = record;
  next.state = then.state;
  next.pages = then.pages;
  while (LogBytes(next.log) != then.log_bytes) next.log.pop_back();
  next.points.erase(next.points.upper_bound(point), next.points.end());
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
