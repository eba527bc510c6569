// Save: the state of a context as bytes (wasi_state.proto).

#include "wasi/context_impl.h"
#include "wasi/state_version.h"
#include "wasi/wasi_state.pb.h"

namespace wasmd::wasi {
namespace {

void SetIdentity(const FileIdentity& identity, SavedIdentity* saved) {
  saved->set_device(identity.device);
  saved->set_inode(identity.inode);
  saved->set_size_bytes(identity.size_bytes);
  saved->set_modified_ns(identity.modified_ns);
}

void SetDescriptor(uint32_t number, const Descriptor& descriptor,
                   SavedDescriptor* saved) {
  saved->set_number(number);
  saved->set_kind(static_cast<SavedDescriptor::Kind>(descriptor.kind));
  saved->set_rights_base(descriptor.base);
  saved->set_rights_inheriting(descriptor.inheriting);
  saved->set_flags(descriptor.flags);
  saved->set_address(descriptor.address);
  if (!descriptor.has_path()) return;
  saved->set_root(descriptor.root);
  saved->set_path(descriptor.path);
  saved->set_host_reads(descriptor.host_reads);
  saved->set_host_writes(descriptor.host_writes);
  saved->set_offset(descriptor.offset);
  saved->set_is_preopen(descriptor.is_preopen);
  bool deleted = descriptor.is_deleted;
  std::optional<FileIdentity> identity = descriptor.lost_identity;
  if (descriptor.fd.is_open()) {
    const ErrnoOr<struct stat> status = StatusOf(descriptor.fd.get());
    if (status.ok()) {
      identity = IdentityOf(*status);
      deleted = status->st_nlink == 0;
      // What is in a directory is no part of the process.
      if (descriptor.kind != Descriptor::Kind::kFile) {
        identity->size_bytes = 0;
        identity->modified_ns = 0;
      }
    }
  }
  if (identity.has_value()) {
    SetIdentity(*identity, saved->mutable_identity());
  }
  saved->set_deleted(deleted);
}

void SetEffect(const PendingEffect& effect, SavedEffect* saved) {
  const std::string_view name =
      Context::NameOf(static_cast<uint32_t>(effect.function));
  saved->set_function(name.data(), name.size());
  if (effect.source.has_value()) {
    SetIdentity(*effect.source, saved->mutable_source());
  }
  if (effect.target.has_value()) {
    SetIdentity(*effect.target, saved->mutable_target());
  }
  saved->set_end_offset(effect.end_offset);
  saved->set_old_root(effect.old_root);
  saved->set_old_path(effect.old_path);
  saved->set_new_root(effect.new_root);
  saved->set_new_path(effect.new_path);
}

void SetClocks(const GuestClocks::State& clocks, SavedClocks* saved) {
  saved->set_realtime_ns(clocks.realtime_ns);
  saved->set_monotonic_ns(clocks.monotonic_ns);
  saved->set_monotonic_at_realtime_ns(clocks.monotonic_at_realtime_ns);
  saved->set_cpu_ns(clocks.cpu_ns);
}

void SetPoll(const std::vector<ClockWait>& waits, SavedPoll* saved) {
  for (const ClockWait& wait : waits) {
    SavedPoll::Clock* clock = saved->add_clocks();
    clock->set_deadline_ns(wait.deadline_ns);
    if (wait.monotonic_ns.has_value()) {
      clock->set_monotonic_ns(*wait.monotonic_ns);
    }
  }
}

}  // namespace

std::string ContextImpl::Save() const {
  WasiState state;
  state.set_version(kFirstStateVersion);
  for (const std::string& text : arguments_) state.add_arguments(text);
  for (const std::string& text : environ_) state.add_environment(text);
  SaveInto(&state);
  return state.SerializeAsString();
}

std::string ContextImpl::SaveForReplay() const {
  WasiState state;
  state.set_version(kFirstStateVersion);
  SaveInto(&state);
  return state.SerializeAsString();
}

void ContextImpl::SaveInto(WasiState* to) const {
  WasiState& state = *to;
  for (const Root& root : roots_) {
    SavedRoot* saved = state.add_roots();
    saved->set_host_path(root.host_path);
    saved->set_guest_path(root.guest_path);
    saved->set_read_only(root.read_only);
  }
  for (uint32_t fd = 0; fd < descriptors_.end(); ++fd) {
    const Descriptor* descriptor = descriptors_.Find(fd);
    if (descriptor == nullptr) continue;
    if (descriptor->is_socket()) {
      state.set_version(kStateVersionWithSockets);
    }
    SetDescriptor(fd, *descriptor, state.add_descriptors());
  }
  SetClocks(clocks_.state(), state.mutable_clocks());
  state.set_input(input_);
  state.set_input_ended(input_ended_);
  state.set_input_position(environment_->InputPosition());
  if (!state.input_position().empty()) {
    state.set_version(kStateVersionWithInputPosition);
  }
  state.set_terminals(terminals_);
  if (pending_poll_.has_value()) {
    SetPoll(*pending_poll_, state.mutable_poll());
  }
  if (pending_effect_.has_value()) {
    SetEffect(*pending_effect_, state.mutable_effect());
  }
}

}  // namespace wasmd::wasi
