#include "spec-tests/suite.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/testing/status_matchers.h"

namespace wasmd::spec {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::Optional;
using ::wasmd::testing::StatusIs;

class SuiteTest : public ::testing::Test {
 protected:
  SuiteTest() : folder_(fs::path(::testing::TempDir()) / "suite_test") {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    unsetenv("WASM_TESTSUITE");
    unsetenv("WASMD_SHARED");
  }

  std::string Write(const std::string& name, const std::string& text) {
    const fs::path path = folder_ / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path) << text;
    return path.string();
  }

  std::vector<std::string> NamesIn(const fs::path& path) {
    std::vector<std::string> names;
    const auto scripts = ListScripts(path.string());
    EXPECT_TRUE(scripts.ok());
    for (const ScriptFile& script : *scripts) names.push_back(script.name);
    return names;
  }

  const fs::path folder_;
};

TEST_F(SuiteTest, ListsScriptsOfTheCoreInOrder) {
  Write("b.wast", "");
  Write("a.wast", "");
  Write("a.txt", "");
  Write("sub/core/c.wast", "");
  Write("proposals/x/d.wast", "");
  Write("legacy/e.wast", "");
  EXPECT_THAT(NamesIn(folder_),
              ElementsAre("a.wast", "b.wast", "sub/core/c.wast"));
}

TEST_F(SuiteTest, AFileIsItsOwnList) {
  EXPECT_THAT(NamesIn(Write("x/y.wast", "")), ElementsAre("y.wast"));
  EXPECT_THAT(ListScripts((folder_ / "none").string()),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(SuiteTest, FindsTheSuiteByVariablesOrBesideTheWorkspace) {
  EXPECT_FALSE(FindSuite((folder_ / "workspace").string()).has_value());
  Write("shared/spec-testsuite/a.wast", "");
  const std::string suite = (folder_ / "shared/spec-testsuite").string();
  fs::create_directories(folder_ / "workspace");
  EXPECT_THAT(FindSuite((folder_ / "workspace").string()), Optional(suite));
  setenv("WASMD_SHARED", (folder_ / "shared").c_str(), 1);
  EXPECT_THAT(FindSuite("elsewhere"), Optional(suite));
  setenv("WASM_TESTSUITE", folder_.c_str(), 1);
  EXPECT_THAT(FindSuite("elsewhere"), Optional(folder_.string()));
  setenv("WASM_TESTSUITE", (folder_ / "none").c_str(), 1);
  EXPECT_FALSE(FindSuite((folder_ / "workspace").string()).has_value());
}

TEST_F(SuiteTest, ReadsWholeFiles) {
  ASSERT_OK_AND_ASSIGN(const std::string text, ReadFile(Write("f", "a\nb")));
  EXPECT_EQ(text, "a\nb");
  EXPECT_THAT(ReadFile((folder_ / "none").string()),
              StatusIs(absl::StatusCode::kNotFound));
}

}  // namespace
}  // namespace wasmd::spec
