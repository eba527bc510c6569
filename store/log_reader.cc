#include "store/log_reader.h"

#include <rocksdb/snapshot.h>

#include <algorithm>
#include <optional>
#include <string>

#include "base/status_macros.h"
#include "base/str_cat.h"
#include "store/commit_batch.h"
#include "store/key.h"
#include "store/value.h"

namespace wasmd {
namespace {

// Sequence and n of a log record, as the index gives them.
constexpr size_t kPlaceBytes = 12;

std::string Reading(uint64_t process) {
  return StrCat("the log of process ", process);
}

class StreamReader {
 public:
  StreamReader(const Database& database, uint64_t process, uint32_t stream,
               uint64_t offset,
               const std::function<absl::Status(ByteSpan)>& callback)
      : process_(process),
        stream_(stream),
        wanted_(offset),
        callback_(callback),
        snapshot_(&database.rocks()),
        lower_(MakeProcessKey(Table::kLog, process)),
        upper_(MakeProcessKey(Table::kLog, process + 1)),
        index_lower_(MakeLogIndexKey({.process = process, .stream = stream})),
        index_upper_(PrefixEnd(
            Key(Table::kLogIndex).Add64(process).Add32(stream).view())),
        index_(database, index_lower_.view(), index_upper_,
               snapshot_.snapshot()),
        log_(database, lower_.view(), upper_.view(), snapshot_.snapshot()) {}

  absl::Status Read() {
    index_.SeekForPrev(
        MakeLogIndexKey(
            {.process = process_, .stream = stream_, .offset = wanted_})
            .view());
    if (!index_.Valid()) index_.SeekToFirst();
    while (index_.Valid()) RETURN_IF_ERROR(ReadStretch());
    return index_.status(Reading(process_));
  }

 private:
  // The records from the one the index is at, up to the next one that the index
  // knows. Moves the index on.
  absl::Status ReadStretch() {
    ASSIGN_OR_RETURN(const std::string first, IndexedKey());
    const std::string index_key(index_.key());
    index_.Next();
    std::optional<std::string> next;
    if (index_.Valid()) {
      ASSIGN_OR_RETURN(next, IndexedKey());
    }
    uint64_t passed = 0;
    log_.Seek(first);
    if (!log_.Valid() || log_.key() != first) {
      RETURN_IF_ERROR(log_.status(Reading(process_)));
      return DamagedValue(index_key, "its record is missing");
    }
    for (; log_.Valid() && passed < kLogIndexInterval; log_.Next()) {
      if (next.has_value() && log_.key() >= *next) return absl::OkStatus();
      ASSIGN_OR_RETURN(const ByteSpan payload, log_.Payload());
      ASSIGN_OR_RETURN(const StoredLog record,
                       ParseStoredLog(log_.key(), payload));
      passed += record.bytes.size();
      if (record.stream == stream_) RETURN_IF_ERROR(Deliver(record));
    }
    return log_.status(Reading(process_));
  }

  absl::Status Deliver(const StoredLog& record) {
    const uint64_t end = record.offset + record.bytes.size();
    if (record.offset != reached_.value_or(record.offset)) {
      return DamagedValue(log_.key(), "what precedes it is lost");
    }
    reached_ = end;
    if (end <= wanted_) return absl::OkStatus();
    const uint64_t skip = wanted_ > record.offset ? wanted_ - record.offset : 0;
    return callback_(record.bytes.subspan(skip));
  }

  // The key of the log record that the index is at.
  absl::StatusOr<std::string> IndexedKey() {
    ASSIGN_OR_RETURN(const ByteSpan place, index_.Payload());
    if (place.size() != kPlaceBytes) {
      return DamagedValue(index_.key(), "it is malformed");
    }
    std::string key(MakeProcessKey(Table::kLog, process_).view());
    key.append(AsText(place));
    return key;
  }

  const uint64_t process_;
  const uint32_t stream_;
  const uint64_t wanted_;
  const std::function<absl::Status(ByteSpan)>& callback_;
  rocksdb::ManagedSnapshot snapshot_;
  const Key lower_;
  const Key upper_;
  const Key index_lower_;
  const std::string index_upper_;
  Cursor index_;
  Cursor log_;
  // Where the last record of the stream ended.
  std::optional<uint64_t> reached_;
};

}  // namespace

absl::Status ReadLogStream(
    const Database& database, uint64_t process, uint32_t stream,
    uint64_t offset, const std::function<absl::Status(ByteSpan)>& callback) {
  return StreamReader(database, process, stream, offset, callback).Read();
}

absl::Status ReadLogRecords(
    const Database& database, uint64_t process,
    const std::function<absl::Status(uint32_t stream, ByteSpan)>& callback) {
  const Key lower = MakeProcessKey(Table::kLog, process);
  const Key upper = MakeProcessKey(Table::kLog, process + 1);
  Cursor cursor(database, lower.view(), upper.view());
  for (cursor.SeekToFirst(); cursor.Valid(); cursor.Next()) {
    ASSIGN_OR_RETURN(const ByteSpan payload, cursor.Payload());
    ASSIGN_OR_RETURN(const StoredLog record,
                     ParseStoredLog(cursor.key(), payload));
    RETURN_IF_ERROR(callback(record.stream, record.bytes));
  }
  return cursor.status(Reading(process));
}

}  // namespace wasmd
