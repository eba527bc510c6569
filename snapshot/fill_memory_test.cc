// Large memories that are read at once, by several threads where the machine
// has them.

#include <atomic>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "base/bytes.h"
#include "base/testing/status_matchers.h"
#include "interp/memory_instance.h"
#include "interp/store.h"
#include "snapshot/owned_snapshot.h"
#include "snapshot/page_source.h"
#include "snapshot/snapshot.h"
#include "snapshot/testing/test_process.h"

namespace wasmd {
namespace {

using ::testing::HasSubstr;
using testing::StatusIs;
using testing::TestProcess;

constexpr uint64_t kPages = 512 * 65536 / kCardPageBytes;
// The image reaches from the page before into this one, which is not stored.
constexpr uint64_t kImagePage = 5600;

// Bytes that tell pages apart; nothing for those that are not stored, and
// empty ones now and then.
std::string BytesOf(uint64_t page) {
  if (page % 97 == 0) return "";
  std::string bytes(kCardPageBytes, static_cast<char>(page));
  StoreLittle<uint64_t>(bytes.data(), page + 1);
  return bytes;
}
bool IsStored(uint64_t page) { return page % 1000 < 600 || page % 3 == 0; }

// Any thread may read it.
class ManyPages : public StoredPages {
 public:
  absl::Status Read(MemAddr memory, uint64_t first_page, uint64_t count,
                    const Sink& sink) override {
    ++reads;
    for (uint64_t page = first_page;
         page < kPages + extra_pages && page - first_page < count; ++page) {
      if (!IsStored(page)) continue;
      if (on_page != nullptr) {
        const absl::Status status = on_page(page, sink);
        if (!status.ok()) return status;
      }
      const std::string bytes = BytesOf(page);
      const absl::Status status = sink(page, AsBytes(bytes));
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  }

  uint64_t extra_pages = 0;
  std::function<absl::Status(uint64_t page, const Sink&)> on_page;
  std::atomic<int> reads = 0;
};

class FillMemoryTest : public ::testing::Test {
 protected:
  void SetUp() override {
    process_.Add("m", R"((module (memory 512)
        (data (i32.const 22937594) "0123456789abcdef")))");
    auto snapshot = CaptureAll(process_.process());
    ASSERT_OK(snapshot);
    snapshot_ = *std::move(snapshot);
  }

  absl::StatusOr<RestoredProcess> Restore() {
    RestoreContext context = process_.Context();
    context.stored_pages = pages_;
    context.lazy_min_bytes = std::numeric_limits<uint64_t>::max();
    return RestoreSnapshot(AsBytes(snapshot_.state), nullptr, context);
  }

  TestProcess process_;
  OwnedSnapshot snapshot_;
  std::shared_ptr<ManyPages> pages_ = std::make_shared<ManyPages>();
};

TEST_F(FillMemoryTest, EveryPageIsWhereItBelongs) {
  ASSERT_OK_AND_ASSIGN(const RestoredProcess process, Restore());
  EXPECT_GT(pages_->reads, 1);
  const MemoryInstance& memory = process.store->memory(0);
  std::vector<uint64_t> changed;
  for (uint64_t page = 0; page < kPages; ++page) {
    if (IsStored(page)) changed.push_back(page);
    if (page == kImagePage) continue;
    const std::string bytes = IsStored(page) ? BytesOf(page) : "";
    ASSERT_EQ(AsText(memory.CardPage(page)),
              bytes.empty() ? std::string(kCardPageBytes, 0) : bytes)
        << page;
  }
  EXPECT_EQ(memory.ChangedPages(), changed);
  EXPECT_TRUE(memory.DirtyPages().empty());
}

TEST_F(FillMemoryTest, TheImageStaysWhereNothingIsStored) {
  static_assert(kImagePage * kCardPageBytes - 6 == 22937594);
  ASSERT_TRUE(IsStored(kImagePage - 1) && !IsStored(kImagePage));
  ASSERT_OK_AND_ASSIGN(const RestoredProcess process, Restore());
  const MemoryInstance& memory = process.store->memory(0);
  EXPECT_EQ(AsText(memory.CardPage(kImagePage - 1)), BytesOf(kImagePage - 1));
  EXPECT_EQ(AsText(memory.CardPage(kImagePage)).substr(0, 12),
            std::string_view("6789abcdef\0\0", 12));
}

TEST_F(FillMemoryTest, OfSeveralErrorsTheFirstIsTold) {
  pages_->on_page = [](uint64_t page, const StoredPages::Sink&) {
    return page < 3003 ? absl::OkStatus()
                       : absl::DataLossError("page " + std::to_string(page) +
                                             " is damaged");
  };
  for (int i = 0; i < 20; ++i) {
    EXPECT_THAT(Restore(), StatusIs(absl::StatusCode::kDataLoss,
                                    HasSubstr("page 3003 is damaged")));
  }
}

TEST_F(FillMemoryTest, PagesThatWereNotAskedFor) {
  for (const uint64_t other : {uint64_t{0}, kPages - 1}) {
    pages_->on_page = [other](uint64_t page, const StoredPages::Sink& sink) {
      return page == kPages / 2 ? sink(other, {}) : absl::OkStatus();
    };
    EXPECT_THAT(Restore(), StatusIs(absl::StatusCode::kDataLoss,
                                    HasSubstr("came for another")));
  }
}

TEST_F(FillMemoryTest, PagesPastTheEnd) {
  pages_->extra_pages = 5;
  EXPECT_THAT(Restore(), StatusIs(absl::StatusCode::kDataLoss,
                                  HasSubstr("past the end of the memory")));
}

TEST_F(FillMemoryTest, PagesOutOfOrderOrOfAnotherSize) {
  pages_->on_page = [](uint64_t page, const StoredPages::Sink& sink) {
    return page == 2001 ? sink(page - 1, {}) : absl::OkStatus();
  };
  EXPECT_THAT(Restore(),
              StatusIs(absl::StatusCode::kDataLoss,
                       HasSubstr("page 2000 of memory 0: it is out")));
  const std::string byte = "x";
  pages_->on_page = [&](uint64_t page, const StoredPages::Sink& sink) {
    return page == 2001 ? sink(page, AsBytes(byte)) : absl::OkStatus();
  };
  EXPECT_THAT(Restore(), StatusIs(absl::StatusCode::kDataLoss,
                                  HasSubstr("it has 1 bytes instead of 4096")));
}

}  // namespace
}  // namespace wasmd
