#include "store/page_levels.h"

#include <limits>
#include <memory>
#include <utility>

#include "base/status_macros.h"
#include "base/str_cat.h"
#include "store/commit.h"
#include "store/commit_batch.h"
#include "store/key.h"
#include "store/page_history.h"
#include "store/value.h"

namespace wasmd {
namespace {

constexpr uint64_t kLastSequence = std::numeric_limits<uint64_t>::max();

absl::Status NoSuchPoint(uint64_t process, uint64_t point) {
  return absl::NotFoundError(
      StrCat("process ", process, " has no kept point ", point));
}

Key PageKeyOf(uint64_t process, const PageId& page) {
  return MakePageKey(
      {.process = process, .memory = page.memory, .page = page.page});
}

Key HistoryKeyOf(uint64_t process, const PageId& page, uint64_t sequence) {
  return MakeHistoryKey({.process = process,
                         .memory = page.memory,
                         .page = page.page,
                         .sequence = sequence});
}

// What follows a key of the same size immediately.
std::string After(const Key& key) {
  std::string after(key.view());
  after.push_back(0);
  return after;
}

// Walks what one process had written, without its patches.
class LevelCursor {
 public:
  LevelCursor(const Database& database, const rocksdb::Snapshot* snapshot,
              const PageLevel& level, const PageId& first, const PageId& last)
      : level_(level),
        pages_(database, PageKeyOf(level.process, first).view(),
               After(PageKeyOf(level.process, last)), snapshot) {
    pages_.SeekToFirst();
    if (!level.point.has_value()) return;
    history_.emplace(database, HistoryKeyOf(level.process, first, 0).view(),
                     After(HistoryKeyOf(level.process, last, kLastSequence)),
                     snapshot);
    history_->SeekToFirst();
  }

  // Finds the page that is at hand. Not valid at the end.
  absl::Status Load() {
    RETURN_IF_ERROR(LoadHistory());
    std::optional<PageId> page;
    if (pages_.Valid()) {
      const auto key = ParsePageKey(pages_.key());
      if (!key.has_value()) {
        return DamagedValue(pages_.key(), "its key is malformed");
      }
      page = PageId{.memory = key->memory, .page = key->page};
    } else {
      RETURN_IF_ERROR(pages_.status(Reading()));
    }
    is_of_history_ = old_.has_value() && (!page.has_value() || *old_ <= *page);
    has_both_ = is_of_history_ && old_ == page;
    page_ = is_of_history_ ? old_ : page;
    return absl::OkStatus();
  }

  bool Valid() const { return page_.has_value(); }
  const PageId& page() const { return *page_; }
  // nullopt: the process had not written it. Valid until the cursor moves.
  absl::StatusOr<std::optional<ByteSpan>> Base() {
    if (is_of_history_) {
      ASSIGN_OR_RETURN(const ByteSpan payload,
                       history_->Payload(1 + kPageBytes));
      return ParseHistory(history_->key(), payload);
    }
    ASSIGN_OR_RETURN(const ByteSpan bytes, pages_.Payload(kPageBytes));
    if (bytes.size() > kPageBytes) {
      return DamagedValue(pages_.key(), "it is malformed");
    }
    return std::optional<ByteSpan>(bytes);
  }
  const PageLevel& level() const { return level_; }

  absl::Status Next() {
    if (is_of_history_) SkipHistory();
    if (!is_of_history_ || has_both_) pages_.Next();
    return Load();
  }

 private:
  // Finds the next page that was written after the point.
  absl::Status LoadHistory() {
    old_ = std::nullopt;
    if (!history_.has_value()) return absl::OkStatus();
    for (; history_->Valid(); history_->Next()) {
      const auto key = ParseHistoryKey(history_->key());
      if (!key.has_value()) {
        return DamagedValue(history_->key(), "its key is malformed");
      }
      if (key->sequence <= *level_.point) continue;
      old_ = PageId{.memory = key->memory, .page = key->page};
      return absl::OkStatus();
    }
    return history_->status(Reading());
  }
  // Passes over later contents of the page at hand.
  void SkipHistory() {
    history_->Seek(After(HistoryKeyOf(level_.process, *old_, kLastSequence)));
  }
  std::string Reading() const {
    return StrCat("the pages of process ", level_.process);
  }

