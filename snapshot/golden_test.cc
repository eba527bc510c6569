// Snapshots that earlier releases wrote are read for ever: each file of
// testdata/vN/ is restored and runs to the end that is written beside it. Never
// edit those files; testing/make_golden.cc makes new ones.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/bytes.h"
#include "base/sha256.h"
#include "base/testing/status_matchers.h"
#include "interp/translated_module.h"
#include "snapshot/owned_snapshot.h"
#include "snapshot/process_file.h"
#include "snapshot/state_record.h"
#include "snapshot/testing/programs.h"
#include "snapshot/testing/test_process.h"
#include "wasm/decoder.h"
#include "wasm/validator.h"

namespace wasmd {
namespace {

std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.good()) << path;
  return std::string(std::istreambuf_iterator<char>(file), {});
}

std::vector<std::string> GoldenFiles() {
  std::vector<std::string> files;
  std::error_code error;  // the tests below find out that nothing is there
  for (const auto& entry : std::filesystem::recursive_directory_iterator(
           "snapshot/testdata", error)) {
    if (entry.path().extension() == ".process") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

RestoreContext ContextFor(const ProcessFileContents& contents) {
  std::map<Sha256Digest, std::shared_ptr<TranslatedModule>> modules;
  for (const auto& [hash, bytes] : contents.modules) {
    const auto module = Decode(bytes);
    EXPECT_OK(module);
    EXPECT_OK(Validate(**module));
    modules[hash] = TranslatedModule::Create(*module);
  }
  RestoreContext context;
  context.find_module = [modules](const Sha256Digest& hash)
      -> absl::StatusOr<std::shared_ptr<TranslatedModule>> {
    const auto found = modules.find(hash);
    if (found == modules.end()) return absl::NotFoundError("not in the file");
    return found->second;
  };
  context.bind_host = [](const HostFunctionInfo&, const FunctionType&) {
    return std::make_unique<testing::PendingFunction>();
  };
  context.store_limits = testing::kGoldenStoreLimits;
  context.thread_limits = testing::kGoldenThreadLimits;
  return context;
}

class GoldenTest : public ::testing::TestWithParam<std::string> {};

TEST_P(GoldenTest, RunsToItsKnownEnd) {
  const std::filesystem::path path = GetParam();
  const std::string file = ReadFile(path);
  OwnedSnapshot snapshot;
  ASSERT_OK_AND_ASSIGN(
      const ProcessFileContents contents,
      ReadProcessFile(AsBytes(file), [&snapshot](MemAddr memory, uint64_t page,
                                                 ByteSpan bytes) {
        snapshot.pages.push_back({memory, page, std::string(AsText(bytes))});
        return absl::OkStatus();
      }));
  snapshot.state = contents.state;
  ASSERT_OK_AND_ASSIGN(
      RestoredProcess process,
      RestoreSnapshot(AsBytes(snapshot.state), PagesOf(snapshot),
                      ContextFor(contents)));
  EXPECT_EQ(process.host_state, (HostState{{"kept", "by the host"}}));

  ASSERT_OK_AND_ASSIGN(const StateRecord record,
                       OpenStateRecord(AsBytes(snapshot.state)));
  if (record.version == kSnapshotFormatVersion) {
    ASSERT_OK_AND_ASSIGN(const OwnedSnapshot again, CaptureAll(process));
    EXPECT_TRUE(again == snapshot);
  }
  const std::string expected =
      ReadFile(std::filesystem::path(path).replace_extension(".expected"));
  EXPECT_EQ(testing::RunToEnd(process, std::nullopt, [] {}) + "\n", expected);
}

TEST(GoldenFilesTest, AreThere) { EXPECT_GE(GoldenFiles().size(), 12u); }

INSTANTIATE_TEST_SUITE_P(All, GoldenTest, ::testing::ValuesIn(GoldenFiles()),
                         [](const ::testing::TestParamInfo<std::string>& info) {
                           const std::filesystem::path path = info.param;
                           return path.parent_path().filename().string() + "_" +
                                  path.stem().string();
                         });

}  // namespace
}  // namespace wasmd
