// Prepare: what is the case before an effect, noted so that a repeat of it can
// tell whether it happened.

#include <fcntl.h>
#include <sys/stat.h>

#include "base/check.h"
#include "wasi/context_impl.h"

namespace wasmd::wasi {
namespace {

uint32_t Argument(std::span<const Slot> arguments, size_t index) {
  return FromSlot<uint32_t>(arguments[index]);
}

}  // namespace

std::optional<FileIdentity> ContextImpl::IdentityAt(const GuestMemory& memory,
                                                    uint32_t fd,
                                                    uint32_t path_at,
                                                    uint32_t path_size) {
  const ErrnoOr<PathResolver::Parent> place =
      Place(memory, fd, 0, path_at, path_size, false);
  if (!place.ok() || place->is_dot) return std::nullopt;
  struct stat status;
  if (::fstatat(place->directory.get(), place->name.c_str(), &status,
                AT_SYMLINK_NOFOLLOW) != 0) {
    return std::nullopt;
  }
  return IdentityOf(status);
}

void ContextImpl::PreparePlaces(FunctionId function,
                                std::span<const Slot> arguments,
                                const GuestMemory& memory) {
  const auto identity = [&](size_t fd, size_t path) {
    return IdentityAt(memory, Argument(arguments, fd),
                      Argument(arguments, path), Argument(arguments, path + 1));
  };
  switch (function) {
    case FunctionId::path_create_directory:
      pending_effect_->target = identity(0, 1);
      break;
    case FunctionId::path_open:
      pending_effect_->target = identity(0, 2);
      break;
    case FunctionId::path_symlink:
      pending_effect_->target = identity(2, 3);
      break;
    case FunctionId::path_link:
      pending_effect_->target = identity(4, 5);
      break;
    case FunctionId::path_unlink_file:
    case FunctionId::path_remove_directory:
      pending_effect_->source = identity(0, 1);
      break;
    case FunctionId::path_rename:
      pending_effect_->source = identity(0, 1);
      PrepareRename(arguments, memory);
      break;
    default:
      break;
  }
}

// Where files that are open below the old path are to be looked for, should the
// process resume after the rename.
void ContextImpl::PrepareRename(std::span<const Slot> arguments,
                                const GuestMemory& memory) {
  const ErrnoOr<PathResolver::Parent> from =
      Place(memory, Argument(arguments, 0), 0, Argument(arguments, 1),
            Argument(arguments, 2), false);
  const ErrnoOr<PathResolver::Parent> to =
      Place(memory, Argument(arguments, 3), 0, Argument(arguments, 4),
            Argument(arguments, 5), false);
  if (!from.ok() || !to.ok() || from->is_dot || to->is_dot) return;
  const Descriptor& old_directory = *descriptors_.Find(Argument(arguments, 0));
  const Descriptor& new_directory = *descriptors_.Find(Argument(arguments, 3));
  pending_effect_->old_root = old_directory.root;
  pending_effect_->old_path = PathBelow(old_directory, *from);
  pending_effect_->new_root = new_directory.root;
  pending_effect_->new_path = PathBelow(new_directory, *to);
}

void ContextImpl::PrepareFile(uint32_t fd) {
  const Descriptor* file = descriptors_.Find(fd);
  if (file == nullptr || !file->fd.is_open()) return;
  const ErrnoOr<struct stat> status = StatusOf(file->fd.get());
  if (!status.ok()) return;
  pending_effect_->source = IdentityOf(*status);
  pending_effect_->end_offset = static_cast<uint64_t>(status->st_size);
}

void ContextImpl::Prepare(uint32_t function, std::span<const Slot> arguments,
                          MemoryInstance& memory) {
  const FunctionEntry& entry = Functions().at(function);
  CHECK(arguments.size() == entry.type.params.size());
  const auto id = static_cast<FunctionId>(function);
  pending_effect_.emplace();
  pending_effect_->function = id;
  if (entry.name.starts_with("fd_")) {
    PrepareFile(Argument(arguments, 0));
  } else {
    PreparePlaces(id, arguments, GuestMemory(memory));
  }
}

ContextImpl::Doubt ContextImpl::DoubtOf(const Caller& caller,
                                        FunctionId function) const {
  Doubt doubt;
  doubt.is_repeat = caller.in_doubt;
  if (caller.in_doubt && pending_effect_.has_value() &&
      pending_effect_->function == function) {
    doubt.noted = &*pending_effect_;
  }
  return doubt;
}

}  // namespace wasmd::wasi
