// The official suite of preview 1 (WebAssembly/wasi-testsuite), which is not
// part of the tree: looked for in $WASI_TESTSUITE, $WASMD_SHARED/wasi-testsuite
// and ../shared/wasi-testsuite from the checkout, and skipped where it is
// absent. Each program runs on the interpreter with wasi/ alone.

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

#include "base/testing/status_matchers.h"
#include "wasi/testing/program.h"
#include "wasi/testing/temporary_directory.h"

namespace wasmd::wasi {
namespace {

namespace fs = std::filesystem;

// Of the commit that this was last run with: more is fine, fewer is a mistake.
constexpr size_t kMinPrograms = 72;

std::string FromEnvironment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::optional<fs::path> FindSuite() {
  std::vector<fs::path> places;
  if (const std::string suite = FromEnvironment("WASI_TESTSUITE");
      !suite.empty()) {
    places.push_back(suite);
  }
  if (const std::string shared = FromEnvironment("WASMD_SHARED");
      !shared.empty()) {
    places.push_back(fs::path(shared) / "wasi-testsuite");
  }
  // The runfile is a link into the source tree.
  std::error_code error;
  const fs::path header =
      fs::canonical(fs::path(FromEnvironment("TEST_SRCDIR")) /
                        FromEnvironment("TEST_WORKSPACE") / "wasi" / "wasi.h",
                    error);
  if (!error) {
    places.push_back(header.parent_path().parent_path().parent_path() /
                     "shared" / "wasi-testsuite");
  }
  for (const fs::path& place : places) {
    if (fs::is_directory(place / "rust", error)) return place;
  }
  return std::nullopt;
}

std::string ReadFile(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// What a test's JSON says; see the suite's own documentation.
struct Expectation {
  std::vector<std::string> arguments;
  std::vector<std::string> environment;
  std::string root;
  uint32_t exit_code = 0;
  std::optional<std::string> standard_output;
};

Expectation ReadExpectation(const fs::path& path) {
  Expectation expectation;
  if (!fs::exists(path)) return expectation;
  google::protobuf::Struct json;
  EXPECT_TRUE(
      google::protobuf::util::JsonStringToMessage(ReadFile(path), &json).ok())
      << path;
  for (const auto& [name, value] : json.fields()) {
    if (name == "args") {
      for (const auto& argument : value.list_value().values()) {
        expectation.arguments.push_back(argument.string_value());
      }
    } else if (name == "env") {
      for (const auto& [key, text] : value.struct_value().fields()) {
        expectation.environment.push_back(key + "=" + text.string_value());
      }
    } else if (name == "root") {
      expectation.root = value.string_value();
    } else if (name == "exit_code") {
      expectation.exit_code = static_cast<uint32_t>(value.number_value());
    } else if (name == "stdout") {
      expectation.standard_output = value.string_value();
    } else {
      ADD_FAILURE() << path << ": " << name << " is not known";
    }
  }
  std::sort(expectation.environment.begin(), expectation.environment.end());
  return expectation;
}

void RunProgram(const fs::path& wasm, PathResolver::Method method,
                Program::Crashes crashes) {
  SCOPED_TRACE(wasm.parent_path().filename().string() + "/" +
               wasm.stem().string());
  const Expectation expectation =
      ReadExpectation(fs::path(wasm).replace_extension(".json"));
  const TemporaryDirectory scratch;
  Options options{.arguments = {"program"},
                  .environment = expectation.environment};
  options.arguments.insert(options.arguments.end(),
                           expectation.arguments.begin(),
                           expectation.arguments.end());
  if (!expectation.root.empty()) {
    fs::copy(wasm.parent_path() / expectation.root, scratch.Path("root"),
             fs::copy_options::recursive);
    options.preopens.push_back({scratch.Path("root"), "/"});
  }
  const std::string binary = ReadFile(wasm);
  ASSERT_OK_AND_ASSIGN(
      const Program::Result result,
      Program::Run(std::vector<uint8_t>(binary.begin(), binary.end()), options,
                   method, crashes));
  const auto output = [&result](uint32_t stream) {
    const auto found = result.output.find(stream);
    return found == result.output.end() ? "" : found->second;
  };
  EXPECT_EQ(result.trap, "") << output(2);
  EXPECT_EQ(result.exit_code, expectation.exit_code) << output(2);
  if (expectation.standard_output.has_value()) {
    EXPECT_EQ(output(1), *expectation.standard_output);
  }
  EXPECT_GT(result.calls, 0u);
  // The only files that are lost are those that a program deletes while it has
  // them open.
  for (const std::string& warning : result.warnings) {
    EXPECT_THAT(warning, ::testing::HasSubstr("was deleted while"));
  }
}

class TestsuiteTest : public ::testing::Test {
 protected:
  void SetUp() override {
    suite_ = FindSuite();
    if (!suite_.has_value()) {
      GTEST_SKIP() << "the official suite is not here; set WASI_TESTSUITE to "
                      "its folder";
    }
  }
  void RunAll(PathResolver::Method method, Program::Crashes crashes) {
    std::vector<fs::path> programs;
    for (const char* language : {"c", "rust", "assemblyscript"}) {
      for (const auto& entry : fs::directory_iterator(*suite_ / language)) {
        if (entry.path().extension() == ".wasm") {
          programs.push_back(entry.path());
        }
      }
    }
    EXPECT_GE(programs.size(), kMinPrograms);
    std::sort(programs.begin(), programs.end());
    for (const fs::path& wasm : programs) RunProgram(wasm, method, crashes);
  }

  std::optional<fs::path> suite_;
};

TEST_F(TestsuiteTest, PathsByTheKernel) {
  RunAll(PathResolver::Method::kKernel, Program::Crashes::kNever);
}

TEST_F(TestsuiteTest, PathsByTheWalk) {
  RunAll(PathResolver::Method::kWalk, Program::Crashes::kNever);
}

TEST_F(TestsuiteTest, EveryCallCrashes) {
  RunAll(PathResolver::Method::kKernel, Program::Crashes::kAlways);
}

}  // namespace
}  // namespace wasmd::wasi
