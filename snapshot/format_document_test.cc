// The worked example of docs/snapshot-format.md is true.

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "base/testing/status_matchers.h"
#include "interp/instantiate.h"
#include "interp/thread.h"
#include "interp/translated_module.h"
#include "snapshot/owned_snapshot.h"
#include "snapshot/testing/test_process.h"
#include "wasm/decoder.h"
#include "wasm/validator.h"

namespace wasmd {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// The bytes of the block "```hex NAME" of the document: lines of
// "OFFSET: BYTES ; comment".
std::vector<uint8_t> HexBlock(const std::string& name) {
  std::ifstream document("docs/snapshot-format.md");
  std::vector<uint8_t> bytes;
  bool inside = false;
  for (std::string line; std::getline(document, line);) {
    if (line.starts_with("```")) inside = line == "```hex " + name;
    const size_t colon = line.find(':');
    if (!inside || colon == std::string::npos) continue;
    EXPECT_EQ(std::strtoul(line.c_str(), nullptr, 16), bytes.size()) << line;
    std::istringstream words(
        line.substr(colon + 1, line.find(';') - colon - 1));
    for (std::string word; words >> word;) {
      bytes.push_back(
          static_cast<uint8_t>(std::strtoul(word.c_str(), nullptr, 16)));
    }
  }
  EXPECT_FALSE(bytes.empty()) << "no block " << name;
  return bytes;
}

class FormatDocumentTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK_AND_ASSIGN(const auto module, Decode(HexBlock("module")));
    ASSERT_OK(Validate(*module));
    module_ = TranslatedModule::Create(module);
  }

  RestoreContext Context() const {
    RestoreContext context;
    context.find_module = [this](const Sha256Digest&) { return module_; };
    context.bind_host = [](const HostFunctionInfo&, const FunctionType&) {
      return std::make_unique<testing::PendingFunction>();
    };
    return context;
  }

  std::shared_ptr<TranslatedModule> module_;
};

TEST_F(FormatDocumentTest, TheModuleGivesTheState) {
  RestoredProcess process;
  // Whatever the defaults are.
  process.store = std::make_unique<Store>(
      StoreLimits{.max_memory_bytes = uint64_t{1} << 32,
                  .max_table_elements = 10'000'000,
                  .max_all_table_elements = 100'000'000,
                  .max_heap_bytes = uint64_t{1} << 30,
                  .max_all_memory_bytes = uint64_t{1} << 34});
  Store& store = *process.store;
  const FuncAddr wait = store.AddHostFunction(
      {{kI32Type}, {}}, std::make_unique<testing::PendingFunction>(),
      {"host", "wait"});
  ASSERT_OK_AND_ASSIGN(
      const InstantiateOutcome outcome,
      Instantiate(store, module_,
                  std::vector<ExternValue>{{ExternKind::kFunction, wait}}));
  process.thread =
      std::make_unique<Thread>(store, ThreadLimits{.stack_bytes = 1 << 24});
  ASSERT_OK(process.thread->Start(outcome.instance->functions[1], {}));
  ASSERT_EQ(process.thread->Run(), RunResult::kHostCall);
  ASSERT_OK_AND_ASSIGN(const OwnedSnapshot snapshot, CaptureAll(process));
  const std::vector<uint8_t> expected = HexBlock("state");
  EXPECT_EQ(snapshot.state, AsText(expected));
  EXPECT_THAT(snapshot.pages, IsEmpty());
}

TEST_F(FormatDocumentTest, TheStateGoesOn) {
  ASSERT_OK_AND_ASSIGN(const RestoredProcess process,
                       RestoreSnapshot(HexBlock("state"), nullptr, Context()));
  ASSERT_EQ(process.thread->state(), ThreadState::kHostCall);
  EXPECT_THAT(process.thread->pending_call().arguments,
              ElementsAre(I32Value(42)));
  ASSERT_EQ(process.thread->CaptureFrames().size(), 1u);
  const Frame frame = process.thread->CaptureFrames()[0];
  EXPECT_EQ(frame.code_offset, 0x42u);
  EXPECT_THAT(frame.locals, ElementsAre(I64Value(~uint64_t{1})));
  ASSERT_OK(process.thread->CompleteHostCall(std::vector<Value>()));
  EXPECT_EQ(process.thread->Run(), RunResult::kReturned);
}

}  // namespace
}  // namespace wasmd
