#include "interp/lazy_pages.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/testing/status_matchers.h"
#include "interp/carded_region.h"

namespace wasmd {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::wasmd::testing::StatusIs;

constexpr uint64_t kPage = kCardPageBytes;
constexpr uint64_t kChunkPages = 16;

// Page p has the byte ValueOf(p) everywhere; every fifth is not stored and
// zero.
uint8_t ValueOf(uint64_t page) {
  return page % 5 == 4 ? uint8_t{0} : static_cast<uint8_t>(page % 251 + 1);
}

struct Loads {
  int calls = 0;
  uint64_t pages = 0;
  uint64_t fail_at_page = ~uint64_t{0};
};

class TestLoader : public PageLoader {
 public:
  explicit TestLoader(Loads& loads) : loads_(loads) {}
  absl::Status Load(uint64_t first_page, MutableByteSpan to,
                    std::vector<bool>* is_stored) override {
    ++loads_.calls;
    loads_.pages += to.size() / kPage;
    for (uint64_t i = 0; i < to.size() / kPage; ++i) {
      const uint64_t page = first_page + i;
      if (page == loads_.fail_at_page) {
        return absl::DataLossError("page is damaged");
      }
      if (ValueOf(page) == 0) continue;
      std::memset(to.data() + i * kPage, ValueOf(page), kPage);
      (*is_stored)[i] = true;
    }
    return absl::OkStatus();
  }

 private:
  Loads& loads_;
};

class LazyPagesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!Region(kChunkPages, loads_).has_value()) {
      GTEST_SKIP() << "there is no userfaultfd for user mode here";
    }
    loads_ = {};
  }

  static std::optional<CardedRegion> Region(uint64_t pages, Loads& loads) {
    auto region = CardedRegion::Create(2 * pages * kPage);
    EXPECT_OK(region.status());
    EXPECT_TRUE(region->SetSize(pages * kPage));
    if (!region->LoadLazily(std::make_unique<TestLoader>(loads))) {
      return std::nullopt;
    }
    return *std::move(region);
  }

  Loads loads_;
};

TEST_F(LazyPagesTest, ATouchLoadsAChunkAndMarksNothing) {
  CardedRegion region = *Region(1000, loads_);
  EXPECT_EQ(loads_.calls, 0);
  EXPECT_EQ(region.data()[500 * kPage + 7], ValueOf(500));
  EXPECT_EQ(loads_.calls, 1);
  EXPECT_EQ(loads_.pages, kChunkPages);
  EXPECT_EQ(region.data()[501 * kPage], ValueOf(501));
  EXPECT_EQ(loads_.calls, 1);
  EXPECT_THAT(region.DirtyPages(), IsEmpty());
  EXPECT_TRUE(region.WasChanged(500));
  EXPECT_FALSE(region.WasChanged(504));  // not stored
  // A write, of a page that is missing.
  region.data()[999 * kPage] = 77;
  region.MarkDirty(999 * kPage, 1);
  EXPECT_EQ(region.data()[999 * kPage], 77);
  EXPECT_EQ(region.data()[999 * kPage + 1], ValueOf(999));
  EXPECT_THAT(region.DirtyPages(), ElementsAre(999));
  EXPECT_EQ(loads_.calls, 2);
}

TEST_F(LazyPagesTest, IsTheSameAsIfAllHadBeenThere) {
  constexpr uint64_t kPages = 3001;  // the last chunk is short
  CardedRegion region = *Region(kPages, loads_);
  std::map<uint64_t, uint8_t> written;
  std::minstd_rand random(3);
  for (int i = 0; i < 20'000; ++i) {
    const uint64_t at = random() % (kPages * kPage);
    const auto found = written.find(at);
    ASSERT_EQ(region.data()[at],
              found != written.end() ? found->second : ValueOf(at / kPage));
    if (i % 3 != 0) continue;
    region.data()[at] = written[at] = static_cast<uint8_t>(random());
    if (i % 1000 == 0) region.EnsurePresent(at, kPages * kPage - at);
  }
  EXPECT_TRUE(region.lazy_pages()->is_all_present());
  EXPECT_EQ(loads_.pages, kPages);
  EXPECT_OK(region.status());
}

TEST_F(LazyPagesTest, ReadingInOrderLoadsMoreAtOnce) {
  constexpr uint64_t kPages = 256 * kChunkPages;
  CardedRegion region = *Region(kPages, loads_);
  for (uint64_t page = 0; page < kPages; ++page) {
    ASSERT_EQ(region.data()[page * kPage], ValueOf(page));
  }
  EXPECT_EQ(loads_.pages, kPages);
  EXPECT_LT(loads_.calls, 25);
}

TEST_F(LazyPagesTest, ChangedPagesAreThoseThatAreStored) {
  CardedRegion region = *Region(10, loads_);
  EXPECT_THAT(region.ChangedPages(), ElementsAre(0, 1, 2, 3, 5, 6, 7, 8));
  region.MarkDirty(4 * kPage, 1);
  region.ClearDirty([](uint64_t) { return false; });
  EXPECT_THAT(region.ChangedPages(), ElementsAre(0, 1, 2, 3, 4, 5, 6, 7, 8));
}

TEST_F(LazyPagesTest, WhatGrowsIsZeroAndNotLoaded) {
  CardedRegion region = *Region(kChunkPages, loads_);
  ASSERT_TRUE(region.SetSize(2 * kChunkPages * kPage));
  EXPECT_EQ(region.data()[kChunkPages * kPage], 0);
  EXPECT_EQ(region.data()[2 * kChunkPages * kPage - 1], 0);
  EXPECT_EQ(loads_.calls, 0);
  EXPECT_FALSE(region.WasChanged(2 * kChunkPages - 1));
  EXPECT_EQ(region.data()[0], ValueOf(0));
}

