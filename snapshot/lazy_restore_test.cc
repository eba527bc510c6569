// Memories whose pages come when the guest touches them.

#include <algorithm>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "base/check.h"
#include "base/testing/status_matchers.h"
#include "interp/thread.h"
#include "interp/value.h"
#include "snapshot/owned_snapshot.h"
#include "snapshot/snapshot.h"
#include "snapshot/testing/test_process.h"

namespace wasmd {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::StatusIs;
using testing::TestProcess;

constexpr uint64_t kWasmPages = 64;
constexpr uint64_t kPages = kWasmPages * 65536 / kCardPageBytes;

// $read gives a byte, $sum adds up 64-bit words from $at on, $write writes.
constexpr std::string_view kModule = R"((module
  (memory (export "memory") 64 100) (memory (export "small") 1)
  (data (i32.const 5000) "image") (data (i32.const 4194300) "end")
  (data (memory 1) (i32.const 7) "small")
  (func (export "read") (param i32) (result i32)
    (i32.load8_u (local.get 0)))
  (func (export "write") (param i32 i32)
    (i32.store8 (local.get 0) (local.get 1)))
  (func (export "sum") (param $at i32) (param $end i32) (result i64)
    (local $sum i64)
    (loop $next
      (local.set $sum (i64.add (i64.mul (local.get $sum) (i64.const 31))
                               (i64.load (local.get $at))))
      (local.set $at (i32.add (local.get $at) (i32.const 8)))
      (br_if $next (i32.lt_u (local.get $at) (local.get $end))))
    (local.get $sum))))";

// What StoredPages gives: the pages of a snapshot, counted and disturbed.
class TestPages : public StoredPages {
 public:
  explicit TestPages(const OwnedSnapshot& snapshot) : snapshot_(snapshot) {}

  absl::Status Read(MemAddr memory, uint64_t first_page, uint64_t count,
                    const Sink& sink) override {
    ++reads;
    for (const OwnedPage& page : snapshot_.pages) {
      if (page.memory != memory || page.page < first_page ||
          page.page - first_page >= count) {
        continue;
      }
      if (on_page != nullptr) {
        const absl::Status status = on_page(page, sink);
        if (!status.ok()) return status;
        continue;
      }
      ++pages;
      const absl::Status status = sink(page.page, AsBytes(page.bytes));
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  }

  int reads = 0;
  int pages = 0;
  std::function<absl::Status(const OwnedPage&, const Sink&)> on_page;

 private:
  const OwnedSnapshot& snapshot_;
};

class LazyRestoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    process_.Add("m", kModule);
    MemoryInstance& memory = process_.store().memory(0);
    for (uint64_t page = 0; page < kPages; page += 1 + page % 3) {
      auto bytes = memory.MutableBytes(page * kCardPageBytes + page, 3);
      (*bytes)[0] = (*bytes)[1] = static_cast<uint8_t>(page);
      (*bytes)[2] = 0xFF;
    }
    // The image's page, now zero.
    auto all_zero = memory.MutableBytes(4096, 4096);
    std::fill(all_zero->begin(), all_zero->end(), uint8_t{0});
    ClearDirtyPages(process_.store());
    auto snapshot = CaptureAll(process_.process());
    ASSERT_OK(snapshot);
    snapshot_ = *std::move(snapshot);
    pages_ = std::make_shared<TestPages>(snapshot_);
  }

  absl::StatusOr<RestoredProcess> Restore(uint64_t lazy_min_bytes = 1 << 20) {
    RestoreContext context = process_.Context();
    context.stored_pages = pages_;
    context.lazy_min_bytes = lazy_min_bytes;
    return RestoreSnapshot(AsBytes(snapshot_.state), nullptr, context);
  }

  // Null where memories are not loaded lazily here.
  std::unique_ptr<RestoredProcess> RestoreLazily() {
    auto process = Restore();
    CHECK(process.ok());
    if (process->store->memory(0).lazy_pages() == nullptr) return nullptr;
    return std::make_unique<RestoredProcess>(*std::move(process));
  }

  static Value Call(RestoredProcess& process, std::string_view name,
                    const std::vector<Value>& arguments) {
    Thread thread(*process.store);
    const auto function = process.store->instance(0).FindExport(name);
    CHECK(thread.Start(function->address, arguments).ok());
    CHECK(thread.Run() == RunResult::kReturned);
    return thread.results().empty() ? Value() : thread.results()[0];
  }

  TestProcess process_;
  OwnedSnapshot snapshot_;
  std::shared_ptr<TestPages> pages_;
};

