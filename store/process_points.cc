#include "store/process_points.h"

#include <rocksdb/snapshot.h>

#include <set>
#include <utility>

#include "base/status_macros.h"
#include "base/str_cat.h"
#include "store/commit_batch.h"
#include "store/input_table.h"
#include "store/key.h"
#include "store/page_history.h"
#include "store/page_levels.h"
#include "store/redo_window.h"
#include "store/value.h"

namespace wasmd {
namespace {

void PutPoint(uint64_t process, const StoredPoint& point, BatchWriter* out) {
  out->Put(MakeSequenceKey(Table::kPoint, process,
                           point.process().record().sequence())
               .view(),
           AsBytes(point.SerializeAsString()), Compression::kLz4);
}

// Ends that a point is kept. What forks need of it stays: gives whether.
absl::StatusOr<bool> AddPointDrop(const Database& database, uint64_t process,
                                  uint64_t sequence, StoredPoint point,
                                  BatchWriter* out) {
  ASSIGN_OR_RETURN(const std::vector<uint64_t> forks,
                   ReadForks(database, process, sequence, 1));
  out->Delete(MakeSequenceKey(Table::kPointState, process, sequence).view());
  if (forks.empty()) {
    out->Delete(MakeSequenceKey(Table::kPoint, process, sequence).view());
    return false;
  }
  point.set_is_kept(false);
  point.set_state_bytes(0);
  PutPoint(process, point, out);
  return true;
}

// How many processes share pages, from this one on to the first parent.
absl::StatusOr<size_t> CountLevels(const Database& database, uint64_t process) {
  size_t levels = 0;
  while (process != 0 && levels <= kMaxPageLevels) {
    ASSIGN_OR_RETURN(const StoredProcess stored,
                     ReadStoredProcess(database, process));
    process = stored.parent();
    ++levels;
  }
  return levels;
}

absl::Status CopyJournal(const Database& database, uint64_t from_process,
                         uint64_t to_process, uint64_t from_event,
                         BatchWriter* out) {
  const Key lower =
      MakeJournalKey({.process = from_process, .first_event = from_event});
  const Key upper = MakeProcessKey(Table::kJournal, from_process + 1);
  Cursor cursor(database, lower.view(), upper.view());
  for (cursor.SeekToFirst(); cursor.Valid(); cursor.Next()) {
    const auto key = ParseJournalKey(cursor.key());
    ASSIGN_OR_RETURN(const ByteSpan bytes, cursor.Payload());
    if (!key.has_value()) return DamagedValue(cursor.key(), "it is malformed");
    out->Put(
        MakeJournalKey({.process = to_process, .first_event = key->first_event})
            .view(),
        bytes, Compression::kLz4);
  }
  return cursor.status(StrCat("the journal of process ", from_process));
}

// Pages whose contents at the point may not be what they are now.
absl::StatusOr<std::set<PageId>> PagesChangedSince(const Database& database,
                                                   uint64_t process,
                                                   uint64_t point,
                                                   const RedoWindow& then,
                                                   const RedoWindow& now) {
  std::set<PageId> pages;
  const auto add = [&pages](const PageId& page, uint64_t) {
    pages.insert(page);
  };
  then.ForEachPatched(add);
  now.ForEachPatched(add);
  const Key lower = MakeProcessKey(Table::kHistory, process);
  const Key upper = MakeProcessKey(Table::kHistory, process + 1);
  Cursor cursor(database, lower.view(), upper.view());
  for (cursor.SeekToFirst(); cursor.Valid(); cursor.Next()) {
    const auto key = ParseHistoryKey(cursor.key());
    if (!key.has_value()) return DamagedValue(cursor.key(), "it is malformed");
    if (key->sequence <= point) continue;
    pages.insert({.memory = key->memory, .page = key->page});
  }
  RETURN_IF_ERROR(cursor.status(StrCat("old pages of process ", process)));
  return pages;
}

absl::Status AddOldPages(const Database& database, const PointRewind& rewind,
                         const StoredPoint& point, uint64_t sequence,
                         const ProcessHead& head, BatchWriter* out) {
  PageLevel then = {.process = rewind.process, .point = rewind.point};
  ASSIGN_OR_RETURN(then.window,
                   RedoWindow::Load(database, nullptr, rewind.process,
                                    point.process().redo_from(), rewind.point));
  ASSIGN_OR_RETURN(const RedoWindow now,
                   RedoWindow::Load(database, nullptr, rewind.process,
                                    head.redo_from, sequence - 1));
  ASSIGN_OR_RETURN(const std::set<PageId> pages,
                   PagesChangedSince(database, rewind.process, rewind.point,
                                     then.window, now));
  PageHistory history(rewind.process);
  for (const PageId& page : pages) {
    ASSIGN_OR_RETURN(const std::optional<std::string> bytes,
                     ReadPageOfLevel(database, nullptr, then, page));
    RETURN_IF_ERROR(
        history.BeforeWrite(page, sequence, head.last_point, database, out));
    const Key key = MakePageKey(
        {.process = rewind.process, .memory = page.memory, .page = page.page});
    if (bytes.has_value()) {
      out->Put(key.view(), AsBytes(*bytes), Compression::kLz4);
    } else {
      out->Delete(key.view());
    }
    RETURN_IF_ERROR(out->status());
  }
  return absl::OkStatus();
}

// What came after the point, but for pages and points.
absl::Status AddEndOfLog(const PointRewind& rewind, const StoredPoint& point,
                         ProcessHead* head, BatchWriter* out) {
  const uint64_t process = rewind.process;
  const ProcessHead then = HeadOf(point.process());
  out->DeleteSparseRange(
      MakeLogKey({.process = process, .sequence = rewind.point + 1}).view(),
      MakeProcessKey(Table::kLog, process + 1).view());
  for (const ProcessHead::LogStream& stream : head->log_streams) {
    uint64_t offset = 0;
    for (const ProcessHead::LogStream& old : then.log_streams) {
      if (old.stream == stream.stream) offset = old.bytes;
    }
    out->DeleteSparseRange(
        MakeLogIndexKey(
            {.process = process, .stream = stream.stream, .offset = offset})
            .view(),
        PrefixEnd(
            Key(Table::kLogIndex).Add64(process).Add32(stream.stream).view()));
  }
  if (rewind.journal_end.has_value()) {
    out->DeleteSparseRange(
        MakeJournalKey({.process = process, .first_event = *rewind.journal_end})
            .view(),
        MakeProcessKey(Table::kJournal, process + 1).view());
  }
  out->DeleteSparseRange(
      MakeSequenceKey(Table::kRedo, process, head->last_point + 1).view(),
      MakeProcessKey(Table::kRedo, process + 1).view());
  head->log_streams = then.log_streams;
  head->log_bytes = then.log_bytes;
  head->redo_from = 0;
  return absl::OkStatus();
}

// Whether an old page that was so from commit `from` on, until `until`, is that
// of a point.
bool IsNeeded(const std::map<uint64_t, StoredPoint>& points, uint64_t from,
              uint64_t until) {
  const auto at = points.lower_bound(from);
  return at != points.end() && at->first < until;
}

bool IsRecordNeeded(const std::map<uint64_t, StoredPoint>& points,
                    const StoredProcess& process, uint64_t sequence) {
  if (process.redo_from() != 0 && sequence >= process.redo_from()) return true;
  // Windows of later points begin later, so the first point is the one to ask.
  const auto at = points.lower_bound(sequence);
  if (at == points.end()) return false;
  const uint64_t from = at->second.process().redo_from();
  return from != 0 && from <= sequence;
}

}  // namespace

absl::StatusOr<std::map<uint64_t, StoredPoint>> ReadPoints(
    const Database& database, const rocksdb::Snapshot* snapshot,
    uint64_t process) {
  std::map<uint64_t, StoredPoint> points;
  const Key lower = MakeProcessKey(Table::kPoint, process);
  const Key upper = MakeProcessKey(Table::kPoint, process + 1);
  Cursor cursor(database, lower.view(), upper.view(), snapshot);
  for (cursor.SeekToFirst(); cursor.Valid(); cursor.Next()) {
    const auto key = ParseSequenceKey(Table::kPoint, cursor.key());
    ASSIGN_OR_RETURN(const ByteSpan payload, cursor.Payload());
    StoredPoint point;
    if (!key.has_value() ||
        !point.ParseFromArray(payload.data(),
                              static_cast<int>(payload.size())) ||
        point.process().record().sequence() != key->sequence) {
      return DamagedValue(cursor.key(), "it is malformed");
    }
    points.emplace(key->sequence, std::move(point));
  }
  RETURN_IF_ERROR(cursor.status(StrCat("the points of process ", process)));
  return points;
}

absl::StatusOr<std::vector<uint64_t>> ReadForks(const Database& database,
                                                uint64_t process,
                                                std::optional<uint64_t> point,
                                                size_t limit) {
  const Key lower = point.has_value()
                        ? MakeSequenceKey(Table::kFork, process, *point)
                        : MakeProcessKey(Table::kFork, process);
  const std::string upper = PrefixEnd(lower.view());
  std::vector<uint64_t> children;
  Cursor cursor(database, lower.view(), upper);
  for (cursor.SeekToFirst(); cursor.Valid() && children.size() < limit;
       cursor.Next()) {
    const auto key = ParseForkKey(cursor.key());
    if (!key.has_value()) return DamagedValue(cursor.key(), "it is malformed");
    children.push_back(key->child);
  }
  RETURN_IF_ERROR(cursor.status(StrCat("the forks of process ", process)));
  return children;
}

absl::Status AddFork(const Database& database, const PointFork& fork,
                     const ProcessRecord& record, ProcessHead* parent_head,
                     BatchWriter* out) {
  ASSIGN_OR_RETURN(const StoredProcess parent,
                   ReadStoredProcess(database, fork.parent));
  absl::StatusOr<std::string> state =
      ReadState(database, nullptr, fork.parent, fork.point);
  if (absl::IsNotFound(state.status()) && !fork.point.has_value()) {
    return absl::FailedPreconditionError(
        StrCat("process ", fork.parent, " has no state yet: run it first"));
  }
  RETURN_IF_ERROR(state.status());
  ParentPoint shared = {.process = fork.parent,
                        .sequence = fork.point.value_or(parent_head->sequence)};
  const bool is_new_fork = shared.sequence == 0;
  if (is_new_fork) {
    // A fork that has not run: it has what it shares, and no point can be 0.
    shared = {.process = parent_head->parent,
              .sequence = parent_head->parent_sequence};
  }
  ASSIGN_OR_RETURN(const size_t levels, CountLevels(database, shared.process));
  if (levels >= kMaxPageLevels) {
    return absl::ResourceExhaustedError(StrCat(
        "process ", fork.parent, " is a fork of a fork, ", kMaxPageLevels - 1,
        " times: fork one of those before it, or "
        "export and import it"));
  }
  if (!is_new_fork && !fork.point.has_value()) {
    const uint64_t sequence = shared.sequence;
    const Key key = MakeSequenceKey(Table::kPoint, fork.parent, sequence);
    ASSIGN_OR_RETURN(const std::optional<std::string> known,
                     database.Read(key.view()));
    if (!known.has_value()) {
      parent_head->last_point = sequence;
      StoredPoint point;
      *point.mutable_process() = MakeStored(parent.record(), *parent_head);
      PutPoint(fork.parent, point, out);
      PutRecord(fork.parent, parent.record(), *parent_head, out);
    }
  }
  AddNewProcess(fork.child, record, out, shared);
  out->Put(MakeProcessKey(Table::kState, fork.child).view(), AsBytes(*state),
           Compression::kLz4);
  out->Put(MakeForkKey({.parent = shared.process,
                        .sequence = shared.sequence,
                        .child = fork.child})
               .view(),
           {});
  if (fork.journal_from.has_value()) {
    RETURN_IF_ERROR(CopyJournal(database, fork.parent, fork.child,
                                *fork.journal_from, out));
  }
  if (fork.input_from.has_value()) {
    RETURN_IF_ERROR(
        AddInputCopy(database, fork.parent, *fork.input_from, fork.child, out));
  }
  return out->status();
}

absl::Status AddForkRemoval(const Database& database, uint64_t process,
                            uint64_t parent, uint64_t parent_sequence,
                            BatchWriter* out) {
  constexpr size_t kNamed = 5;
  ASSIGN_OR_RETURN(std::vector<uint64_t> children,
                   ReadForks(database, process, std::nullopt, kNamed + 1));
  if (!children.empty()) {
    const bool are_more = children.size() > kNamed;
    if (are_more) children.pop_back();
    std::string names;
    for (const uint64_t child : children) {
      StrAppend(&names, names.empty() ? "" : ", ", child);
    }
    return absl::FailedPreconditionError(
        StrCat("process ", process, " shares its pages with its forks ", names,
               are_more ? " and others" : "", ": remove them first"));
  }
  if (parent == 0) return absl::OkStatus();
  out->Delete(
      MakeForkKey(
          {.parent = parent, .sequence = parent_sequence, .child = process})
          .view());
  ASSIGN_OR_RETURN(const std::vector<uint64_t> siblings,
                   ReadForks(database, parent, parent_sequence, 2));
  if (siblings.size() > 1) return out->status();
  const absl::StatusOr<StoredPoint> point =
      ReadStoredPoint(database, parent, parent_sequence, nullptr);
  if (point.ok() && !point->is_kept()) {
    out->Delete(MakeSequenceKey(Table::kPoint, parent, parent_sequence).view());
  }
  return out->status();
}

absl::Status AddRewind(const Database& database, const PointRewind& rewind,
                       const ProcessRecord& record, ProcessHead* head,
                       BatchWriter* out) {
  RETURN_IF_ERROR(CheckFollows(rewind.process, record, *head));
  ASSIGN_OR_RETURN(
      const StoredPoint point,
      ReadKeptPoint(database, rewind.process, rewind.point, nullptr));
  ASSIGN_OR_RETURN(const std::string state,
                   ReadState(database, nullptr, rewind.process, rewind.point));
  ASSIGN_OR_RETURN(const auto points,
                   ReadPoints(database, nullptr, rewind.process));
  head->last_point = rewind.point;
  for (auto at = points.upper_bound(rewind.point); at != points.end(); ++at) {
    ASSIGN_OR_RETURN(
        const bool stays,
        AddPointDrop(database, rewind.process, at->first, at->second, out));
    if (stays) head->last_point = at->first;
  }
  RETURN_IF_ERROR(
      AddOldPages(database, rewind, point, record.sequence(), *head, out));
  out->Put(MakeProcessKey(Table::kState, rewind.process).view(), AsBytes(state),
           Compression::kLz4);
  RETURN_IF_ERROR(AddEndOfLog(rewind, point, head, out));
  head->tracker = nullptr;
  FollowRecord(rewind.process, record, head, out);
  PutRecord(rewind.process, record, *head, out);
  return out->status();
}

absl::StatusOr<bool> AddPointRemoval(const Database& database, uint64_t process,
                                     uint64_t min_sequence,
                                     std::optional<uint64_t> max_points,
                                     ProcessHead* head, BatchWriter* out) {
  ASSIGN_OR_RETURN(const auto points, ReadPoints(database, nullptr, process));
  uint64_t left = 0;  // kept points from here on
  for (const auto& [sequence, point] : points) left += point.is_kept();
  uint64_t last_point = 0;
  bool is_changed = false;
  for (const auto& [sequence, point] : points) {
    if (!point.is_kept()) {
      last_point = sequence;
      continue;
    }
    const bool is_old = sequence < min_sequence ||
                        (max_points.has_value() && left > *max_points);
    --left;
    bool stays = true;
    if (is_old) {
      is_changed = true;
      ASSIGN_OR_RETURN(stays,
                       AddPointDrop(database, process, sequence, point, out));
    }
    if (stays) last_point = sequence;
  }
  if (!is_changed && last_point == head->last_point) return false;
  head->last_point = last_point;
  ASSIGN_OR_RETURN(const StoredProcess stored,
                   ReadStoredProcess(database, process));
  PutRecord(process, stored.record(), *head, out);
  RETURN_IF_ERROR(out->status());
  return true;
}

absl::StatusOr<std::vector<std::string>> FindHistoryGarbage(
    const Database& database, uint64_t process, size_t limit,
    std::string* from) {
  rocksdb::ManagedSnapshot snapshot(&database.rocks());
  ASSIGN_OR_RETURN(const StoredProcess stored,
                   ReadStoredProcess(database, process, snapshot.snapshot()));
  ASSIGN_OR_RETURN(const auto points,
                   ReadPoints(database, snapshot.snapshot(), process));
  std::vector<std::string> garbage;
  for (const Table table : {Table::kRedo, Table::kHistory}) {
    const Key lower = MakeProcessKey(table, process);
    const Key upper = MakeProcessKey(table, process + 1);
    if (*from >= upper.view()) continue;
    Cursor cursor(database, lower.view(), upper.view(), snapshot.snapshot());
    cursor.Seek(*from > lower.view() ? *from : lower.view());
    HistoryKey before;
    for (; cursor.Valid(); cursor.Next()) {
      bool is_needed = true;
      if (const auto redo = ParseSequenceKey(table, cursor.key())) {
        is_needed = IsRecordNeeded(points, stored, redo->sequence);
      } else if (const auto old = ParseHistoryKey(cursor.key())) {
        const bool is_same_page =
            before.memory == old->memory && before.page == old->page;
        if (!is_same_page && garbage.size() >= limit) {
          *from = cursor.key();
          return garbage;
        }
        is_needed =
            IsNeeded(points, is_same_page ? before.sequence : 0, old->sequence);
        before = *old;
      }
      if (!is_needed) garbage.emplace_back(cursor.key());
      if (table == Table::kRedo && garbage.size() >= limit) {
        *from = cursor.key();
        return garbage;
      }
    }
    RETURN_IF_ERROR(cursor.status(StrCat("what process ", process, " keeps")));
  }
  from->clear();
  return garbage;
}

}  // namespace wasmd
