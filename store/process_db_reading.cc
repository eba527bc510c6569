// What only reads a process.

#include <rocksdb/snapshot.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/status_macros.h"
#include "base/str_cat.h"
#include "store/commit_batch.h"
#include "store/database.h"
#include "store/database_holder.h"
#include "store/key.h"
#include "store/log_reader.h"
#include "store/page_levels.h"
#include "store/redo_record.h"
#include "store/rocks_process_db.h"

namespace wasmd {
namespace {

constexpr PageId kFirstPage = {.memory = 0, .page = 0};
constexpr PageId kLastPage = {.memory = std::numeric_limits<uint32_t>::max(),
                              .page = std::numeric_limits<uint64_t>::max()};

class LevelsReader : public PageReader {
 public:
  LevelsReader(DatabaseHolder* holder, std::vector<PageLevel> levels)
      : holder_(holder), levels_(std::move(levels)) {}

  absl::Status Read(uint32_t memory, uint64_t first_page, uint64_t count,
                    const Sink& sink) const override {
    if (count == 0) return absl::OkStatus();
    const uint64_t left = kLastPage.page - first_page;
    return ReadRange(
        {.memory = memory, .page = first_page},
        {.memory = memory, .page = first_page + std::min(count - 1, left)},
        [&sink](const PageId& page, ByteSpan bytes) {
          return sink(page.page, bytes);
        });
  }

  absl::Status ReadAll(const AllSink& sink) const override {
    return ReadRange(kFirstPage, kLastPage,
                     [&sink](const PageId& page, ByteSpan bytes) {
                       return sink(page.memory, page.page, bytes);
                     });
  }

 private:
  absl::Status ReadRange(
      const PageId& first, const PageId& last,
      const std::function<absl::Status(const PageId&, ByteSpan)>& sink) const {
    ASSIGN_OR_RETURN(const DatabaseHolder::Loan database, holder_->Borrow());
    rocksdb::ManagedSnapshot snapshot(&database->rocks());
    return ReadPages(*database, snapshot.snapshot(), levels_, first, last,
                     sink);
  }

