// What is noted of a call, so that it can be answered again without the
// outside: what it changed in the saved state, in the words of state_change.h.

#include <algorithm>
#include <utility>

#include "base/leb128.h"
#include "wasi/context_impl.h"
#include "wasi/state_change.h"

namespace wasmd::wasi {
namespace {

// What of the saved state a function that succeeds may change.
enum class Part : uint8_t {
  kNone,    // nothing, or what its answer says (clock_time_get)
  kOffset,  // that of its descriptor, or the buffer of standard input
  kAll,
};

Part ChangedBy(FunctionId function) {
  switch (function) {
    case FunctionId::args_get:
    case FunctionId::args_sizes_get:
    case FunctionId::environ_get:
    case FunctionId::environ_sizes_get:
    case FunctionId::clock_res_get:
    case FunctionId::clock_time_get:
    case FunctionId::fd_advise:
    case FunctionId::fd_allocate:
    case FunctionId::fd_datasync:
    case FunctionId::fd_fdstat_get:
    case FunctionId::fd_filestat_get:
    case FunctionId::fd_filestat_set_size:
    case FunctionId::fd_filestat_set_times:
    case FunctionId::fd_pread:
    case FunctionId::fd_prestat_get:
    case FunctionId::fd_prestat_dir_name:
    case FunctionId::fd_pwrite:
    case FunctionId::fd_readdir:
    case FunctionId::fd_sync:
    case FunctionId::fd_tell:
    case FunctionId::path_create_directory:
    case FunctionId::path_filestat_get:
    case FunctionId::path_filestat_set_times:
    case FunctionId::path_link:
    case FunctionId::path_readlink:
    case FunctionId::path_remove_directory:
    case FunctionId::path_symlink:
    case FunctionId::path_unlink_file:
    case FunctionId::proc_exit:
    case FunctionId::proc_raise:
    case FunctionId::sched_yield:
    case FunctionId::random_get:
      return Part::kNone;
    case FunctionId::fd_read:
    case FunctionId::fd_seek:
    case FunctionId::fd_write:
      return Part::kOffset;
    default:
      return Part::kAll;
  }
}

}  // namespace

void ContextImpl::RecordChange(FunctionId function,
                               std::span<const Slot> arguments,
                               const Outcome& outcome, size_t input_before,
                               CallRecord* record) {
  const bool succeeded =
      outcome.errno_value == static_cast<uint16_t>(Errno::kSuccess);
  record->is_complete = succeeded && std::exchange(is_complete_, false);
  const Part part = ChangedBy(function);
  // A failed read can have moved the offset only if its answer could not be
  // stored, which is checked first.
  if (part == Part::kNone || (!succeeded && part == Part::kOffset)) return;
  if (part == Part::kAll) {
    record->change.assign(1, state_change::kAll);
    record->change += SaveForReplay();
    return;
  }
  const Descriptor* descriptor =
      descriptors_.Find(FromSlot<uint32_t>(arguments[0]));
  if (descriptor == nullptr) return;
  if (descriptor->kind == Descriptor::Kind::kFile) {
    record->change.assign(1, state_change::kOffset);
    AppendUnsignedLeb128(&record->change, descriptor->offset);
  } else if (descriptor->kind == Descriptor::Kind::kStdin) {
    if (input_before == 0) {
      const std::string position = environment_->InputPosition();
      if (position.empty()) {
        record->change.assign(1, state_change::kNewInput);
      } else {
        record->change.assign(1, state_change::kInputAt);
        AppendUnsignedLeb128(&record->change, position.size());
        record->change += position;
      }
      record->change += input_;
    } else {
      record->change.assign(1, state_change::kTakenInput);
      AppendUnsignedLeb128(&record->change, input_before - input_.size());
    }
  }
}

WrittenFile* ContextImpl::WrittenTo(Descriptor& file) {
  if (!file.known_identity.has_value()) {
    const ErrnoOr<struct stat> status = StatusOf(file.fd.get());
    if (!status.ok()) return nullptr;
    file.known_identity = IdentityOf(*status);
  }
  for (WrittenFile& written : written_files_) {
    if (written.device == file.known_identity->device &&
        written.inode == file.known_identity->inode) {
      return &written;
    }
  }
  return nullptr;
}

void ContextImpl::NoteWritten(Descriptor& file, uint64_t end_offset,
                              bool is_complete) {
  is_complete_ = is_complete;
  if (WrittenFile* const written = WrittenTo(file)) {
    written->end_offset = std::max(written->end_offset, end_offset);
  } else if (file.known_identity.has_value()) {
    written_files_.push_back({.device = file.known_identity->device,
                              .inode = file.known_identity->inode,
                              .end_offset = end_offset});
  }
}

bool ContextImpl::MayRepeat(uint32_t function,
                            std::span<const Slot> arguments) {
  const auto id = static_cast<FunctionId>(function);
  if (id != FunctionId::fd_write && id != FunctionId::fd_pwrite) return false;
  Descriptor* const file = descriptors_.Find(FromSlot<uint32_t>(arguments[0]));
  if (file == nullptr || file->kind != Descriptor::Kind::kFile ||
      file->is_lost()) {
    return false;
  }
  if (id == FunctionId::fd_write && (file->flags & fdflags::kAppend)) {
    return false;
  }
  const uint64_t offset = id == FunctionId::fd_write
                              ? file->offset
                              : FromSlot<uint64_t>(arguments[3]);
  const WrittenFile* const written = WrittenTo(*file);
  return file->known_identity.has_value() &&
         (written == nullptr || offset >= written->end_offset);
}

}  // namespace wasmd::wasi
