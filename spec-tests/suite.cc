#include "spec-tests/suite.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

#include "absl/status/status.h"
#include "base/str_cat.h"

namespace wasmd::spec {
namespace {

namespace fs = std::filesystem;

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

bool IsFolder(const fs::path& path) {
  std::error_code error;
  return fs::is_directory(path, error);
}

}  // namespace

std::optional<std::string> FindSuite(const std::string& workspace) {
  const std::string named = Environment("WASM_TESTSUITE");
  if (!named.empty()) {
    if (IsFolder(named)) return named;
    return std::nullopt;
  }
  const std::string shared = Environment("WASMD_SHARED");
  const fs::path folder =
      shared.empty() ? fs::path(workspace) / ".." / "shared" : fs::path(shared);
  if (!IsFolder(folder / "spec-testsuite")) return std::nullopt;
  return (folder / "spec-testsuite").lexically_normal().string();
}

std::string FindWorkspace() {
  const std::string workspace = Environment("BUILD_WORKSPACE_DIRECTORY");
  if (!workspace.empty()) return workspace;
  const std::string runfiles = Environment("TEST_SRCDIR");
  if (runfiles.empty()) return ".";
  // The runfile is a link into the source tree.
  std::error_code error;
  const fs::path folder =
      fs::canonical(fs::path(runfiles) / Environment("TEST_WORKSPACE") /
                        "spec-tests" / "expectations" / "static.txt",
                    error)
          .parent_path();
  return error ? "." : folder.parent_path().parent_path().string();
}

absl::StatusOr<std::vector<ScriptFile>> ListScripts(const std::string& path) {
  std::error_code error;
  if (fs::is_regular_file(path, error)) {
    return std::vector<ScriptFile>{{path, fs::path(path).filename().string()}};
  }
  if (!IsFolder(path)) {
    return absl::NotFoundError(StrCat(path, ": no such file or folder"));
  }
  std::vector<ScriptFile> scripts;
  fs::recursive_directory_iterator at(path, error);
  for (; !error && at != fs::recursive_directory_iterator();
       at.increment(error)) {
    const std::string name = at->path().filename().string();
    if (name == "legacy" || name == "proposals") {
      at.disable_recursion_pending();
    } else if (at->path().extension() == ".wast") {
      scripts.push_back(
          {at->path().string(), at->path().lexically_relative(path).string()});
    }
  }
  if (error) {
    return absl::UnavailableError(StrCat(path, ": ", error.message()));
  }
  std::sort(
      scripts.begin(), scripts.end(),
      [](const ScriptFile& a, const ScriptFile& b) { return a.name < b.name; });
  return scripts;
}

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream contents;
  contents << file.rdbuf();
  if (!file) {
    return absl::NotFoundError(
        StrCat("cannot read ", path, ": ", std::strerror(errno)));
  }
  return contents.str();
}

}  // namespace wasmd::spec