  DatabaseHolder* const holder_;
  const std::vector<PageLevel> levels_;
};

}  // namespace

absl::StatusOr<ProcessNumber> RocksProcessDb::FindProcess(
    std::string_view name) {
  ASSIGN_OR_RETURN(const DatabaseHolder::Loan database, holder_.Borrow());
  ASSIGN_OR_RETURN(const std::optional<std::string> stored,
                   database->Read(MakeNameKey(name)));
  if (!stored.has_value()) {
    return absl::NotFoundError(
        StrCat("there is no process named \"", name, "\""));
  }
  const std::optional<uint64_t> process = ParseProcessNumber(AsBytes(*stored));
  if (!process.has_value()) {
    return DamagedValue(MakeNameKey(name), "it is malformed");
  }
  return *process;
}

absl::StatusOr<ProcessRecord> RocksProcessDb::GetRecord(ProcessNumber process) {
  ASSIGN_OR_RETURN(const DatabaseHolder::Loan database, holder_.Borrow());
  ASSIGN_OR_RETURN(StoredProcess stored, ReadStoredProcess(*database, process));
  return std::move(*stored.mutable_record());
}

absl::Status RocksProcessDb::ForEachProcess(
    const std::function<absl::Status(ProcessNumber, const ProcessRecord&)>&
        callback) {
  ASSIGN_OR_RETURN(const DatabaseHolder::Loan database, holder_.Borrow());
  Cursor cursor(*database, Table::kProcess);
  absl::Status damage;
  for (cursor.SeekToFirst(); cursor.Valid(); cursor.Next()) {
    const std::optional<uint64_t> process =
        ParseProcessKey(Table::kProcess, cursor.key());
    const absl::StatusOr<ByteSpan> payload = cursor.Payload();
    StoredProcess stored;
    if (!process.has_value() || !payload.ok() ||
        !stored.ParseFromArray(payload->data(),
                               static_cast<int>(payload->size()))) {
      if (damage.ok()) {
        damage = !payload.ok() ? payload.status()
                               : DamagedValue(cursor.key(), "it is malformed");
      }
      continue;
    }
    RETURN_IF_ERROR(callback(*process, stored.record()));
  }
  RETURN_IF_ERROR(cursor.status("the processes"));
  return damage;
}

absl::StatusOr<std::string> RocksProcessDb::GetState(ProcessNumber process) {
  ASSIGN_OR_RETURN(const DatabaseHolder::Loan database, holder_.Borrow());
  rocksdb::ManagedSnapshot snapshot(&database->rocks());
  return ReadState(*database, snapshot.snapshot(), process, std::nullopt);
}

absl::Status RocksProcessDb::ForEachPage(
    ProcessNumber process,
    const std::function<absl::Status(uint32_t memory, uint64_t page,
                                     ByteSpan bytes)>& callback) {
  ASSIGN_OR_RETURN(const DatabaseHolder::Loan database, holder_.Borrow());
  rocksdb::ManagedSnapshot snapshot(&database->rocks());
  ASSIGN_OR_RETURN(
      const std::vector<PageLevel> levels,
      LoadPageLevels(*database, snapshot.snapshot(), process, std::nullopt));
  return ReadPages(*database, snapshot.snapshot(), levels, kFirstPage,
                   kLastPage, [&](const PageId& page, ByteSpan bytes) {
                     return callback(page.memory, page.page, bytes);
                   });
}

absl::StatusOr<std::unique_ptr<PageReader>> RocksProcessDb::OpenPages(
    ProcessNumber process, std::optional<uint64_t> point) {
  ASSIGN_OR_RETURN(const DatabaseHolder::Loan database, holder_.Borrow());
  rocksdb::ManagedSnapshot snapshot(&database->rocks());
  ASSIGN_OR_RETURN(
      std::vector<PageLevel> levels,
      LoadPageLevels(*database, snapshot.snapshot(), process, point));
  return std::make_unique<LevelsReader>(&holder_, std::move(levels));
}

absl::Status RocksProcessDb::ForEachLog(
    ProcessNumber process, uint32_t stream, uint64_t offset,
    const std::function<absl::Status(ByteSpan bytes)>& callback) {
  ASSIGN_OR_RETURN(const DatabaseHolder::Loan database, holder_.Borrow());
  RETURN_IF_ERROR(ReadStoredProcess(*database, process).status());
  return ReadLogStream(*database, process, stream, offset, callback);
}

absl::Status RocksProcessDb::ForEachLogRecord(
    ProcessNumber process,
    const std::function<absl::Status(uint32_t stream, ByteSpan bytes)>&
        callback) {
  ASSIGN_OR_RETURN(const DatabaseHolder::Loan database, holder_.Borrow());
  RETURN_IF_ERROR(ReadStoredProcess(*database, process).status());
  return ReadLogRecords(*database, process, callback);
}

absl::Status RocksProcessDb::ForEachJournalBlock(
    ProcessNumber process, uint64_t from_event,
    const std::function<absl::Status(uint64_t first_event, ByteSpan bytes)>&
        callback) {
  ASSIGN_OR_RETURN(const DatabaseHolder::Loan database, holder_.Borrow());
  RETURN_IF_ERROR(ReadStoredProcess(*database, process).status());
  const Key lower = MakeProcessKey(Table::kJournal, process);
  const Key upper = MakeProcessKey(Table::kJournal, process + 1);
  Cursor cursor(*database, lower.view(), upper.view());
  cursor.SeekForPrev(
      MakeJournalKey({.process = process, .first_event = from_event}).view());
  if (!cursor.Valid()) cursor.SeekToFirst();
  for (; cursor.Valid(); cursor.Next()) {
    const std::optional<JournalKey> key = ParseJournalKey(cursor.key());
    ASSIGN_OR_RETURN(const ByteSpan bytes, cursor.Payload());
    if (!key.has_value()) return DamagedValue(cursor.key(), "it is malformed");
    RETURN_IF_ERROR(callback(key->first_event, bytes));
  }
  return cursor.status(StrCat("the journal of process ", process));
}

}  // namespace wasmd
