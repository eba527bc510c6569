#include "store/page_history.h"

#include "base/status_macros.h"
#include "base/str_cat.h"
#include "store/commit.h"
#include "store/key.h"
#include "store/value.h"

namespace wasmd {
namespace {

constexpr char kAbsent = 0;
constexpr char kPresent = 1;

}  // namespace

std::string EncodeHistory(std::optional<ByteSpan> page) {
  std::string payload(1, page.has_value() ? kPresent : kAbsent);
  if (page.has_value()) payload.append(AsText(*page));
  return payload;
}

absl::StatusOr<std::optional<ByteSpan>> ParseHistory(std::string_view key,
                                                     ByteSpan payload) {
  if (!payload.empty() && payload.size() <= 1 + kPageBytes) {
    if (payload[0] == kPresent) {
      return std::optional<ByteSpan>(payload.subspan(1));
    }
    if (payload[0] == kAbsent && payload.size() == 1) {
      return std::optional<ByteSpan>();
    }
  }
  return DamagedValue(key, "it is malformed");
}

void PageHistory::BeginBatch(size_t commits) {
  batch_.clear();
  remembers_ = commits > 1;
}

absl::StatusOr<bool> PageHistory::IsKept(const PageId& page,
                                         const Database& database) {
  HistoryKey key{.process = process_,
                 .memory = page.memory,
                 .page = page.page,
                 .sequence = point_ + 1};
  const Key lower = MakeHistoryKey(key);
  key.sequence = ~uint64_t{0};
  const Key upper = MakeHistoryKey(key);
  Cursor cursor(database, lower.view(), upper.view());
  cursor.SeekToFirst();
  if (cursor.Valid()) return true;
  RETURN_IF_ERROR(cursor.status(StrCat("old pages of process ", process_)));
  return false;
}

absl::Status PageHistory::BeforeWrite(const PageId& page, uint64_t sequence,
                                      uint64_t last_point,
                                      const Database& database,
                                      BatchWriter* out) {
  if (last_point == 0) return absl::OkStatus();
  if (point_ != last_point) {
    kept_.clear();
    point_ = last_point;
  }
  if (!kept_.insert(page).second) return absl::OkStatus();
  std::string payload;
  if (const auto written = batch_.find(page); written != batch_.end()) {
    payload = EncodeHistory(AsBytes(written->second));
  } else {
    ASSIGN_OR_RETURN(const bool is_kept, IsKept(page, database));
    if (is_kept) return absl::OkStatus();
    const Key key = MakePageKey(
        {.process = process_, .memory = page.memory, .page = page.page});
    ASSIGN_OR_RETURN(const std::optional<std::string> bytes,
                     database.Read(key.view(), kPageBytes));
    payload = bytes.has_value() ? EncodeHistory(AsBytes(*bytes))
                                : EncodeHistory(std::nullopt);
  }
  out->Put(MakeHistoryKey({.process = process_,
                           .memory = page.memory,
                           .page = page.page,
                           .sequence = sequence})
               .view(),
           AsBytes(payload), Compression::kLz4);
  return absl::OkStatus();
}

void PageHistory::AfterWrite(const PageId& page, ByteSpan bytes) {
  if (remembers_) batch_[page] = AsText(bytes);
}

}  // namespace wasmd
