#include "runtime/stored_pages.h"

#include <utility>

#include "absl/status/status.h"
#include "store/page_reader.h"

namespace wasmd {
namespace {

class StorePages : public StoredPages {
 public:
  explicit StorePages(std::unique_ptr<PageReader> reader)
      : reader_(std::move(reader)) {}

  absl::Status Read(MemAddr memory, uint64_t first_page, uint64_t count,
                    const Sink& sink) override {
    return reader_->Read(memory, first_page, count, sink);
  }

 private:
  const std::unique_ptr<PageReader> reader_;
};

}  // namespace

absl::StatusOr<std::shared_ptr<StoredPages>> OpenStoredPages(
    ProcessDb& db, ProcessNumber process, std::optional<uint64_t> point) {
  absl::StatusOr<std::unique_ptr<PageReader>> reader =
      db.OpenPages(process, point);
  if (absl::IsUnimplemented(reader.status())) {
    return std::shared_ptr<StoredPages>();
  }
  if (!reader.ok()) return reader.status();
  return std::make_shared<StorePages>(*std::move(reader));
}

}  // namespace wasmd
