#include "runtime/module_loader.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <future>
#include <thread>
#include <utility>

#include "base/bytes.h"
#include "base/status_macros.h"
#include "base/str_cat.h"
#include "wasm/decoder.h"
#include "wasm/text/wat_parser.h"
#include "wasm/validator.h"

namespace wasmd {
namespace {

// The first byte of a binary, which no text starts with.
constexpr uint8_t kBinaryMark = 0;

constexpr uint64_t kMinReadBytes = 4096;
constexpr uint64_t kPageBytes = 4096;
constexpr uint64_t kHugePageBytes = uint64_t{2} << 20;
// From here on two threads are faster than one.
constexpr uint64_t kLargeBytes = 4 * kHugePageBytes;
// About 0.5 ms of validation.
constexpr size_t kThreadedValidationBytes = size_t{256} << 10;
// About 0.2 ms of hashing.
constexpr size_t kThreadedHashBytes = size_t{256} << 10;

absl::Status IoError(const std::string& path) {
  const std::string message = StrCat(path, ": ", std::strerror(errno));
  return errno == ENOENT ? absl::NotFoundError(message)
                         : absl::UnavailableError(message);
}

// With all cores where that takes less time than to start threads.
absl::Status ValidateFast(const Module& module) {
  const bool is_large = module.binary->size() >= kThreadedValidationBytes;
  return Validate(module, {.features = {}, .threads = is_large ? 0 : 1});
}

class OpenFile {
 public:
  explicit OpenFile(const std::string& path)
      : descriptor(open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
  ~OpenFile() {
    if (descriptor >= 0) close(descriptor);
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;

  const int descriptor;
};

// Does it with both halves of a range, at the same time.
void InHalves(uint64_t size,
              const std::function<void(uint64_t begin, uint64_t end)>& work) {
  const uint64_t middle = size / 2 & ~(kHugePageBytes - 1);
  std::thread other([&] { work(middle, size); });
  work(0, middle);
  other.join();
}

// Makes it so large. If it is large, in huge pages, since 30 MB otherwise take
// 7,500 page faults, and with two threads, since to clear them takes longer
// than to read the file.
void Extend(uint64_t size, std::vector<uint8_t>* bytes) {
  bytes->reserve(size);
  if (size >= kLargeBytes) {
    // With what lies in small pages before the first and after the last.
    const auto begin = reinterpret_cast<uintptr_t>(bytes->data());
    const uintptr_t first = begin & ~(kPageBytes - 1);
    const uintptr_t end = (begin + size + kPageBytes - 1) & ~(kPageBytes - 1);
    (void)madvise(reinterpret_cast<void*>(first), end - first, MADV_HUGEPAGE);
    // Where the system cannot do this, the pages come when they are touched.
    InHalves(end - first, [first](uint64_t from, uint64_t to) {
      (void)madvise(reinterpret_cast<void*>(first + from), to - from,
                    MADV_POPULATE_WRITE);
    });
  }
  bytes->resize(size);
}

// Reads [begin, end) of a file as far as it goes; how many bytes.
uint64_t ReadRange(int descriptor, uint64_t begin, uint64_t end,
                   std::vector<uint8_t>* bytes) {
  uint64_t at = begin;
  while (at < end) {
    const ssize_t got =
        pread(descriptor, bytes->data() + at, end - at, static_cast<off_t>(at));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;  // who reads on meets the error again
    at += static_cast<uint64_t>(got);
  }
  return at - begin;
}

// Reads the first `size` bytes of a large file with two threads, or fewer of
// them if it is shorter. The descriptor then stands behind them.
uint64_t ReadLarge(int descriptor, uint64_t size, std::vector<uint8_t>* bytes) {
  std::atomic<uint64_t> first = 0;
  std::atomic<uint64_t> second = 0;
  uint64_t middle = 0;
  InHalves(size, [&](uint64_t begin, uint64_t end) {
    const uint64_t got = ReadRange(descriptor, begin, end, bytes);
    (begin == 0 ? first : second) = got;
    if (begin == 0) middle = end;
  });
  const uint64_t got = first < middle ? first.load() : middle + second;
  return lseek(descriptor, static_cast<off_t>(got), SEEK_SET) < 0 ? 0 : got;
}

}  // namespace

ModuleBinary HashMeanwhile(std::vector<uint8_t> bytes) {
  const auto shared =
      std::make_shared<const std::vector<uint8_t>>(std::move(bytes));
  const auto policy = shared->size() < kThreadedHashBytes
                          ? std::launch::deferred
                          : std::launch::async;
  const std::shared_future<Sha256Digest> hash =
      std::async(policy, [shared] { return Sha256(ByteSpan(*shared)); });
  return {shared, [hash] { return hash.get(); }};
}

absl::StatusOr<std::vector<uint8_t>> ReadFile(const std::string& path,
                                              uint64_t max_bytes) {
  const OpenFile file(path);
  struct stat status;
  if (file.descriptor < 0 || fstat(file.descriptor, &status) != 0) {
    return IoError(path);
  }
  std::vector<uint8_t> bytes;
  // With a byte more its end shows without another round.
  const uint64_t expected =
      std::min(static_cast<uint64_t>(status.st_size), max_bytes) + 1;
  Extend(std::max(expected, kMinReadBytes), &bytes);
  uint64_t size = 0;
  if (S_ISREG(status.st_mode) && expected > kLargeBytes) {
    size = ReadLarge(file.descriptor, expected - 1, &bytes);
  }
  for (;;) {
    const ssize_t got =
        read(file.descriptor, bytes.data() + size, bytes.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return IoError(path);
    size += static_cast<size_t>(got);
    if (size > max_bytes) {
      return absl::ResourceExhaustedError(
          StrCat(path, ": larger than ", max_bytes, " bytes"));
    }
    if (got == 0) {
      bytes.resize(size);
      return bytes;
    }
    if (size == bytes.size()) Extend(2 * bytes.size(), &bytes);
  }
}

absl::StatusOr<std::vector<uint8_t>> ToBinary(std::vector<uint8_t> bytes) {
  if (bytes.empty()) return absl::InvalidArgumentError("the file is empty");
  if (bytes[0] == kBinaryMark) return bytes;
  return ParseWat(AsText(bytes));
}

absl::Status StoreError(const absl::Status& status) {
  if (!absl::IsResourceExhausted(status)) return status;
  return absl::UnavailableError(status.message());
}

absl::StatusOr<std::shared_ptr<TranslatedModule>> ModuleLoader::Load(
    std::vector<uint8_t> binary) {
  return Load(
      {std::make_shared<const std::vector<uint8_t>>(std::move(binary)), {}});
}

absl::StatusOr<std::shared_ptr<TranslatedModule>> ModuleLoader::Load(
    ModuleBinary binary) {
  DecodeOptions options;
  options.hash = std::move(binary.hash);
  if (db_ == nullptr) {
    options.hash = [] { return Sha256Digest{}; };
    ASSIGN_OR_RETURN(std::shared_ptr<const Module> module,
                     DecodeShared(std::move(binary.bytes), options));
    RETURN_IF_ERROR(ValidateFast(*module));
    return TranslatedModule::Create(std::move(module));
  }
  ASSIGN_OR_RETURN(std::shared_ptr<const Module> module,
                   DecodeShared(std::move(binary.bytes), options));
  std::weak_ptr<TranslatedModule>& loaded = loaded_[module->hash];
  if (std::shared_ptr<TranslatedModule> known = loaded.lock()) return known;
  const absl::StatusOr<bool> is_known = db_->HasModule(module->hash);
  if (!is_known.ok()) return StoreError(is_known.status());
  if (!*is_known) RETURN_IF_ERROR(ValidateFast(*module));
  RETURN_IF_ERROR(StoreError(db_->PutModule(module->hash, *module->binary)));
  std::shared_ptr<TranslatedModule> translated =
      TranslatedModule::Create(std::move(module));
  loaded = translated;
  return translated;
}

absl::StatusOr<std::shared_ptr<TranslatedModule>> ModuleLoader::Find(
    const Sha256Digest& hash) {
  std::weak_ptr<TranslatedModule>& loaded = loaded_[hash];
  if (std::shared_ptr<TranslatedModule> known = loaded.lock()) return known;
  if (db_ == nullptr) return absl::NotFoundError("there is no store");
  absl::StatusOr<std::vector<uint8_t>> binary = db_->GetModule(hash);
  if (!binary.ok()) {
    if (!absl::IsNotFound(binary.status())) return binary.status();
    return absl::DataLossError(
        StrCat("module ", ToHex(hash), " is not in the store"));
  }
  ASSIGN_OR_RETURN(std::shared_ptr<const Module> module,
                   Decode(*std::move(binary)));
  std::shared_ptr<TranslatedModule> translated =
      TranslatedModule::Create(std::move(module));
  loaded = translated;
  return translated;
}

}  // namespace wasmd
