// TemporaryDirectory: a fresh directory of a test, removed with it, and short
// ways to put things there and look at them. Failures of the host end the test
// program.

#ifndef WASMD_WASI_TESTING_TEMPORARY_DIRECTORY_H_
#define WASMD_WASI_TESTING_TEMPORARY_DIRECTORY_H_

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

#include "base/check.h"

namespace wasmd::wasi {

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name =
        std::filesystem::path(::testing::TempDir() + "/wasi_XXXXXX")
            .lexically_normal();
    CHECK(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::string& path() const { return path_; }
  std::string Path(std::string_view name) const {
    return path_ + "/" + std::string(name);
  }

  void WriteFile(std::string_view name, std::string_view text) const {
    std::ofstream(Path(name)) << text;
  }
  // "<absent>" if there is none.
  std::string ReadFile(std::string_view name) const {
    std::ifstream file(Path(name));
    if (!file) return "<absent>";
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }
  void MakeDirectory(std::string_view name) const {
    CHECK(std::filesystem::create_directories(Path(name)));
  }
  void MakeLink(std::string_view text, std::string_view name) const {
    CHECK(::symlink(std::string(text).c_str(), Path(name).c_str()) == 0);
  }
  // Of the thing itself, a link included.
  bool Exists(std::string_view name) const {
    struct stat status;
    return ::lstat(Path(name).c_str(), &status) == 0;
  }
  void Remove(std::string_view name) const {
    CHECK(std::filesystem::remove_all(Path(name)) > 0);
  }
  void Rename(std::string_view from, std::string_view to) const {
    std::filesystem::rename(Path(from), Path(to));
  }

 private:
  std::string path_;
};

}  // namespace wasmd::wasi

#endif  // WASMD_WASI_TESTING_TEMPORARY_DIRECTORY_H_
