#include "store/input_table.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "base/status_macros.h"
#include "base/str_cat.h"
#include "store/key.h"
#include "store/value.h"

namespace wasmd {
namespace {

constexpr uint8_t kCloses = 1;
constexpr size_t kHeaderBytes = 1 + sizeof(uint64_t);

std::string Reading(ProcessNumber process) {
  return StrCat("the input of process ", process);
}

// Walks the blocks of a process.
class Blocks {
 public:
  Blocks(const Database& database, ProcessNumber process)
      : process_(process),
        lower_(MakeProcessKey(Table::kInput, process)),
        upper_(MakeProcessKey(Table::kInput, process + 1)),
        cursor_(database, lower_.view(), upper_.view()) {}

  Cursor& cursor() { return cursor_; }
  // Goes to the block that `offset` is in, or to the one behind it.
  absl::Status SeekTo(uint64_t offset) {
    cursor_.SeekForPrev(
        MakeInputKey({.process = process_, .offset = offset}).view());
    if (!cursor_.Valid()) {
      RETURN_IF_ERROR(status());
      cursor_.SeekToFirst();
      return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(const StoredInput block, Block());
    if (Offset() + block.bytes.size() > offset) return absl::OkStatus();
    // The last stays, however long ago it was read.
    const std::string here(cursor_.key());
    cursor_.Next();
    if (!cursor_.Valid()) {
      RETURN_IF_ERROR(status());
      cursor_.Seek(here);
    }
    return absl::OkStatus();
  }
  uint64_t Offset() const {
    return ParseInputKey(cursor_.key()).value_or(InputKey()).offset;
  }
  // Borrowed until the cursor moves.
  absl::StatusOr<StoredInput> Block() {
    if (!ParseInputKey(cursor_.key()).has_value()) {
      return DamagedValue(cursor_.key(), "its key is malformed");
    }
    ASSIGN_OR_RETURN(const ByteSpan payload, cursor_.Payload());
    return ParseStoredInput(cursor_.key(), payload);
  }
  absl::Status status() const { return cursor_.status(Reading(process_)); }

 private:
  const ProcessNumber process_;
  const Key lower_;
  const Key upper_;
  Cursor cursor_;
};

std::string Encode(const InputWrite& write) {
  std::string payload(1, static_cast<char>(write.closes ? kCloses : 0));
  for (size_t i = 0; i < sizeof write.token; ++i) {
    payload.push_back(static_cast<char>(write.token >> (8 * i)));
  }
  payload.append(AsText(write.bytes));
  return payload;
}

}  // namespace

absl::StatusOr<StoredInput> ParseStoredInput(std::string_view key,
                                             ByteSpan payload) {
  if (payload.size() < kHeaderBytes || (payload[0] & ~kCloses) != 0 ||
      payload.size() - kHeaderBytes > kMaxInputWriteBytes) {
    return DamagedValue(key, "it is malformed");
  }
  StoredInput block{.closes = payload[0] == kCloses,
                    .bytes = payload.subspan(kHeaderBytes)};
  for (size_t i = 0; i < sizeof block.token; ++i) {
    block.token |= uint64_t{payload[1 + i]} << (8 * i);
  }
  return block;
}

absl::StatusOr<InputEnd> ReadInputEnd(const Database& database,
                                      ProcessNumber process) {
  Blocks blocks(database, process);
  blocks.cursor().SeekToLast();
  if (!blocks.cursor().Valid()) {
    RETURN_IF_ERROR(blocks.status());
    return InputEnd();
  }
  ASSIGN_OR_RETURN(const StoredInput last, blocks.Block());
  return InputEnd{.offset = blocks.Offset() + last.bytes.size(),
                  .is_closed = last.closes};
}

absl::StatusOr<InputBytes> ReadStoredInput(const Database& database,
                                           ProcessNumber process,
                                           uint64_t offset, size_t max_bytes) {
  InputBytes found{.offset = offset};
  Blocks blocks(database, process);
  RETURN_IF_ERROR(blocks.SeekTo(offset));
  if (!blocks.cursor().Valid()) {
    RETURN_IF_ERROR(blocks.status());
    return found;
  }
  ASSIGN_OR_RETURN(const StoredInput block, blocks.Block());
  const uint64_t begin = blocks.Offset();
  found.is_closed = block.closes;
  if (begin + block.bytes.size() <= offset) return found;
  found.offset = std::max(begin, offset);
  const ByteSpan rest = block.bytes.subspan(found.offset - begin);
  found.bytes = AsText(rest.first(std::min(rest.size(), max_bytes)));
  return found;
}

absl::StatusOr<bool> HasInput(const Database& database,
                              const InputWrite& write) {
  const Key key =
      MakeInputKey({.process = write.process, .offset = write.offset});
  ASSIGN_OR_RETURN(const std::optional<std::string> stored,
                   database.Read(key.view()));
  if (!stored.has_value()) return false;
  ASSIGN_OR_RETURN(const StoredInput block,
                   ParseStoredInput(key.view(), AsBytes(*stored)));
  return block.token == write.token &&
         AsText(block.bytes) == AsText(write.bytes);
}

absl::Status AddInput(const Database& database, const InputWrite& write,
                      BatchWriter* out) {
  ASSIGN_OR_RETURN(const bool is_there, HasInput(database, write));
  if (is_there) return absl::OkStatus();
  ASSIGN_OR_RETURN(const InputEnd end, ReadInputEnd(database, write.process));
  if (end.is_closed) {
    return absl::FailedPreconditionError(
        StrCat("the input of process ", write.process, " is closed"));
  }
  if (end.offset != write.offset && !(write.begins && end.offset == 0)) {
    return absl::AbortedError(StrCat("the input of process ", write.process,
                                     " ends at ", end.offset, ", not at ",
                                     write.offset));
  }
  out->Put(
      MakeInputKey({.process = write.process, .offset = write.offset}).view(),
      AsBytes(Encode(write)), Compression::kLz4);
  return out->status();
}

absl::Status AddInputTrim(const Database& database, ProcessNumber process,
                          uint64_t read_to, BatchWriter* out) {
  Blocks blocks(database, process);
  Cursor& cursor = blocks.cursor();
  std::string read;  // the block before the cursor, empty at first
  for (cursor.SeekToFirst(); cursor.Valid(); cursor.Next()) {
    const uint64_t offset = blocks.Offset();
    if (!read.empty() && offset <= read_to) out->Delete(read);
    if (offset >= read_to) break;
    read = cursor.key();
  }
  RETURN_IF_ERROR(blocks.status());
  return out->status();
}

absl::Status AddInputCopy(const Database& database, ProcessNumber parent,
                          uint64_t from, ProcessNumber child,
                          BatchWriter* out) {
  Blocks blocks(database, parent);
  Cursor& cursor = blocks.cursor();
  uint64_t copied = 0;
  RETURN_IF_ERROR(blocks.SeekTo(from));
  for (; cursor.Valid(); cursor.Next()) {
    ASSIGN_OR_RETURN(const StoredInput block, blocks.Block());
    copied += block.bytes.size();
    if (copied > kMaxInputCopyBytes) {
      return absl::ResourceExhaustedError(StrCat(
          "process ", parent, " has too much input that it has not read: over ",
          kMaxInputCopyBytes, " bytes"));
    }
    const std::string payload = Encode(
        {.token = block.token, .bytes = block.bytes, .closes = block.closes});
    out->Put(MakeInputKey({.process = child, .offset = blocks.Offset()}).view(),
             AsBytes(payload), Compression::kLz4);
  }
  RETURN_IF_ERROR(blocks.status());
  return out->status();
}

}  // namespace wasmd
