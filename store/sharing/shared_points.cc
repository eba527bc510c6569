// Pages on demand, kept points and forks of a SharedStore.

#include <limits>
#include <optional>
#include <utility>

#include "base/status_macros.h"
#include "store/sharing/shared_store.h"
#include "store/sharing/shared_store_parts.h"

namespace wasmd {

// Survives the owner it was opened with.
class SharedStore::SharedPageReader : public PageReader {
 public:
  SharedPageReader(SharedStore& store, ProcessNumber process,
                   std::optional<uint64_t> point)
      : store_(store), process_(process), point_(point) {}

  absl::Status Read(uint32_t memory, uint64_t first_page, uint64_t count,
                    const Sink& sink) const override {
    const uint64_t end =
        count > std::numeric_limits<uint64_t>::max() - first_page
            ? std::numeric_limits<uint64_t>::max()
            : first_page + count;
    return store_.WithDb([&](ProcessDb& db, bool) -> absl::Status {
      ASSIGN_OR_RETURN(const auto reader, db.OpenPages(process_, point_));
      return reader->Read(memory, first_page, end - first_page,
                          [&](uint64_t page, ByteSpan bytes) -> absl::Status {
                            first_page = page + 1;
                            return sink(page, bytes);
                          });
    });
  }

  absl::Status ReadAll(const AllSink& sink) const override {
    std::optional<std::pair<uint32_t, uint64_t>> last;
    return store_.WithDb([&](ProcessDb& db, bool) -> absl::Status {
      ASSIGN_OR_RETURN(const auto reader, db.OpenPages(process_, point_));
      return reader->ReadAll(
          [&](uint32_t memory, uint64_t page, ByteSpan bytes) -> absl::Status {
            const std::pair<uint32_t, uint64_t> at(memory, page);
            if (last.has_value() && at <= *last) return absl::OkStatus();
            last = at;
            return sink(memory, page, bytes);
          });
    });
  }

 private:
  SharedStore& store_;
  const ProcessNumber process_;
  const std::optional<uint64_t> point_;
};

void SharedStore::Forget(ProcessNumber process) {
  access()->db().Forget(process);
}

absl::StatusOr<std::unique_ptr<PageReader>> SharedStore::OpenPages(
    ProcessNumber process, std::optional<uint64_t> point) {
  const std::shared_ptr<Access> at = access();
  if (at->own != nullptr) return at->own->OpenPages(process, point);
  // Whether there is something to read.
  RETURN_IF_ERROR(WithDb([&](ProcessDb& db, bool) {
                    return db.OpenPages(process, point);
                  }).status());
  return std::make_unique<SharedPageReader>(*this, process, point);
}

absl::StatusOr<std::vector<KeptPoint>> SharedStore::ListPoints(
    ProcessNumber process) {
  return WithDb([&](ProcessDb& db, bool) { return db.ListPoints(process); });
}

absl::StatusOr<ProcessRecord> SharedStore::GetRecordAt(ProcessNumber process,
                                                       uint64_t point) {
  return WithDb(
      [&](ProcessDb& db, bool) { return db.GetRecordAt(process, point); });
}

absl::StatusOr<std::string> SharedStore::GetStateAt(ProcessNumber process,
                                                    uint64_t point) {
  return WithDb(
      [&](ProcessDb& db, bool) { return db.GetStateAt(process, point); });
}

absl::StatusOr<uint64_t> SharedStore::LogBytesAt(ProcessNumber process,
                                                 uint64_t point,
                                                 uint32_t stream) {
  return WithDb([&](ProcessDb& db, bool) {
    return db.LogBytesAt(process, point, stream);
  });
}

absl::StatusOr<ProcessNumber> SharedStore::Fork(const ForkRequest& request) {
  return claims_->AcquireNew([&] {
    return WithDb(
        [&](ProcessDb& db, bool is_repeated) -> absl::StatusOr<ProcessNumber> {
          if (is_repeated) {
            ASSIGN_OR_RETURN(const ProcessNumber child,
                             FindSame(db, request.record));
            if (child != 0) return child;
          }
          return db.Fork(request);
        });
  });
}

absl::Status SharedStore::Rewind(const RewindRequest& request) {
  ClaimForNow claim(*claims_);
  RETURN_IF_ERROR(claim.Add(request.process));
  return WithDb([&](ProcessDb& db, bool is_repeated) -> absl::Status {
    if (is_repeated) {
      ASSIGN_OR_RETURN(const bool is_done,
                       HasRecord(db, request.process, request.record));
      if (is_done) return absl::OkStatus();
    }
    return db.Rewind(request);
  });
}

absl::Status SharedStore::DropPoints(ProcessNumber process,
                                     const PointRetention& retention) {
  ClaimForNow claim(*claims_);
  RETURN_IF_ERROR(claim.Add(process));
  return WithDb(
      [&](ProcessDb& db, bool) { return db.DropPoints(process, retention); });
}

}  // namespace wasmd
