// WASI states that released versions have written, which must load for ever.

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/testing/dynamic_proto.h"
#include "base/testing/status_matchers.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "wasi/abi.h"
#include "wasi/testing/errno_matchers.h"
#include "wasi/testing/temporary_directory.h"
#include "wasi/testing/test_guest.h"
#include "wasi/wasi_state.pb.h"

namespace wasmd::wasi {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

std::string Golden(const std::string& version) {
  std::ifstream file("wasi/testdata/" + version + "/state.bin",
                     std::ios::binary);
  EXPECT_TRUE(file.good());
  return {std::istreambuf_iterator<char>(file), {}};
}

// On a machine that has none of its files: all is there, and says so.
TEST(GoldenStateV1, LoadsWithoutItsFiles) {
  TestGuest guest({});
  guest.Load(Golden("v1"));
  EXPECT_THAT(guest.warnings(), Contains(HasSubstr("/golden/data")));
  EXPECT_THAT(guest.warnings(), Contains(HasSubstr("/golden/kept")));
  EXPECT_ERRNO(guest.Read(5, 4).error(), kIo);
  EXPECT_ERRNO(guest.Read(2, 4).error(), kBadf);
  EXPECT_EQ(*guest.Read(0, 16), "rest\n");
}

class GoldenStateV1WithFiles : public ::testing::Test {
 protected:
  GoldenStateV1WithFiles() : guest_({}) {
    data_.WriteFile("log.txt", "one\ntwo\n");
    data_.MakeDirectory("sub");
    WasiState state;
    EXPECT_TRUE(state.ParseFromString(Golden("v1")));
    state.mutable_roots(0)->set_host_path(data_.path());
    state.mutable_roots(1)->set_host_path(kept_.path());
    guest_.Load(state.SerializeAsString());
  }

  TemporaryDirectory data_;
  TemporaryDirectory kept_;
  TestGuest guest_;
};

TEST_F(GoldenStateV1WithFiles, WhatWasThereIsThere) {
  const uint32_t count_at = guest_.Space(8);
  EXPECT_ERRNO(guest_.Call("args_sizes_get", {count_at, count_at + 4}),
               kSuccess);
  EXPECT_EQ(guest_.Get32(count_at), 3u);
  EXPECT_EQ(guest_.Get32(count_at + 4), 5u + 4 + 2);
  EXPECT_EQ(*guest_.Read(5, 16), "two\n") << "goes on at its offset";
  EXPECT_ERRNO(guest_.Read(7, 16).error(), kIo) << "deleted while open";
  EXPECT_TRUE(guest_.Open(9, "x", {.open_flags = oflags::kCreat}).ok());
  EXPECT_ERRNO(guest_.Open(4, "x", {.open_flags = oflags::kCreat}).error(),
               kNotCapable)
      << "a read-only directory";
  EXPECT_ERRNO(guest_.Close(8), kBadf);
}

TEST_F(GoldenStateV1WithFiles, ClocksGoOn) {
  guest_.environment().realtime = 1'700'000'002'000'000'000;
  guest_.Restart();
  const uint32_t time_at = guest_.Space(8);
  EXPECT_ERRNO(
      guest_.Call("clock_time_get", {clock_id::kMonotonic, 1, time_at}),
      kSuccess);
  EXPECT_GE(guest_.Get64(time_at), 7'000'000'000u);
}

// Only what names a file's inode may be other than it was.
TEST_F(GoldenStateV1WithFiles, SavedAgainItIsTheSame) {
  WasiState before;
  ASSERT_TRUE(before.ParseFromString(Golden("v1")));
  WasiState after;
  ASSERT_TRUE(after.ParseFromString(guest_.context().Save()));
  for (WasiState* state : {&before, &after}) {
    for (SavedRoot& root : *state->mutable_roots()) root.clear_host_path();
    for (SavedDescriptor& descriptor : *state->mutable_descriptors()) {
      descriptor.clear_identity();
      descriptor.clear_rights_inheriting();
      descriptor.clear_rights_base();
    }
  }
  const testing::DynamicProto schema("wasi/wasi_state.schema",
                                     before.GetTypeName());
  EXPECT_EQ(before.SerializeAsString(), after.SerializeAsString())
      << schema.Parse(after.SerializeAsString())->DebugString();
}

}  // namespace
}  // namespace wasmd::wasi
