#include "wasi/host_environment.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <set>

#include "base/owned_fd.h"

namespace wasmd::wasi {
namespace {

class TestEnvironment : public HostEnvironment {
 public:
  using HostEnvironment::HostEnvironment;
  void Write(uint32_t stream, ByteSpan bytes) override {}
};

TEST(HostEnvironmentTest, ClocksGoForward) {
  TestEnvironment environment;
  const int64_t realtime = environment.RealtimeNow();
  EXPECT_GT(realtime, 1'600'000'000'000'000'000);
  const int64_t monotonic = environment.MonotonicNow();
  EXPECT_GE(environment.MonotonicNow(), monotonic);
  ASSERT_TRUE(environment.CpuNow().has_value());
  EXPECT_GE(*environment.CpuNow(), 0);
}

TEST(HostEnvironmentTest, RandomBytesDiffer) {
  TestEnvironment environment;
  std::array<uint8_t, 4096> bytes = {};
  environment.Random(bytes);
  EXPECT_GT(std::set<uint8_t>(bytes.begin(), bytes.end()).size(), 200u);
  environment.Random({});
}

TEST(HostEnvironmentTest, InputThatComesAndEnds) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const OwnedFd reader(ends[0]);
  TestEnvironment environment(reader.get());
  {
    const OwnedFd writer(ends[1]);
    EXPECT_EQ(environment.ReadInput(10), std::nullopt);
    ASSERT_EQ(::write(writer.get(), "abcdef", 6), 6);
    EXPECT_EQ(environment.ReadInput(4), "abcd");
    EXPECT_EQ(environment.ReadInput(4), "ef");
    EXPECT_EQ(environment.ReadInput(4), std::nullopt);
  }
  EXPECT_EQ(environment.ReadInput(4), "");
}

TEST(HostEnvironmentTest, NoInputIsItsEnd) {
  EXPECT_EQ(TestEnvironment(-1).ReadInput(4), "");
  const OwnedFd null(::open("/dev/null", O_RDONLY));
  EXPECT_EQ(TestEnvironment(null.get()).ReadInput(4), "");
  EXPECT_EQ(TestEnvironment(1'000'000).ReadInput(4), "");
}

}  // namespace
}  // namespace wasmd::wasi