  const PageLevel& level_;
  Cursor pages_;
  std::optional<Cursor> history_;
  std::optional<PageId> old_;
  std::optional<PageId> page_;
  bool is_of_history_ = false;
  bool has_both_ = false;
};

// Gives `base` with the patches of the level.
absl::Status Deliver(
    const PageLevel& level, const PageId& page, ByteSpan base,
    const std::function<absl::Status(const PageId&, ByteSpan)>& sink) {
  if (!level.window.HasPatches(page)) return sink(page, base);
  std::string bytes(AsText(base));
  RETURN_IF_ERROR(level.window.ApplyToPage(page, &bytes));
  return sink(page, AsBytes(bytes));
}

// Several levels: for each page the first that has it.
absl::Status MergePages(
    std::vector<std::unique_ptr<LevelCursor>> cursors,
    const std::function<absl::Status(const PageId&, ByteSpan)>& sink) {
  for (const auto& cursor : cursors) RETURN_IF_ERROR(cursor->Load());
  for (;;) {
    std::optional<PageId> least;
    for (const auto& cursor : cursors) {
      if (cursor->Valid() && (!least.has_value() || cursor->page() < *least)) {
        least = cursor->page();
      }
    }
    if (!least.has_value()) return absl::OkStatus();
    bool is_done = false;
    for (const auto& cursor : cursors) {
      if (!cursor->Valid() || cursor->page() != *least) continue;
      if (!is_done) {
        ASSIGN_OR_RETURN(const std::optional<ByteSpan> base, cursor->Base());
        if (base.has_value()) {
          is_done = true;
          RETURN_IF_ERROR(Deliver(cursor->level(), *least, *base, sink));
        }
      }
      RETURN_IF_ERROR(cursor->Next());
    }
  }
}

// How many pages are looked up one by one: what the first instruction of a
// resume waits for (64 KiB). Cold, a cursor reads a block of every file with
// keys on both sides of the range, only to find nothing of it there; look-ups
// ask the filters of the files. Warm, more of them would take longer.
constexpr uint64_t kMaxLookUps = 16;

// Fills those of `pages`, from `first` on, that are not there yet and that the
// process had written.
absl::Status LookUpPages(const Database& database,
                         const rocksdb::Snapshot* snapshot,
                         const PageLevel& level, const PageId& first,
                         std::vector<std::optional<std::string>>* pages) {
  std::vector<Key> keys;
  std::vector<size_t> places;
  for (size_t i = 0; i < pages->size(); ++i) {
    if ((*pages)[i].has_value()) continue;
    keys.push_back(PageKeyOf(level.process,
                             {.memory = first.memory, .page = first.page + i}));
    places.push_back(i);
  }
  ASSIGN_OR_RETURN(std::vector<std::optional<std::string>> found,
                   database.ReadMany(keys, kPageBytes, snapshot));
  for (size_t i = 0; i < found.size(); ++i) {
    if (!found[i].has_value()) continue;
    if (found[i]->size() > kPageBytes) {
      return DamagedValue(keys[i].view(), "it is malformed");
    }
    RETURN_IF_ERROR(level.window.ApplyToPage(
        {.memory = first.memory, .page = first.page + places[i]}, &*found[i]));
    (*pages)[places[i]] = std::move(found[i]);
  }
  return absl::OkStatus();
}

// The same, of a level that is as of a point.
absl::Status WalkPages(const Database& database,
                       const rocksdb::Snapshot* snapshot,
                       const PageLevel& level, const PageId& first,
                       std::vector<std::optional<std::string>>* pages) {
  LevelCursor cursor(
      database, snapshot, level, first,
      {.memory = first.memory, .page = first.page + (pages->size() - 1)});
  RETURN_IF_ERROR(cursor.Load());
  while (cursor.Valid()) {
    const PageId page = cursor.page();
    std::optional<std::string>& bytes = (*pages)[page.page - first.page];
    if (!bytes.has_value()) {
      ASSIGN_OR_RETURN(const std::optional<ByteSpan> base, cursor.Base());
      if (base.has_value()) {
        bytes = AsText(*base);
        RETURN_IF_ERROR(level.window.ApplyToPage(page, &*bytes));
      }
    }
    RETURN_IF_ERROR(cursor.Next());
  }
  return absl::OkStatus();
}

absl::Status ReadFewPages(
    const Database& database, const rocksdb::Snapshot* snapshot,
    const std::vector<PageLevel>& levels, const PageId& first, uint64_t count,
    const std::function<absl::Status(const PageId&, ByteSpan)>& sink) {
  std::vector<std::optional<std::string>> pages(count);
  for (const PageLevel& level : levels) {
    const auto read = level.point.has_value() ? WalkPages : LookUpPages;
    RETURN_IF_ERROR(read(database, snapshot, level, first, &pages));
  }
  for (size_t i = 0; i < pages.size(); ++i) {
    if (!pages[i].has_value()) continue;
    RETURN_IF_ERROR(sink({.memory = first.memory, .page = first.page + i},
                         AsBytes(*pages[i])));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<StoredPoint> ReadStoredPoint(const Database& database,
                                            uint64_t process, uint64_t point,
                                            const rocksdb::Snapshot* snapshot) {
  const Key key = MakeSequenceKey(Table::kPoint, process, point);
  ASSIGN_OR_RETURN(const std::optional<std::string> bytes,
                   database.Read(key.view(), kMaxValueBytes, snapshot));
  if (!bytes.has_value()) {
    RETURN_IF_ERROR(ReadStoredProcess(database, process, snapshot).status());
    return NoSuchPoint(process, point);
  }
  StoredPoint stored;
  if (!stored.ParseFromString(*bytes) ||
      !CheckRecord(stored.process().record()).ok()) {
    return DamagedValue(key.view(), "it is malformed");
  }
  return stored;
}

absl::StatusOr<StoredPoint> ReadKeptPoint(const Database& database,
                                          uint64_t process, uint64_t point,
                                          const rocksdb::Snapshot* snapshot) {
  ASSIGN_OR_RETURN(StoredPoint stored,
                   ReadStoredPoint(database, process, point, snapshot));
  if (!stored.is_kept()) return NoSuchPoint(process, point);
  return stored;
}

absl::StatusOr<std::vector<PageLevel>> LoadPageLevels(
    const Database& database, const rocksdb::Snapshot* snapshot,
    uint64_t process, std::optional<uint64_t> point) {
  std::vector<PageLevel> levels;
  for (;;) {
    StoredProcess stored;
    if (point.has_value()) {
      ASSIGN_OR_RETURN(
          StoredPoint at,
          levels.empty()
              ? ReadKeptPoint(database, process, *point, snapshot)
              : ReadStoredPoint(database, process, *point, snapshot));
      stored = std::move(*at.mutable_process());
    } else {
      ASSIGN_OR_RETURN(stored, ReadStoredProcess(database, process, snapshot));
    }
    ASSIGN_OR_RETURN(
        RedoWindow window,
        RedoWindow::Load(database, snapshot, process, stored.redo_from(),
                         stored.record().sequence()));
    levels.push_back(
        {.process = process, .point = point, .window = std::move(window)});
    if (stored.parent() == 0) return levels;
    if (levels.size() == kMaxPageLevels) {
      return DamagedValue(MakeProcessKey(Table::kProcess, process).view(),
                          "it is a fork of too many");
    }
    process = stored.parent();
    point = stored.parent_sequence();
  }
}

absl::StatusOr<std::optional<std::string>> ReadPageOfLevel(
    const Database& database, const rocksdb::Snapshot* snapshot,
    const PageLevel& level, const PageId& page) {
  std::optional<std::string> bytes;
  bool is_of_history = false;
  if (level.point.has_value()) {
    const Key lower = HistoryKeyOf(level.process, page, *level.point + 1);
    const Key upper = HistoryKeyOf(level.process, page, kLastSequence);
    Cursor history(database, lower.view(), upper.view(), snapshot);
    history.SeekToFirst();
    if (history.Valid()) {
      is_of_history = true;
      ASSIGN_OR_RETURN(const ByteSpan payload, history.Payload(1 + kPageBytes));
      ASSIGN_OR_RETURN(const std::optional<ByteSpan> old,
                       ParseHistory(history.key(), payload));
      if (old.has_value()) bytes = AsText(*old);
    } else {
      RETURN_IF_ERROR(
          history.status(StrCat("the pages of process ", level.process)));
    }
  }
  if (!is_of_history) {
    const Key key = PageKeyOf(level.process, page);
    ASSIGN_OR_RETURN(bytes, database.Read(key.view(), kPageBytes, snapshot));
    if (bytes.has_value() && bytes->size() > kPageBytes) {
      return DamagedValue(key.view(), "it is malformed");
    }
  }
  if (bytes.has_value()) {
    RETURN_IF_ERROR(level.window.ApplyToPage(page, &*bytes));
  }
  return bytes;
}

absl::Status ReadPages(
    const Database& database, const rocksdb::Snapshot* snapshot,
    const std::vector<PageLevel>& levels, const PageId& first,
    const PageId& last,
    const std::function<absl::Status(const PageId&, ByteSpan)>& sink) {
  if (first == last) {
    for (const PageLevel& level : levels) {
      ASSIGN_OR_RETURN(const std::optional<std::string> bytes,
                       ReadPageOfLevel(database, snapshot, level, first));
      if (bytes.has_value()) return sink(first, AsBytes(*bytes));
    }
    return absl::OkStatus();
  }
  if (first.memory == last.memory && last.page - first.page < kMaxLookUps) {
    return ReadFewPages(database, snapshot, levels, first,
                        last.page - first.page + 1, sink);
  }
  std::vector<std::unique_ptr<LevelCursor>> cursors;
  for (const PageLevel& level : levels) {
    cursors.push_back(
        std::make_unique<LevelCursor>(database, snapshot, level, first, last));
  }
  return MergePages(std::move(cursors), sink);
}

absl::StatusOr<std::string> ReadState(const Database& database,
                                      const rocksdb::Snapshot* snapshot,
                                      uint64_t process,
                                      std::optional<uint64_t> point) {
  if (point.has_value()) {
    RETURN_IF_ERROR(
        ReadKeptPoint(database, process, *point, snapshot).status());
    const Key key = MakeSequenceKey(Table::kPointState, process, *point);
    ASSIGN_OR_RETURN(std::optional<std::string> state,
                     database.Read(key.view(), kMaxValueBytes, snapshot));
    if (!state.has_value()) return DamagedValue(key.view(), "it is missing");
    return *std::move(state);
  }
  ASSIGN_OR_RETURN(const StoredProcess stored,
                   ReadStoredProcess(database, process, snapshot));
  ASSIGN_OR_RETURN(std::optional<std::string> state,
                   database.Read(MakeProcessKey(Table::kState, process).view(),
                                 kMaxValueBytes, snapshot));
  if (!state.has_value()) {
    return absl::NotFoundError(
        StrCat("process ", process, " has no state yet"));
  }
  ASSIGN_OR_RETURN(
      const RedoWindow window,
      RedoWindow::Load(database, snapshot, process, stored.redo_from(),
                       stored.record().sequence()));
  RETURN_IF_ERROR(window.ApplyToState(&*state));
  return *std::move(state);
}

}  // namespace wasmd
