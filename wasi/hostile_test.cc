// Calls as no program makes them: every function with arguments at random, and
// saved and loaded in between. Nothing but the preopened directory changes, and
// nothing crashes (the sanitizers look on).

#include <gtest/gtest.h>

#include <random>

#include "wasi/testing/errno_matchers.h"
#include "wasi/testing/temporary_directory.h"
#include "wasi/testing/test_guest.h"

namespace wasmd::wasi {
namespace {

class HostileGuest {
 public:
  HostileGuest(const Options& options, PathResolver::Method method,
               uint32_t seed)
      : guest_(options, method), random_(seed) {
    // Paths, and records of all kinds that make some sense.
    for (const char* path :
         {"a", "b", "a/b", ".", "..", "a/..", "../outside", "link/x", "b/", "/",
          "a/../../outside", "link", "", "a/b/c"}) {
      paths_.push_back({guest_.Put(path), std::string_view(path).size()});
    }
    vectors_ = guest_.PutVectors({"hello", "", "world"});
    subscriptions_ = guest_.Put(std::string(480, '\0'));
    for (uint32_t i = 0; i < 10; ++i) {
      GuestMemory memory(guest_.memory());
      const uint32_t at = subscriptions_ + i * 48;
      EXPECT_ERRNO(memory.Store<uint8_t>(at + 8, static_cast<uint8_t>(i % 4)),
                   kSuccess);
      EXPECT_ERRNO(memory.Store<uint32_t>(at + 16, i / 2), kSuccess);
    }
  }

  void CallSomething() {
    const auto function = static_cast<uint32_t>(Pick(Functions().size()));
    const FunctionEntry& entry = Functions()[function];
    std::vector<uint64_t> arguments;
    for (const ValueType type : entry.type.params) {
      arguments.push_back(Argument(type == kI64Type));
    }
    // Large files take time, not more.
    if (entry.name == "fd_allocate" || entry.name == "fd_filestat_set_size") {
      arguments[1] %= 1 << 20;
      if (arguments.size() > 2) arguments[2] %= 1 << 20;
    }
    // Most calls that take a path get one.
    if (entry.name.starts_with("path_") && Pick(8) != 0) {
      PutPath(entry.name, arguments);
    }
    guest_.context().DurabilityOf(function, arguments);
    if (Pick(4) == 0) {
      guest_.context().Prepare(function, arguments, guest_.memory());
    }
    if (Pick(16) == 0) guest_.Restart();
    guest_.context().Call(function, arguments, guest_.memory(), Pick(4) == 0);
    ++calls_;
  }
  int calls() const { return calls_; }
  TestGuest& guest() { return guest_; }

 private:
  size_t Pick(size_t count) {
    return std::uniform_int_distribution<size_t>(0, count - 1)(random_);
  }
  uint64_t Argument(bool is_64) {
    switch (Pick(10)) {
      case 0:
        return is_64 ? ~uint64_t{0} : 0xffffffff;
      case 1:
        return is_64 ? uint64_t{1} << 63 : 0x80000000;
      case 2:
        return TestGuest::kMemoryBytes - Pick(64);
      case 3:
        return vectors_;
      case 4:
        return subscriptions_ + 48 * Pick(10);
      case 5:
        return is_64 ? rights::kInheriting : Pick(1 << 16);
      case 6:
        return 64 + Pick(TestGuest::kMemoryBytes - 64);
      default:
        return Pick(10);
    }
  }
  void PutPath(std::string_view name, std::vector<uint64_t>& arguments) {
    const bool has_lookup = name == "path_open" || name == "path_link" ||
                            name.starts_with("path_filestat");
    const size_t at = name == "path_symlink" ? 0 : has_lookup ? 2 : 1;
    std::tie(arguments[at], arguments[at + 1]) = paths_[Pick(paths_.size())];
    if (at > 0) arguments[0] = Pick(6);
    if (has_lookup) arguments[1] = Pick(2);
    const size_t second = name == "path_symlink"  ? 2
                          : name == "path_rename" ? 3
                          : name == "path_link"   ? 4
                                                  : 0;
    if (second != 0) {
      arguments[second] = Pick(6);
      std::tie(arguments[second + 1], arguments[second + 2]) =
          paths_[Pick(paths_.size())];
    }
    if (name == "path_open" && Pick(4) != 0) {
      arguments[4] = Pick(16);
      arguments[5] = Pick(2) != 0 ? rights::kFile : rights::kDirectory;
      arguments[6] = rights::kInheriting;
      arguments[7] = Pick(32);
      arguments[8] = 128;
    }
  }

  TestGuest guest_;
  std::mt19937 random_;
  std::vector<std::pair<uint64_t, uint64_t>> paths_;
  uint32_t vectors_ = 0;
  uint32_t subscriptions_ = 0;
  int calls_ = 0;
};

class HostileTest : public ::testing::TestWithParam<uint32_t> {};

INSTANTIATE_TEST_SUITE_P(Seeds, HostileTest, ::testing::Range(0u, 8u));

TEST_P(HostileTest, AnythingGoes) {
  const TemporaryDirectory outside;
  outside.MakeDirectory("root");
  outside.WriteFile("outside", "outside");
  outside.MakeLink("..", "root/link");
  const Options options{.arguments = {"a", "b"},
                        .environment = {"A=1"},
                        .preopens = {{outside.Path("root"), "/"},
                                     {outside.Path("root"), "/ro", true}}};
  HostileGuest hostile(options,
                       GetParam() % 2 == 0 ? PathResolver::Method::kKernel
                                           : PathResolver::Method::kWalk,
                       GetParam());
  hostile.guest().environment().input = std::string(100, 'x');
  for (int i = 0; i < 4000; ++i) {
    hostile.CallSomething();
    // Or the guest soon has nothing left to do harm with.
    if (i % 100 == 99) {
      FakeEnvironment& environment = hostile.guest().environment();
      environment.Advance(1'000'000);
      hostile.guest().Reset(options);
    }
  }
  EXPECT_EQ(outside.ReadFile("outside"), "outside");
  std::vector<std::string> names;
  for (const auto& entry :
       std::filesystem::directory_iterator(outside.path())) {
    names.push_back(entry.path().filename());
  }
  EXPECT_THAT(names, ::testing::UnorderedElementsAre("root", "outside"));
}

}  // namespace
}  // namespace wasmd::wasi