#define SKIP_UNLESS_LAZY(process)                   \
  if (process == nullptr)                           \
  GTEST_SKIP() << "memories are not loaded lazily " \
                  "here"

TEST_F(LazyRestoreTest, NothingIsReadThatIsNotTouched) {
  const auto process = RestoreLazily();
  SKIP_UNLESS_LAZY(process);
  EXPECT_EQ(pages_->reads, 1);  // the small memory
  EXPECT_EQ(pages_->pages, 0);
  EXPECT_EQ(process->store->memory(1).data()[7], 's');
  EXPECT_EQ(Call(*process, "read", {I32Value(4194300)}), I32Value('e'));
  EXPECT_EQ(pages_->reads, 2);
  EXPECT_LE(pages_->pages, 16);
  Call(*process, "write", {I32Value(70000), I32Value(1)});
  EXPECT_EQ(pages_->reads, 3);
  EXPECT_THAT(process->store->memory(0).DirtyPages(), ElementsAre(17));
}

TEST_F(LazyRestoreTest, TheGuestSeesTheSameMemory) {
  const auto process = RestoreLazily();
  SKIP_UNLESS_LAZY(process);
  ASSERT_OK_AND_ASSIGN(RestoredProcess eager,
                       RestoreSnapshot(AsBytes(snapshot_.state),
                                       PagesOf(snapshot_), process_.Context()));
  for (const uint32_t end : {65536u, 100'000u, 4'194'304u}) {
    const std::vector<Value> range = {I32Value(end / 3 & ~7u), I32Value(end)};
    EXPECT_EQ(Call(*process, "sum", range), Call(eager, "sum", range));
    EXPECT_EQ(Call(*process, "sum", range),
              Call(process_.process(), "sum", range));
  }
  EXPECT_EQ(Call(*process, "read", {I32Value(5000)}), I32Value(0));
}

TEST_F(LazyRestoreTest, TheNextCommitHasWhatWasWrittenAndReadsNothing) {
  const auto process = RestoreLazily();
  SKIP_UNLESS_LAZY(process);
  Call(*process, "write", {I32Value(3'000'000), I32Value(1)});
  // As it was, in a page that is not stored and in one that is.
  const int reads = pages_->reads;
  ASSERT_OK_AND_ASSIGN(
      const Capture capture,
      CaptureSnapshot(*process->store, nullptr, {}, PageSelection::kDirty));
  EXPECT_EQ(pages_->reads, reads);
  ASSERT_EQ(capture.pages.size(), 1u);
  EXPECT_EQ(capture.pages[0].page, 3'000'000u / kCardPageBytes);
  EXPECT_EQ(capture.state, snapshot_.state);
  // Page 1 is stored as zeros though its image is not.
  Call(*process, "write", {I32Value(5000), I32Value('i')});
  ClearDirtyPages(*process->store);
  Call(*process, "write", {I32Value(5000), I32Value(0)});
  ASSERT_OK_AND_ASSIGN(
      const Capture again,
      CaptureSnapshot(*process->store, nullptr, {}, PageSelection::kDirty));
  ASSERT_EQ(again.pages.size(), 1u);
  EXPECT_TRUE(again.pages[0].bytes.empty());
}

TEST_F(LazyRestoreTest, AWholeCaptureIsTheSameAsBefore) {
  const auto process = RestoreLazily();
  SKIP_UNLESS_LAZY(process);
  Call(*process, "read", {I32Value(2'000'000)});
  ASSERT_OK_AND_ASSIGN(const OwnedSnapshot again, CaptureAll(*process));
  EXPECT_TRUE(again == snapshot_);
}

TEST_F(LazyRestoreTest, GrowingAddsZeros) {
  const auto process = RestoreLazily();
  SKIP_UNLESS_LAZY(process);
  MemoryInstance& memory = process->store->memory(0);
  ASSERT_EQ(memory.Grow(2), int64_t{kWasmPages});
  EXPECT_EQ(Call(*process, "read", {I32Value(65 * 65536)}), I32Value(0));
  EXPECT_EQ(pages_->reads, 1);
  Call(*process, "write", {I32Value(65 * 65536), I32Value(1)});
  EXPECT_THAT(memory.DirtyPagesToSave(), ElementsAre(65 * 16));
}

TEST_F(LazyRestoreTest, AMemoryThatIsSmallIsReadAtOnce) {
  ASSERT_OK_AND_ASSIGN(RestoredProcess process, Restore(uint64_t{1} << 30));
  EXPECT_EQ(process.store->memory(0).lazy_pages(), nullptr);
  EXPECT_EQ(pages_->reads, 2);
  ASSERT_OK_AND_ASSIGN(const OwnedSnapshot again, CaptureAll(process));
  EXPECT_TRUE(again == snapshot_);
}

TEST_F(LazyRestoreTest, PagesPastTheEndOfAMemoryReadAtOnceAreDamage) {
  snapshot_.pages.push_back({1, 16, "x"});
  EXPECT_THAT(Restore(), StatusIs(absl::StatusCode::kDataLoss,
                                  HasSubstr("past the end of the memory")));
}

// A source that fails or lies ends the process; nothing of it is captured.
class LazyDamageTest : public LazyRestoreTest {
 protected:
  using Sink = StoredPages::Sink;

  void ExpectFailure(
      absl::StatusCode code, std::string_view message,
      std::function<absl::Status(const OwnedPage&, const Sink&)> on_page) {
    const auto process = RestoreLazily();
    SKIP_UNLESS_LAZY(process);
    process->thread = std::make_unique<Thread>(*process->store);
    Thread& thread = *process->thread;
    process->store->memory(0).lazy_pages()->set_on_failure(
        [&thread] { thread.RequestInterrupt(); });
    pages_->on_page = std::move(on_page);
    const auto sum = process->store->instance(0).FindExport("sum");
    ASSERT_OK(thread.Start(sum->address,
                           std::vector{I32Value(0), I32Value(4'000'000)}));
    // Long before the end.
    EXPECT_EQ(thread.Run(), RunResult::kInterrupted);
    EXPECT_LT(thread.fuel_used(), 100'000u);
    const auto matches = StatusIs(code, HasSubstr(std::string(message)));
    EXPECT_THAT(process->store->status(), matches);
    EXPECT_EQ(process->store->status().message().find('\n'),
              std::string_view::npos);
    EXPECT_THAT(
        CaptureSnapshot(*process->store, &thread, {}, PageSelection::kDirty),
        matches);
    EXPECT_THAT(
        CaptureSnapshot(*process->store, &thread, {}, PageSelection::kChanged),
        matches);
    EXPECT_THAT(process->store->memory(0).Bytes(0, 1), matches);
    thread.Run();  // it can go on, on zeros
    pages_->on_page = nullptr;
  }
};

TEST_F(LazyDamageTest, AnErrorOfTheSource) {
  ExpectFailure(absl::StatusCode::kUnavailable,
                "memory 0 cannot be loaded: disk is gone",
                [](const OwnedPage&, const Sink&) {
                  return absl::UnavailableError("disk is gone");
                });
}

TEST_F(LazyDamageTest, PagesThatWereNotAskedFor) {
  for (const uint64_t page : {uint64_t{16}, kPages, uint64_t{1} << 60,
                              std::numeric_limits<uint64_t>::max()}) {
    ExpectFailure(absl::StatusCode::kDataLoss, "is malformed",
                  [page](const OwnedPage& stored, const Sink& sink) {
                    return sink(page, AsBytes(stored.bytes));
                  });
  }
}

TEST_F(LazyDamageTest, PagesOutOfOrder) {
  ExpectFailure(absl::StatusCode::kDataLoss, "page 0 is malformed",
                [](const OwnedPage& stored, const Sink& sink) {
                  return sink(0, AsBytes(stored.bytes));
                });
}

TEST_F(LazyDamageTest, PagesOfAnotherSize) {
  for (const size_t size : {1, 4095, 4097, 1 << 20}) {
    const std::string bytes(size, 'x');
    ExpectFailure(absl::StatusCode::kDataLoss, "page 0 is malformed",
                  [&bytes](const OwnedPage& stored, const Sink& sink) {
                    return sink(stored.page, AsBytes(bytes));
                  });
  }
}

TEST_F(LazyDamageTest, AWholeCaptureThatCannotLoadIsRefused) {
  const auto process = RestoreLazily();
  SKIP_UNLESS_LAZY(process);
  pages_->on_page = [](const OwnedPage&, const StoredPages::Sink&) {
    return absl::DataLossError("damaged");
  };
  EXPECT_THAT(CaptureAll(*process),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("damaged")));
  EXPECT_THAT(process->store->memory(0).DirtyPages(), IsEmpty());
}

}  // namespace
}  // namespace wasmd