TEST_F(LazyPagesTest, WhatGrowsIsPresent) {
  CardedRegion region = *Region(kChunkPages, loads_);
  ASSERT_TRUE(region.SetSize(2 * kChunkPages * kPage));
  region.EnsurePresent(kChunkPages * kPage, kChunkPages * kPage);
  EXPECT_EQ(loads_.calls, 0);
  EXPECT_OK(region.status());
  region.EnsurePresent(kChunkPages * kPage - 1, 2);  // over the border
  EXPECT_EQ(loads_.calls, 1);
  EXPECT_OK(region.status());
  EXPECT_EQ(region.data()[0], ValueOf(0));
}

TEST_F(LazyPagesTest, TheKernelGetsWhatWasEnsured) {
  CardedRegion region = *Region(kChunkPages * 4, loads_);
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  EXPECT_EQ(write(ends[1], region.data(), 10), -1);
  EXPECT_EQ(errno, EFAULT);
  region.EnsurePresent(0, 10);
  EXPECT_EQ(write(ends[1], region.data(), 10), 10);
  region.EnsurePresent(2 * kChunkPages * kPage - 5, 10);  // two chunks
  EXPECT_EQ(read(ends[0], region.data() + 2 * kChunkPages * kPage - 5, 10), 10);
  EXPECT_EQ(region.data()[2 * kChunkPages * kPage + 4], ValueOf(0));
  EXPECT_EQ(region.data()[2 * kChunkPages * kPage + 5],
            ValueOf(2 * kChunkPages));
  close(ends[0]);
  close(ends[1]);
}

TEST_F(LazyPagesTest, AFailureIsToldAndLeavesZeros) {
  CardedRegion region = *Region(10 * kChunkPages, loads_);
  int failures = 0;
  region.lazy_pages()->set_on_failure([&failures] { ++failures; });
  loads_.fail_at_page = 3 * kChunkPages + 1;
  EXPECT_EQ(region.data()[0], ValueOf(0));
  EXPECT_OK(region.status());
  EXPECT_EQ(region.data()[3 * kChunkPages * kPage], 0);
  EXPECT_THAT(region.status(), StatusIs(absl::StatusCode::kDataLoss,
                                        ::testing::HasSubstr("damaged")));
  EXPECT_EQ(failures, 1);
  // What was there stays, the rest can be touched.
  EXPECT_EQ(region.data()[1], ValueOf(0));
  region.data()[9 * kChunkPages * kPage] = 1;
  EXPECT_EQ(failures, 1);
  EXPECT_EQ(loads_.calls, 2);
  // Others are not concerned.
  Loads loads;
  CardedRegion other = *Region(kChunkPages, loads);
  EXPECT_EQ(other.data()[0], ValueOf(0));
}

TEST_F(LazyPagesTest, ManyAtOnceOnManyThreads) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([t] {
      for (int round = 0; round < 50; ++round) {
        Loads loads;
        Loads others;
        CardedRegion region = *Region(200, loads);
        CardedRegion other = *Region(200, others);
        std::minstd_rand random(static_cast<unsigned>(t * 100 + round + 1));
        for (int i = 0; i < 30; ++i) {
          const uint64_t page = random() % 200;
          ASSERT_EQ(region.data()[page * kPage + i], ValueOf(page));
          ASSERT_EQ(other.data()[(199 - page) * kPage], ValueOf(199 - page));
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_F(LazyPagesTest, MovesWithItsRegion) {
  CardedRegion a = *Region(kChunkPages, loads_);
  CardedRegion b = std::move(a);
  EXPECT_EQ(b.data()[kPage], ValueOf(1));
  EXPECT_TRUE(b.lazy_pages()->is_all_present());
}

// A byte that the file behind it does not have.
volatile uint8_t* PastTheEndOfAFile() {
  char name[] = "/tmp/lazy_pages_test.XXXXXX";
  const int file = mkstemp(name);
  unlink(name);
  void* at = mmap(nullptr, kPage, PROT_READ, MAP_SHARED, file, 0);
  close(file);
  return static_cast<volatile uint8_t*>(at);
}

// SIGBUS, or what AddressSanitizer, whose handler was there, makes of it.
bool EndedBySignal(int status) { return WIFSIGNALED(status); }

using LazyPagesDeathTest = LazyPagesTest;

TEST_F(LazyPagesDeathTest, OtherFaultsEndTheProgramAsBefore) {
  EXPECT_EXIT(static_cast<void>(*PastTheEndOfAFile()), EndedBySignal, "");
  EXPECT_EXIT(
      {
        raise(SIGBUS);
        std::_Exit(0);
      },
      EndedBySignal, "");
}

[[noreturn]] void FaultAfterAHandlerWasInstalled() {
  signal(SIGBUS, [](int) { std::_Exit(7); });
  Loads loads;
  auto region = CardedRegion::Create(kPage);
  if (region.ok() && region->SetSize(kPage) &&
      region->LoadLazily(std::make_unique<TestLoader>(loads)) &&
      region->data()[0] != ValueOf(0)) {
    std::_Exit(1);
  }
  static_cast<void>(*PastTheEndOfAFile());
  std::_Exit(2);
}

// In a program of its own, which has a handler before its first LazyPages.
TEST(LazyPagesHandlerDeathTest, OtherFaultsGoToTheHandlerThatWasThere) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(FaultAfterAHandlerWasInstalled(), ::testing::ExitedWithCode(7),
              "");
}

}  // namespace
}  // namespace wasmd
