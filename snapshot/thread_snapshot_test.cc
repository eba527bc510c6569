// Threads stopped wherever they can be: torn down to bytes and put together
// again at each stop, they end as they do when nothing stops them.

#include <cstdio>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "base/check.h"
#include "base/testing/status_matchers.h"
#include "snapshot/owned_snapshot.h"
#include "snapshot/testing/programs.h"
#include "snapshot/testing/test_process.h"

namespace wasmd {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using testing::Program;
using testing::RunToEnd;
using testing::Start;
using testing::StatusIs;
using testing::TestProcess;

void TearApart(TestProcess& process) {
  auto restored = RoundTrip(std::move(process.process()), process.Context());
  if (!restored.ok()) {
    std::fprintf(stderr, "%s\n", restored.status().ToString().c_str());
  }
  CHECK(restored.ok());
  process.process() = *std::move(restored);
}

class ThreadSnapshotTest : public ::testing::TestWithParam<Program> {};

TEST_P(ThreadSnapshotTest, EndsTheSameHoweverOftenItIsTorn) {
  // With a heap so small that it is collected now and then.
  TestProcess straight(testing::kGoldenStoreLimits);
  Start(GetParam(), {}, straight);
  const std::string expected =
      RunToEnd(straight.process(), std::nullopt, [] {});
  EXPECT_THAT(expected, EndsWith(GetParam().outcome));
  for (const uint64_t fuel : {1, 2, 7}) {
    TestProcess torn(testing::kGoldenStoreLimits);
    Start(GetParam(), {}, torn);
    TearApart(torn);  // at the first function's entry
    EXPECT_EQ(RunToEnd(torn.process(), fuel, [&torn] { TearApart(torn); }),
              expected)
        << "stopped every " << fuel;
    EXPECT_EQ(torn.thread().fuel_used(), straight.thread().fuel_used());
  }
}

INSTANTIATE_TEST_SUITE_P(All, ThreadSnapshotTest,
                         ::testing::ValuesIn(testing::AllPrograms()),
                         [](const ::testing::TestParamInfo<Program>& info) {
                           return std::string(info.param.name);
                         });

// A host function that looks at its caller from inside.
class CapturingFunction : public HostFunction {
 public:
  explicit CapturingFunction(absl::Status* status) : status_(*status) {}
  HostResult Call(HostCall& call) override {
    status_ = CaptureSnapshot(call.store, nullptr, {}, PageSelection::kDirty)
                  .status();
    return HostResult::kReturn;
  }

 private:
  absl::Status& status_;
};

TEST(ThreadCaptureTest, NotWhileAHostFunctionRuns) {
  absl::Status status;
  Store store;
  const FuncAddr function = store.AddHostFunction(
      {}, std::make_unique<CapturingFunction>(&status), {"host", "f"});
  Thread thread(store);
  ASSERT_OK(thread.Start(function, {}));
  EXPECT_EQ(thread.Run(), RunResult::kReturned);
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kFailedPrecondition,
                               HasSubstr("host function")));
}

TEST(ThreadCaptureTest, NotBeforeAThreadHasStarted) {
  Store store;
  const Thread thread(store);
  EXPECT_THAT(CaptureSnapshot(store, &thread, {}, PageSelection::kDirty),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("never started")));
}

}  // namespace
}  // namespace wasmd
