#include "store/testing/fault_env.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
#include <sstream>
#include <string>

#include "store/testing/temporary_directory.h"

namespace wasmd::testing {
namespace {

std::string Contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

class FaultEnvTest : public ::testing::Test {
 protected:
  std::unique_ptr<rocksdb::WritableFile> Create(FaultEnv* faults,
                                                const std::string& path) {
    std::unique_ptr<rocksdb::WritableFile> file;
    EXPECT_TRUE(faults->env()->NewWritableFile(path, &file, {}).ok());
    return file;
  }
  void SyncDirectory(FaultEnv* faults) {
    std::unique_ptr<rocksdb::Directory> directory;
    EXPECT_TRUE(
        faults->env()->NewDirectory(directory_.path(), &directory).ok());
    EXPECT_TRUE(directory->Fsync().ok());
  }

  TemporaryDirectory directory_;
};

TEST_F(FaultEnvTest, WhatIsSyncedStays) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    FaultEnv faults(seed);
    const std::string path = directory_ / "file";
    auto file = Create(&faults, path);
    EXPECT_TRUE(file->Append("synced").ok());
    EXPECT_TRUE(file->Sync().ok());
    SyncDirectory(&faults);
    EXPECT_TRUE(file->Append(std::string(3000, 'x')).ok());
    faults.CutPower();
    EXPECT_FALSE(file->Append("late").ok());
    EXPECT_FALSE(file->Sync().ok());
    file.reset();
    faults.RestorePower();
    EXPECT_THAT(Contents(path), ::testing::StartsWith("synced"));
  }
}

TEST_F(FaultEnvTest, WhatIsNotSyncedIsLostKeptOrTorn) {
  const std::string written(3000, 'x');
  std::set<std::string> outcomes;
  for (uint64_t seed = 0; seed < 50; ++seed) {
    FaultEnv faults(seed);
    const std::string path = directory_ / "file";
    auto file = Create(&faults, path);
    SyncDirectory(&faults);
    EXPECT_TRUE(file->Append(written).ok());
    faults.CutPower();
    file.reset();
    faults.RestorePower();
    const std::string found = Contents(path);
    outcomes.insert(found.empty()                              ? "lost"
                    : found == written                         ? "kept"
                    : found == written.substr(0, found.size()) ? "cut"
                                                               : "torn");
  }
  EXPECT_THAT(outcomes, ::testing::ElementsAre("cut", "kept", "lost", "torn"));
}

TEST_F(FaultEnvTest, ADirectoryLosesItsLastChangesInReverse) {
  std::set<std::string> outcomes;
  for (uint64_t seed = 0; seed < 50; ++seed) {
    TemporaryDirectory directory;
    FaultEnv faults(seed);
    for (const char* name : {"a", "b"}) {
      auto file = Create(&faults, directory / name);
      EXPECT_TRUE(file->Append(name).ok());
      EXPECT_TRUE(file->Sync().ok());
    }
    std::unique_ptr<rocksdb::Directory> handle;
    EXPECT_TRUE(faults.env()->NewDirectory(directory.path(), &handle).ok());
    EXPECT_TRUE(handle->Fsync().ok());
    EXPECT_TRUE(
        faults.env()->RenameFile(directory / "a", directory / "b").ok());
    EXPECT_TRUE(faults.env()->DeleteFile(directory / "b").ok());
    EXPECT_FALSE(faults.env()->FileExists(directory / "b").ok());
    std::vector<std::string> names;
    EXPECT_TRUE(faults.env()->GetChildren(directory.path(), &names).ok());
    for (const std::string& name : names) EXPECT_EQ(name[0], '.') << name;
    faults.CutPower();
    faults.RestorePower();
    outcomes.insert(Contents(directory / "a") + "," +
                    Contents(directory / "b"));
  }
  EXPECT_THAT(outcomes, ::testing::ElementsAre(",", ",a", "a,b"));
}

TEST_F(FaultEnvTest, TheNthOperationFails) {
  FaultEnv faults(1);
  auto file = Create(&faults, directory_ / "file.log");
  faults.Inject({.operation = FileOperation::kSync, .nth = 2, .times = 2});
  faults.Inject({.operation = FileOperation::kSync, .suffix = ".sst"});
  EXPECT_TRUE(file->Sync().ok());
  EXPECT_TRUE(file->Sync().IsIOError());
  EXPECT_TRUE(file->Sync().IsIOError());
  EXPECT_TRUE(file->Sync().ok());
  EXPECT_EQ(faults.faults_met(), 2u);
  faults.Inject({.operation = FileOperation::kAppend,
                 .times = Fault::kAlways,
                 .disk_full = true});
  EXPECT_TRUE(file->Append("text").IsNoSpace());
  EXPECT_TRUE(file->Append("text").IsNoSpace());
  faults.ClearFaults();
  EXPECT_TRUE(file->Append("text").ok());
}

TEST_F(FaultEnvTest, AFailedAppendMayHaveWrittenAPart) {
  FaultEnv faults(3);
  const std::string path = directory_ / "file";
  auto file = Create(&faults, path);
  faults.Inject({.operation = FileOperation::kAppend, .times = 10});
  for (int i = 0; i < 10; ++i) {
    EXPECT_FALSE(file->Append(std::string(100, 'x')).ok());
  }
  EXPECT_GT(Contents(path).size(), 0u);
  EXPECT_LT(Contents(path).size(), 1000u);
}

TEST_F(FaultEnvTest, PowerEndsAfterSomeOperations) {
  FaultEnv faults(3);
  auto file = Create(&faults, directory_ / "file");
  faults.CutPower(2);
  EXPECT_TRUE(file->Append("a").ok());
  EXPECT_TRUE(file->Append("b").ok());
  EXPECT_FALSE(faults.power_is_cut());
  EXPECT_FALSE(file->Append("c").ok());
  EXPECT_TRUE(faults.power_is_cut());
}

TEST_F(FaultEnvTest, FlipBitChangesOneBit) {
  const std::string path = directory_ / "file";
  std::ofstream(path) << "abc";
  FlipBit(path, 8);
  EXPECT_EQ(Contents(path), "acc");
}

}  // namespace
}  // namespace wasmd::testing
