#include "store/info_log.h"

#include <fcntl.h>
#include <rocksdb/env.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstddef>
#include <string_view>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/str_cat.h"
#include "store/store_file_system.h"

namespace wasmd {
namespace {

constexpr size_t kMaxLineBytes = 1024;

class SilentLog : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

class InfoLog : public rocksdb::Logger {
 public:
  explicit InfoLog(std::string path)
      : Logger(rocksdb::InfoLogLevel::WARN_LEVEL), path_(std::move(path)) {}
  ~InfoLog() override {
    if (file_ >= 0) close(file_);
  }

  using rocksdb::Logger::Logv;
  void Logv(const char* format, va_list arguments) override {
    std::array<char, kMaxLineBytes> text;
    const int length = vsnprintf(text.data(), text.size(), format, arguments);
    if (length < 0) return;
    std::string_view message(
        text.data(), std::min(static_cast<size_t>(length), text.size() - 1));
    while (message.ends_with('\n')) message.remove_suffix(1);
    if (message.find(kNoOptionsFile) != message.npos) return;  // as intended
    const std::string line = StrCat(
        absl::FormatTime(absl::Now(), absl::UTCTimeZone()), " ", message, "\n");
    absl::MutexLock lock(&mutex_);
    Append(line);
  }

 private:
  void Append(std::string_view line) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (file_ >= 0 && size_ >= kMaxInfoLogBytes / 2) {
      close(file_);
      file_ = -1;
      (void)rename(path_.c_str(), (path_ + ".old").c_str());
    }
    if (file_ < 0 && !Open()) return;
    const ssize_t written = write(file_, line.data(), line.size());
    if (written > 0) size_ += static_cast<uint64_t>(written);
  }

  bool Open() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    file_ =
        open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (file_ < 0) return false;
    struct stat status;
    size_ =
        fstat(file_, &status) == 0 ? static_cast<uint64_t>(status.st_size) : 0;
    return true;
  }

  const std::string path_;
  absl::Mutex mutex_;
  int file_ ABSL_GUARDED_BY(mutex_) = -1;
  uint64_t size_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace

std::shared_ptr<rocksdb::Logger> MakeInfoLog(const std::string& directory) {
  return std::make_shared<InfoLog>(directory + "/LOG");
}

std::shared_ptr<rocksdb::Logger> MakeSilentLog() {
  return std::make_shared<SilentLog>();
}

}  // namespace wasmd
