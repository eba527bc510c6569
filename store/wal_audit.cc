#include "store/wal_audit.h"

#include <rocksdb/env.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/status_macros.h"
#include "base/str_cat.h"
#include "store/rocks_log.h"
#include "store/rocks_status.h"

namespace wasmd {
namespace {

// A record is a WriteBatch: sequence (8), count (4), then its entries. Ours
// begin with a log data entry that has the mark: tag 3, length 9, 'D',
// sequence.
constexpr size_t kBatchHeaderBytes = 12;
constexpr char kLogDataTag = 3;
constexpr char kMarkTag = 'D';
constexpr size_t kMarkBytes = 1 + 8;
constexpr size_t kMarkEnd = kBatchHeaderBytes + 2 + kMarkBytes;
static_assert(kMarkEnd <= kLogPrefixBytes);

// What the mark at the beginning of a record promises; 0: it has none.
uint64_t MarkOf(ByteSpan prefix) {
  if (prefix.size() < kMarkEnd) return 0;
  const uint8_t* const at = prefix.data() + kBatchHeaderBytes;
  if (at[0] != kLogDataTag || at[1] != kMarkBytes || at[2] != kMarkTag) {
    return 0;
  }
  return LoadLittle<uint64_t>(at + 3);
}

// Whether a record of the file is a batch and, if all before it is sound, the
// one that follows those before.
bool TakeRecord(const LogRecord& record, WalFile* file) {
  if (record.prefix.size() < kBatchHeaderBytes) return false;
  file->promised = std::max(file->promised, MarkOf(record.prefix));
  if (!record.is_sound) return true;
  const auto sequence = LoadLittle<uint64_t>(record.prefix.data());
  const auto count = LoadLittle<uint32_t>(record.prefix.data() + 8);
  if (file->has_records && sequence != file->last_sequence + 1) return false;
  if (!file->has_records) file->first_sequence = sequence;
  file->has_records = true;
  file->last_sequence = sequence + count - 1;
  return true;
}

absl::Status ReadWalFile(rocksdb::Env* env, WalFile* file) {
  ASSIGN_OR_RETURN(
      const LogFileSize size,
      ReadLogFile(env, file->path, [file](const LogRecord& record) {
        return TakeRecord(record, file);
      }));
  file->sound_bytes = size.sound_bytes;
  file->size_bytes = size.size_bytes;
  return absl::OkStatus();
}

}  // namespace

std::optional<uint64_t> WalNumber(std::string_view name) {
  constexpr std::string_view kExtension = ".log";
  if (!name.ends_with(kExtension)) return std::nullopt;
  name.remove_suffix(kExtension.size());
  if (name.empty() || name.size() > 19 ||
      !std::all_of(name.begin(), name.end(),
                   [](unsigned char c) { return std::isdigit(c) != 0; })) {
    return std::nullopt;
  }
  return std::strtoull(std::string(name).c_str(), nullptr, 10);
}

void AddDurableMark(uint64_t sequence, rocksdb::WriteBatch* batch) {
  std::array<char, kMarkBytes> mark;
  mark[0] = kMarkTag;
  StoreLittle(mark.data() + 1, sequence);
  // Only fails when the batch is too large.
  (void)batch->PutLogData(rocksdb::Slice(mark.data(), mark.size()));
}

absl::StatusOr<std::vector<WalFile>> ReadWal(rocksdb::Env* env,
                                             const std::string& directory) {
  std::vector<std::string> names;
  const rocksdb::Status listed = env->GetChildren(directory, &names);
  if (!listed.ok()) {
    return FromRocksStatus(listed, StrCat("cannot read ", directory));
  }
  std::vector<WalFile> files;
  for (const std::string& name : names) {
    if (const std::optional<uint64_t> number = WalNumber(name)) {
      files.push_back(
          {.number = *number, .path = StrCat(directory, "/", name)});
    }
  }
  std::sort(files.begin(), files.end(),
            [](const auto& a, const auto& b) { return a.number < b.number; });
  for (WalFile& file : files) RETURN_IF_ERROR(ReadWalFile(env, &file));
  return files;
}

WalVerdict JudgeWal(const std::vector<WalFile>& files) {
  WalVerdict verdict;
  for (const WalFile& file : files) {
    verdict.promised = std::max(verdict.promised, file.promised);
    if (!verdict.damage.empty()) continue;
    if (file.has_records && verdict.readable != 0 &&
        file.first_sequence != verdict.readable + 1) {
      verdict.damage = StrCat(file.path, " at byte 0");
      continue;
    }
    if (file.has_records) verdict.readable = file.last_sequence;
    if (file.sound_bytes != file.size_bytes) {
      verdict.sound_bytes = file.sound_bytes;
      verdict.damage = StrCat(file.path, " at byte ", file.sound_bytes);
      continue;
    }
    ++verdict.sound_files;
  }
  return verdict;
}

absl::Status CutWal(rocksdb::Env* env, const std::vector<WalFile>& files,
                    const WalVerdict& verdict) {
  // From the end, so that being cut off here leaves no hole.
  for (size_t i = files.size(); i > verdict.sound_files; --i) {
    const std::string& path = files[i - 1].path;
    const uint64_t size =
        i - 1 == verdict.sound_files ? verdict.sound_bytes : 0;
    RETURN_IF_ERROR(CutLogFile(env, path, size));
  }
  return absl::OkStatus();
}

}  // namespace wasmd
