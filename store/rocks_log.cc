#include "store/rocks_log.h"

#include <rocksdb/env.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <string_view>

#include "base/str_cat.h"
#include "store/crc32c.h"
#include "store/rocks_status.h"

namespace wasmd {
namespace {

// The format, by RocksDB: blocks of 32 KiB; in them fragments of a checksum (4
// bytes), a length (2), a type (1) and as many bytes. A record is one fragment
// of type 1, or one of type 2, some of type 3, one of type 4. What is left of a
// block and too small for a header is zeros.
constexpr size_t kBlockBytes = size_t{32} << 10;
constexpr size_t kHeaderBytes = 7;
enum FragmentType : uint8_t { kFull = 1, kFirst = 2, kMiddle = 3, kLast = 4 };

uint32_t MaskedCrc(ByteSpan bytes) {
  const uint32_t crc = ExtendCrc32c(0, bytes);
  return (crc >> 15 | crc << 17) + 0xA282EAD8u;
}

// Takes the blocks of a file, one after the other.
class LogReader {
 public:
  explicit LogReader(const std::function<bool(const LogRecord&)>& on_record)
      : on_record_(on_record) {}

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
                 size_.size_bytes + at + kHeaderBytes + length);
      }
      at += kHeaderBytes + length;
    }
    // What is left of a whole block is a trailer.
    if (block.size() < kBlockBytes && at < block.size()) Damage();
    size_.size_bytes += block.size();
  }

  LogFileSize size() const { return size_; }

 private:
  void Fragment(uint8_t type, ByteSpan bytes, uint64_t end) {
    const bool begins = type == kFull || type == kFirst;
    if (begins == in_record_) Damage();
    if (begins) {
      prefix_size_ = 0;
    } else if (!in_record_) {
      return;  // its beginning is lost
    }
    in_record_ = type == kFirst || type == kMiddle;
    const size_t more = std::min(bytes.size(), prefix_.size() - prefix_size_);
    if (more > 0) std::memcpy(&prefix_[prefix_size_], bytes.data(), more);
    prefix_size_ += more;
    if (in_record_) return;
    const ByteSpan prefix(prefix_.data(), prefix_size_);
    if (!on_record_({.prefix = prefix, .is_sound = !is_damaged_})) Damage();
    if (!is_damaged_) size_.sound_bytes = end;
  }

  void Damage() {
    is_damaged_ = true;
    in_record_ = false;
  }

  const std::function<bool(const LogRecord&)>& on_record_;
  LogFileSize size_;
  bool in_record_ = false;
  bool is_damaged_ = false;
  std::array<uint8_t, kLogPrefixBytes> prefix_;
  size_t prefix_size_ = 0;
};

absl::Status CannotRead(const rocksdb::Status& status,
                        const std::string& path) {
  return FromRocksStatus(status, StrCat("cannot read ", path));
}

}  // namespace

absl::StatusOr<LogFileSize> ReadLogFile(
    rocksdb::Env* env, const std::string& path,
    const std::function<bool(const LogRecord&)>& on_record) {
  std::unique_ptr<rocksdb::SequentialFile> input;
  const rocksdb::Status opened =
      env->NewSequentialFile(path, &input, rocksdb::EnvOptions());
  if (!opened.ok()) return CannotRead(opened, path);
  LogReader reader(on_record);
  std::string buffer(kBlockBytes, 0);
  for (;;) {
    // A block may come in pieces.
    size_t filled = 0;
    while (filled < kBlockBytes) {
      rocksdb::Slice piece;
      const rocksdb::Status read =
          input->Read(kBlockBytes - filled, &piece, buffer.data() + filled);
      if (!read.ok()) return CannotRead(read, path);
      if (piece.empty()) break;
      if (piece.data() != buffer.data() + filled) {
        std::memcpy(buffer.data() + filled, piece.data(), piece.size());
      }
      filled += piece.size();
    }
    if (filled == 0) break;
    reader.Block(AsBytes(std::string_view(buffer).substr(0, filled)));
    if (filled < kBlockBytes) break;
  }
  return reader.size();
}

absl::Status CutLogFile(rocksdb::Env* env, const std::string& path,
                        uint64_t size) {
  std::unique_ptr<rocksdb::WritableFile> file;
  rocksdb::Status status = env->ReopenWritableFile(path, &file, {});
  if (status.ok()) status = file->Truncate(size);
  if (status.ok()) status = file->Sync();
  if (status.ok()) status = file->Close();
  return FromRocksStatus(status, StrCat("cannot repair ", path));
}

}  // namespace wasmd
