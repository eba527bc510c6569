#include "runtime/process_input.h"

#include <algorithm>
#include <utility>

#include "absl/status/statusor.h"
#include "base/str_cat.h"
#include "runtime/append_input.h"
#include "store/input.h"

namespace wasmd {

void ProcessInput::SetProcess(ProcessNumber process,
                              const std::string& taken_directory) {
  process_ = process;
  if (!taken_directory.empty()) {
    taken_ =
        std::make_unique<TakenInput>(StrCat(taken_directory, "/", process));
  }
}

void ProcessInput::SetPosition(std::string_view position) {
  // What is damaged is the beginning.
  if (!position_.ParseFromArray(position.data(),
                                static_cast<int>(position.size()))) {
    position_.Clear();
  }
  queued_.clear();
  queued_at_ = 0;
}

std::optional<std::string> ProcessInput::Read(size_t max_bytes) {
  if (db_ == nullptr) return outside_.ReadInput(max_bytes);
  if (!status_.ok()) return std::nullopt;
  std::optional<std::string> bytes;
  if (looks_into_queue_) bytes = ReadQueue(max_bytes);
  if (!bytes.has_value() && taken_ != nullptr) bytes = ReadTaken(max_bytes);
  if (!bytes.has_value() && reads_outside_) bytes = ReadOutside(max_bytes);
  // It waits if there is nothing.
  if (!bytes.has_value()) bytes = ReadQueue(max_bytes);
  return status_.ok() ? bytes : std::nullopt;
}

std::optional<std::string> ProcessInput::ReadQueue(size_t max_bytes) {
  if (queued_at_ == queued_.size()) {
    absl::StatusOr<InputBytes> read =
        db_->ReadInput(process_, position_.queue_offset(), kMaxInputWriteBytes);
    status_.Update(read.status());
    if (!read.ok()) return std::nullopt;
    looks_into_queue_ = !read->bytes.empty() || read->is_closed;
    if (read->bytes.empty()) {
      return read->is_closed ? std::optional<std::string>("") : std::nullopt;
    }
    position_.set_queue_offset(read->offset);
    queued_ = std::move(read->bytes);
    queued_at_ = 0;
  }
  std::string bytes = queued_.substr(queued_at_, max_bytes);
  queued_at_ += bytes.size();
  position_.set_queue_offset(position_.queue_offset() + bytes.size());
  if (queued_at_ == queued_.size()) {
    queued_ = std::string();
    queued_at_ = 0;
  }
  return bytes;
}

std::optional<std::string> ProcessInput::ReadTaken(size_t max_bytes) {
  uint64_t offset = position_.taken_offset();
  absl::StatusOr<std::string> bytes = taken_->Read(&offset, max_bytes);
  status_.Update(bytes.status());
  if (!bytes.ok() || bytes->empty()) return std::nullopt;
  position_.set_taken_offset(offset + bytes->size());
  return *std::move(bytes);
}

const std::optional<Outside::InputFile>& ProcessInput::File() {
  if (!std::exchange(has_looked_for_file_, true)) {
    file_ = outside_.FindInputFile();
  }
  return file_;
}

bool ProcessInput::IsFileOfPosition() {
  return position_.has_file() && position_.file().device() == file_->device &&
         position_.file().inode() == file_->inode;
}

std::string ProcessInput::ReadFile(size_t max_bytes) {
  InputPosition::File& file = *position_.mutable_file();
  if (!IsFileOfPosition()) {
    file.set_device(file_->device);
    file.set_inode(file_->inode);
    file.set_offset(file_->offset);
  }
  std::string bytes = outside_.ReadInputFile(file.offset(), max_bytes);
  file.set_offset(file.offset() + bytes.size());
  return bytes;
}

std::optional<std::string> ProcessInput::ReadOutside(size_t max_bytes) {
  if (!outside_.has_input()) return std::nullopt;
  if (File().has_value()) return ReadFile(max_bytes);
  if (taken_ == nullptr) return ReadThroughQueue(max_bytes);
  const absl::StatusOr<std::optional<size_t>> taken =
      taken_->Take(outside_, position_.taken_offset(), max_bytes);
  status_.Update(taken.status());
  if (!taken.ok() || !taken->has_value()) return std::nullopt;
  if (**taken == 0) return "";
  return ReadTaken(max_bytes);
}

std::optional<std::string> ProcessInput::ReadThroughQueue(size_t max_bytes) {
  const std::optional<std::string> bytes =
      outside_.ReadInput(std::min(max_bytes, kMaxInputWriteBytes));
  if (!bytes.has_value() || bytes->empty()) return bytes;
  status_.Update(AppendToQueue(*db_, process_, AsBytes(*bytes),
                               /*closes=*/false, SyncMode::kNoSync)
                     .status());
  return std::nullopt;  // it is in the queue
}

void ProcessInput::NoteCommitted(uint64_t taken_offset) {
  if (taken_ != nullptr) taken_->DropBefore(taken_offset);
}

void ProcessInput::Remove() {
  if (taken_ != nullptr) taken_->Remove();
}

std::string ProcessInput::Warning() {
  if (!reads_outside_ || !position_.has_file() || !outside_.has_input() ||
      !File().has_value() || IsFileOfPosition()) {
    return "";
  }
  return StrCat(
      "standard input is another file than before: it is read from byte ",
      file_->offset, " on, not from ", position_.file().offset());
}

}  // namespace wasmd
