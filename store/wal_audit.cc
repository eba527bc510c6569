#include "store/wal_audit.h"

#include <rocksdb/env.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/status_macros.h"
#include "base/str_cat.h"
#include "store/crc32c.h"
#include "store/rocks_status.h"

namespace wasmd {
namespace {

// The WAL's format, by RocksDB: blocks of 32 KiB; in them fragments of a
// checksum (4 bytes), a length (2), a type (1) and as many bytes. A record is
// one fragment of type 1, or one of type 2, some of type 3, one of type 4. What
// is left of a block and too small for a header is zeros.
constexpr size_t kBlockBytes = size_t{32} << 10;
constexpr size_t kHeaderBytes = 7;
enum FragmentType : uint8_t { kFull = 1, kFirst = 2, kMiddle = 3, kLast = 4 };

// A record is a WriteBatch: sequence (8), count (4), then its entries. Ours
// begin with a log data entry that has the mark: tag 3, length 9, 'D',
// sequence.
constexpr size_t kBatchHeaderBytes = 12;
constexpr char kLogDataTag = 3;
constexpr char kMarkTag = 'D';
constexpr size_t kMarkBytes = 1 + 8;
constexpr size_t kPrefixBytes = kBatchHeaderBytes + 2 + kMarkBytes;

uint32_t MaskedCrc(ByteSpan bytes) {
  const uint32_t crc = ExtendCrc32c(0, bytes);
  return (crc >> 15 | crc << 17) + 0xA282EAD8u;
}

// The beginning of a record: all that this looks at.
class RecordPrefix {
 public:
  void Clear() { size_ = 0; }
  void Append(ByteSpan bytes) {
    const size_t more = std::min(bytes.size(), kPrefixBytes - size_);
    std::memcpy(bytes_.data() + size_, bytes.data(), more);
    size_ += more;
  }
  bool IsBatch() const { return size_ >= kBatchHeaderBytes; }
  uint64_t sequence() const { return LoadLittle<uint64_t>(bytes_.data()); }
  uint32_t count() const { return LoadLittle<uint32_t>(bytes_.data() + 8); }
  std::optional<uint64_t> mark() const {
    const uint8_t* const at = bytes_.data() + kBatchHeaderBytes;
    if (size_ < kPrefixBytes || at[0] != kLogDataTag || at[1] != kMarkBytes ||
        at[2] != kMarkTag) {
      return std::nullopt;
    }
    return LoadLittle<uint64_t>(at + 3);
  }

 private:
  std::array<uint8_t, kPrefixBytes> bytes_;
  size_t size_ = 0;
};

// Takes the blocks of a file, one after the other.
class WalReader {
 public:
  explicit WalReader(WalFile* file) : file_(file) {}

  void Block(ByteSpan block) {
    size_t at = 0;
    while (block.size() - at >= kHeaderBytes) {
      const uint8_t* const header = block.data() + at;
      const size_t length = LoadLittle<uint16_t>(header + 4);
      const uint8_t type = header[6];
      if (type < kFull || type > kLast ||
          length > block.size() - at - kHeaderBytes) {
        Damage();
        break;
      }
      const ByteSpan checked = block.subspan(at + 6, 1 + length);
      if (MaskedCrc(checked) != LoadLittle<uint32_t>(header)) {
        // If only the contents are wrong, the next fragment is where the length
        // says.
        Damage();
      } else {
        Fragment(type, checked.subspan(1),
                 block_start_ + at + kHeaderBytes + length);
      }
      at += kHeaderBytes + length;
    }
    // What is left of a whole block is a trailer.
    if (block.size() < kBlockBytes && at < block.size()) Damage();
    block_start_ += block.size();
  }

  void End() {
    if (in_record_) Damage();
  }

 private:
  void Fragment(uint8_t type, ByteSpan bytes, uint64_t end) {
    const bool begins = type == kFull || type == kFirst;
    if (begins == in_record_) Damage();
    if (begins) {
      prefix_.Clear();
    } else if (!in_record_) {
      return;  // its beginning is lost
    }
    in_record_ = type == kFirst || type == kMiddle;
    prefix_.Append(bytes);
    if (!in_record_) Record(end);
  }

  void Record(uint64_t end) {
    if (!prefix_.IsBatch()) {
      Damage();
      return;
    }
    file_->promised = std::max(file_->promised, prefix_.mark().value_or(0));
    if (is_damaged_) return;
    if (file_->has_records && prefix_.sequence() != file_->last_sequence + 1) {
      is_damaged_ = true;
      return;
    }
    if (!file_->has_records) file_->first_sequence = prefix_.sequence();
    file_->has_records = true;
    file_->last_sequence = prefix_.sequence() + prefix_.count() - 1;
    file_->sound_bytes = end;
  }

  void Damage() {
    is_damaged_ = true;
    in_record_ = false;
  }

  WalFile* const file_;
  uint64_t block_start_ = 0;
  bool in_record_ = false;
  bool is_damaged_ = false;
  RecordPrefix prefix_;
};

absl::Status CannotRead(const rocksdb::Status& status,
                        const std::string& path) {
  return FromRocksStatus(status, StrCat("cannot read ", path));
}

absl::Status ReadWalFile(rocksdb::Env* env, WalFile* file) {
  std::unique_ptr<rocksdb::SequentialFile> input;
  const rocksdb::Status opened =
      env->NewSequentialFile(file->path, &input, rocksdb::EnvOptions());
  if (!opened.ok()) return CannotRead(opened, file->path);
  WalReader reader(file);
  std::string buffer(kBlockBytes, 0);
  for (;;) {
    // A block may come in pieces.
    size_t filled = 0;
    while (filled < kBlockBytes) {
      rocksdb::Slice piece;
      const rocksdb::Status read =
          input->Read(kBlockBytes - filled, &piece, buffer.data() + filled);
      if (!read.ok()) return CannotRead(read, file->path);
      if (piece.empty()) break;
      if (piece.data() != buffer.data() + filled) {
        std::memcpy(buffer.data() + filled, piece.data(), piece.size());
      }
      filled += piece.size();
    }
    if (filled == 0) break;
    file->size_bytes += filled;
    reader.Block(AsBytes(std::string_view(buffer).substr(0, filled)));
    if (filled < kBlockBytes) break;
  }
  reader.End();
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
  if (!listed.ok()) return CannotRead(listed, directory);
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
    std::unique_ptr<rocksdb::WritableFile> file;
    rocksdb::Status status = env->ReopenWritableFile(path, &file, {});
    if (status.ok()) status = file->Truncate(size);
    if (status.ok()) status = file->Sync();
    if (status.ok()) status = file->Close();
    if (!status.ok()) {
      return FromRocksStatus(status, StrCat("cannot repair ", path));
    }
  }
  return absl::OkStatus();
}

}  // namespace wasmd
